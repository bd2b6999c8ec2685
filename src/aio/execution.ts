/**
 * What `execute` gives on this face: a promise of the cursor that can also be fetched from at once, so that
 * `await conn.execute(sql).fetchall()` is one crossing. Tests: test/conformance/aio-order.test.ts.
 */
import { fetchall, fetchmany, refill } from "../core/cursor-operations.ts";
import { ABSENT, type CursorState } from "../core/cursor-state.ts";
import type { CallOptions } from "../core/limits.ts";
import type { AsyncCursor } from "./cursor.ts";
import { withCallersStack } from "./shared.ts";
import { type Fetch, Wish, type Wished, Wishes } from "./wishes.ts";

/** The next row, or null; the rest may have to be read. */
const NEXT: Fetch<unknown, unknown> = {
  inHand(state) {
    const row = state.take();
    return row === ABSENT && !state.hasMore ? null : row;
  },
  *read(state) {
    yield* refill(state);
    const row = state.take();
    return row === ABSENT ? null : row;
  },
};

const ALL: Fetch<unknown, unknown[]> = {
  inHand: (state) => (state.hasMore ? ABSENT : state.takeAll()),
  read: (state) => fetchall(state),
};

/** Starts the statement; what is wished for by then is part of it. */
type Start<T> = (wishes: Wishes) => Promise<AsyncCursor<T>>;

export class Execution<T> extends Promise<AsyncCursor<T>> implements AsyncIterable<T> {
  readonly #state: CursorState<T>;
  readonly #wishes: Wishes;
  /** What this stands for: the one promise that is settled, and that is unhandled when nobody looks at it. */
  readonly #done: Promise<AsyncCursor<T>>;

  /** @internal */
  constructor(state: CursorState<T>, start: Start<T>) {
    super(() => {});
    this.#state = state;
    this.#wishes = new Wishes();
    this.#done = start(this.#wishes);
  }

  /** Whatever looks at a promise does so here, `await`, `catch`, `finally` and `Promise.all` too. */
  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  override then<A = AsyncCursor<T>, B = never>(
    onFulfilled?: ((cursor: AsyncCursor<T>) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#done.then(onFulfilled, onRejected);
  }

  /** What `then` and its like make is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** Fetches in the statement's own turn, or in one of its own when that is over. */
  async #fetch<R>(
    fetch: Fetch<T, R>,
    late: (cursor: AsyncCursor<T>) => Promise<R>,
    limits: CallOptions | undefined,
  ): Promise<R> {
    const wish = new Wish(this.#state, fetch);
    const isInTime = this.#add(wish, limits);
    const cursor = await this.#done;
    const { outcome } = wish;
    if (!isInTime || outcome === null) return late(cursor);
    if ("value" in outcome) return outcome.value;
    throw withCallersStack(outcome.error);
  }

  /** @returns whether it is not too late. @throws {InterfaceError} for wrong limits */
  #add(wish: Wished, limits: CallOptions | undefined): boolean {
    try {
      return this.#wishes.add(wish, limits);
    } catch (error) {
      // Nobody else may be looking at what becomes of the statement.
      this.catch(() => {});
      throw error;
    }
  }

  /** The next row, or `null` when there is none. */
  fetchone(options?: CallOptions): Promise<T | null> {
    return this.#fetch(NEXT as Fetch<T, T | null>, (cursor) => cursor.fetchone(options), options);
  }

  /** The next rows, as many as there are up to `size`. */
  fetchmany(size?: number, options?: CallOptions): Promise<T[]> {
    const fetch: Fetch<T, T[]> = { inHand: () => ABSENT, read: (state) => fetchmany(state, size) };
    return this.#fetch(fetch, (cursor) => cursor.fetchmany(size, options), options);
  }

  /** The whole result. */
  fetchall(options?: CallOptions): Promise<T[]> {
    this.#wishes.rows = "all";
    return this.#fetch(ALL as Fetch<T, T[]>, (cursor) => cursor.fetchall(options), options);
  }

  /** The rows one by one, read as far as the loop goes. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    yield* await this;
  }
}
