/**
 * What servers answer, checked: results of requests, of statements, and errors. Nothing is believed that was not looked at.
 * It must not know transports. Tests: test/unit/engine/http/http.test.ts.
 */
import type { Column, Reading, SqlRow } from "../../values/types.ts";
import { fieldsOf } from "../http/json.ts";
import { broken } from "../http/link-failure.ts";
import type { WireError } from "../http/messages.ts";
import { decodeRow } from "../http/values.ts";

export type { WireError } from "../http/messages.ts";

/** One request on a stream: its type, and its other members as JSON text (`"sql":"…"`), or nothing. */
export interface StreamRequest {
  readonly type: "execute" | "batch" | "sequence" | "describe" | "get_autocommit" | "close";
  readonly members: string;
}

/** The answer to one request: the members of its response, or an error. */
export type StreamResult =
  | { readonly response: Readonly<Record<string, unknown>>; readonly error: null }
  | { readonly response: null; readonly error: WireError };

/** What a statement did. */
export interface StatementResult {
  readonly columns: readonly Column[];
  readonly rows: readonly unknown[];
  readonly changes: number;
  readonly lastrowid: bigint | null;
  /** The server has more rows than it sent; only quicSQL says so. */
  readonly isTruncated: boolean;
}

/** What became of a step; null for one that its condition left out. */
export type StepResult =
  | { readonly result: StatementResult; readonly error: null }
  | { readonly result: null; readonly error: WireError }
  | null;

export function readError(value: unknown): WireError {
  const { message, code, extended_code: extended } = fieldsOf(value);
  if (typeof message !== "string") throw broken("an error has no message");
  return {
    message,
    code: typeof code === "string" ? code : null,
    extendedCode: typeof extended === "number" && Number.isSafeInteger(extended) ? extended : null,
  };
}

/** Reads one of a pipeline's results. */
export function readResult(value: unknown, request: StreamRequest): StreamResult {
  const fields = fieldsOf(value);
  if (fields.type === "error") return { response: null, error: readError(fields.error) };
  const response = fieldsOf(fields.response);
  if (fields.type !== "ok" || response.type !== request.type) {
    throw broken(`a result does not answer a request of type ${request.type}`);
  }
  return { response, error: null };
}

export function readColumns(value: unknown): readonly Column[] {
  if (!Array.isArray(value)) throw broken("a result has no columns");
  return value.map((column: unknown) => {
    const { name, decltype } = fieldsOf(column);
    if (name !== null && name !== undefined && typeof name !== "string") throw broken("a column has no name");
    return { name: name ?? "", type: typeof decltype === "string" ? decltype : null };
  });
}

/** Reads the counts of a statement: from a whole result, or from the end of one that came row by row. */
export function readCounts(value: unknown): Pick<StatementResult, "changes" | "lastrowid"> {
  const { affected_row_count: changes, last_insert_rowid: lastrowid } = fieldsOf(value);
  if (typeof changes !== "number" || !Number.isSafeInteger(changes) || changes < 0) {
    throw broken("a result does not count its changes");
  }
  return { changes, lastrowid: readRowid(lastrowid) };
}

function readRowid(value: unknown): bigint | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === "string" && /^-?\d{1,19}$/.test(value)) return BigInt(value);
  throw broken("a rowid is no integer");
}

export function readStatement(value: unknown): StatementResult {
  const { cols, rows, truncated } = fieldsOf(value);
  if (!Array.isArray(rows)) throw broken("a result has no rows");
  return { columns: readColumns(cols), rows, ...readCounts(value), isTruncated: truncated === true };
}

/** Reads the results of a batch of `count` steps. */
export function readBatch(response: Readonly<Record<string, unknown>>, count: number): StepResult[] {
  const { step_results: results, step_errors: errors } = fieldsOf(response.result);
  if (
    !Array.isArray(results) ||
    !Array.isArray(errors) ||
    results.length !== count ||
    errors.length !== count
  ) {
    throw broken(`a batch does not answer for its ${count} steps`);
  }
  return results.map((result: unknown, step) => {
    const error: unknown = errors[step];
    if (error !== null && error !== undefined) return { result: null, error: readError(error) };
    return result === null || result === undefined ? null : { result: readStatement(result), error: null };
  });
}

/** Rows as far as they can be read, and what is wrong with the next one. */
export function decodeRows(
  rows: readonly unknown[],
  width: number,
  reading: Reading,
): { readonly rows: SqlRow[]; readonly error: unknown } {
  const decoded: SqlRow[] = [];
  try {
    for (const row of rows) decoded.push(decodeRow(row, width, reading));
    return { rows: decoded, error: null };
  } catch (error) {
    return { rows: decoded, error };
  }
}
