/**
 * AsyncEngine -> Engine: this thread sends a call to the worker that owns the engine, and waits for its end. It must not know
 * what a call means. Only hrana needs this: what runs SQL on this very machine is synchronous by itself.
 * Tests: test/unit/engine/thread/block.test.ts.
 */
import { fromPlain, type PlainError } from "../../errors/plain.ts";
import {
  Detailed,
  InterfaceError,
  NotSupportedError,
  OperationalError,
  type Outcome,
  ProgrammingError,
} from "../../errors/tree.ts";
import type * as port from "../port.ts";
import { BlockLink, WorkerLost } from "./block-link.ts";
import type { BlockCall, Opened } from "./block-messages.ts";
import { restoreBuffers, restoreReplies } from "./buffers.ts";
import { LOSS, outcomeOf } from "./outcome.ts";

/** What of an engine's options cannot cross as it is. */
interface Uncrossable {
  readonly url?: unknown;
  readonly authToken?: unknown;
}

/**
 * Opens an engine on the thread's worker and waits until it is open.
 * @param options for `openHrana`; an `authToken` function is called here, once, since it cannot cross
 * @throws what the engine throws when it cannot open
 * @throws {NotSupportedError} for an `authToken` function that gives a promise
 * @throws {InterfaceError} for options that are no plain data
 */
export function block(options: object): BlockedEngine {
  const { url, authToken }: Uncrossable = options;
  const plain = {
    ...options,
    ...(url instanceof URL && { url: url.href }),
    ...(typeof authToken === "function" && { authToken: askForToken(authToken as () => unknown) }),
  };
  return openOn(BlockLink.get(), plain);
}

/**
 * Opens an embedded replica on a worker of its own, which ends with it: libsql can be waited for, but not stopped.
 * @param options for `openReplica`, with a token that is no function
 * @param patience milliseconds after which a worker that does not answer is given up
 */
export function blockReplica(options: object, patience: number): BlockedEngine {
  return openOn(BlockLink.own(patience), options);
}

function openOn(link: BlockLink, options: object): BlockedEngine {
  const engine = new BlockedEngine(link, BlockLink.number());
  try {
    engine.open(options);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    throw new InterfaceError("the options of a remote database must be plain data, functions aside", {
      cause: error,
    });
  }
  return engine;
}

/** The token that the caller's function gives. @throws {NotSupportedError} for a promise of one */
export function askForToken(authToken: () => unknown): unknown {
  let token: unknown;
  try {
    token = authToken();
  } catch (cause) {
    if (cause instanceof Detailed) throw cause;
    throw new OperationalError("authToken() failed, so nothing was sent", { cause, outcome: "not-executed" });
  }
  if (typeof token !== "object" || token === null || !("then" in token)) return token;
  // Nobody waits for it, so its failure must not end the process.
  Promise.resolve(token).catch(() => {});
  throw new NotSupportedError(
    "the synchronous face cannot wait for a promise: expected authToken() to return a string, or use sqlite-dbapi/aio",
  );
}

export class BlockedEngine implements port.Engine {
  name = "";
  path = "";
  inTransaction = false;
  readonly #link: BlockLink;
  readonly #connection: number;
  #trace: ((sql: string) => void) | null = null;
  #isClosed = false;

  constructor(link: BlockLink, connection: number) {
    this.#link = link;
    this.#connection = connection;
  }

  open(options: unknown): void {
    const call: BlockCall = { kind: "open", id: BlockLink.number(), connection: this.#connection, options };
    const { name, path } = this.#ask(call) as Opened;
    this.name = name;
    this.path = path;
  }

  /** Whether the worker has died, or has been given up. */
  get isLost(): boolean {
    return this.#link.isLost;
  }

  #call<R>(method: port.Method, ...args: readonly unknown[]): R {
    const id = BlockLink.number();
    return this.#ask({ kind: "call", id, connection: this.#connection, method, args }) as R;
  }

