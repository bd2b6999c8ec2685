/**
 * A row of an exact query (sql/exact.ts): first the values, with TEXT as its bytes, then SQLite's type of each. A wide one
 * has no types: there a BLOB is its digits, so that what is not a string is its own type.
 * It must not run statements. Tests: test/unit/engine/sqlite/cells.test.ts, test/conformance/exact-values.test.ts.
 */
import { DataError, OperationalError } from "../errors/tree.ts";
import { narrow } from "./integers.ts";
import type { Reading, SqlRow, SqlValue } from "./types.ts";

/** What there is to know of a result that is read by its exact query. */
export interface ExactForm {
  /** Of the columns. */
  readonly names: readonly string[];
  /** How the database stores text, as SQLite calls it. Default UTF-8. */
  readonly encoding?: string;
}

/**
 * The values of such a row in the form asked for.
 * @throws {OperationalError} where TEXT is not UTF-8 and a string is asked for
 * @throws {DataError} for an integer that a number cannot hold, where one is asked for
 */
export function fromExactRow(row: SqlRow, reading: Reading, form: ExactForm): SqlRow {
  const width = form.names.length;
  const isWide = row.length === width;
  const values: SqlRow = row.slice(0, width);
  for (let i = 0; i < width; i++) {
    const value = values[i] as SqlValue;
    if (isWide && typeof value === "string") values[i] = Buffer.from(value, "hex");
    else if (isWide ? Buffer.isBuffer(value) : row[width + i] === "text") {
      values[i] = textOf(value, form.names[i] ?? `${i + 1}`, reading, form.encoding ?? UTF8);
    } else if (typeof value === "bigint" && reading.integers !== "bigint") {
      values[i] = narrow(value, reading.integers);
    }
  }
  return values;
}

const UTF8 = "UTF-8";
const utf8 = new TextDecoder(UTF8, { fatal: true, ignoreBOM: true });

function textOf(bytes: SqlValue, column: string, { text }: Reading, encoding: string): string | Buffer {
  if (!Buffer.isBuffer(bytes)) throw new DataError(`column '${column}' changed its type while it was read`);
  // A database of UTF-16 gives UTF-8 too, as SQLite does wherever it is asked for text.
  if (text === "buffer")
    return encoding === UTF8
      ? bytes
      : Buffer.from(new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes));
  return decode(bytes, column, encoding);
}

function decode(bytes: Buffer, column: string, encoding: string): string {
  try {
    if (encoding === UTF8) return utf8.decode(bytes);
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new OperationalError(
      encoding === UTF8
        ? `Could not decode to UTF-8 column '${column}': read it with textFactory = "buffer" to get its bytes`
        : `Could not decode column '${column}', which is not valid ${encoding}`,
      { cause },
    );
  }
}
