/**
 * SQLite's 64-bit integers as JavaScript reads them. Must not know where an integer comes from.
 * Tests: test/unit/values/integers.test.ts.
 */
import { DataError } from "../errors/tree.ts";
import type { IntegerMode } from "./types.ts";

/** The smallest INTEGER, -2^63. */
export const INT64_MIN = -(2n ** 63n);
/** The largest INTEGER, 2^63 - 1. */
export const INT64_MAX = 2n ** 63n - 1n;

/**
 * Whether a number that is bound is an INTEGER: a safe integer is. -0 is not one but a REAL, so that its sign survives, as
 * is what lies past 2^53.
 */
export function isInteger(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

/**
 * Reads an INTEGER the way the connection asks for.
 * @throws {DataError} when `mode` is `"number"` and a number would lose a bit
 */
export function narrow(value: bigint, mode: IntegerMode): number | bigint {
  if (mode === "bigint") return value;
  // Past 2^53 the conversion rounds, but never back into the safe range.
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  if (mode === "auto") return value;
  throw new DataError(
    'expected an integer that fits a number, got one past 2^53: read with integers "auto" or "bigint"',
  );
}
