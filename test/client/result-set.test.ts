/**
 * What comes back: columns, counts, rows by index and by name, JSON, and the result as a sequence.
 */
import { inspect } from "node:util";
import { expect, it } from "vitest";
import type { ResultSet, Row } from "../../src/client.ts";
import { everyForm } from "./forms.ts";

everyForm("a result", (db) => {
  const shape = ({ columns, columnTypes, rows, rowsAffected, lastInsertRowid }: ResultSet) => ({
    columns,
    columnTypes,
    rows: rows.map((row) => Array.from(row as ArrayLike<unknown>)),
    rowsAffected,
    lastInsertRowid,
  });
  const nothing = { columns: [], columnTypes: [], rows: [], rowsAffected: 0, lastInsertRowid: undefined };

  it("of a query has columns, their declared types and rows", async () => {
    const client = db.create();
    await client.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(9), x)");
    await client.execute("INSERT INTO t VALUES (1, 'a', 2.5)");
    expect(shape(await client.execute("SELECT *, id + 1 FROM t"))).toEqual({
      ...nothing,
      columns: ["id", "name", "x", "id + 1"],
      columnTypes: ["INTEGER", "VARCHAR(9)", "", ""],
      rows: [[1, "a", 2.5, 2]],
    });
    expect(shape(await client.execute("SELECT id FROM t WHERE 0"))).toEqual({
      ...nothing,
      columns: ["id"],
      columnTypes: ["INTEGER"],
    });
  });

  it("of a write has counts, and neither columns nor rows", async () => {
    const client = db.create();
    expect(shape(await client.execute("CREATE TABLE t (a)"))).toEqual(nothing);
    const inserted = await client.execute("INSERT INTO t VALUES (1), (2), (3)");
    expect(shape(inserted)).toEqual({ ...nothing, rowsAffected: 3, lastInsertRowid: 3n });
    const updated = await client.execute("UPDATE t SET a = 5 WHERE a > 1");
    expect(shape(updated)).toEqual({ ...nothing, rowsAffected: 2 });
    expect(shape(await client.execute("DELETE FROM t"))).toEqual({ ...nothing, rowsAffected: 3 });
    expect(shape(await client.execute("DELETE FROM t"))).toEqual(nothing);
    expect(shape(await client.execute("PRAGMA user_version = 4"))).toEqual(nothing);
  });

  it("of RETURNING has both", async () => {
    const client = db.create();
    await client.execute("CREATE TABLE t (a)");
    const result = await client.execute("INSERT INTO t VALUES ('x'), ('y') RETURNING rowid AS id, a");
    expect(shape(result)).toEqual({
      columns: ["id", "a"],
      columnTypes: ["INTEGER", ""],
      rows: [
        [1, "x"],
        [2, "y"],
      ],
      rowsAffected: 2,
      lastInsertRowid: 2n,
    });
  });

  it("is a sequence of its rows", async () => {
    const result = await db.create().execute("SELECT value AS n FROM json_each('[10, 20, 30]')");
    expect(result).toHaveLength(3);
    expect(result[0]).toBe(result.rows[0]);
    expect(result[2]?.n).toBe(30);
    expect([result[3], result[-1], (result as unknown as Record<string, Row>)["01"]]).toEqual(
      Array(3).fill(undefined),
    );
    const seen: unknown[] = [];
    for (const { n } of result) seen.push(n);
    expect(seen).toEqual([10, 20, 30]);
    expect([...result]).toEqual(result.rows);
    expect(Object.keys(result)).toEqual([
      "columns",
      "columnTypes",
      "rows",
      "rowsAffected",
      "lastInsertRowid",
    ]);
  });

  it("shows itself as what it is", async () => {
    const result = await db.create().execute("SELECT 1 AS a, 'x' AS b");
    expect(inspect(result)).toBe(
      "ResultSet {\n  columns: [ 'a', 'b' ],\n  columnTypes: [ '', '' ],\n  rows: [ { a: 1, b: 'x' } ],\n" +
        "  rowsAffected: 0,\n  lastInsertRowid: undefined\n}",
    );
    expect(inspect(result.rows)).toBe("[ { a: 1, b: 'x' } ]");
  });

  it("becomes JSON with integers as text and blobs in Base64", async () => {
    const client = db.create({ intMode: "bigint" });
    await client.execute("CREATE TABLE t (a)");
    const written = await client.execute("INSERT INTO t VALUES (1)");
    expect(JSON.parse(JSON.stringify(written))).toEqual({
      ...{ columns: [], columnTypes: [], rows: [] },
      ...{ rowsAffected: 1, lastInsertRowid: "1" },
    });
    const read = await client.execute("SELECT 9007199254740993, 1.5, 'x', NULL, x'00ff10'");
    expect(JSON.parse(JSON.stringify(read))).toMatchObject({
      rows: [["9007199254740993", 1.5, "x", null, "AP8Q"]],
      lastInsertRowid: null,
    });
  });
});

everyForm("a row", (db) => {
  const rowOf = async (sql: string): Promise<Row> => (await db.create().execute(sql)).rows[0] as Row;

  it("is read by index and by name; only the names are enumerable", async () => {
    const row = await rowOf("SELECT 1 AS a, 'x' AS b");
    expect([row.length, row[0], row[1], row[2], row.a, row.b]).toEqual([2, 1, "x", undefined, 1, "x"]);
    expect(Object.keys(row)).toEqual(["a", "b"]);
    expect({ ...row }).toEqual({ a: 1, b: "x" });
    expect(JSON.stringify(row)).toBe('{"a":1,"b":"x"}');
    expect(row).toStrictEqual({ a: 1, b: "x" });
    expect(Array.prototype.slice.call(row)).toEqual([1, "x"]);
    const names: string[] = [];
    for (const name in row) names.push(name);
    expect(names).toEqual(["a", "b"]);
  });

  it("keeps its indexes when a name is changed", async () => {
    const row = await rowOf("SELECT 1 AS a");
    row.a = 5;
    expect([row.a, row[0]]).toEqual([5, 1]);
    expect(() => {
      row[0] = 7;
    }).toThrow(TypeError);
  });

  it("has the first of columns with one name, and all by index", async () => {
    const row = await rowOf("SELECT 1 AS a, 2 AS a, 3 AS b");
    expect({ ...row }).toEqual({ a: 1, b: 3 });
    expect(Array.from(row as ArrayLike<unknown>)).toEqual([1, 2, 3]);
  });

  it.each([
    ['SELECT 5 AS length, 6 AS "0"', [5, 6], {}],
    ["SELECT 1, 2", [1, 2], { 1: 2, 2: 2 }],
    ['SELECT 5 AS "1", 6 AS "7"', [5, 6], { 1: 6, 7: 6 }],
  ])("of odd names is still right: %s", async (sql, values, named) => {
    const row = await rowOf(sql);
    expect(Array.from(row as ArrayLike<unknown>)).toEqual(values);
    expect({ ...row }).toEqual(named);
    expect(row.length).toBe(values.length);
  });

  it("may have columns that are named like members of an object", async () => {
    const row = await rowOf("SELECT 1 AS __proto__, 2 AS constructor, 3 AS toString, 4 AS hasOwnProperty");
    expect(Object.entries(row)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
      ["toString", 3],
      ["hasOwnProperty", 4],
    ]);
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect(Array.from(row as ArrayLike<unknown>)).toEqual([1, 2, 3, 4]);
  });
});
