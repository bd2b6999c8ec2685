/**
 * Tests src/sql/exact.ts: the exact form of a query gives the same rows in the same order, with TEXT as its
 * bytes and the type of every value beside it.
 */
import { describe, expect, it } from "vitest";
import { Statement } from "../../../../src/engine/sqlite/statement.ts";
import { exactQuery } from "../../../../src/sql/exact.ts";
import { describeStatement } from "../../../../src/sql/statement.ts";
import type { BoundValue, SqlRow } from "../../../../src/values/types.ts";
import { memory } from "./support.ts";

const SCHEMA = `
  CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, size);
  INSERT INTO t VALUES (1, 'one', 1.5), (2, 'two', NULL), (3, 'three', x'00ff'), (4, CAST(x'66ff' AS TEXT), 9007199254740993);
  CREATE TABLE exact(name);
  INSERT INTO exact VALUES ('mine');
`;

/** The rows of a query, plain, and the rows of its exact form put back into that shape. */
function both(sql: string, values: readonly BoundValue[] = []): readonly [SqlRow[], SqlRow[]] {
  const db = memory(SCHEMA);
  const { names } = describeStatement(sql).parameters;
  const plain = new Statement(db, sql, names);
  const width = plain.native.columns().length;
  const exact = new Statement(db, exactQuery(sql, width), names);
  const rebuilt = exact.all(values).map((row) => {
    expect(row.length).toBe(width * 2);
    return row.slice(0, width).map((value, i) => (row[width + i] === "text" ? String(value) : value));
  });
  return [plain.all(values), rebuilt];
}

describe("exactQuery", () => {
  it.each([
    "SELECT * FROM t WHERE id < 4",
    "SELECT name FROM t WHERE id < 4 ORDER BY name DESC",
    "SELECT name FROM t WHERE id < 4 ORDER BY size, name LIMIT 2 OFFSET 1",
    "SELECT 1 AS x, 2 AS x, 'a' AS x",
    "VALUES (1, 'a'), (2, 'b'), (NULL, x'61')",
    "SELECT 'b' UNION ALL SELECT 'a' UNION ALL SELECT 'c'",
    "SELECT id FROM t UNION SELECT 10 ORDER BY 1 DESC",
    "SELECT name FROM t EXCEPT SELECT 'one' ORDER BY 1 LIMIT 1",
    "WITH x(v) AS (SELECT name FROM t WHERE id < 4) SELECT v FROM x ORDER BY v",
    "WITH RECURSIVE x(v) AS (VALUES (1) UNION ALL SELECT v + 1 FROM x WHERE v < 5) SELECT v, 'é' FROM x",
    "WITH sqlite_exact(c0) AS (SELECT 'inner') SELECT c0 FROM sqlite_exact",
    "WITH exact(c0) AS (SELECT 'inner') SELECT c0 FROM exact",
    "SELECT count(*), group_concat(name, ', ') FROM t WHERE id < 4",
    "SELECT row_number() OVER (ORDER BY name), name FROM t WHERE id < 4 ORDER BY id DESC",
    'SELECT value FROM json_each(\'["a","b"]\')',
    "SELECT NULL, '', x'', 0, 0.0",
  ])("keeps rows and order: %s", (sql) => {
    const [plain, exact] = both(sql);
    expect(exact).toEqual(plain);
    expect(plain.length).toBeGreaterThan(0);
  });

  it.each([
    "SELECT 'a';",
    "SELECT 'a' ; ",
    "; ; SELECT 'a'",
    "SELECT 'a' -- a comment",
    "SELECT 'a' -- a comment\n;-- another",
    "SELECT 'a' /* never closed",
    "SELECT 'a'; /* never closed",
    "/* before */ -- and more\n SELECT 'a' /* in ; between */, ';' ; -- ;",
    "-- ;\n;SELECT 'a' --",
    "SELECT 'a' AS \"x;y\", ')' AS [z--]",
  ])("takes the statement out of what stands around it: %s", (sql) => {
    const [plain, exact] = both(sql);
    expect(exact).toEqual(plain);
    expect(plain[0]?.[0]).toBe("a");
  });

  it("can read a table that is called exact", () => {
    const [plain, exact] = both("SELECT name FROM exact");
    expect(exact).toEqual(plain);
    expect(plain).toEqual([["mine"]]);
  });

  it.each<readonly [string, readonly BoundValue[]]>([
    ["SELECT ?, ?", ["a", 2n]],
    ["SELECT ?3, ?1", ["a", "b", "c"]],
    ["SELECT ?2, ?, ?1", ["a", "b", "c"]],
    ["SELECT :b, :a, :b", ["x", "y"]],
    ["SELECT $a, @a, :a", ["x", "x", "x"]],
    ["WITH x(v) AS (SELECT ?) SELECT v, ? FROM x WHERE v = ?", ["a", "b", "a"]],
    ["SELECT name FROM t WHERE id < 4 LIMIT ? OFFSET ?", [2n, 1n]],
  ])("keeps the numbers of parameters: %s", (sql, values) => {
    const [plain, exact] = both(sql, values);
    expect(exact).toEqual(plain);
    expect(plain.length).toBeGreaterThan(0);
  });

  it("gives the bytes of text that is not UTF-8, and the type that SQLite has for each value", () => {
    const db = memory(SCHEMA);
    const exact = new Statement(db, exactQuery("SELECT name, size, id FROM t WHERE id = 4", 3), []);
    exact.readExactIntegers(true);
    expect(exact.all([])).toEqual([
      [Buffer.from([0x66, 0xff]), 9007199254740993n, 4n, "text", "integer", "integer"],
    ]);
  });

  it("computes each value once", () => {
    const db = memory(SCHEMA);
    let calls = 0;
    db.function(
      "counted",
      { varargs: false, deterministic: false, directOnly: true, safeIntegers: true },
      () => ++calls,
    );
    for (const sql of [
      "SELECT counted(), name FROM t WHERE id < 4",
      "SELECT counted(), 1 LIMIT 5",
      "SELECT name, counted() FROM t ORDER BY id DESC LIMIT 3",
      "SELECT counted(), 1 UNION ALL SELECT counted(), name FROM t WHERE id < 3",
      "SELECT sum(counted()), name FROM t WHERE id < 4 GROUP BY name",
    ]) {
      calls = 0;
      const plain = db.prepare(sql).raw(true).all();
      const before = calls;
      calls = 0;
      const exact = db.prepare(exactQuery(sql, 2)).raw(true).all();
      expect([sql, calls, exact.length]).toEqual([sql, before, plain.length]);
      const strings = exact.map((row) =>
        row.slice(0, 2).map((value) => (Buffer.isBuffer(value) ? String(value) : value)),
      );
      expect(strings).toEqual(plain);
    }
  });

  it("has no types beside more than half of the columns that SQLite takes", () => {
    const columns = Array.from({ length: 2000 }, (_, i) => ["'v'", "x'00ff'", "5", "NULL"][i % 4]);
    const rows = new Statement(memory(), exactQuery(`SELECT ${columns}`, 2000), []).all([]);
    expect(rows[0]?.slice(-4)).toEqual([Buffer.from("v"), "00FF", 5, null]);
    expect(rows[0]).toHaveLength(2000);
  });

  it("takes two thousand columns less than SQLite's limit apart", () => {
    const columns = Array.from({ length: 1000 }, (_, i) => `'v${i}'`);
    const [plain, exact] = both(`SELECT ${columns.join(", ")}`);
    expect(exact).toEqual(plain);
  });
});
