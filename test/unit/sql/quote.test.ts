import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataError, InterfaceError, ProgrammingError } from "../../../src/errors/tree.ts";
import { quoteIdentifier, quoteString, unquoteIdentifier } from "../../../src/sql/quote.ts";
import { tokenAt } from "../../../src/sql/tokenizer.ts";
import { openDatabase } from "./support.ts";

describe("quoteIdentifier", () => {
  it("quotes every name, and doubles the quotes in it", () => {
    expect(quoteIdentifier("a")).toBe('"a"');
    expect(quoteIdentifier('a"b')).toBe('"a""b"');
    expect(quoteIdentifier("")).toBe('""');
    expect(quoteIdentifier("select; -- é😀")).toBe('"select; -- é😀"');
  });

  it("a NUL is refused", () => {
    expect(() => quoteIdentifier("a\0b")).toThrow(ProgrammingError);
  });

  it("a lone surrogate is refused", () => {
    expect(() => quoteIdentifier("a\ud800")).toThrow(DataError);
  });

  it.each([[undefined], [null], [1], [{}], [Symbol("a")]])("%s is refused, and named", (value) => {
    const quote = quoteIdentifier as (name: unknown) => string;
    expect(() => quote(value)).toThrow(InterfaceError);
    expect(() => quote(value)).toThrow(value === null ? "got null" : `got ${typeof value}`);
  });

  it("SQLite reads back every name", () => {
    const database = openDatabase();
    const name = fc
      .string({ unit: "grapheme" })
      .filter((text) => text.isWellFormed() && !text.includes("\0"));
    fc.assert(
      fc.property(name, (text) => {
        // Not by the keys of a row: `__proto__` is none.
        const columns = database.prepare(`select 1 as ${quoteIdentifier(text)}`).columns();
        expect(columns.map((column) => column.name)).toEqual([text]);
        expect(unquoteIdentifier(quoteIdentifier(text))).toBe(text);
        expect(tokenAt(quoteIdentifier(text), 0)).toMatchObject({ kind: "quoted" });
      }),
      { examples: [["__proto__"], [""]] },
    );
  });
});

describe("quoteString", () => {
  it("doubles the quotes", () => {
    expect(quoteString("it's")).toBe("'it''s'");
    expect(quoteString('"')).toBe(`'"'`);
  });

  it("refuses what SQL text cannot hold", () => {
    expect(() => quoteString("\0")).toThrow(ProgrammingError);
    expect(() => quoteString("\udc00")).toThrow(DataError);
    expect(() => (quoteString as (text: unknown) => string)(1)).toThrow(InterfaceError);
  });

  it("SQLite reads back every text", () => {
    const database = openDatabase();
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        fc.pre(text.isWellFormed() && !text.includes("\0"));
        expect(
          database
            .prepare(`select ${quoteString(text)}`)
            .pluck()
            .all(),
        ).toEqual([text]);
      }),
    );
  });
});

describe("unquoteIdentifier", () => {
  it.each([
    ["a", "a"],
    ['"a""b"', 'a"b'],
    ["`a``b`", "a`b"],
    ["[a]", "a"],
    ["'a''b'", "a'b"],
    ['""', ""],
  ])("%s means %j", (token, name) => {
    expect(unquoteIdentifier(token)).toBe(name);
  });
});
