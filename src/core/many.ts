/**
 * `executemany`: parameter sets from any iterable, in bounded chunks, with the state and the error of a row-by-row run.
 * It must not know how an engine makes it fast. Tests: test/conformance/executemany.test.ts.
 */
import type { ManyReply, ManyRequest } from "../engine/port.ts";
import { isInterruption } from "../errors/interrupted.ts";
import { annotate, Detailed, InterfaceError, ProgrammingError } from "../errors/tree.ts";
import type { StatementText } from "../sql/statement.ts";
import type { BoundValue, Parameters } from "../values/types.ts";
import { copyBytes, putSet } from "./bind.ts";
import type { CursorState } from "./cursor-state.ts";
import { checkCallOptions, checkFunction } from "./options.ts";
import { call, invoke, type Operation } from "./run.ts";
import type { Session } from "./session.ts";

/** What `executemany` accepts besides the sets. */
export interface ManyOptions {
  /** Called after every chunk with the number of sets applied so far, and how many there are where it is known. */
  readonly onProgress?: (done: number, total: number | null) => void;
}

/** Sets in the first chunk: a run gets to longer ones by steps, each four times as long as the one before. */
const CHUNK = 258;
/**
 * Sets in the chunks of a run that goes on: what a chunk costs, and the two of its sets that go alone, were 4 to 12 % of a bulk insert
 * by 258 sets. 4098 gained less, 514 to 2050 about the same. Two more than the engine's statements of 64 rows take.
 */
const NEAR_CHUNK = 1026;
/** The same where a crossing is a round trip, to a server or to another thread (where it saves an eighth of a bulk insert). */
const FAR_CHUNK = 16 * CHUNK;
/** Bytes of text and blobs in a chunk, roughly, after which it is sent as it is. */
const CHUNK_BYTES = 1 << 20;

/** How an engine applies a chunk at once, where it can: needed when somebody else wants the connection in between. */
export type Direct = (request: ManyRequest) => ManyReply;

/** Sets on their way to the engine. */
class Batch {
  readonly text: StatementText;
  readonly #session: Session;
  /** The chunk is all there is. */
  readonly #isEndless: boolean;
  readonly #width: number;
  /** How many sets there are, where that is known. */
  readonly #total: number;
  /** Sets of the longest chunk. */
  readonly #longest: number;
  #values: BoundValue[] = [];
  #bytes = 0;
  /** Sets of a full chunk. */
  #most = CHUNK;
  /** Sets in this chunk, and those before it. */
  count = 0;
  done = 0;
  changes = 0;
  failure: Error | null = null;
  /** The first crossing has gone well: from here on, a failure may leave work behind. */
  isBegun = false;

  constructor(session: Session, text: StatementText, total: number | null, isFar: boolean) {
    this.#session = session;
    this.#longest = isFar ? FAR_CHUNK : NEAR_CHUNK;
    this.#isEndless = session.settings.isStateless === true;
    this.#width = text.parameters.count;
    this.#total = total ?? 0;
    this.text = text;
  }

  /** Adds the sets of an array from `index` on until the chunk is full; gives the index of the next one. */
  addFrom(sets: readonly Parameters[], index: number): number {
    let at = index;
    while (at < sets.length && this.failure === null && !this.isFull) this.add(sets[at++] as Parameters);
    return at;
  }

