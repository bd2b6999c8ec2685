/**
 * The cells of a row as better-sqlite3 hands them out, and what they may have lost on the way.
 * It reads INTEGER as double unless asked, and puts U+FFFD for bytes that are not UTF-8; both show in the value, so the
 * fast lane reads plainly and looks, and only a row that looks wrong is read again. It must not run statements.
 * Tests: test/unit/engine/sqlite/cells.test.ts.
 */
import { hasReplacement } from "../../text-form.ts";
import { narrow } from "../../values/integers.ts";
import type { IntegerMode, SqlObject, SqlRow } from "../../values/types.ts";

/** Why a row may not be what is stored: nothing, an integer past 2^53, or text with a replacement character. */
export type Doubt = 0 | 1 | 2;
export const NO_DOUBT = 0;
export const INTEGER_DOUBT = 1;
export const TEXT_DOUBT = 2;

/**
 * The doubt about one row read in the fast lane. Text weighs more: reading it again settles integers as well. A function of the
 * cell that tells the doubt, with the heavier one kept, costs a lookup 1 to 2 % more.
 */
export function doubtOf(row: SqlRow): Doubt {
  let doubt: Doubt = NO_DOUBT;
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    if (typeof value === "number") {
      if (isUnsafe(value) && doubt === NO_DOUBT) doubt = INTEGER_DOUBT;
    } else if (typeof value === "string" && hasReplacement(value)) return TEXT_DOUBT;
  }
  return doubt;
}

/**
 * The same for rows as objects. `for…in`, since V8 reads the properties that it walks by their place, whatever the hidden
 * class: half the time of reading them by name. What others have put on Object.prototype is looked at too, and does no harm.
 */
export function doubtOfObjects(rows: readonly SqlObject[]): Doubt {
  let doubt: Doubt = NO_DOUBT;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as SqlObject;
    for (const name in row) {
      const value = row[name];
      if (typeof value === "number") {
        if (isUnsafe(value) && doubt === NO_DOUBT) doubt = INTEGER_DOUBT;
      } else if (typeof value === "string" && hasReplacement(value)) return TEXT_DOUBT;
    }
  }
  return doubt;
}

/** Past 2^53, whether it is an integer or not. */
function isUnsafe(value: number): boolean {
  return value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER;
}

/** The heaviest doubt about any of the rows. */
export function doubtOfAll(rows: readonly SqlRow[]): Doubt {
  let doubt: Doubt = NO_DOUBT;
  for (let i = 0; i < rows.length; i++) {
    const found = doubtOf(rows[i] as SqlRow);
    if (found === TEXT_DOUBT) return TEXT_DOUBT;
    if (found > doubt) doubt = found;
  }
  return doubt;
}

/** The place of the first row with a doubt, or how many rows there are. */
export function firstDoubtful(rows: readonly SqlRow[]): number {
  let at = 0;
  while (at < rows.length && doubtOf(rows[at] as SqlRow) === NO_DOUBT) at++;
  return at;
}

/** Brings bigints to the form asked for, in place. @throws {DataError} where a number would lose a bit. */
export function narrowRow(row: SqlRow, mode: IntegerMode): void {
  if (mode === "bigint") return;
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    if (typeof value === "bigint") row[i] = narrow(value, mode);
  }
}

/** Whether any cell is text with a replacement character, which may be stored or may be better-sqlite3's. */
export function hasReplacementIn(row: SqlRow): boolean {
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    if (typeof value === "string" && hasReplacement(value)) return true;
  }
  return false;
}

/** Text as its bytes, in place. Only for rows without a replacement character. */
export function textToBuffers(row: SqlRow): void {
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    if (typeof value === "string") row[i] = Buffer.from(value);
  }
}
