/**
 * Tests src/engine/sqlite/statement.ts: values by SQLite's numbering reach the right parameters, whatever these are called.
 */
import { describe, expect, it } from "vitest";
import { Statement } from "../../../../src/engine/sqlite/statement.ts";
import { describeStatement } from "../../../../src/sql/statement.ts";
import type { BoundValue } from "../../../../src/values/types.ts";
import { memory } from "./support.ts";

function prepare(sql: string, script = ""): Statement {
  return new Statement(memory(script), sql, describeStatement(sql).parameters.names);
}

describe("Statement", () => {
  it.each<readonly [string, readonly BoundValue[], readonly unknown[]]>([
    ["SELECT ?, ?", ["a", "b"], ["a", "b"]],
    ["SELECT ?2, ?1", ["a", "b"], ["b", "a"]],
    ["SELECT ?1, ?1", ["a"], ["a", "a"]],
    ["SELECT ?3", ["a", "b", "c"], ["c"]],
    ["SELECT ?5, ?2", ["a", "b", "c", "d", "e"], ["e", "b"]],
    ["SELECT ?3, ?", ["a", "b", "c", "d"], ["c", "d"]],
    ["SELECT ?, ?4, ?, ?2", ["a", "b", "c", "d", "e"], ["a", "d", "e", "b"]],
    ["SELECT :a, :b, :a", ["x", "y"], ["x", "y", "x"]],
    ["SELECT @a, $b, :c", ["x", "y", "z"], ["x", "y", "z"]],
    ["SELECT :__proto__, :constructor, :toString", ["x", "y", "z"], ["x", "y", "z"]],
    ["SELECT :é, :_1", ["x", "y"], ["x", "y"]],
    ["SELECT ?, :a, ?", ["x", "y", "z"], ["x", "y", "z"]],
    ['SELECT \'?\', "?1", [:a], ? -- ?\n FROM (SELECT 1 AS "?1", 2 AS ":a")', ["x"], ["?", 1, 2, "x"]],
  ])("binds %s", (sql, values, row) => {
    expect(prepare(sql).all(values)).toEqual([row]);
    expect(prepare(sql).get(values)).toEqual(row);
    const iterator = prepare(sql).iterate(values);
    expect(iterator.next()).toEqual({ done: false, value: row });
    iterator.return();
  });

  it("binds each storage class as itself", () => {
    const values = [null, 1n, 1, -0, 1.5, 2 ** 53, "a", Buffer.from("a"), new Uint8Array(0)];
    const types = prepare(`SELECT ${values.map(() => "typeof(?)")}`);
    const expected = ["null", "integer", "integer", "real", "real", "real", "text", "blob", "blob"];
    expect(types.get(values)).toEqual(expected);
    // A value alone goes another way.
    for (const [i, value] of values.entries())
      expect(prepare("SELECT typeof(?)").get([value])).toEqual([expected[i]]);
    expect(prepare("SELECT typeof(:a)").all([1])).toEqual([["integer"]]);
    expect(values).toContain(1);
  });

  it("binds a number as REAL where it is told that this is the same", () => {
    const statement = prepare("SELECT typeof(?), typeof(?)");
    statement.takeReals([true, false]);
    expect(statement.get([1, 1])).toEqual(["real", "integer"]);
    const one = prepare("SELECT typeof(?)");
    one.takeReals([true]);
    expect(one.get([1])).toEqual(["real"]);
    one.takeReals(null);
    expect(one.get([1])).toEqual(["integer"]);
  });

  it("runs what has no rows, with names and without", () => {
    for (const [sql, values] of [
      ["INSERT INTO t VALUES (?, ?)", [1n, "a"]],
      ["INSERT INTO t VALUES (:a, :b)", [1n, "a"]],
      ["INSERT INTO t VALUES (?2, ?1)", ["a", 1n]],
    ] as const) {
      const statement = prepare(sql, "CREATE TABLE t(a, b)");
      expect(statement.native.reader).toBe(false);
      expect(statement.run(values)).toEqual({ changes: 1, lastInsertRowid: 1 });
    }
  });

  it("can run again with other values", () => {
    const statement = prepare("SELECT :a + ?1");
    expect(statement.get([1n])).toEqual([2]);
    expect(statement.get([5n])).toEqual([10]);
  });

  it("writes values into the text, names and gaps too", () => {
    expect(prepare("SELECT ?2, ?1").expanded(["it's", 1n])).toBe("SELECT 1, 'it''s'");
    expect(prepare("SELECT :a, @b").expanded([null, Buffer.from([1])])).toBe("SELECT NULL, x'01'");
  });

  it("switches between numbers and bigints", () => {
    const statement = prepare("SELECT 9007199254740993");
    expect(statement.exactIntegers).toBe(false);
    expect(statement.get([])).toEqual([9007199254740992]);
    statement.readExactIntegers(true);
    expect(statement.exactIntegers).toBe(true);
    expect(statement.get([])).toEqual([9007199254740993n]);
    statement.readExactIntegers(false);
    expect(statement.get([])).toEqual([9007199254740992]);
  });

  it("takes as many parameters as SQLite does", () => {
    const values = Array.from({ length: 32766 }, (_, i) => BigInt(i));
    const statement = prepare(
      `SELECT max(column1), count(*) FROM (VALUES ${values.map(() => "(?)").join(",")})`,
    );
    expect(statement.get(values)).toEqual([32765, 32766]);
  });
});
