/**
 * Values in quicSQL's JSON: as JSON has them, an integer exact, a blob in an object of its own. What JSON has no word for
 * cannot be told apart: an infinity comes as a text, and a REAL without a fraction as an integer.
 * It must not know statements. Tests: test/unit/engine/quicsql/values.test.ts.
 * @see https://quicsql.com/docs/clients/http-api/ ("Values on the wire")
 */
import { INT64_MAX, INT64_MIN, isInteger, narrow } from "../../values/integers.ts";
import type { BoundValue, Reading, SqlRow, SqlValue } from "../../values/types.ts";
import { broken } from "../http/link-failure.ts";
import { base64Of, decodeBlob, encodeFloat } from "../http/values.ts";

/** Writes a value as JSON. @throws {DataError} for an infinity */
export function encodeValue(value: BoundValue): string {
  switch (typeof value) {
    case "bigint":
      return String(value);
    case "number":
      return isInteger(value) ? String(value) : encodeFloat(value);
    case "string":
      return JSON.stringify(value);
    default:
      return value === null ? "null" : `{"base64":"${base64Of(value)}"}`;
  }
}

/**
 * Reads a row, its integers parsed with every digit (json.ts).
 * @throws {LinkFailure} of kind "protocol" for what is no row of this width
 * @throws {DataError} for an integer past 2^53 where numbers are wanted
 */
export function decodeRow(row: unknown, width: number, reading: Reading): SqlRow {
  if (!Array.isArray(row) || row.length !== width) throw broken(`a row does not have ${width} columns`);
  return row.map((value: unknown) => decodeValue(value, reading));
}

function decodeValue(value: unknown, reading: Reading): SqlValue {
  switch (typeof value) {
    case "number":
      // A zero keeps its sign, which only a REAL can have.
      return value;
    case "bigint":
      // What fits no INTEGER is a REAL that was written without a point.
      return value < INT64_MIN || value > INT64_MAX ? Number(value) : narrow(value, reading.integers);
    case "string":
      if (!value.isWellFormed()) throw broken("a text is no well-formed string");
      return reading.text === "string" ? value : Buffer.from(value);
    default:
      if (value === null) return null;
      if (typeof value === "object" && "base64" in value) return decodeBlob(value.base64);
      throw broken("a value has a type that is not known");
  }
}
