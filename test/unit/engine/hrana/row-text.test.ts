/**
 * Tests src/engine/hrana/row-text.ts: what it reads is what the parser reads, and everything else it leaves alone.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RowText } from "../../../../src/engine/hrana/row-text.ts";
import { fieldsOf, parseJson } from "../../../../src/engine/http/json.ts";
import { decodeRow, encodeValue } from "../../../../src/engine/http/values.ts";
import type { BoundValue, Reading } from "../../../../src/values/types.ts";

const scan = (line: string, width: number, asBigint = false) =>
  new RowText(`${line}\n`, asBigint).row(0, line.length, width);
const parse = (line: string, width: number, integers: Reading["integers"] = "auto") =>
  decodeRow(fieldsOf(parseJson(line)).row, width, { integers, text: "string" });
const lineOf = (values: readonly string[]) => `{"type":"row","row":[${values.join(",")}]}`;
const integer = (value: string) => `{"type":"integer","value":"${value}"}`;
const float = (value: string) => `{"type":"float","value":${value}}`;

const value: fc.Arbitrary<BoundValue> = fc.oneof(
  fc.constant(null),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.double({ noDefaultInfinity: true, noNaN: true }),
  fc.integer().map((whole) => whole / 8 + 1 / 16),
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: fc.constantFrom("a", '"', "\n", ",", "}", "\u{1f600}") }),
  fc.uint8Array({ maxLength: 5 }),
);

describe("RowText", () => {
  it("reads what the parser reads, or leaves it to the parser", () => {
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 6 }),
        fc.constantFrom("auto", "bigint"),
        (values, integers) => {
          const line = lineOf(values.map(encodeValue));
          // A text with a backslash in it is not for this lane.
          fc.pre(!line.includes("\\"));
          const row = scan(line, values.length, integers === "bigint");
          if (row !== null) expect(row).toEqual(parse(line, values.length, integers));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("reads what servers write of common rows", () => {
    const line = lineOf([integer("-7"), '{"type":"text","value":"é,}"}', float("-0.5"), '{"type":"null"}']);
    expect(scan(line, 4)).toEqual([-7, "é,}", -0.5, null]);
    expect(scan(lineOf([]), 0)).toEqual([]);
  });

  it.each(["0.1", "-0.0", "0.0", "123456789012.345", "99999999999999.9", "1.50", "0.00000000000001"])(
    "reads the float %s to the bit",
    (text) => {
      expect(scan(lineOf([float(text)]), 1)).toEqual([JSON.parse(text)]);
    },
  );

  it("reads every float of few digits to the bit", () => {
    const digits = fc.integer({ min: 0, max: 999_999_999_999_999 }).map(String);
    fc.assert(
      fc.property(digits, fc.nat({ max: 14 }), fc.boolean(), (all, at, isNegative) => {
        const padded = all.padStart(at + 2, "0");
        const cut = padded.length - at - 1;
        const text = `${isNegative ? "-" : ""}${Number(padded.slice(0, cut))}.${padded.slice(cut)}`;
        const row = scan(lineOf([float(text)]), 1);
        if (row !== null) expect(Object.is(row[0], Number(text))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["another width", lineOf([integer("1")]), 2],
    ["a width that is less", lineOf([integer("1"), integer("2")]), 1],
    ["an integer past what a number holds", lineOf([integer("9007199254740993")]), 1],
    ["an integer of no digits", lineOf([integer("-")]), 1],
    ["an integer with more than digits", lineOf([integer("1e3")]), 1],
    ["a bare integer", lineOf(['{"type":"integer","value":1}']), 1],
    ["a float without a point", lineOf([float("1")]), 1],
    ["a float with an exponent", lineOf([float("1.5e3")]), 1],
    ["a float of seventeen digits", lineOf([float("0.12345678901234567")]), 1],
    ["a float that JSON does not have", lineOf([float("01.5")]), 1],
    ["a float that ends in its point", lineOf([float("1.")]), 1],
    ["a float that begins with its point", lineOf([float(".5")]), 1],
    ["a float of two points", lineOf([float("1.5.5")]), 1],
    ["an infinity", lineOf([float("null")]), 1],
    ["a blob", lineOf(['{"type":"blob","base64":"AAAA"}']), 1],
    ["white space", lineOf([' {"type":"null"}']), 1],
    ["members in another order", lineOf(['{"value":"1","type":"integer"}']), 1],
    ["more members", lineOf(['{"type":"text","value":"a","more":1}']), 1],
    ["a text without an end", '{"type":"row","row":[{"type":"text","value":"a}]}', 1],
    ["more behind the row", `${lineOf([integer("1")])} `, 1],
    ["a row with more members", '{"type":"row","row":[{"type":"null"}],"x":1}', 1],
    ["another entry", '{"type":"step_end","affected_row_count":0}', 0],
    ["nothing", "", 0],
  ])("leaves %s alone", (_, line, width) => {
    expect(scan(line, width)).toBeNull();
  });

  it("takes no text from the next line", () => {
    const [first, second] = ['{"type":"row","row":[{"type":"text","value":"a', 'b"}]}'];
    expect(new RowText(`${first}\n${second}\n`, false).row(0, first.length, 1)).toBeNull();
  });

  it("reads no row out of a damaged one that the parser would refuse, nor another", () => {
    const line = lineOf([integer("12"), '{"type":"text","value":"abc"}', float("2.5"), '{"type":"null"}']);
    const damage = fc.tuple(fc.nat({ max: line.length - 1 }), fc.integer({ min: 0x20, max: 0x7e }));
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (places) => {
        const letters = [...line];
        for (const [at, code] of places) letters[at] = String.fromCharCode(code);
        const damaged = letters.join("");
        fc.pre(!damaged.includes("\\"));
        const row = scan(damaged, 4);
        if (row !== null) expect(row).toEqual(parse(damaged, 4));
      }),
      { numRuns: 5000 },
    );
  });
});
