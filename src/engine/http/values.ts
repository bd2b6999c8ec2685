/**
 * Values on the wire, both ways and exact: what goes out as JSON text, what comes in as parsed JSON.
 * It must not know statements or streams. Tests: test/unit/engine/http/values.test.ts.
 * @see https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md ("Values")
 */
import { DataError } from "../../errors/tree.ts";
import { INT64_MAX, INT64_MIN, isInteger, narrow } from "../../values/integers.ts";
import type { BoundValue, Reading, SqlRow, SqlValue } from "../../values/types.ts";
import { fieldsOf } from "./json.ts";
import { broken } from "./link-failure.ts";

/** Writes a value as JSON. @throws {DataError} for an infinity, for which JSON has no word */
export function encodeValue(value: BoundValue): string {
  switch (typeof value) {
    case "bigint":
      return `{"type":"integer","value":"${value}"}`;
    case "string":
      return `{"type":"text","value":${JSON.stringify(value)}}`;
    case "number":
      if (isInteger(value)) return `{"type":"integer","value":"${value}"}`;
      return `{"type":"float","value":${encodeFloat(value)}}`;
    default:
      return value === null ? '{"type":"null"}' : `{"type":"blob","base64":"${base64Of(value)}"}`;
  }
}

/** Writes a number such that it stays a float on the way. @throws {DataError} for an infinity, for which JSON has no word */
export function encodeFloat(value: number): string {
  if (!Number.isFinite(value)) throw new DataError("an infinity cannot be sent to a server");
  // JSON.stringify drops the sign of a zero, and a whole number has to stay a float on the way.
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return `${Object.is(value, -0) ? "-0" : value}.0`;
  return String(value);
}

/** Padded: some servers want it so. */
export function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/**
 * Reads a row.
 * @throws {LinkFailure} of kind "protocol" for what is no row of this width
 * @throws {DataError} for a value that cannot be told: an infinity, or an integer past 2^53 where numbers are wanted
 */
export function decodeRow(row: unknown, width: number, reading: Reading): SqlRow {
  if (!Array.isArray(row) || row.length !== width) throw broken(`a row does not have ${width} columns`);
  const values: SqlRow = new Array(width);
  for (let i = 0; i < width; i++) values[i] = decodeValue(row[i], reading);
  return values;
}

/** Reads one value; see {@link decodeRow}. */
export function decodeValue(value: unknown, reading: Reading): SqlValue {
  const fields = fieldsOf(value);
  switch (fields.type) {
    case "null":
      return null;
    case "integer":
      return decodeInteger(fields.value, reading.integers);
    case "float":
      return decodeFloat(fields.value);
    case "text": {
      const text = fields.value;
      if (typeof text !== "string" || !text.isWellFormed()) throw broken("a text is no well-formed string");
      return reading.text === "string" ? text : Buffer.from(text);
    }
    case "blob":
      return decodeBlob(fields.base64);
    default:
      throw broken("a value has a type that is not known");
  }
}

const DECIMAL = /^-?\d{1,19}$/;

function decodeInteger(value: unknown, mode: Reading["integers"]): number | bigint {
  if (typeof value === "string" && DECIMAL.test(value)) {
    // Fifteen digits and a sign are always safe.
    if (value.length <= 15 && mode !== "bigint") return Number(value) + 0;
    return narrow(checkRange(BigInt(value)), mode);
  }
  // Not of the specification, but there are servers that send a bare number; json.ts has kept its digits.
  if (typeof value === "bigint") return narrow(checkRange(value), mode);
  if (typeof value === "number" && Number.isSafeInteger(value)) return narrow(BigInt(value), mode);
  throw broken("an integer is no integer");
}

/** @throws {LinkFailure} of kind "protocol" for what SQLite cannot have */
export function checkRange(value: bigint): bigint {
  if (value < INT64_MIN || value > INT64_MAX) throw broken("an integer does not fit 64 bits");
  return value;
}

export function decodeFloat(value: unknown): number {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  // A large whole number that the server has written without a point.
  if (typeof value === "bigint") return Number(value);
  if (value === null || typeof value === "number") {
    throw new DataError(
      "a row holds an infinity, which a libSQL server cannot send: select it as text or test for it",
    );
  }
  throw broken("a float is no number");
}

const BASE64 = /^[A-Za-z0-9+/]*(={0,2})$/;

/** @throws {LinkFailure} of kind "protocol" for what is not base64, padded or not */
export function decodeBlob(text: unknown): Buffer {
  const padding = typeof text === "string" ? BASE64.exec(text)?.[1]?.length : undefined;
  if (typeof text !== "string" || padding === undefined) throw broken("a blob is not base64");
  const digits = text.length - padding;
  if (digits % 4 === 1 || (padding > 0 && text.length % 4 !== 0)) throw broken("a blob is not base64");
  return Buffer.from(text, "base64");
}
