/**
 * What the server answers, checked: results, and errors in their place. Nothing is believed that was not looked at.
 * It must not know HTTP. Tests: test/unit/engine/quicsql/answer.test.ts.
 * @see https://quicsql.com/docs/clients/http-api/ ("Responses", "Errors")
 */
import type { Reading, SqlRow } from "../../values/types.ts";
import { fieldsOf } from "../http/json.ts";
import { broken, LinkFailure } from "../http/link-failure.ts";
import type { WireError } from "../http/messages.ts";
import { cutOff } from "../http/sqlite-error.ts";
import { decodeRow } from "./values.ts";

/** What a statement did. */
export interface Result {
  readonly columns: readonly string[];
  readonly rows: readonly unknown[];
  readonly changes: number;
  readonly lastrowid: bigint | null;
  /** The server has more rows than it sent. */
  readonly isTruncated: boolean;
}

/** An error, and which statement of several it belongs to; -1 where the server does not say. */
export interface Refusal {
  readonly error: WireError;
  readonly index: number;
}

/** The error that an answer is; null for one that brings results. */
export function readRefusal(answer: unknown): Refusal | null {
  const { error, failed_index: index } = fieldsOf(answer);
  if (error === undefined || error === null) return null;
  const { message, code, extended_code: extended } = fieldsOf(error);
  if (typeof message !== "string") throw broken("an error has no message");
  return {
    error: {
      message,
      code: typeof code === "string" ? code : null,
      // A code of 0 is none.
      extendedCode: wholeNumber(extended) || wholeNumber(code) || null,
    },
    index: wholeNumber(index) ?? -1,
  };
}

/** A result code or an index, or null. */
function wholeNumber(value: unknown): number | null {
  const number = typeof value === "bigint" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

/** Reads the answer to a transaction of `count` statements. */
export function readResults(answer: unknown, count: number): readonly Result[] {
  const { results } = fieldsOf(answer);
  if (!Array.isArray(results) || results.length !== count) {
    throw broken(`${count} statements were not answered with as many results`);
  }
  return results.map(readResult);
}

export function readResult(answer: unknown): Result {
  const {
    columns,
    rows,
    rows_affected: changes,
    last_insert_id: rowid,
    truncated = false,
  } = fieldsOf(answer);
  if (!Array.isArray(columns) || columns.some((name) => typeof name !== "string")) {
    throw broken("a result has no columns");
  }
  if (!Array.isArray(rows)) throw broken("a result has no rows");
  if (typeof truncated !== "boolean") throw broken("a result does not say whether it is whole");
  return {
    columns: columns as string[],
    rows,
    changes: countOf(changes),
    lastrowid: rowidOf(rowid),
    isTruncated: truncated,
  };
}

function countOf(value: unknown): number {
  const count = wholeNumber(value);
  if (count === null) throw broken("a result does not count its changes");
  return count;
}

function rowidOf(value: unknown): bigint | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  throw broken("a rowid is no integer");
}

/**
 * The rows of a result, and what is wrong behind them: a row that cannot be told, or the end that the server has cut off.
 * @throws {LinkFailure} of kind "protocol"
 */
export function rowsOf(
  { columns, rows, isTruncated }: Result,
  reading: Reading,
): { readonly rows: SqlRow[]; readonly error: Error | null } {
  const decoded: SqlRow[] = [];
  try {
    for (const row of rows) decoded.push(decodeRow(row, columns.length, reading));
  } catch (error) {
    if (error instanceof LinkFailure) throw error;
    return { rows: decoded, error: error as Error };
  }
  return { rows: decoded, error: isTruncated ? cutOff(decoded.length) : null };
}
