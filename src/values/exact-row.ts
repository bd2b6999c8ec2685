/**
 * A row of an exact query (sql/exact.ts): first the values, with TEXT as its bytes, then SQLite's type of each.
 * It must not run statements. Tests: test/unit/engine/sqlite/cells.test.ts, test/conformance/exact-values.test.ts.
 */
import { DataError, OperationalError } from "../errors/tree.ts";
import { narrow } from "./integers.ts";
import type { Reading, SqlRow, SqlValue } from "./types.ts";

/**
 * The values of such a row in the form asked for.
 * @throws {OperationalError} where TEXT is not UTF-8 and a string is asked for
 * @throws {DataError} for an integer that a number cannot hold, where one is asked for
 */
export function fromExactRow(row: SqlRow, reading: Reading, names: readonly string[]): SqlRow {
  const width = row.length / 2;
  const values: SqlRow = row.slice(0, width);
  for (let i = 0; i < width; i++) {
    const value = values[i] as SqlValue;
    if (reading.text === "string" && row[width + i] === "text") {
      values[i] = decode(value, names[i] ?? `${i + 1}`);
    } else if (typeof value === "bigint" && reading.integers !== "bigint") {
      values[i] = narrow(value, reading.integers);
    }
  }
  return values;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(bytes: SqlValue, column: string): string {
  if (!Buffer.isBuffer(bytes)) throw new DataError(`column '${column}' changed its type while it was read`);
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new OperationalError(
      `Could not decode to UTF-8 column '${column}': read it with textFactory = "buffer" to get its bytes`,
      { cause },
    );
  }
}
