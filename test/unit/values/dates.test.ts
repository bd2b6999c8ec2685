import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError } from "../../../src/errors/tree.ts";
import { adapt } from "../../../src/values/adapt.ts";
import { parseDate } from "../../../src/values/dates.ts";

const READ: readonly (readonly [text: string, iso: string])[] = [
  ["2024-02-29", "2024-02-29T00:00:00.000Z"],
  ["2024-02-29 12:34", "2024-02-29T12:34:00.000Z"],
  ["2024-02-29T12:34:56", "2024-02-29T12:34:56.000Z"],
  ["2024-02-29 12:34:56.7", "2024-02-29T12:34:56.700Z"],
  ["2024-02-29 12:34:56.789", "2024-02-29T12:34:56.789Z"],
  ["2024-02-29 12:34:56.789999", "2024-02-29T12:34:56.789Z"],
  ["2024-02-29 12:34:56Z", "2024-02-29T12:34:56.000Z"],
  ["2024-02-29 12:34+02:00", "2024-02-29T10:34:00.000Z"],
  ["2024-02-29 12:34:56.5 -05:30", "2024-02-29T18:04:56.500Z"],
  ["2024-01-01 00:00:00+00:01", "2023-12-31T23:59:00.000Z"],
  ["0001-01-01", "0001-01-01T00:00:00.000Z"],
  ["0000-03-01", "0000-03-01T00:00:00.000Z"],
  ["0099-12-31 23:59:59", "0099-12-31T23:59:59.000Z"],
  ["1969-12-31 23:59:59.999", "1969-12-31T23:59:59.999Z"],
  ["9999-12-31", "9999-12-31T00:00:00.000Z"],
  ["-000001-01-01T00:00:00.000Z", "-000001-01-01T00:00:00.000Z"],
  ["+010000-01-01T00:00:00.000Z", "+010000-01-01T00:00:00.000Z"],
];

const REFUSED = [
  "",
  "2024",
  "2024-02",
  "2024-2-9",
  "2023-02-29",
  "2024-02-30",
  "2024-04-31",
  "2024-13-01",
  "2024-00-01",
  "2024-01-00",
  "2024-01-32",
  "2024-01-01 24:00",
  "2024-01-01 12:60",
  "2024-01-01 12:00:60",
  "2024-01-01 12",
  "2024-01-01 ",
  "2024-01-01T",
  "2024-01-01Z",
  "2024-01-01+01:00",
  "2024-01-01 12:00:00.",
  "2024-01-01 12:00+24:00",
  "2024-01-01 12:00+01:60",
  "2024-01-01 12:00+0100",
  "2024-01-01  12:00",
  " 2024-01-01",
  "2024-01-01\n",
  "2024-01-01\0",
  "٢٠٢٤-٠١-٠١",
  "-000000-01-01T00:00:00.000Z",
  "+275761-01-01T00:00:00.000Z",
  "12:34",
  "now",
];

describe("parseDate", () => {
  for (const [text, iso] of READ) {
    it(`reads ${text}`, () => expect(parseDate(text).toISOString()).toBe(iso));
  }

  for (const text of REFUSED) {
    it(`refuses ${JSON.stringify(text)} without telling it`, () => {
      expect(() => parseDate(text)).toThrow(DataError);
      expect(() => parseDate(text)).toThrow(
        /^expected TEXT of the form YYYY-MM-DD\[ HH:MM\[:SS\[.fff\]\]\], got another$/,
      );
    });
  }

  it("names the kind of what is not TEXT", () => {
    expect(() => parseDate(5)).toThrow("expected a date as TEXT, got number");
    expect(() => parseDate(5n)).toThrow("expected a date as TEXT, got bigint");
    expect(() => parseDate(Buffer.from("2024-01-01"))).toThrow("expected a date as TEXT, got BLOB");
  });

  it("reads back every Date that adapt writes", () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        expect(parseDate(adapt(date, 0) as string)).toEqual(date);
      }),
    );
    for (const end of [8.64e15, -8.64e15])
      expect(parseDate(adapt(new Date(end), 0) as string).getTime()).toBe(end);
  });
});
