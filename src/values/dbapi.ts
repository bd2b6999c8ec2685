/**
 * PEP 249's constructors: values in the form that the database wants. Months count from 1 and all times are UTC.
 * Must not know how values are bound. The type objects are in type-objects.ts. Tests: test/unit/values/dbapi.test.ts.
 */
import { DataError, InterfaceError } from "../errors/tree.ts";

export { BINARY, DATETIME, DBAPITypeObject, NUMBER, ROWID, STRING } from "./type-objects.ts";

/** What {@link Binary} makes bytes of. */
export type BinaryInput = string | ArrayBufferLike | ArrayBufferView | Iterable<number>;

/**
 * Makes a value that is bound as a BLOB. Of bytes it is a view, as Python's memoryview, not a copy.
 * @param data - bytes in any form, or a string, of which it takes the UTF-8
 * @throws {DataError} when a string has a lone surrogate, or a number is no byte
 * @throws {InterfaceError} when it is nothing of the kind
 * @see https://peps.python.org/pep-0249/#binary
 */
export function Binary(data: BinaryInput): Buffer {
  if (typeof data === "string") {
    if (!data.isWellFormed())
      throw new DataError("expected a well-formed string, got one with a lone surrogate");
    return Buffer.from(data, "utf8");
  }
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) return Buffer.from(data);
  if (data === null || typeof data !== "object" || typeof data[Symbol.iterator] !== "function") {
    throw new InterfaceError(`expected bytes or a string, got ${data === null ? "null" : typeof data}`);
  }
  const bytes = Array.from(data);
  if (bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)) return Buffer.from(bytes);
  throw new DataError("expected bytes from 0 to 255, got something else");
}

/**
 * Makes a date: midnight UTC.
 * @param year - 1 to 9999
 * @param month - 1 to 12
 * @param day - from 1
 * @throws {DataError} when there is no such day
 * @throws {InterfaceError} when an argument is not an integer
 * @see https://peps.python.org/pep-0249/#date
 */
function utcDate(year: number, month: number, day: number): Date {
  return utcTimestamp(year, month, day, 0, 0, 0);
}

/**
 * Makes a time of day: the text `HH:MM:SS`, as JavaScript has no such type.
 * @throws {DataError} when there is no such time
 * @throws {InterfaceError} when an argument is not an integer
 * @see https://peps.python.org/pep-0249/#time
 */
export function Time(hour: number, minute: number, second: number): string {
  inRange("hour", hour, 0, 23);
  inRange("minute", minute, 0, 59);
  inRange("second", second, 0, 59);
  return [hour, minute, second].map((part) => String(part).padStart(2, "0")).join(":");
}

/**
 * Makes a point in time, read as UTC. Units and ranges are those of `Date` and {@link Time}.
 * @throws {DataError} when there is no such day or time
 * @throws {InterfaceError} when an argument is not an integer
 * @see https://peps.python.org/pep-0249/#timestamp
 */
function utcTimestamp(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): Date {
  inRange("year", year, 1, 9999);
  inRange("month", month, 1, 12);
  inRange("day", day, 1, 31);
  const time = Time(hour, minute, second);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCDate() !== day) throw new DataError(`expected a day of the month, got ${day}`);
  return new Date(`${date.toISOString().slice(0, 10)}T${time}Z`);
}

/**
 * Makes the date of a moment: midnight UTC of that day (Python takes the local day).
 * @param ticks - seconds since 1970-01-01 00:00:00 UTC
 * @throws {DataError} when no date is that far away
 * @throws {InterfaceError} when it is not a number
 * @see https://peps.python.org/pep-0249/#datefromticks
 */
export function DateFromTicks(ticks: number): Date {
  const date = TimestampFromTicks(ticks);
  date.setUTCHours(0, 0, 0, 0);
  return date;
}

/**
 * Makes the time of day of a moment, in UTC (Python takes the local time), as {@link Time} does.
 * @param ticks - seconds since 1970-01-01 00:00:00 UTC
 * @throws {DataError} when no date is that far away
 * @throws {InterfaceError} when it is not a number
 * @see https://peps.python.org/pep-0249/#timefromticks
 */
export function TimeFromTicks(ticks: number): string {
  const date = TimestampFromTicks(ticks);
  return Time(date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds());
}

/**
 * Makes the Date of a moment.
 * @param ticks - seconds since 1970-01-01 00:00:00 UTC; parts of a second count down to the millisecond
 * @throws {DataError} when no date is that far away
 * @throws {InterfaceError} when it is not a number
 * @see https://peps.python.org/pep-0249/#timestampfromticks
 */
export function TimestampFromTicks(ticks: number): Date {
  if (typeof ticks !== "number") throw new InterfaceError(`expected ticks in seconds, got ${typeof ticks}`);
  // Rounded, because 1.001 * 1000 is not 1001.
  const date = new Date(Math.round(ticks * 1000));
  if (Number.isNaN(date.getTime()))
    throw new DataError("expected ticks within the range of Date, got others");
  return date;
}

export { utcDate as Date, utcTimestamp as Timestamp };

function inRange(what: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value))
    throw new InterfaceError(`expected an integer as the ${what}, got ${typeof value}`);
  if (value >= least && value <= most) return;
  throw new DataError(`expected a ${what} from ${least} to ${most}, got ${value}`);
}
