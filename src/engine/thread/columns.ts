/**
 * The columns of a result cross once: after that a number stands for them, as long as the statement keeps them.
 * Both ends of that are here; messages come in order, so that both know the same. It must not know engines.
 * Tests: test/unit/engine/thread/columns.test.ts.
 */
import type { ExecuteReply } from "../port.ts";

type Columns = ExecuteReply["columns"];

/** Columns, and the place where the other end keeps them; alone, the place of those that it has. */
export type ColumnsRef = number | { readonly place: number; readonly columns: Columns };

/** Statements whose columns are kept; then places are taken again from the first on. */
const PLACES = 256;
const NONE: Columns = [];

/** The engine's end. */
export class ColumnsSent {
  readonly #places = new Map<string, { readonly place: number; columns: Columns }>();
  readonly #owners: string[] = [];
  #next = 0;

  /** What to send of the columns of a statement; -1 where it has none. */
  refer(sql: string, columns: Columns): ColumnsRef {
    if (columns.length === 0) return -1;
    const known = this.#places.get(sql);
    if (known !== undefined) {
      if (isSame(known.columns, columns)) return known.place;
      known.columns = columns;
      return { place: known.place, columns };
    }
    const place = this.#next;
    this.#next = (place + 1) % PLACES;
    const before = this.#owners[place];
    if (before !== undefined) this.#places.delete(before);
    this.#owners[place] = sql;
    this.#places.set(sql, { place, columns });
    return { place, columns };
  }
}

function isSame(known: Columns, columns: Columns): boolean {
  if (known === columns) return true;
  if (known.length !== columns.length) return false;
  return columns.every(({ name, type }, i) => name === known[i]?.name && type === known[i]?.type);
}

/** The calling thread's end. */
export class ColumnsReceived {
  readonly #places: Columns[] = [];

  restore(ref: ColumnsRef): Columns {
    if (typeof ref === "number") return this.#places[ref] ?? NONE;
    this.#places[ref.place] = ref.columns;
    return ref.columns;
  }
}
