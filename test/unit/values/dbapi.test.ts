import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError, InterfaceError } from "../../../src/errors/tree.ts";
import * as dbapi from "../../../src/values/dbapi.ts";

describe("Binary", () => {
  it("is a view over bytes in any form", () => {
    const bytes = new Uint8Array([0, 1, 2, 255]);
    for (const data of [
      bytes,
      bytes.buffer,
      new DataView(bytes.buffer),
      Buffer.from(bytes),
      [0, 1, 2, 255],
    ]) {
      const binary = dbapi.Binary(data);
      expect(Buffer.isBuffer(binary)).toBe(true);
      expect([...binary]).toEqual([...bytes]);
    }
    expect(dbapi.Binary(bytes).buffer).toBe(bytes.buffer);
    expect([...dbapi.Binary(bytes.subarray(1, 3))]).toEqual([1, 2]);
    expect([...dbapi.Binary(new Uint16Array([0x0201]))]).toEqual([1, 2]);
    expect([...dbapi.Binary(new Set([3, 4]))]).toEqual([3, 4]);
    expect(dbapi.Binary(new SharedArrayBuffer(2)).length).toBe(2);
    expect(dbapi.Binary(new Uint8Array(0)).length).toBe(0);
  });

  it("is the UTF-8 of a string", () => {
    expect([...dbapi.Binary("é😀")]).toEqual([0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80]);
    expect(dbapi.Binary("").length).toBe(0);
    expect(() => dbapi.Binary("\uD800")).toThrow(DataError);
  });

  it("refuses what is no byte", () => {
    for (const data of [[256], [-1], [1.5], [Number.NaN], ["1"], [null], [1n]]) {
      expect(() => dbapi.Binary(data as unknown as number[])).toThrow(DataError);
    }
    for (const data of [5, null, undefined, {}, true, () => 1]) {
      expect(() => dbapi.Binary(data as unknown as string)).toThrow(InterfaceError);
    }
  });
});

describe("Date, Time and Timestamp", () => {
  it("count months from 1 and are UTC", () => {
    expect(dbapi.Date(2024, 2, 29).toISOString()).toBe("2024-02-29T00:00:00.000Z");
    expect(dbapi.Date(1, 1, 1).toISOString()).toBe("0001-01-01T00:00:00.000Z");
    expect(dbapi.Date(99, 12, 31).toISOString()).toBe("0099-12-31T00:00:00.000Z");
    expect(dbapi.Time(1, 2, 3)).toBe("01:02:03");
    expect(dbapi.Timestamp(9999, 12, 31, 23, 59, 59).toISOString()).toBe("9999-12-31T23:59:59.000Z");
  });

  it("refuse what is not in the calendar", () => {
    for (const [year, month, day] of [
      [2023, 2, 29],
      [2024, 13, 1],
      [2024, 0, 1],
      [2024, 1, 0],
      [2024, 4, 31],
      [0, 1, 1],
      [10000, 1, 1],
    ] as const) {
      expect(() => dbapi.Date(year, month, day)).toThrow(DataError);
    }
    expect(() => dbapi.Time(24, 0, 0)).toThrow(DataError);
    expect(() => dbapi.Time(0, 60, 0)).toThrow(DataError);
    expect(() => dbapi.Time(0, 0, -1)).toThrow(DataError);
    expect(() => dbapi.Timestamp(2024, 1, 1, 0, 0, 60)).toThrow(DataError);
  });

  it("refuse what is not an integer", () => {
    for (const odd of [1.5, Number.NaN, "1", undefined, null, 1n]) {
      expect(() => dbapi.Date(2024, odd as number, 1)).toThrow(InterfaceError);
      expect(() => dbapi.Time(odd as number, 0, 0)).toThrow(InterfaceError);
    }
  });
});

describe("the constructors from ticks", () => {
  it("count seconds from the epoch", () => {
    expect(dbapi.TimestampFromTicks(86399.5).toISOString()).toBe("1970-01-01T23:59:59.500Z");
    expect(dbapi.DateFromTicks(86399.5).toISOString()).toBe("1970-01-01T00:00:00.000Z");
    expect(dbapi.TimeFromTicks(86399.5)).toBe("23:59:59");
    expect(dbapi.DateFromTicks(-1).toISOString()).toBe("1969-12-31T00:00:00.000Z");
    expect(dbapi.TimeFromTicks(-1)).toBe("23:59:59");
  });

  it("keep every millisecond", () => {
    fc.assert(
      fc.property(fc.integer({ min: -8.64e12, max: 8.64e12 }), (milliseconds) => {
        expect(dbapi.TimestampFromTicks(milliseconds / 1000).getTime()).toBe(milliseconds);
      }),
    );
  });

  it("refuse what is no moment", () => {
    for (const ticks of [Number.NaN, Number.POSITIVE_INFINITY, 1e13]) {
      expect(() => dbapi.TimestampFromTicks(ticks)).toThrow(DataError);
    }
    for (const ticks of ["0", undefined, null, 0n, new Date()]) {
      expect(() => dbapi.DateFromTicks(ticks as unknown as number)).toThrow(InterfaceError);
      expect(() => dbapi.TimeFromTicks(ticks as unknown as number)).toThrow(InterfaceError);
    }
  });
});