  #ask(call: BlockCall): unknown {
    if (this.#isClosed) throw new ProgrammingError("Cannot operate on a closed database.");
    // A worker that has died before cannot have begun this call.
    if (this.#link.isLost) throw this.#lost(this.inTransaction ? "rolled-back" : "not-executed", null);
    try {
      const done = this.#link.ask(call);
      this.inTransaction = done.inTransaction;
      for (const sql of done.traced) this.#trace?.(sql);
      if ("error" in done) throw withThisStack(fromPlain(done.error));
      return restored(done.value);
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error;
      const outcome =
        call.kind === "call"
          ? outcomeOf({ ...call, isStoppable: false }, this.inTransaction)
          : "not-executed";
      throw this.#lost(outcome, error.cause);
    }
  }

  #lost(outcome: Outcome, cause: unknown): OperationalError {
    this.inTransaction = false;
    return new OperationalError(LOSS.ended, { outcome, ...(cause === null ? {} : { cause }) });
  }

  execute(request: port.ExecuteRequest): port.ExecuteReply {
    return this.#call("execute", request);
  }

  fetch(reader: number, count: number): port.Page {
    return this.#call("fetch", reader, count);
  }

  rest(reader: number, untouched: boolean): port.Rest {
    return this.#call("rest", reader, untouched);
  }

  discard(reader: number): void {
    this.#call("discard", reader);
  }

  executemany(request: port.ManyRequest): port.ManyReply {
    return this.#call("executemany", request);
  }

  script(request: port.ScriptRequest): port.ScriptReply {
    return this.#call("script", request);
  }

  batch(request: port.BatchRequest): port.BatchReply {
    return this.#call("batch", request);
  }

  control(steps: readonly port.ControlStep[]): void {
    this.#call("control", steps);
  }

  totalChanges(): number {
    return this.#call("totalChanges");
  }

  isReadonly(sql: string): boolean {
    return this.#call("isReadonly", sql);
  }

  // Functions do not cross. Where the engine refuses them, as it must, it does so before it looks at what is not there.
  defineFunction(request: port.FunctionRequest): void {
    this.#call("defineFunction", request, null);
  }

  defineAggregate(request: port.FunctionRequest & { readonly window: boolean }): void {
    this.#call("defineAggregate", request, null);
  }

  loadExtension(path: string, entryPoint: string | null): void {
    this.#call("loadExtension", path, entryPoint);
  }

  serialize(name: string): Uint8Array {
    return this.#call("serialize", name);
  }

  deserialize(bytes: Uint8Array): void {
    this.#call("deserialize", bytes);
  }

  /** Refuses at once where the engine cannot: the thread would have to wait for the whole of it. */
  async backup(request: port.BackupRequest): Promise<void> {
    this.#call("backup", request, null);
  }

  sync(): port.SyncReply {
    return this.#call("sync");
  }

  /** The statements are shown when their call has ended, since the thread waits meanwhile. */
  trace(callback: ((sql: string) => void) | null): void {
    this.#call("trace", callback === null ? null : true);
    this.#trace = callback;
  }

  close(): void {
    if (this.#isClosed) return;
    try {
      if (!this.#link.isLost) this.#call("close");
    } finally {
      this.#isClosed = true;
    }
  }
}

/** An error comes with the stack of the worker, which tells its reader nothing. */
function withThisStack(error: Error): Error {
  if (error instanceof Detailed) Error.captureStackTrace(error, withThisStack);
  return error;
}

/** Replies carry an error as plain data, and blobs as what structured clone makes of a Buffer. */
function restored(value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("error" in value)) return value;
  if (value.error !== null) value.error = withThisStack(fromPlain(value.error as PlainError));
  if ("rows" in value) for (const row of value.rows as unknown[][]) restoreBuffers(row);
  if ("replies" in value) restoreReplies(value.replies as port.BatchReply["replies"]);
  return value;
}
