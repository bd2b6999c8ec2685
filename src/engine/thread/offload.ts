/**
 * Engine -> AsyncEngine: a worker owns the engine, and this end posts the calls and settles their promises.
 * Calls of one tick share a message. It must not know what a call means. Tests: test/unit/engine/thread/offload.test.ts.
 */
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { fromPlain, type PlainError } from "../../errors/plain.ts";
import { OperationalError, type Outcome } from "../../errors/tree.ts";
import type * as port from "../port.ts";
import { Callbacks, isThrownRef, restoreBuffers } from "./callback.ts";
import { ColumnsReceived, type ColumnsRef } from "./columns.ts";
import type { Answer, Call, CallbackRef, CallbackRequest, FromHost, HostData } from "./messages.ts";

interface Pending {
  readonly call: Call;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** Calls that cannot commit, whatever else they do. */
const NEVER_COMMITS: ReadonlySet<string> = new Set([
  "fetch",
  "rest",
  "discard",
  "executemany",
  "totalChanges",
]);

/** Whether a call may commit the transaction that is open. What begins one on demand is no COMMIT. */
function mayEnd({ method, args: [request] }: Call): boolean {
  if (method === "execute") return (request as port.ExecuteRequest).begin === null;
  return !NEVER_COMMITS.has(method);
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
  path = "";
  inTransaction = false;
  readonly #worker: Worker;
  readonly #callbacks = new Callbacks();
  readonly #callbackPort: MessagePort;
  readonly #pending = new Map<number, Pending>();
  readonly #columns = new ColumnsReceived();
  #queue: Call[] = [];
  #last = 0;
  /** Why no call can be answered any more. */
  #death: { readonly message: string; readonly cause: Error | null; readonly outcome: Outcome } | null = null;

  constructor(worker: Worker, callbackPort: MessagePort, signal: Int32Array) {
    this.#worker = worker;
    this.#callbackPort = callbackPort;
    this.ready = new Promise((resolve, reject) => {
      worker.once("message", (message: FromHost) => {
        if (message.kind === "failed") return reject(fromPlain(message.error));
        if (message.kind === "ready") [this.name, this.path] = [message.name, message.path];
        worker.on("message", (next: FromHost) => this.#receive(next));
        this.#rest();
        resolve();
      });
      worker.once("error", (cause) => {
        this.#die(cause);
        reject(this.#lost());
      });
      worker.once("exit", () => {
        this.#die(null);
        reject(this.#lost());
      });
    });
    callbackPort.on("message", (request: CallbackRequest) => {
      this.#callbacks.reply(callbackPort, request);
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
    if (this.#death !== null) return Promise.reject(this.#lost());
    return new Promise((resolve, reject) => {
      const id = ++this.#last;
      if (this.#pending.size === 0) {
        this.#worker.ref();
        this.#callbackPort.ref();
      }
      const call = { id, method, args };
      this.#pending.set(id, { call, resolve: resolve as (value: unknown) => void, reject });
      if (this.#queue.push(call) === 1) queueMicrotask(() => this.#flush());
    });
  }

  #flush(): void {
    const calls = this.#queue;
    this.#queue = [];
    try {
      this.#worker.postMessage(calls);
    } catch (error) {
      if (calls.length > 1) for (const call of calls) this.#post(call);
      else this.#fail(calls[0]?.id ?? 0, error);
    }
  }

  /** One that cannot be cloned must not take the others with it. */
  #post(call: Call): void {
    try {
      this.#worker.postMessage([call]);
    } catch (error) {
      this.#fail(call.id, error);
    }
  }

  #fail(id: number, error: unknown): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.reject(error);
    this.#rest();
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
    if ("value" in answer) pending?.resolve(this.#restored(answer.value));
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
    const unsent = new Set(this.#queue.map(({ id }) => id));
    this.#queue = [];
    // What was not sent has not been executed, but where a transaction was open, it has lost what it was to go on with.
    const outcome = this.inTransaction ? "rolled-back" : "not-executed";
    this.#death = { message: "the worker thread of the connection has ended", cause, outcome };
    let mayHaveEnded = !this.inTransaction;
    for (const [id, { call }] of this.#pending) mayHaveEnded ||= !unsent.has(id) && mayEnd(call);
    for (const [id, { reject }] of this.#pending) {
      reject(this.#lost(unsent.has(id) ? outcome : mayHaveEnded ? "unknown" : "rolled-back"));
    }
    this.inTransaction = false;
    this.#pending.clear();
    this.#callbackPort.close();
  }

  #lost(outcome: Outcome = this.#death?.outcome ?? "unknown"): OperationalError {
    const { message = "", cause = null } = this.#death ?? {};
    return new OperationalError(message, { outcome, ...(cause === null ? {} : { cause }) });
  }

  /** Replies carry an error as plain data, and blobs as what structured clone makes of a Buffer. */
  #restored(value: unknown): unknown {
    if (typeof value !== "object" || value === null || !("error" in value)) return value;
    if (value.error !== null) value.error = this.#rebuild(value.error as PlainError);
    if ("columns" in value) value.columns = this.#columns.restore(value.columns as ColumnsRef);
    if ("rows" in value) for (const row of value.rows as unknown[][]) restoreBuffers(row);
    return value;
  }

  execute(request: port.ExecuteRequest): Promise<port.ExecuteReply> {
    return this.#call("execute", request);
  }

  fetch(reader: number, count: number): Promise<port.Page> {
    return this.#call("fetch", reader, count);
  }

  rest(reader: number, untouched: boolean): Promise<port.Rest> {
    return this.#call("rest", reader, untouched);
  }

  discard(reader: number): Promise<void> {
    return this.#call("discard", reader);
  }

  executemany(request: port.ManyRequest): Promise<port.ManyReply> {
    return this.#call("executemany", request);
  }

  script(request: port.ScriptRequest): Promise<port.ScriptReply> {
    return this.#call("script", request);
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
    // What it returns may be anything, and nobody asks.
    const tell = (...args: Parameters<port.BackupProgress>) => void progress?.(...args);
    const ref = progress === null ? null : this.#ref(tell as Loose, "answer");
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
    this.#death = { message: "the connection is closed", cause: null, outcome: "not-executed" };
    this.#callbackPort.close();
  }
}
