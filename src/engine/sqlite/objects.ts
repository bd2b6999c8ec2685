/**
 * A long result as the objects that better-sqlite3 makes itself, where objects are wanted: they cost it no more than arrays do,
 * and making them of arrays afterwards would be a quarter more than that (reckoned from its parts).
 * It must not decide when to read whole, nor what names columns may have. Tests: test/unit/engine/sqlite/objects.test.ts.
 */
import type { BoundValue, Reading, SqlObject } from "../../values/types.ts";
import { doubtOfObjects, INTEGER_DOUBT, NO_DOUBT } from "./cells.ts";
import type { NativeDatabase } from "./driver.ts";
import type { Prepared } from "./prepared.ts";
import { mayReadPlainly } from "./read.ts";

/** Whether better-sqlite3 may make objects: it compiles a function for each statement, which a process can forbid. */
let isAllowed: boolean | undefined;

/**
 * Reads a query plainly by its twin, and looks at what came.
 * @returns null where there are no objects, or where one may not be what is stored: arrays will tell
 */
export function readObjects(
  db: NativeDatabase,
  prepared: Prepared,
  values: readonly BoundValue[],
  reading: Reading,
): SqlObject[] | null {
  if (!mayReadPlainly(prepared, reading) || !mayMakeObjects(db)) return null;
  const statement = prepared.twin();
  statement.readExactIntegers(false);
  const rows = statement.objects(values);
  const doubt = doubtOfObjects(rows);
  if (doubt === NO_DOUBT) return rows;
  if (doubt === INTEGER_DOUBT) prepared.hasLargeIntegers = true;
  return null;
}

/** Asked of a statement that costs nothing, since the answer of a long one would be waited for. */
function mayMakeObjects(db: NativeDatabase): boolean {
  if (isAllowed !== undefined) return isAllowed;
  try {
    db.prepare("SELECT 1 AS one").get();
    isAllowed = true;
  } catch {
    isAllowed = false;
  }
  return isAllowed;
}
