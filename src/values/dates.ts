/**
 * Reads the dates that SQLite, Python and JavaScript write as TEXT. Must not know columns or converters.
 * Tests: test/unit/values/dates.test.ts.
 */
import { DataError } from "../errors/tree.ts";
import type { SqlValue } from "./types.ts";

// Years past 9999 with sign and six digits are what Date.prototype.toISOString() writes for them.
const YEAR = String.raw`(?<year>\d{4}|[+-]\d{6})`;
const ZONE = String.raw`(?<zone>Z|(?<sign>[+-])(?<zoneHour>\d\d):(?<zoneMinute>\d\d))`;
const TIME = String.raw`(?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.(?<fraction>\d+))?)?`;
const FORM = new RegExp(String.raw`^${YEAR}-(?<month>\d\d)-(?<day>\d\d)(?:[ T]${TIME} ?${ZONE}?)?$`);

const MINUTE = 60_000;

/**
 * Reads `YYYY-MM-DD`, alone or with `HH:MM[:SS[.fff…]]` after a space or a `T`, and then a zone: `Z` or `+hh:mm`.
 * Without a zone it is UTC, as SQLite's own functions take it. Digits past the millisecond are cut off.
 * @throws {DataError} when it is not TEXT, not of this form, or no day of the calendar
 * @see https://sqlite.org/lang_datefunc.html#time_values
 */
export function parseDate(value: Exclude<SqlValue, null>): Date {
  if (typeof value !== "string") {
    throw new DataError(`expected a date as TEXT, got ${typeof value === "object" ? "BLOB" : typeof value}`);
  }
  const parts = FORM.exec(value)?.groups;
  const date = parts === undefined ? undefined : build(parts);
  if (date === undefined)
    throw new DataError("expected TEXT of the form YYYY-MM-DD[ HH:MM[:SS[.fff]]], got another");
  return date;
}

function build(parts: Readonly<Record<string, string | undefined>>): Date | undefined {
  const field = (name: string): number => Number(parts[name] ?? 0);
  const [month, day, hour] = [field("month"), field("day"), field("hour")];
  const [minute, second] = [field("minute"), field("second")];
  const [zoneHour, zoneMinute] = [field("zoneHour"), field("zoneMinute")];
  if (hour > 23 || minute > 59 || second > 59 || zoneHour > 23 || zoneMinute > 59) return undefined;
  if (parts.year === "-000000") return undefined;
  const millisecond = Number((parts.fraction ?? "").slice(0, 3).padEnd(3, "0"));
  // The constructor reads the years 0 to 99 as 1900 to 1999; this does not.
  const date = new Date(0);
  date.setUTCFullYear(field("year"), month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute, second, millisecond);
  const offset = (zoneHour * 60 + zoneMinute) * (parts.sign === "-" ? -MINUTE : MINUTE);
  date.setTime(date.getTime() - offset);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