  /** @throws what is wrong with the set, which is not added */
  add(parameters: Parameters): void {
    const values = this.#values;
    const from = this.count * this.#width;
    let characters: number;
    try {
      characters = putSet(values, from, this.text.parameters, parameters);
    } catch (error) {
      throw error instanceof Detailed ? annotate(error, { index: this.done + this.count }) : error;
    }
    this.count++;
    if (characters >= 0) this.#bytes += characters;
    else this.#weigh(values, from);
    // An adapter or a getter has used the connection, and what waited before this set went off without it.
    if (values !== this.#values)
      for (let i = 0; i < this.#width; i++) this.#values[i] = values[from + i] as BoundValue;
  }

  /** Counts the text and the bytes of a set, and makes the bytes its own. */
  #weigh(values: BoundValue[], from: number): void {
    const to = from + this.#width;
    let hasBytes = false;
    for (let i = from; i < to; i++) {
      const value = values[i] as BoundValue;
      if (typeof value === "string") this.#bytes += value.length;
      else if (typeof value === "object" && value !== null) {
        this.#bytes += value.byteLength;
        hasBytes = true;
      }
    }
    // A caller may fill the same buffer again for the next set; a full chunk goes off before that.
    if (hasBytes && !this.isFull) copyBytes(values, from, to);
  }

  get isFull(): boolean {
    if (this.#isEndless) return false;
    return this.count >= this.#most || this.#bytes >= CHUNK_BYTES;
  }

  request(): ManyRequest {
    const width = this.#width;
    const used = width * this.count;
    return {
      sql: this.text.sql,
      width,
      count: this.count,
      // More than that is room, or the beginning of a set which is being added right now.
      values: this.#values.length === used ? this.#values : this.#values.slice(0, used),
      begin: this.#session.beginFor(this.text),
      guard: this.#session.scopes > 0,
    };
  }

  /** @throws the failure of a set, with its number */
  accept({ changes, error, index }: ManyReply): void {
    this.changes += changes;
    if (this.count > 0) this.#most = Math.min(this.#longest, 4 * this.#most);
    const first = this.done;
    this.done += this.count;
    this.count = 0;
    // Room for the next chunk at once: an array that grows while it is filled costs 2 % of a bulk insert.
    this.#values = new Array<BoundValue>(
      this.#width * Math.min(this.#most, Math.max(this.#total - this.done, 0)),
    );
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
  sets: Iterable<Parameters> | AsyncIterable<Parameters>,
  options: ManyOptions | undefined,
  direct: Direct | null,
): Operation<void> {
  state.check();
  const { onProgress } = checkCallOptions(options);
  if (onProgress !== undefined) checkFunction("onProgress", onProgress);
  const { session } = state;
  const text = session.describe(sql);
  if (!text.isDml) throw new ProgrammingError("executemany() can only execute DML statements.", { sql });
  checkSets(sets, direct === null);
  const discard = state.reset();
  if (discard !== 0) yield* call("discard", discard);
  const total = Array.isArray(sets) ? sets.length : null;
  const batch = new Batch(session, text, total, direct === null || session.settings.isRemote === true);
  const send = function* (): Operation<void> {
    let reply: ManyReply;
    try {
      reply = yield* call("executemany", batch.request());
    } catch (error) {
      // Nothing more can be sent, and this failure stays the one to be seen.
      batch.failure = batch.isBegun ? placed(error, batch, session) : (error as Error);
      throw batch.failure;
    }
    batch.accept(reply);
    if (batch.done > 0) onProgress?.(batch.done, total);
  };
  // What came before a set that failed stays, as if the sets had gone one by one; unless all go in one transaction or none does.
  const isAtomic = session.settings.isStateless === true;
  const sendWhatIsLeft = function* (): Operation<void> {
    if (batch.failure === null && batch.count > 0) yield* send();
  };
  state.lock();
  const { flush: outer } = session;
  if (direct !== null && !isAtomic) session.flush = () => flush(session, batch, direct);
  try {
    // An empty run too compiles the statement and begins the transaction, as in Python.
    yield* send();
    batch.isBegun = true;
    try {
      if (isPlainArray(sets)) {
        for (let at = 0; at < sets.length; ) {
          if (batch.failure !== null) throw batch.failure;
          at = batch.addFrom(sets, at);
          if (batch.isFull) yield* send();
        }
      } else if (Symbol.iterator in sets) {
        for (const parameters of sets) {
          if (batch.failure !== null) throw batch.failure;
          batch.add(parameters);
          if (batch.isFull) yield* send();
        }
      } else yield* addPromised(sets, batch, send);
    } catch (error) {
      if (!isAtomic) yield* sendWhatIsLeft();
      throw isInterruption(error) ? placed(error, batch, session) : error;
    }
    yield* sendWhatIsLeft();
    if (batch.failure !== null) throw batch.failure;
  } finally {
    // Not null when this call came out of the sets of another one.
    session.flush = outer;
    state.unlock();
  }
  state.rowcount = batch.changes;
}

/** A failure between the sets, told for all of them: how many were applied, and that of those it is not true that nothing was. */
function placed(error: unknown, batch: Batch, session: Session): Error {
  if (!(error instanceof Detailed)) return error as Error;
  const index = error.index ?? batch.done;
  if (error.outcome === "not-executed" && index > 0) Reflect.deleteProperty(error, "outcome");
  if (index > 0 && !session.inTransaction) annotate(error, { outcome: "unknown" });
  return annotate(error, { index });
}

function checkSets(sets: unknown, mayPromise: boolean): void {
  if (typeof sets === "object" && sets !== null) {
    if (Symbol.iterator in sets || (mayPromise && Symbol.asyncIterator in sets)) return;
  }
  throw new InterfaceError("executemany() takes an array or another iterable of parameter sets");
}

/** An array is walked by its index, in a loop of its own: a generator, and an iterator beside it, cost 5 % of a bulk insert. */
function isPlainArray(sets: Iterable<Parameters> | AsyncIterable<Parameters>): sets is readonly Parameters[] {
  return Array.isArray(sets) && sets[Symbol.iterator] === Array.prototype[Symbol.iterator];
}

/** The same loop over sets that come with time. */
function* addPromised(
  sets: AsyncIterable<Parameters>,
  batch: Batch,
  send: () => Operation<void>,
): Operation<void> {
  const iterator = sets[Symbol.asyncIterator]();
  let isOver = false;
  try {
    for (;;) {
      const { done, value } = yield* invoke(() => iterator.next());
      if (done) break;
      batch.add(value);
      if (batch.isFull) yield* send();
    }
    isOver = true;
  } finally {
    if (!isOver) yield* invoke(() => iterator.return?.());
  }
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
