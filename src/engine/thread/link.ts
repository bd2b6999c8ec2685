/**
 * One worker thread with an engine in it, seen from the calling thread: how it is started, told and heard.
 * It must not know what a call means, nor which calls are on their way. Tests: test/unit/engine/thread/offload.test.ts.
 */
import { MessageChannel, type MessagePort, type ResourceLimits, Worker } from "node:worker_threads";
import { fromPlain } from "../../errors/plain.ts";
import type { AnswersMessage, RowsMessage } from "./answers.ts";
import type { Callbacks } from "./callback.ts";
import { CallsSent } from "./calls.ts";
import { CancelsSent } from "./cancels.ts";
import { HOST } from "./hosts.ts";
import { wake } from "./mailbox.ts";
import { type Call, type CallbackRequest, type FromHost, type HostData, SHARED } from "./messages.ts";

/** What a worker is started for. */
export interface HostSpec {
  readonly engine: HostData["engine"];
  /** What the engine is made with. */
  readonly options: unknown;
  /** What the worker may use. */
  readonly resourceLimits: ResourceLimits | undefined;
}

/** What a link tells. */
export interface Listener {
  answers(message: AnswersMessage): void;
  /** Rows of an answer that is still to come. */
  rows(message: RowsMessage): void;
  /** The worker is gone; `cause` is what it died of, where that is known. */
  ended(cause: Error | null): void;
}

/** What an engine says of itself when it is open. */
export type Opened = Extract<FromHost, { readonly kind: "ready" }>;

export class Link {
  /** Rejects with what the engine throws when it cannot open. */
  readonly opened: Promise<Opened>;
  readonly cancels: CancelsSent;
  readonly #worker: Worker;
  readonly #callbacks: Callbacks;
  readonly #callbackPort: MessagePort;
  readonly #calls = new CallsSent();
  readonly #memory = new Int32Array(new SharedArrayBuffer(20));
  #listener: Listener | null;

  /** @param gone settles when the worker before this one has ended, if there was one */
  constructor(
    { engine, options, resourceLimits }: HostSpec,
    callbacks: Callbacks,
    listener: Listener,
    gone?: Promise<void>,
  ) {
    const [calls, cancels] = [new MessageChannel(), new MessageChannel()];
    const memory = this.#memory;
    // Two of libsql's databases that bring the same file up to date would put old pages over new ones.
    if (engine === "replica" && gone !== undefined) this.#waitFor(gone);
    const workerData: HostData = { engine, options, memory, callbacks: calls.port2, cancels: cancels.port2 };
    this.#callbacks = callbacks;
    this.#callbackPort = calls.port1;
    this.#listener = listener;
    this.cancels = new CancelsSent(cancels.port1, memory);
    const transferList = [calls.port2, cancels.port2];
    // Not the flags of this process: `--eval`, `--input-type` and a test runner's loaders are not meant for a file.
    const worker = new Worker(HOST, {
      workerData,
      transferList,
      execArgv: [],
      ...(resourceLimits && { resourceLimits }),
    });
    this.#worker = worker;
    this.opened = new Promise((resolve, reject) => {
      worker.once("message", (message: FromHost) => {
        if (!("kind" in message)) return;
        if (message.kind === "failed") return reject(fromPlain(message.error));
        worker.on("message", (next: FromHost) => this.#receive(next));
        if (message.kind === "ready") resolve(message);
      });
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("the worker thread has ended while it was starting")));
    });
    worker.once("error", (cause) => this.#end(cause));
    worker.once("exit", () => this.#end(null));
    this.#callbackPort.on("message", (request: CallbackRequest) => this.#callBack(request));
    this.#callbackPort.unref();
    cancels.port1.unref();
  }

  #waitFor(gone: Promise<void>): void {
    Atomics.store(this.#memory, SHARED.taken, 1);
    void gone.then(() => {
      Atomics.store(this.#memory, SHARED.taken, 0);
      Atomics.notify(this.#memory, SHARED.taken);
    });
  }

  #receive(message: FromHost): void {
    if (!("kind" in message)) this.#listener?.answers(message);
    else if (message.kind === "rows") this.#listener?.rows(message);
    else if (message.kind === "event") this.#callbacks.tell(message.callback, message.args);
  }

  #callBack(request: CallbackRequest): void {
    const memory = this.#memory;
    this.#callbacks.reply(this.#callbackPort, request, () => {
      Atomics.store(memory, SHARED.answered, 1);
      Atomics.notify(memory, SHARED.answered);
    });
  }

  #end(cause: Error | null): void {
    this.#callbackPort.close();
    this.#listener?.ended(cause);
    this.#listener = null;
  }

  /** @throws {DataCloneError} for what cannot cross */
  post(calls: readonly Call[]): void {
    try {
      this.#worker.postMessage(this.#calls.encode(calls));
    } catch (error) {
      this.#calls.forget();
      throw error;
    }
    wake(this.#memory, calls.length);
  }

  /** Whether the process waits for the worker. */
  hold(isHeld: boolean): void {
    if (isHeld) {
      this.#worker.ref();
      this.#callbackPort.ref();
    } else {
      this.#worker.unref();
      this.#callbackPort.unref();
    }
  }

  /** Listens no more, and lets the worker end when it can: a C call is not to be stopped. @returns when it has */
  async abandon(): Promise<void> {
    this.#listener = null;
    this.hold(false);
    this.#callbackPort.close();
    await this.#worker.terminate();
  }
}
