/**
 * The promised cursor: asks core what to do, has the engine do it, in the order of the calls. It decides nothing.
 * Tests: test/conformance.
 */
import { close, discard, fetchall, fetchmany, refill } from "../core/cursor-operations.ts";
import { ABSENT, type Absent, CursorState } from "../core/cursor-state.ts";
import { type CallOptions, checkLimits } from "../core/limits.ts";
import { executemany, type ManyOptions } from "../core/many.ts";
import { executescript } from "../core/script.ts";
import { isTraced } from "../diagnostics.ts";
import type { Description } from "../values/description.ts";
import type { RowCursor, RowFactory } from "../values/row-factory.ts";
import type { Parameters, SqlValue } from "../values/types.ts";
import type { AsyncConnection } from "./connection.ts";
import { CursorTurns } from "./cursor-turns.ts";
import { Execution } from "./execution.ts";
import { guardSets } from "./lane.ts";
import type { Shared } from "./shared.ts";
import type { Turnstile } from "./turnstile.ts";

/**
 * A statement and its result, one after the other. `T` is what a row is: an array, or what the row factory makes.
 * @see the synchronous Cursor, whose members these are, promised
 */
export class AsyncCursor<T = SqlValue[]> implements RowCursor, AsyncIterable<T> {
  /** The connection that made this cursor. */
  readonly connection: AsyncConnection<unknown>;
  readonly #state: CursorState<T>;
  readonly #shared: Shared;
  readonly #bound: Turnstile | null;
  readonly #turns: CursorTurns<T>;

  /** @internal Use {@link AsyncConnection.cursor}. */
  constructor(
    connection: AsyncConnection<unknown>,
    shared: Shared,
    bound: Turnstile | null,
    rowFactory: RowFactory<T> | null,
  ) {
    this.connection = connection;
    this.#shared = shared;
    this.#bound = bound;
    this.#state = new CursorState(shared.session, this, rowFactory);
    this.#turns = new CursorTurns(this.#state, shared, bound);
  }

  /** @internal Where a batch puts its results. */
  static stateOf<T>(cursor: AsyncCursor<T>): CursorState<T> {
    return cursor.#state;
  }

  /**
   * Runs one statement with its values, which are copied at once.
   * @param options a signal holds for the reading of the result too; a timeout is for this call alone
   * @returns a promise of the cursor that can be fetched from directly: `await cursor.execute(sql).fetchall()`
   */
  execute(sql: string, parameters?: Parameters, options?: CallOptions): Execution<T> {
    const turns = this.#turns;
    return new Execution(this.#state, (wishes) => turns.execute(this, wishes, sql, parameters, options));
  }

  /** Runs one INSERT, UPDATE, DELETE or REPLACE for every set of an iterable, asynchronous ones included. */
  async executemany(
    sql: string,
    rows: Iterable<Parameters> | AsyncIterable<Parameters>,
    options?: ManyOptions & CallOptions,
  ): Promise<this> {
    const shared = this.#shared;
    const turn = shared.turnOf(options, this.#bound);
    const sets = isPromised(rows) ? guardSets(shared, turn, rows) : rows;
    const operation = () => executemany(this.#state, sql, sets, options, null);
    const work = () => this.#turns.run(operation, turn ?? undefined, true);
    try {
      await (isTraced() ? this.#turns.traced(sql, work) : work());
    } finally {
      turn?.end();
    }
    return this;
  }

  /** Runs every statement of a script. In legacy mode an open transaction is committed first. */
  async executescript(script: string, options?: CallOptions): Promise<this> {
    const work = () => this.#turns.run(() => executescript(this.#state, script), options, true);
    await (isTraced() ? this.#turns.traced(script, work) : work());
    return this;
  }

  /** The next row, or `null` when there is none. */
  async fetchone(options?: CallOptions): Promise<T | null> {
    const row = await this.#next(options);
    return row === ABSENT ? null : row;
  }

  /** The limits of a fetch: its own, and the signal of `execute`. @throws {InterfaceError} for wrong ones */
  #limitsOf(options: CallOptions | undefined): CallOptions | undefined {
    if (options === undefined) return this.#turns.limits;
    const { signal, timeout } = checkLimits(options);
    const first = this.#turns.limits?.signal;
    if (first === undefined || signal === undefined || signal.aborted)
      return { signal: signal ?? first, timeout };
    return { signal: first.aborted ? first : AbortSignal.any([first, signal]), timeout };
  }

  /** The next row, if it has been read and nothing is in the way of handing it out. */
  #inHand(limits: CallOptions | undefined): T | Absent {
    if (!this.#turns.isIdle || limits?.signal?.aborted === true) return ABSENT;
    this.#state.checkCall();
    return this.#state.take();
  }

  #isOver(limits: CallOptions | undefined): boolean {
    return this.#turns.isIdle && limits?.signal?.aborted !== true && !this.#state.hasMore;
  }

  /** A row in hand is handed out at once; one that is not has its turn. */
  async #next(options?: CallOptions): Promise<T | Absent> {
    const state = this.#state;
    const limits = this.#limitsOf(options);
    const held = this.#inHand(limits);
    if (held !== ABSENT || this.#isOver(limits)) return held;
    return this.#turns.run(function* () {
      state.check();
      const row = state.take();
      if (row !== ABSENT) return row;
      yield* refill(state);
      return state.take();
    }, limits);
  }

  /** The next rows, as many as there are up to `size`. */
  async fetchmany(size?: number, options?: CallOptions): Promise<T[]> {
    const state = this.#state;
    return await this.#turns.run(function* () {
      state.check();
      return yield* fetchmany(state, size);
    }, this.#limitsOf(options));
  }

