/**
 * Tests src/engine/sqlite/program.ts, first half: a program that is said to return at most one row never returns two.
 * SQLite itself is the judge; the statements are in programs.ts.
 */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { openNative } from "../../../../src/engine/sqlite/open.ts";
import { opensLate, returnsAtMostOneRow } from "../../../../src/engine/sqlite/program.ts";
import { MANY, ONE, ONE_OR_UNTOLD, SCHEMA } from "./programs.ts";
import { MEMORY } from "./support.ts";

const db = openNative(MEMORY);
db.exec(SCHEMA);
afterAll(() => db.close());

const isSaidToBeOne = (sql: string) => returnsAtMostOneRow(db.explain(sql));
const rowsOf = (sql: string) => db.prepare(sql).raw().all().length;

describe("returnsAtMostOneRow", () => {
  it.each(MANY)("says no: %s", (sql) => {
    expect(rowsOf(sql)).toBeGreaterThan(1);
    expect(isSaidToBeOne(sql)).toBe(false);
  });

  it.each(ONE)("says yes: %s", (sql) => {
    expect(rowsOf(sql)).toBeLessThanOrEqual(1);
    expect(isSaidToBeOne(sql)).toBe(true);
  });

  it.each(ONE_OR_UNTOLD)("may say either: %s", (sql) => {
    expect(rowsOf(sql)).toBeLessThanOrEqual(1);
    expect(typeof isSaidToBeOne(sql)).toBe("boolean");
  });

  it("says yes for a lookup by parameter, whatever is bound", () => {
    for (const column of ["id", "rowid", "u"]) {
      const sql = `SELECT * FROM t WHERE ${column} = ?`;
      expect(isSaidToBeOne(sql)).toBe(true);
      for (const value of [null, 1n, 1.5, "one", "1", Buffer.from("one")]) {
        expect(db.prepare(sql).raw().all(value).length).toBeLessThanOrEqual(1);
      }
    }
  });

  it("says no for `IS ?` on a unique column, where NULL finds several", () => {
    expect(db.prepare("SELECT * FROM t WHERE u IS ?").raw().all(null).length).toBeGreaterThan(1);
    expect(isSaidToBeOne("SELECT * FROM t WHERE u IS ?")).toBe(false);
  });

  it("never says yes to a random query that returns two rows", () => {
    let told = 0;
    fc.assert(
      fc.property(query, (sql) => {
        if (!isSaidToBeOne(sql)) return;
        told++;
        expect(rowsOf(sql), sql).toBeLessThanOrEqual(1);
      }),
      { numRuns: 3000 },
    );
    expect(told).toBeGreaterThan(100);
  });
});

const { tie, column, table, literal } = {
  tie: fc.constantFrom("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN"),
  column: fc.constantFrom("id", "id", "u", "a", "b", "c", "n"),
  table: fc.constantFrom(
    "t",
    "t x",
    "(SELECT * FROM t)",
    "(SELECT * FROM t WHERE id = 1)",
    "(SELECT * FROM t LIMIT 2)",
  ),
  literal: fc.constantFrom("1", "2", "NULL", "'one'", "'x'", "(SELECT max(id) FROM t)", "(SELECT NULL)"),
};

const condition = fc
  .array(
    fc.tuple(
      fc.constantFrom("p.", "q."),
      column,
      fc.constantFrom("=", "IS", "IS NOT", ">", "IN", "= ALL", "LIKE", "=="),
      literal,
      fc.constantFrom("AND", "AND", "OR"),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => {
    const text = parts.map(([alias, name, operator, value, glue], i) => {
      const test =
        operator === "IN" ? `IN (${value}, 1)` : operator === "= ALL" ? `= ${value}` : `${operator} ${value}`;
      return `${i === 0 ? "" : glue} ${alias}${name} ${test}`;
    });
    return text.join(" ");
  });

const select = fc
  .record({
    distinct: fc.constantFrom("", "", "DISTINCT "),
    what: fc.constantFrom(
      "p.id",
      "p.*",
      "p.a, q.b",
      "count(*)",
      "max(p.id)",
      "row_number() OVER ()",
      "1",
      "p.id IN (1, 2)",
    ),
    left: table,
    join: tie,
    on: condition,
    where: fc.option(condition, { nil: null }),
    end: fc.constantFrom(
      "",
      "",
      "",
      "GROUP BY p.id",
      "GROUP BY p.c",
      "ORDER BY p.a",
      "LIMIT 2",
      "ORDER BY 1 LIMIT 1",
    ),
  })
  .map(({ distinct, what, left, join, on, where, end }) => {
    const from = left.startsWith("(") ? `${left} p` : "t p";
    const on_ = join === "CROSS JOIN" ? "" : `ON ${on}`;
    return `SELECT ${distinct}${what} FROM ${from} ${join} t q ${on_} ${where === null ? "" : `WHERE ${where}`} ${end}`;
  });

const query: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: select },
  { weight: 1, arbitrary: fc.tuple(column, literal).map(([c, v]) => `SELECT * FROM t WHERE ${c} = ${v}`) },
  {
    weight: 1,
    arbitrary: condition.map((text) => `SELECT p.a FROM t p WHERE ${text.replaceAll("q.", "p.")}`),
  },
  { weight: 1, arbitrary: select.map((sql) => `SELECT * FROM (${sql})`) },
  { weight: 1, arbitrary: select.map((sql) => `WITH z AS (${sql}) SELECT count(*), 1 FROM z WHERE 1`) },
  { weight: 1, arbitrary: select.map((sql) => `SELECT EXISTS (${sql})`) },
);

describe("opensLate", () => {
  it.each([
    "SELECT * FROM t",
    "SELECT * FROM t WHERE id > 5 ORDER BY rowid DESC",
    "SELECT * FROM t AS a JOIN t AS b ON b.id = a.id",
    "SELECT count(*) FROM t",
    "VALUES (1), (2)",
  ])("says no: %s", (sql) => {
    expect(opensLate(db.explain(sql))).toBe(false);
  });

  it.each([
    "SELECT id FROM t UNION ALL SELECT id FROM t",
    "SELECT (SELECT max(b.id) FROM t AS b WHERE b.id < a.id) FROM t AS a",
    "SELECT id FROM t AS a WHERE NOT EXISTS (SELECT 1 FROM t AS b WHERE b.id > a.id)",
  ])("says yes: %s", (sql) => {
    expect(opensLate(db.explain(sql))).toBe(true);
  });
});
