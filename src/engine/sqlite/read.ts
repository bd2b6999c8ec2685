/**
 * Reading a result whole: a fast lane that looks at what it got, and an exact lane for what looks wrong.
 * It must not decide when to read whole (prepared.ts does) nor begin transactions. Tests: test/unit/engine/sqlite/read.test.ts.
 */
import { NotSupportedError } from "../../errors/tree.ts";
import { fromExactRow } from "../../values/exact-row.ts";
import type { BoundValue, Reading, SqlRow } from "../../values/types.ts";
import {
  doubtOf,
  doubtOfAll,
  hasReplacementIn,
  INTEGER_DOUBT,
  NO_DOUBT,
  narrowRow,
  TEXT_DOUBT,
  textToBuffers,
} from "./cells.ts";
import { FEW, type Prepared } from "./prepared.ts";
import type { Statement } from "./statement.ts";

/** A result, or a page of one, that takes longer than this, in milliseconds, does not come quickly. */
export const PATIENCE = 1;

/** Rows, and what went wrong with the row after them. */
export interface Rows {
  readonly rows: SqlRow[];
  readonly error: Error | null;
}

/** Whether the fast lane leads anywhere: rows are wanted as better-sqlite3 reads them plainly. */
export function mayReadPlainly(prepared: Prepared, reading: Reading): boolean {
  return !prepared.hasLargeIntegers && reading.integers !== "bigint" && reading.text === "string";
}

/**
 * The fast lane: reads a query plainly, all of it or its first row, and looks at what came.
 * @param statement stands in for the prepared one while that is busy, or for a bounded form of it
 * @returns null where a row may not be what is stored, or is wanted in another form: see {@link readWhole}
 */
export function readPlainly(
  prepared: Prepared,
  values: readonly BoundValue[],
  reading: Reading,
  firstOnly: boolean,
  statement: Statement = prepared.statement,
): SqlRow[] | null {
  if (firstOnly) {
    const row = firstPlainly(prepared, values, reading, statement);
    return row === undefined ? null : row === null ? [] : [row];
  }
  if (!mayReadPlainly(prepared, reading)) return null;
  statement.readExactIntegers(false);
  const rows = statement.all(values);
  const doubt = doubtOfAll(rows);
  if (doubt === NO_DOUBT) return rows;
  if (doubt === INTEGER_DOUBT) prepared.hasLargeIntegers = true;
  return null;
}

/** As {@link readPlainly}, for the first row: null where there is none, undefined where it wants another look. */
export function firstPlainly(
  prepared: Prepared,
  values: readonly BoundValue[],
  reading: Reading,
  statement: Statement = prepared.statement,
): SqlRow | null | undefined {
  if (!mayReadPlainly(prepared, reading)) return undefined;
  statement.readExactIntegers(false);
  const row = statement.get(values);
  if (row === undefined) return null;
  const doubt = doubtOf(row);
  if (doubt === NO_DOUBT) return row;
  if (doubt === INTEGER_DOUBT) prepared.hasLargeIntegers = true;
  return undefined;
}

/**
 * Runs a statement and reads all of its rows, or only the first (which leaves the others unread).
 * @param statement stands in for the prepared one while that is busy
 */
export function readWhole(
  prepared: Prepared,
  values: readonly BoundValue[],
  reading: Reading,
  firstOnly: boolean,
  statement: Statement = prepared.statement,
): Rows {
  if (!prepared.isQuery) {
    const { rows, error } = settle(statement.all(values), reading, false);
    return firstOnly && rows.length > 1 ? { rows: rows.slice(0, 1), error: null } : { rows, error };
  }
  const plain = readPlainly(prepared, values, reading, firstOnly, statement);
  if (plain !== null) return { rows: plain, error: null };
  statement.readExactIntegers(true);
  const rows = fetch(statement, values, firstOnly);
  if (doubtOfAll(rows) === TEXT_DOUBT) return readExact(prepared, values, reading, firstOnly);
  return settle(rows, reading, true);
}

/** Reads a query whose latest result was short, in a form that ends after a few rows; null where it did not end there. */
export function readShort(
  prepared: Prepared,
  values: readonly BoundValue[],
  reading: Reading,
): SqlRow[] | null {
  const start = performance.now();
  const rows = readPlainly(prepared, values, reading, false, prepared.bounded());
  prepared.wasShort = rows !== null && rows.length <= FEW && performance.now() - start < PATIENCE;
  return rows !== null && rows.length <= FEW ? rows : null;
}

function fetch(statement: Statement, values: readonly BoundValue[], firstOnly: boolean): SqlRow[] {
  if (!firstOnly) return statement.all(values);
  const row = statement.get(values);
  return row === undefined ? [] : [row];
}

/** Text that may have been invalid: the same query once more, with TEXT as bytes, gives the whole answer. */
function readExact(
  prepared: Prepared,
  values: readonly BoundValue[],
  reading: Reading,
  firstOnly: boolean,
): Rows {
  const form = prepared.exactForm;
  return convert(fetch(prepared.exact(), values, firstOnly), (row) => fromExactRow(row, reading, form));
}

/** The form asked for, row by row; a row that cannot have it ends the result. */
function settle(rows: SqlRow[], reading: Reading, isQuery: boolean): Rows {
  return convert(rows, (row) => settleRow(row, reading, isQuery));
}

/** Brings a row without invalid text to the form asked for, in place. */
export function settleRow(row: SqlRow, reading: Reading, isQuery: boolean): SqlRow {
  narrowRow(row, reading.integers);
  if (reading.text === "buffer") {
    if (!isQuery && hasReplacementIn(row)) {
      throw new NotSupportedError(
        "better-sqlite3 cannot give the bytes of this text from RETURNING or a PRAGMA: select it instead",
      );
    }
    textToBuffers(row);
  }
  return row;
}

function convert(rows: readonly SqlRow[], change: (row: SqlRow) => SqlRow): Rows {
  const done: SqlRow[] = [];
  for (const row of rows) {
    try {
      done.push(change(row));
    } catch (error) {
      return { rows: done, error: error as Error };
    }
  }
  return { rows: done, error: null };
}
