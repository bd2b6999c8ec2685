/**
 * What `execute` gives on this face: a promise of the cursor that can also be fetched from at once, so that
 * `await conn.execute(sql).fetchall()` is one crossing. Tests: test/conformance/aio.test.ts.
 */
import type { ExecuteRequest } from "../engine/port.ts";
import type { AsyncCursor } from "./cursor.ts";

type RowsWanted = ExecuteRequest["rows"];

/** Runs the statement when its turn comes, and only then asks how much to read. */
type Start<T> = (rowsWanted: () => RowsWanted) => Promise<AsyncCursor<T>>;

export class Execution<T> extends Promise<AsyncCursor<T>> implements AsyncIterable<T> {
  readonly #wanted: { rows: RowsWanted };

  /** @internal */
  constructor(start: Start<T>) {
    const wanted = { rows: "page" as RowsWanted };
    super((resolve, reject) => {
      start(() => wanted.rows).then(resolve, reject);
    });
    this.#wanted = wanted;
  }

  /** What `then` and its like make is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** The next row, or `null` when there is none. */
  async fetchone(): Promise<T | null> {
    return (await this).fetchone();
  }

  /** The next rows, as many as there are up to `size`. */
  async fetchmany(size?: number): Promise<T[]> {
    return (await this).fetchmany(size);
  }

  /** The whole result. */
  async fetchall(): Promise<T[]> {
    this.#wanted.rows = "all";
    return (await this).fetchall();
  }

  /** The rows one by one, read as far as the loop goes. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    yield* await this;
  }
}
