/**
 * What of a result has not been read yet: rows that are still with the engine, and what went wrong behind those that were read.
 * It must not know what has been fetched of them. Tests: test/unit/core/cursor-state.test.ts, test/conformance/fetch.test.ts.
 */
import type * as port from "../engine/port.ts";
import type { SqlRow } from "../values/types.ts";
import { call, type Operation } from "./run.ts";
import type { Session } from "./session.ts";

/** Rows to ask for when the first page is used up. */
const PAGE = 256;
/** The most to ask for: whoever uses page after page is asked to wait less often. Rows that come slowly come in fewer anyway. */
const LARGEST_PAGE = 2048;

export class Unread {
  readonly #session: Session;
  /** The engine's reader of the rows to come, or 0. */
  #reader: number;
  #failure: Error | null;
  #isBegun = false;
  #pageSize = PAGE;

  constructor(session: Session, reader: number, failure: Error | null) {
    this.#session = session;
    this.#reader = reader;
    this.#failure = failure;
    if (reader !== 0) session.abandoned?.register(this, reader, this);
  }

  /** Whether rows of it are still with the engine. */
  get isOpen(): boolean {
    return this.#reader !== 0;
  }

  /** Whether {@link page} could bring more, or fail. */
  get hasMore(): boolean {
    return this.#reader !== 0 || this.#failure !== null;
  }

  /** Whether rows have been asked for. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Ends it, with what the next {@link page} is to fail with. Gives the reader that the engine is to end, or 0. */
  end(failure: Error | null): number {
    const reader = this.#reader;
    this.#endsWith(failure);
    return reader;
  }

  /** What the next {@link page} is to fail with. */
  failLater(error: Error): void {
    this.#failure = error;
  }

  /** The next rows; none at the end. What went wrong is told once. */
  *page(): Operation<SqlRow[]> {
    while (this.#reader !== 0) {
      const page = yield* call("fetch", this.#reader, this.#pageSize);
      this.#isBegun = true;
      if (page.rows.length >= this.#pageSize) this.#pageSize = Math.min(2 * this.#pageSize, LARGEST_PAGE);
      if (page.reader === 0) this.#endsWith(page.error);
      else this.#failure = page.error;
      if (page.rows.length > 0) return page.rows;
    }
    const failure = this.#failure;
    if (failure === null) return [];
    this.#failure = null;
    throw failure;
  }

  /** All that is left; what went wrong behind it waits for the next {@link page}. */
  *all(untouched: boolean, asObjects: boolean): Operation<port.Rest> {
    const rest = asObjects
      ? yield* call("rest", this.#reader, untouched, true)
      : yield* call("rest", this.#reader, untouched);
    this.#endsWith(rest.error);
    return rest;
  }

  #endsWith(failure: Error | null): void {
    if (this.#reader !== 0) this.#session.abandoned?.unregister(this);
    this.#reader = 0;
    this.#failure = failure;
    this.#isBegun = true;
  }
}