  /** The rows that are left. */
  async fetchall(options?: CallOptions): Promise<T[]> {
    const state = this.#state;
    const limits = this.#limitsOf(options);
    if (this.#turns.isIdle && limits?.signal?.aborted !== true) {
      state.checkCall();
      if (!state.hasMore) return state.takeAll();
    }
    return this.#turns.run(function* () {
      state.check();
      return yield* fetchall(state);
    }, limits);
  }

  /** The rows that are left, one by one. Leaving the loop early ends the result. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    this.#state.checkCall();
    const { result } = this.#state;
    let isOver = false;
    try {
      for (;;) {
        // Rows in hand do without a promise of their own: it would take as long as all the rest.
        const held = this.#inHand(this.#turns.limits);
        const row = held === ABSENT ? await this.#next() : held;
        if (row === ABSENT) break;
        yield row;
      }
      isOver = true;
    } finally {
      if (!isOver && this.#state.result === result) await this.#turns.run(() => discard(this.#state));
    }
  }

  /** Closes the cursor and ends its result. A second call does nothing. */
  close(options?: CallOptions): Promise<void> {
    return this.#turns.run(() => close(this.#state), options);
  }

  /** The same as {@link AsyncCursor.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get description(): Description | null {
    return this.#state.description;
  }

  get rowcount(): number {
    return this.#state.rowcount;
  }

  get lastrowid(): number | bigint | null {
    return this.#state.lastrowid;
  }

  get arraysize(): number {
    return this.#state.arraysize;
  }

  set arraysize(size: number) {
    this.#state.arraysize = size;
  }

  get rowFactory(): RowFactory<T> | null {
    return this.#state.rowFactory;
  }

  set rowFactory(factory: RowFactory<T> | null) {
    this.#state.rowFactory = factory;
  }

  async setinputsizes(_sizes: unknown): Promise<void> {
    this.#state.check();
  }

  async setoutputsize(_size: unknown, _column?: unknown): Promise<void> {
    this.#state.check();
  }

  async nextset(): Promise<null> {
    this.#state.check();
    return null;
  }
}

function isPromised(
  rows: Iterable<Parameters> | AsyncIterable<Parameters>,
): rows is AsyncIterable<Parameters> {
  return (
    typeof rows === "object" && rows !== null && !(Symbol.iterator in rows) && Symbol.asyncIterator in rows
  );
}
