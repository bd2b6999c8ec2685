/**
 * What `execute` gives on this face: a promise of the cursor that can also be fetched from at once, so that
 * `await conn.execute(sql).fetchall()` is one crossing. Tests: test/conformance/aio-order.test.ts.
 */
import type { CursorState } from "../core/cursor-state.ts";
import type { CallOptions } from "../core/limits.ts";
import { ABSENT } from "../core/result.ts";
import type { Operation } from "../core/run.ts";
import type { ExecuteRequest } from "../engine/port.ts";
import type { AsyncCursor } from "./cursor.ts";
import { withCallersStack } from "./shared.ts";
import { Turn } from "./turn.ts";

/** What is asked of an execution before its turn has come: it is done in that turn, before any later call. */
export class Wishes {
  rows: ExecuteRequest["rows"] = "page";
  /** What may stop the statement and the fetches that are part of it. */
  readonly turn = new Turn();
  #hasBegun = false;
  #fetches: (() => Operation<void>)[] | null = null;
  #isOver = false;

  /** The turn of the statement has come: it is too late for limits. */
  begin(): void {
    this.#hasBegun = true;
  }

  /** @returns whether it is not too late */
  add(fetch: () => Operation<void>, limits: CallOptions | undefined): boolean {
    if (this.#isOver || (limits !== undefined && this.#hasBegun)) return false;
    if (limits !== undefined) this.turn.limit(limits);
    this.#fetches ??= [];
    this.#fetches.push(fetch);
    return true;
  }

  /** Does what has been asked for; the statement has been executed. */
  *fulfil(): Operation<void> {
    this.#isOver = true;
    if (this.#fetches === null) return;
    for (const fetch of this.#fetches) yield* fetch();
  }
}

/** The next row, or null; the rest may have to be read. */
function* fetchone<T>(state: CursorState<T>): Operation<T | null> {
  const row = state.take();
  if (row !== ABSENT) return row;
  yield* state.refill();
  const read = state.take();
  return read === ABSENT ? null : read;
}

/** Starts the statement; what is wished for by then is part of it. */
type Start<T> = (wishes: Wishes) => Promise<AsyncCursor<T>>;

export class Execution<T> extends Promise<AsyncCursor<T>> implements AsyncIterable<T> {
  readonly #state: CursorState<T>;
  readonly #wishes: Wishes;

  /** @internal */
  constructor(state: CursorState<T>, start: Start<T>) {
    const wishes = new Wishes();
    super((resolve, reject) => {
      start(wishes).then(resolve, reject);
    });
    this.#state = state;
    this.#wishes = wishes;
  }

  /** What `then` and its like make is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** Fetches in the statement's own turn, or in one of its own when that is over. */
  async #fetch<R>(
    fetch: (state: CursorState<T>) => Operation<R>,
    late: (cursor: AsyncCursor<T>) => Promise<R>,
    limits: CallOptions | undefined,
  ): Promise<R> {
    let fetched: { readonly value: R } | { readonly error: unknown } | null = null;
    const state = this.#state;
    const isInTime = this.#add(function* () {
      try {
        fetched = { value: yield* fetch(state) };
      } catch (error) {
        fetched = { error };
      }
    }, limits);
    const cursor = await this;
    if (!isInTime) return late(cursor);
    const outcome = fetched as { readonly value: R } | { readonly error: unknown } | null;
    if (outcome === null) return late(cursor);
    if ("value" in outcome) return outcome.value;
    throw withCallersStack(outcome.error);
  }

  /** @returns whether it is not too late. @throws {InterfaceError} for wrong limits */
  #add(fetch: () => Operation<void>, limits: CallOptions | undefined): boolean {
    try {
      return this.#wishes.add(fetch, limits);
    } catch (error) {
      // Nobody else may be looking at what becomes of the statement.
      this.catch(() => {});
      throw error;
    }
  }

  /** The next row, or `null` when there is none. */
  fetchone(options?: CallOptions): Promise<T | null> {
    return this.#fetch(fetchone, (cursor) => cursor.fetchone(options), options);
  }

  /** The next rows, as many as there are up to `size`. */
  fetchmany(size?: number, options?: CallOptions): Promise<T[]> {
    return this.#fetch(
      (state) => state.fetchmany(size),
      (cursor) => cursor.fetchmany(size, options),
      options,
    );
  }

  /** The whole result. */
  fetchall(options?: CallOptions): Promise<T[]> {
    this.#wishes.rows = "all";
    return this.#fetch(
      (state) => state.fetchall(),
      (cursor) => cursor.fetchall(options),
      options,
    );
  }

  /** The rows one by one, read as far as the loop goes. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    yield* await this;
  }
}
