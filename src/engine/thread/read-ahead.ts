/**
 * The next page of a result, read before it is asked for: the worker reads while the calling thread uses the page before. One
 * page at most, of one result, and only where the one before came whole and so quickly that it had as many rows as asked for:
 * nobody else should have to wait for rows that nobody may want. It must not know threads.
 * Tests: test/unit/engine/thread/read-ahead.test.ts.
 */
import type { SqlRow } from "../../values/types.ts";
import type { Engine, Method, Page, Rest } from "../port.ts";

/** The most rows to read ahead. */
const MOST = 2048;

/** What of an engine it takes. */
type Readers = Pick<Engine, "fetch" | "rest" | "discard">;

/** Whether a call is for a reader. */
export function isOfReader(method: Method): method is keyof Readers {
  return method === "fetch" || method === "rest" || method === "discard";
}

interface Ahead {
  readonly id: number;
  readonly page: Page;
}

export class ReadAhead implements Readers {
  readonly #engine: Readers;
  /** The reader to go on with when there is time, and how many rows it may be asked for next. */
  #next: { readonly id: number; readonly count: number } | null = null;
  #ahead: Ahead | null = null;
  #mayRead = true;

  constructor(engine: Readers) {
    this.#engine = engine;
  }

  fetch(id: number, count: number): Page {
    const page = this.#take(id, count) ?? this.#engine.fetch(id, count);
    const isQuick = page.rows.length >= count && page.reader !== 0 && page.error === null;
    if (this.#ahead === null)
      this.#next = isQuick && this.#mayRead ? { id, count: Math.min(2 * count, MOST) } : null;
    return page;
  }

  /** What has been read of a result, at most `count` rows of it. */
  #take(id: number, count: number): Page | null {
    const ahead = this.#ahead;
    if (ahead === null || ahead.id !== id) return null;
    this.#ahead = null;
    const { page } = ahead;
    if (page.rows.length <= count) return page;
    this.#ahead = { id, page: { ...page, rows: page.rows.slice(count) } };
    return { rows: page.rows.slice(0, count), reader: id, error: null };
  }

  rest(id: number, untouched: boolean): Rest {
    const ahead = this.#take(id, Number.POSITIVE_INFINITY);
    this.#next = null;
    if (ahead === null) return this.#engine.rest(id, untouched);
    const { rows, reader, error } = ahead;
    if (reader === 0) return { rows, restarted: false, error };
    const rest = this.#engine.rest(id, false);
    return { ...rest, rows: joined(rows, rest.rows) };
  }

  discard(id: number): void {
    if (this.#ahead?.id === id) this.#ahead = null;
    if (this.#next?.id === id) this.#next = null;
    this.#engine.discard(id);
  }

  /** Something else is about to be done. */
  before(method: Method): void {
    // A function may count its calls; what has been read stays.
    if (method === "defineFunction" || method === "defineAggregate") this.#mayRead = false;
    // What has been read is of a database that is gone.
    if (method === "deserialize" || method === "close") this.#ahead = null;
    if (!isOfReader(method)) this.#next = null;
  }

  /** There is nothing else to do. */
  idle(): void {
    const next = this.#next;
    this.#next = null;
    if (next === null || this.#ahead !== null) return;
    const { id, count } = next;
    try {
      this.#ahead = { id, page: this.#engine.fetch(id, count) };
    } catch {
      // Whoever asks for the page is told.
    }
  }
}

function joined(first: SqlRow[], rest: readonly SqlRow[]): SqlRow[] {
  for (const row of rest) first.push(row);
  return first;
}
