/**
 * Tests src/engine/hrana/grouped-rows.ts on what servers must not send, and src/sql/grouped.ts on SQLite in this process: a row that
 * is not exactly what was asked for is never handed out.
 */
import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GroupedRows } from "../../../../src/engine/hrana/grouped-rows.ts";
import { LinkFailure } from "../../../../src/engine/http/link-failure.ts";
import { DataError, NotSupportedError } from "../../../../src/errors/tree.ts";
import { GROUP_ROWS, groupedQuery } from "../../../../src/sql/grouped.ts";
import type { Reading, SqlRow } from "../../../../src/values/types.ts";

interface Queries {
  prepare(sql: string): { raw(): { safeIntegers(): { all(): unknown[][] } } };
  close(): void;
}
const Database = createRequire(import.meta.url)("better-sqlite3") as new (path: string) => Queries;

const AUTO: Reading = { integers: "auto", text: "string" };
const NULL = { type: "null" };

/** What SQLite gives for a query in this form, as a server writes it. */
function answered(sql: string, width: number): unknown[][] {
  const db = new Database(":memory:");
  try {
    const rows = db.prepare(groupedQuery(sql, width)).raw().safeIntegers().all();
    return rows.map((row) => row.map(written));
  } finally {
    db.close();
  }
}

function written(value: unknown): unknown {
  if (value === null) return NULL;
  if (typeof value === "bigint") return { type: "integer", value: String(value) };
  if (typeof value === "number") return { type: "float", value };
  if (typeof value === "string") return { type: "text", value };
  return { type: "blob", base64: (value as Buffer).toString("base64") };
}

const series = (count: number, cells = "x") =>
  answered(
    `WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT ${count}) SELECT ${cells} FROM r`,
    1,
  );

const [PROBE = []] = series(1);
const integer = (value: number | string) => ({ type: "integer", value: String(value) });
const group = (first: number, text: string) => [NULL, integer(first), { type: "text", value: text }];
const alone = (number: number, value: string) => [{ type: "text", value }, integer(number), NULL];
/** A group of `count` rows, beginning with the row `first`. */
const numbered = (first: number, count = GROUP_ROWS) =>
  group(first, Array.from({ length: count }, (_, i) => `[${first + i}]`).join());

function read(sent: readonly unknown[], { width = 1, reading = AUTO } = {}): SqlRow[] {
  const rows: SqlRow[] = [];
  const form = new GroupedRows(width, reading);
  for (const row of sent) form.take(row, rows);
  form.end();
  return rows;
}

