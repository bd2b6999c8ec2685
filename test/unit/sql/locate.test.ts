import { describe, expect, it } from "vitest";
import { firstIllegal, lineColumn, occurrences } from "../../../src/sql/locate.ts";

describe("lineColumn", () => {
  it.each<[string, number, number, number]>([
    ["", 0, 1, 1],
    ["abc", 0, 1, 1],
    ["abc", 2, 1, 3],
    ["a\nb", 1, 1, 2],
    ["a\nb", 2, 2, 1],
    ["a\r\nb", 3, 2, 1],
    ["a\r\nb", 2, 1, 3],
    ["a\rb", 2, 1, 3],
    ["\n\n\n", 3, 4, 1],
    ["é😀\né😀x", 7, 2, 4],
    ["abc", 99, 1, 4],
    ["abc", -1, 1, 1],
  ])("%j at %i is line %i, column %i", (sql, offset, line, column) => {
    expect(lineColumn(sql, offset)).toEqual({ line, column });
  });
});

describe("occurrences", () => {
  it.each<[string, string, number[]]>([
    ["select a from from t", "from", [9, 14]],
    ["select FROM", "from", []],
    ["select fromage, 'from' -- from", "from", []],
    ["select ''", "''", [7]],
    ["a ->> -> b", "->", [6]],
    ["é ) )", ")", [2, 4]],
    ["1.5 .5", ".5", [4]],
    ["a", "", []],
  ])("in %j, %j begins at %j", (sql, near, offsets) => {
    expect(occurrences(sql, near)).toEqual(offsets);
  });
});

describe("firstIllegal", () => {
  it.each<[string, number | null]>([
    ["select 1", null],
    ["", null],
    ["select 'a", 7],
    ["select '!' ! \\", 11],
    ['-- !\n/* ! */ "!" \\', 17],
    ["select 1__0", 7],
    ["select x'a'", 7],
  ])("in %j it begins at %j", (sql, offset) => {
    expect(firstIllegal(sql)).toBe(offset);
  });
});
