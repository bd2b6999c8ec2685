/**
 * What a statement of the pool's gives: all of it, since the connection is another caller's by then.
 * Tests: test/conformance/pool-use.test.ts.
 */
import type { Description } from "../../values/description.ts";
import type { AsyncCursor } from "../cursor.ts";

/** A statement's whole result, and what a cursor knows of it. */
export interface PoolResult<R> {
  readonly rows: R[];
  /** Rows changed; -1 for a statement that changes none by nature. */
  readonly rowcount: number;
  /** The rowid of the row inserted last, or null. */
  readonly lastrowid: number | bigint | null;
  /** The columns; null for a statement without them. */
  readonly description: Description | null;
}

export function resultOf<R>(
  { rowcount, lastrowid, description }: Pick<AsyncCursor, "rowcount" | "lastrowid" | "description">,
  rows: R[],
): PoolResult<R> {
  return { rows, rowcount, lastrowid, description };
}