describe("GroupedRows", () => {
  it("reads what SQLite gives", () => {
    for (const count of [1, 31, 32, 33, 64, 65, 1000])
      expect(read(series(count))).toEqual(Array.from({ length: count }, (_, i) => [i + 1]));
    const rows = read(series(70, "CASE WHEN x % 5 = 1 THEN hex(zeroblob(600)) ELSE x END"));
    expect(rows).toEqual(Array.from({ length: 70 }, (_, i) => [i % 5 === 0 ? "00".repeat(600) : i + 1]));
    expect(read([PROBE])).toEqual([]);
  });

  it.each<[string, readonly unknown[]]>([
    ["a group comes twice", [numbered(1), numbered(1)]],
    ["a group is left out", [numbered(1), numbered(65)]],
    ["groups change places", [numbered(33), numbered(1)]],
    ["a group begins at 0", [numbered(0)]],
    ["a group is not full, and not the last", [numbered(1, 31), numbered(33)]],
    ["a group is too long", [numbered(1, 33)]],
    ["a group is empty", [group(1, "")]],
    ["a group is a number", [[NULL, integer(1), integer(1)]]],
    ["a group has no number", [[NULL, NULL, { type: "text", value: "[1]" }]]],
    ["a group is no JSON", [group(1, "[1],[")]],
    ["a group ends the array around it", [group(1, "[1]],[[2]")]],
    ["a row is too wide", [group(1, "[1,2]")]],
    ["a row is too narrow", [group(1, "[]")]],
    ["a row is no array", [group(1, '{"0":1,"length":1}')]],
    ["a row is 1 in the place of 0", [group(1, "1")]],
    ["a value is an array", [group(1, "[[1]]")]],
    ["a value is an object", [group(1, "[{}]")]],
    ["a value is true", [group(1, "[true]")]],
    ["a number has a fraction", [group(1, "[0.5]")]],
    ["a number is past 2^53 without a mark", [group(1, "[9007199254740993]")]],
    ["a number is not finite", [group(1, "[1e999]")]],
    ["a mark is not known", [group(1, '["\u007fx1"]')]],
    ["a mark is cut short", [group(1, '["\u007f"]')]],
    ["a marked integer is none", [group(1, '["\u007fi12"]')]],
    ["a marked integer is past 64 bits", [group(1, '["\u007fi9223372036854775808"]')]],
    ["a marked REAL is none", [group(1, '["\u007frx"]')]],
    ["a marked REAL is empty", [group(1, '["\u007fr"]')]],
    ["a blob has half a byte", [group(1, '["\u007fb0"]')]],
    ["a blob is not hexadecimal", [group(1, '["\u007fb0g"]')]],
    ["a text has a lone surrogate", [group(1, '["\\ud800"]')]],
    ["a marked text has one", [group(1, '["\u007ft\u007f\\udc00"]')]],
    ["a long row is missing at the end", [group(1, "[1],0")]],
    ["a long row comes for none that waits", [numbered(1), alone(2, "x")]],
    ["a long row comes before any group", [alone(1, "x")]],
    ["a long row is out of order", [group(1, "[1],0,0"), alone(3, "x"), alone(2, "y")]],
    ["a long row comes twice", [group(1, "[1],0,0"), alone(2, "x"), alone(2, "x")]],
    ["a group comes while a long row is missing", [group(1, `[1],0,${"[1],".repeat(29)}[1]`), numbered(33)]],
    ["a second probe comes", [PROBE]],
    ["a second probe comes between groups", [numbered(1), PROBE, numbered(33)]],
    ["a row has a column less", [[integer(1), { type: "text", value: "[1]" }]]],
    ["a row has a column more", [[NULL, ...numbered(1)]]],
    ["a row is none", ["row"]],
    ["a row says nothing", [numbered(1), [NULL, NULL, NULL]]],
  ])("refuses the answer when %s", (_, sent) => {
    let failure: unknown;
    try {
      read([PROBE, ...sent]);
    } catch (error) {
      failure = error;
    }
    expect(failure).toBeInstanceOf(LinkFailure);
    expect(failure).toMatchObject({ kind: "protocol" });
  });

  it.each<[string, (text: string) => string]>([
    ["lacks a value", (text) => text.replace(/,null/, "")],
    ["has a rounded integer", (text) => text.replace("9223372036854775808", "9223372036854775807")],
    ["has a rounded REAL", (text) => text.replace(/(\d)e\+298/, "0e+298")],
    ["has lost the sign of a zero", (text) => text.replace("r-0", "r0.0")],
    ["has cut a text at its NUL", (text) => text.replace("\\u0000\\u0001é😀", "")],
    ["has taken JSON for JSON", (text) => text.replace('"[1]"', "[1]")],
    ["is of an old version", (text) => text.replace(/"3\.\d+/, '"3.42')],
    ["is of another SQLite", (text) => text.replace(/"3\./, '"4.')],
    ["has no version", (text) => text.replace(/"3\.[^"]*"/, "null")],
    ["is no JSON", (text) => text.slice(1)],
    ["is no array", () => "5"],
    ["is empty", () => ""],
  ])("believes nothing when the first row %s", (_, change) => {
    const { value } = PROBE[2] as { value: string };
    expect(change(value)).not.toBe(value);
    const form = new GroupedRows(1, AUTO);
    expect(() => form.take(PROBE.with(2, { type: "text", value: change(value) }), [])).toThrow(
      NotSupportedError,
    );
    expect(form.isExact).toBe(false);
    const rows: SqlRow[] = [];
    expect(() => form.take(numbered(1), rows)).toThrow();
    expect(rows).toEqual([]);
  });

  it("believes nothing when a group comes in the place of the first row", () => {
    expect(() => read([numbered(1)])).toThrow(NotSupportedError);
  });

  it("gives the rows before one that cannot be told", () => {
    const numbers: Reading = { integers: "number", text: "string" };
    for (const cell of ['"\u007frInf"', '"\u007fr-Inf"', '"\u007fi9007199254740993"']) {
      const rows: SqlRow[] = [];
      const form = new GroupedRows(1, numbers);
      form.take(PROBE, rows);
      form.take(numbered(1), rows);
      expect(() => form.take(group(33, `[33],[34],[${cell}],[36]`), rows)).toThrow(DataError);
      expect(rows).toHaveLength(34);
    }
  });

  it("tells the latest group again as far as it has been told", () => {
    const rows: SqlRow[] = [];
    const form = new GroupedRows(1, AUTO);
    expect(form.latest()).toEqual([]);
    for (const row of [PROBE, numbered(1), group(33, "[33],0,[35],0,[37]"), alone(34, "x")])
      form.take(row, rows);
    expect(rows).toHaveLength(35);
    rows[32]?.splice(0, 1, "changed by whoever has it");
    expect(form.latest()).toEqual([[33], null, [35]]);
  });

  it("reads a zero that a server writes with a sign as an INTEGER without one", () => {
    expect(read([PROBE, group(1, "[-0]")])).toEqual([[0]]);
    expect(read([PROBE, group(1, "[-0]")], { reading: { integers: "bigint", text: "string" } })).toEqual([
      [0n],
    ]);
  });

  it("never gives a row that was not said, however an answer is changed", () => {
    const sent = series(
      70,
      "CASE x % 4 WHEN 0 THEN x WHEN 1 THEN 'text ' || x WHEN 2 THEN x * 0.5 ELSE hex(zeroblob(CASE WHEN x > 60 THEN 600 ELSE 2 END)) END",
    );
    const all = read(sent).map((row) => JSON.stringify(row));
    const change = fc.record({
      way: fc.constantFrom("leave out", "double", "swap"),
      at: fc.nat(sent.length - 1),
      other: fc.nat(sent.length - 1),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const changed = [...sent];
        for (const { way, at, other } of changes) {
          const [one = [], two = []] = [changed[at % changed.length], changed[other % changed.length]];
          if (way === "leave out") changed.splice(at % changed.length, 1);
          else if (way === "double") changed.splice(other, 0, one);
          else {
            changed[at % changed.length] = two;
            changed[other % changed.length] = one;
          }
        }
        const rows: SqlRow[] = [];
        try {
          const form = new GroupedRows(1, AUTO);
          for (const row of changed) form.take(row, rows);
          form.end();
        } catch (error) {
          expect(error).toSatisfy((e) => e instanceof LinkFailure || e instanceof NotSupportedError);
        }
        expect(rows.map((row) => JSON.stringify(row))).toEqual(all.slice(0, rows.length));
      }),
      { numRuns: 2000 },
    );
  });
});
