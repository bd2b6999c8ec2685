/**
 * Rows of an iterator as they come, a page of them. It must not look at them. Tests: test/unit/engine/sqlite/reader.test.ts.
 */
import type { SqlRow } from "../../values/types.ts";
import type { NativeIterator } from "./driver.ts";

/** A page is made with room for all of its rows, up to so many: an array that grows by and by takes 1 to 2 % of an iteration. */
const ROOM = 2048;

export interface Taken {
  readonly rows: SqlRow[];
  /** Whether these are the last. */
  readonly hasEnded: boolean;
  /** What failed behind them. */
  readonly failure: { readonly error: unknown } | null;
}

/** At most `count` rows, fewer where they take longer than `patience`, in milliseconds. */
export function take(iterator: NativeIterator, count: number, patience: number): Taken {
  const rows = new Array<SqlRow>(Math.min(count, ROOM));
  let taken = 0;
  let start = 0;
  let hasEnded = false;
  let failure: Taken["failure"] = null;
  try {
    while (taken < count) {
      const { done, value } = iterator.next();
      if (done) {
        hasEnded = true;
        break;
      }
      rows[taken++] = value;
      // From the first row on: it may be the only one, as of a count, and then the next step ends the result. Looked at
      // after 2, 4, 8 … rows: a clock costs as much as a tenth of a row.
      if (taken === 1) start = performance.now();
      else if ((taken & (taken - 1)) === 0 && performance.now() - start > patience) break;
    }
  } catch (error) {
    failure = { error };
  }
  rows.length = taken;
  return { rows, hasEnded, failure };
}
