/**
 * Engine -> AsyncEngine: a worker owns the engine, and this end posts the calls and settles their promises.
 * Calls of one tick share a message. It must not know what a call means. Tests: test/unit/engine/thread/offload.test.ts.
 */
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { fromPlain, type PlainError } from "../../errors/plain.ts";
import { OperationalError } from "../../errors/tree.ts";
import type * as port from "../port.ts";
import { Callbacks, isThrownRef, restoreBuffers } from "./callback.ts";
import type { Answer, Call, CallbackRef, CallbackRequest, FromHost, HostData } from "./messages.ts";

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

type Loose = (...args: readonly unknown[]) => unknown;

/** Source runs as it is, and built: the worker's file has the ending of this one. */
const HOST = new URL(import.meta.url.endsWith(".ts") ? "./host.ts" : "./host.js", import.meta.url);

/** Starts a worker with an engine in it. @throws what the engine throws when it cannot open */
export async function offload(engine: HostData["engine"], options: unknown): Promise<OffloadedEngine> {
  const { port1, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const workerData: HostData = { engine, options, signal, callbacks: port2 };
  // Not the flags of this process: `--eval`, `--input-type` and a test runner's loaders are not meant for a file.
  const worker = new Worker(HOST, { workerData, transferList: [port2], execArgv: [] });
  const offloaded = new OffloadedEngine(worker, port1, signal);
  await offloaded.ready;
  return offloaded;
}

export class OffloadedEngine implements port.AsyncEngine {
  /** Settles when the engine is open, or has failed to. */
  readonly ready: Promise<void>;
  name = "";
  inTransaction = false;
  readonly #worker: Worker;
  readonly #callbacks = new Callbacks();
  readonly #callbackPort: MessagePort;
  readonly #pending = new Map<number, Pending>();
  #queue: Call[] = [];
  #last = 0;
  /** Why no call can be answered any more. */
  #death: Error | null = null;

  constructor(worker: Worker, callbackPort: MessagePort, signal: Int32Array) {
    this.#worker = worker;
    this.#callbackPort = callbackPort;
    this.ready = new Promise((resolve, reject) => {
      worker.once("message", (message: FromHost) => {
        if (message.kind === "failed") return reject(fromPlain(message.error));
        if (message.kind === "ready") this.name = message.name;
        worker.on("message", (next: FromHost) => this.#receive(next));
        this.#rest();
        resolve();
      });
      worker.once("error", (cause) => {
        this.#die(cause);
        reject(this.#death);
      });
      worker.once("exit", () => {
        this.#die(null);
        reject(this.#death);
      });
    });
    callbackPort.on("message", (request: CallbackRequest) => {
      callbackPort.postMessage(this.#callbacks.answer(request));
      Atomics.store(signal, 0, 1);
      Atomics.notify(signal, 0);
    });
    callbackPort.unref();
  }

  /** An engine that has nothing to do does not keep the process alive. */
  #rest(): void {
    if (this.#pending.size > 0) return;
    this.#worker.unref();
    this.#callbackPort.unref();
  }

  #call<R>(method: keyof port.Engine, ...args: readonly unknown[]): Promise<R> {
    if (this.#death !== null) return Promise.reject(this.#death);
    return new Promise((resolve, reject) => {
      const id = ++this.#last;
      if (this.#pending.size === 0) {
        this.#worker.ref();
        this.#callbackPort.ref();
      }
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      if (this.#queue.push({ id, method, args }) === 1) queueMicrotask(() => this.#flush());
    });
  }

  #flush(): void {
    const calls = this.#queue;
    this.#queue = [];
    if (this.#death === null) this.#worker.postMessage(calls);
  }

  #receive(message: FromHost): void {
    if (message.kind === "event") this.#callbacks.tell(message.callback, message.args);
    if (message.kind !== "answers") return;
    this.inTransaction = message.inTransaction;
    for (const answer of message.answers) this.#settle(answer);
    this.#rest();
  }

  #settle(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    this.#pending.delete(answer.id);
    if ("value" in answer) pending?.resolve(answer.value);
    else if ("error" in answer) pending?.reject(this.#rebuild(answer.error));
    else pending?.reject(this.#callbacks.take(answer));
  }

  /** An error from the other thread, with the exception of the caller's that is behind it. */
  #rebuild(plain: PlainError): Error {
    const error = fromPlain(plain);
    if (isThrownRef(error.cause)) error.cause = this.#callbacks.take(error.cause);
    return error;
  }

  #die(cause: Error | null): void {
    if (this.#death !== null) return;
    const wasInTransaction = this.inTransaction;
    this.inTransaction = false;
    this.#death = new OperationalError("the worker thread of the connection has ended", {
      cause,
      outcome: wasInTransaction ? "rolled-back" : "unknown",
    });
    for (const { reject } of this.#pending.values()) reject(this.#death);
    this.#pending.clear();
    this.#callbackPort.close();
  }

  /** Replies carry an error as plain data, and blobs as what structured clone makes of a Buffer. */
  async #callForRows<R extends { readonly rows: unknown[][]; readonly error: unknown }>(
    method: keyof port.Engine,
    ...args: readonly unknown[]
  ): Promise<R> {
    const reply = await this.#call<R>(method, ...args);
    for (const row of reply.rows) restoreBuffers(row);
    return { ...reply, error: this.#errorOf(reply) };
  }

  #errorOf({ error }: { readonly error: unknown }): Error | null {
    return error === null ? null : this.#rebuild(error as PlainError);
  }

  execute(request: port.ExecuteRequest): Promise<port.ExecuteReply> {
    return this.#callForRows("execute", request);
  }

  fetch(reader: number, count: number): Promise<port.Page> {
    return this.#callForRows("fetch", reader, count);
  }

  rest(reader: number, untouched: boolean): Promise<port.Rest> {
    return this.#callForRows("rest", reader, untouched);
  }

  discard(reader: number): Promise<void> {
    return this.#call("discard", reader);
  }

  async executemany(request: port.ManyRequest): Promise<port.ManyReply> {
    const reply = await this.#call<port.ManyReply>("executemany", request);
    return { ...reply, error: this.#errorOf(reply) };
  }

  async script(request: port.ScriptRequest): Promise<port.ScriptReply> {
    const reply = await this.#call<port.ScriptReply>("script", request);
    return { ...reply, error: this.#errorOf(reply) };
  }

  control(steps: readonly port.ControlStep[]): Promise<void> {
    return this.#call("control", steps);
  }

  totalChanges(): Promise<number> {
    return this.#call("totalChanges");
  }

  defineFunction(request: port.FunctionRequest, fn: port.UserFunction): Promise<void> {
    return this.#call("defineFunction", request, this.#ref(fn as Loose, "answer"));
  }

  defineAggregate(
    request: port.FunctionRequest & { readonly window: boolean },
    start: () => port.UserAggregate,
  ): Promise<void> {
    return this.#call("defineAggregate", request, this.#ref(start, request.window ? "window" : "group"));
  }

  #ref(fn: Loose, kind: CallbackRef["kind"]): CallbackRef {
    return this.#callbacks.add(fn, kind);
  }

  loadExtension(path: string, entryPoint: string | null): Promise<void> {
    return this.#call("loadExtension", path, entryPoint);
  }

  serialize(name: string): Promise<Uint8Array> {
    return this.#call("serialize", name);
  }

  deserialize(bytes: Uint8Array): Promise<void> {
    return this.#call("deserialize", bytes);
  }

  async backup(request: port.BackupRequest, progress: port.BackupProgress | null): Promise<void> {
    const ref = progress === null ? null : this.#ref(progress as Loose, "answer");
    try {
      await this.#call("backup", request, ref);
    } finally {
      if (ref !== null) this.#callbacks.remove(ref);
    }
  }

  trace(callback: ((sql: string) => void) | null): Promise<void> {
    return this.#call("trace", callback === null ? null : this.#ref(callback as Loose, "event"));
  }

  async close(): Promise<void> {
    if (this.#death !== null) return;
    await this.#call("close");
    this.#death = new OperationalError("the connection is closed", { outcome: "not-executed" });
    this.#callbackPort.close();
  }
}
