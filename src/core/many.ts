/**
 * `executemany`: parameter sets from any iterable, in bounded chunks, with the state and the error of a row-by-row run.
 * It must not know how an engine makes it fast. Tests: test/conformance/executemany.test.ts.
 */
import type { ManyReply, ManyRequest } from "../engine/port.ts";
import { annotate, Detailed, InterfaceError, ProgrammingError } from "../errors/tree.ts";
import type { StatementText } from "../sql/statement.ts";
import type { BoundValue, Parameters } from "../values/types.ts";
import { appendValues } from "./bind.ts";
import type { CursorState } from "./cursor-state.ts";
import { call, type Operation } from "./run.ts";
import type { Session } from "./session.ts";

/** What `executemany` accepts besides the sets. */
export interface ManyOptions {
  /** Called after every chunk with the number of sets applied so far, and how many there are where it is known. */
  readonly onProgress?: (done: number, total: number | null) => void;
}

/** Sets in a chunk: enough to make the crossing cheap, few enough to hold in memory whatever they are. */
const CHUNK = 256;
/** Bytes of text and blobs in a chunk, roughly, after which it is sent as it is. */
const CHUNK_BYTES = 1 << 20;

/** How an engine applies a chunk at once, where it can: needed when somebody else wants the connection in between. */
export type Direct = (request: ManyRequest) => ManyReply;

/** Sets on their way to the engine. */
class Batch {
  readonly text: StatementText;
  readonly #session: Session;
  #values: BoundValue[] = [];
  #bytes = 0;
  /** Sets in this chunk, and those before it. */
  count = 0;
  done = 0;
  changes = 0;
  failure: Error | null = null;

  constructor(session: Session, text: StatementText) {
    this.#session = session;
    this.text = text;
  }

  /** @throws what is wrong with the set, which is not added */
  add(parameters: Parameters): void {
    const before = this.#values.length;
    try {
      appendValues(this.#values, this.text.parameters, parameters);
    } catch (error) {
      this.#values.length = before;
      throw error instanceof Detailed ? annotate(error, { index: this.done + this.count }) : error;
    }
    this.count++;
    for (let i = before; i < this.#values.length; i++) {
      const value = this.#values[i];
      if (typeof value === "string") this.#bytes += value.length;
      else if (value instanceof Uint8Array) this.#bytes += value.byteLength;
    }
  }

  get isFull(): boolean {
    return this.count >= CHUNK || this.#bytes >= CHUNK_BYTES;
  }

  request(): ManyRequest {
    return {
      sql: this.text.sql,
      width: this.text.parameters.count,
      count: this.count,
      values: this.#values,
      begin: this.#session.beginFor(this.text),
      guard: this.#session.scopes > 0,
    };
  }

  /** @throws the failure of a set, with its number */
  accept({ changes, error, index }: ManyReply): void {
    this.changes += changes;
    const first = this.done;
    this.done += this.count;
    this.count = 0;
    this.#values = [];
    this.#bytes = 0;
    if (error === null) return;
    this.failure =
      index >= 0 && error instanceof Detailed ? annotate(error, { index: first + index }) : error;
    throw this.failure;
  }
}

/**
 * @param direct applies a chunk when the caller's own iterable uses the connection; null where such a call waits its turn.
 * @throws {ProgrammingError} for anything but DML
 */
export function* executemany(
  state: CursorState<unknown>,
  sql: string,
  sets: Iterable<Parameters>,
  { onProgress }: ManyOptions,
  direct: Direct | null,
): Operation<void> {
  state.check();
  const { session } = state;
  const text = session.describe(sql);
  if (!text.isDml) throw new ProgrammingError("executemany() can only execute DML statements.", { sql });
  if (typeof sets !== "object" || sets === null || !(Symbol.iterator in sets)) {
    throw new InterfaceError("executemany() takes an array or another iterable of parameter sets");
  }
  const discard = state.reset();
  if (discard !== 0) yield* call("discard", discard);
  const total = Array.isArray(sets) ? sets.length : null;
  const batch = new Batch(session, text);
  const send = function* (): Operation<void> {
    batch.accept(yield* call("executemany", batch.request()));
    if (batch.done > 0) onProgress?.(batch.done, total);
  };
  state.lock();
  if (direct !== null) session.flush = () => flush(session, batch, direct);
  try {
    // An empty run too compiles the statement and begins the transaction, as in Python.
    yield* send();
    try {
      for (const parameters of sets) {
        if (batch.failure !== null) throw batch.failure;
        batch.add(parameters);
        if (batch.isFull) yield* send();
      }
    } finally {
      // What came before a set that failed stays, as if the sets had gone one by one.
      if (batch.failure === null && batch.count > 0) yield* send();
    }
    if (batch.failure !== null) throw batch.failure;
  } finally {
    session.flush = null;
    state.unlock();
  }
  state.rowcount = batch.changes;
}

/** Applies what waits, because the code that yields the sets uses the connection. It must see them in place. */
function flush(session: Session, batch: Batch, direct: Direct): void {
  if (batch.count === 0) return;
  const { flush } = session;
  session.flush = null;
  try {
    batch.accept(direct(batch.request()));
  } finally {
    session.flush = flush;
  }
}
