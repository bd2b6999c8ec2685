/**
 * Tests src/engine/sqlite/cells.ts: what in a row read plainly may have been lost, and how cells get the form asked for.
 */
import { describe, expect, it } from "vitest";
import {
  doubtOf,
  doubtOfAll,
  hasReplacementIn,
  INTEGER_DOUBT,
  NO_DOUBT,
  narrowRow,
  TEXT_DOUBT,
  textToBuffers,
} from "../../../../src/engine/sqlite/cells.ts";
import { DataError, OperationalError } from "../../../../src/errors/tree.ts";
import { fromExactRow } from "../../../../src/values/exact-row.ts";
import type { SqlRow } from "../../../../src/values/types.ts";

const STRINGS = { integers: "auto", text: "string" } as const;
const BUFFERS = { integers: "auto", text: "buffer" } as const;
const MAX = Number.MAX_SAFE_INTEGER;

describe("doubtOf", () => {
  it.each<SqlRow>([
    [],
    [null],
    [0, -0, 1.5, MAX, -MAX],
    ["", "text", "é😀\0"],
    [Buffer.from([0xff])],
    [2n ** 60n],
    [NaN],
  ])("has none about what is plain (%#)", (...row) => expect(doubtOf(row)).toBe(NO_DOUBT));

  it.each<SqlRow>([
    [MAX + 1],
    [-MAX - 1],
    [1, 1e300],
    [Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY],
  ])("doubts a number past 2^53, which may have been rounded: %s", (...row) =>
    expect(doubtOf(row)).toBe(INTEGER_DOUBT),
  );

  it("doubts text with a replacement character, and that first", () => {
    expect(doubtOf(["a\uFFFDb"])).toBe(TEXT_DOUBT);
    expect(doubtOf([1e300, "\uFFFD"])).toBe(TEXT_DOUBT);
    expect(doubtOf(["\uFFFD", 1e300])).toBe(TEXT_DOUBT);
  });

  it("takes the heaviest doubt of several rows", () => {
    expect(doubtOfAll([])).toBe(NO_DOUBT);
    expect(doubtOfAll([[1], ["a"]])).toBe(NO_DOUBT);
    expect(doubtOfAll([[1], [1e300], [2]])).toBe(INTEGER_DOUBT);
    expect(doubtOfAll([[1e300], ["\uFFFD"], [2]])).toBe(TEXT_DOUBT);
  });
});

describe("narrowRow", () => {
  it("leaves bigints where they are asked for", () => {
    const row: SqlRow = [1n, 2n ** 60n];
    narrowRow(row, "bigint");
    expect(row).toEqual([1n, 2n ** 60n]);
  });

  it("makes numbers of what is safe, and touches nothing else", () => {
    const row: SqlRow = [1n, BigInt(MAX), BigInt(MAX) + 1n, -(2n ** 63n), 1.5, "1", null];
    narrowRow(row, "auto");
    expect(row).toEqual([1, MAX, BigInt(MAX) + 1n, -(2n ** 63n), 1.5, "1", null]);
  });

  it("refuses to lose a bit", () => {
    expect(() => narrowRow([1n, BigInt(MAX) + 1n], "number")).toThrow(DataError);
  });
});

describe("text as buffers", () => {
  it("gives the bytes of text and leaves the rest", () => {
    const row: SqlRow = ["é", "", 1, null, Buffer.from("b")];
    textToBuffers(row);
    expect(row).toEqual([Buffer.from("é"), Buffer.alloc(0), 1, null, Buffer.from("b")]);
  });

  it("knows rows with a replacement character", () => {
    expect(hasReplacementIn([1, "a", null])).toBe(false);
    expect(hasReplacementIn([1, "a\uFFFD", null])).toBe(true);
    expect(hasReplacementIn([Buffer.from("\uFFFD")])).toBe(false);
  });
});

describe("fromExactRow", () => {
  const ROW = { names: ["a", "b", "c", "d", "e"] };
  const A = { names: ["a"] };
  const row = (): SqlRow => [
    Buffer.from("é"),
    5n,
    Buffer.from([1]),
    null,
    1.5,
    "text",
    "integer",
    "blob",
    "null",
    "real",
  ];

  it("decodes text and leaves blobs", () => {
    expect(fromExactRow(row(), STRINGS, ROW)).toEqual(["é", 5, Buffer.from([1]), null, 1.5]);
  });

  it("leaves text as bytes where buffers are asked for", () => {
    expect(fromExactRow(row(), BUFFERS, ROW)).toEqual([Buffer.from("é"), 5, Buffer.from([1]), null, 1.5]);
  });

  it("keeps a byte order mark and a replacement character that are stored", () => {
    expect(fromExactRow([Buffer.from("\uFEFFa\uFFFD\0"), "text"], STRINGS, A)).toEqual(["\uFEFFa\uFFFD\0"]);
  });

  it.each([[[0xff]], [[0xc0, 0x80]], [[0xed, 0xa0, 0x80]], [[0xe2, 0x82]], [[0xf5, 0x80, 0x80, 0x80]]])(
    "refuses bytes that are not UTF-8, and names the column: %j",
    (bytes) => {
      const call = () =>
        fromExactRow([1n, Buffer.from(bytes), "integer", "text"], STRINGS, { names: ["id", "name"] });
      expect(call).toThrow(OperationalError);
      expect(call).toThrow("column 'name'");
    },
  );

  it("tells text from blobs without their types, where there was no room for these", () => {
    const wide = (): SqlRow => [Buffer.from("é"), 5n, "01fF", null, 1.5];
    expect(fromExactRow(wide(), STRINGS, ROW)).toEqual(["é", 5, Buffer.from([1, 255]), null, 1.5]);
    expect(fromExactRow(wide(), BUFFERS, ROW)).toEqual([
      Buffer.from("é"),
      5,
      Buffer.from([1, 255]),
      null,
      1.5,
    ]);
    expect(() => fromExactRow([Buffer.from([255])], STRINGS, A)).toThrow("column 'a'");
  });

  it.each([
    { encoding: "UTF-16le", stored: Buffer.from("\uFEFFa\uFFFD😀", "utf16le") },
    { encoding: "UTF-16be", stored: Buffer.from("\uFEFFa\uFFFD😀", "utf16le").swap16() },
  ])("decodes text of a database of $encoding", ({ encoding, stored }) => {
    const form = { ...A, encoding };
    expect(fromExactRow([stored, "text"], STRINGS, form)).toEqual(["\uFEFFa\uFFFD😀"]);
    expect(fromExactRow([stored, "text"], BUFFERS, form)).toEqual([Buffer.from("\uFEFFa\uFFFD😀")]);
    const lone = encoding === "UTF-16le" ? Buffer.from([0x61, 0, 0, 0xd8]) : Buffer.from([0, 0x61, 0xd8, 0]);
    expect(() => fromExactRow([lone, "text"], STRINGS, form)).toThrow("not valid UTF-16");
  });

  it("says so when a value is no longer of the type that SQLite told", () => {
    expect(() => fromExactRow([5n, "text"], STRINGS, A)).toThrow(DataError);
  });
});
