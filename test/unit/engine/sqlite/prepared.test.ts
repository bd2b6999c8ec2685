/**
 * Tests src/engine/sqlite/prepared.ts: how a statement is to be read, before and after its second use and a change of the
 * schema, and which columns it has.
 */
import { describe, expect, it } from "vitest";
import type { NativeDatabase } from "../../../../src/engine/sqlite/driver.ts";
import { type Plan, Prepared } from "../../../../src/engine/sqlite/prepared.ts";
import type { BoundValue } from "../../../../src/values/types.ts";
import { memory } from "./support.ts";

const SCHEMA =
  "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b); INSERT INTO t VALUES (1, 'x', 2), (2, 'y', 3)";

function prepare(sql: string, db: NativeDatabase = memory(SCHEMA)): Prepared {
  return new Prepared(db, sql, 0);
}

/** The plan at the first use and at the second. */
function plans(sql: string, values: readonly BoundValue[] = []): readonly [Plan, Plan] {
  const prepared = prepare(sql);
  return [prepared.plan(values), prepared.plan(values)];
}

describe("plan", () => {
  it.each([
    "INSERT INTO t(a) VALUES (1)",
    "CREATE TABLE u(x)",
    "BEGIN",
    "DELETE FROM t",
    "ATTACH ':memory:' AS m",
  ])("is none for what has no rows: %s", (sql) => expect(plans(sql)).toEqual(["none", "none"]));

  it.each([
    "INSERT INTO t(a) VALUES (1) RETURNING id",
    "WITH x AS (SELECT 1) UPDATE t SET a = 1 RETURNING a",
    "PRAGMA user_version",
    "PRAGMA table_info(t)",
    "EXPLAIN SELECT 1",
    "EXPLAIN QUERY PLAN INSERT INTO t(a) VALUES (1)",
  ])("is whole for what must run to its end: %s", (sql) => expect(plans(sql)).toEqual(["whole", "whole"]));

  it.each([
    "SELECT * FROM t WHERE id = 1",
    "SELECT count(*) FROM t",
    "VALUES (1)",
    "WITH x(v) AS (SELECT 1) SELECT 1",
  ])("is one from the second use on, when SQLite has been asked: %s", (sql) =>
    expect(plans(sql)).toEqual(["page", "one"]),
  );

  it.each([
    "SELECT * FROM t",
    "SELECT a FROM t WHERE b = 2",
    "VALUES (1), (2)",
    "SELECT a FROM t GROUP BY a",
  ])("is page for what may be long: %s", (sql) => expect(plans(sql)).toEqual(["page", "page"]));

  it.each<readonly [string, readonly BoundValue[], Plan]>([
    ["SELECT * FROM t LIMIT 10", [], "few"],
    ["SELECT * FROM t LIMIT 0", [], "few"],
    ["SELECT * FROM t LIMIT 256", [], "few"],
    ["SELECT * FROM t LIMIT 257", [], "page"],
    ["SELECT * FROM t LIMIT ?", [10n], "few"],
    ["SELECT * FROM t LIMIT ?", ["10"], "few"],
    ["SELECT * FROM t LIMIT ?", [-1n], "page"],
    ["SELECT * FROM t LIMIT ?", [1n << 40n], "page"],
    ["SELECT * FROM t WHERE a > ? LIMIT ?", [9999n, 5n], "few"],
    ["SELECT * FROM t LIMIT :n OFFSET :m", [5n, 9999n], "few"],
    ["SELECT * FROM t LIMIT ?, ?", [9999n, 5n], "few"],
    ["SELECT * FROM (SELECT * FROM t LIMIT 1)", [], "page"],
    ["SELECT * FROM t LIMIT 5 + 5", [], "page"],
  ])("counts on a small limit: %s with %s", (sql, values, plan) => {
    expect(plans(sql, values)).toEqual([plan, plan]);
  });

  it("asks SQLite at the second use, and not again: under another schema there is another statement", () => {
    const db = memory("CREATE TABLE t(id, a); CREATE UNIQUE INDEX i ON t(id)");
    const prepared = prepare("SELECT a FROM t WHERE id = 1", db);
    expect([prepared.plan([]), prepared.plan([])]).toEqual(["page", "one"]);
    db.exec("DROP INDEX i");
    expect(prepared.plan([])).toBe("one");
    expect(plans("SELECT a FROM t WHERE id = 1", [])).toEqual(["page", "one"]);
  });

  it("leaves it to the run to say that the schema no longer fits", () => {
    const db = memory(SCHEMA);
    const prepared = prepare("SELECT a FROM t WHERE id = 1", db);
    prepared.plan([]);
    db.exec("DROP TABLE t");
    expect(prepared.plan([])).toBe("page");
    expect(() => prepared.statement.all([])).toThrow("no such table: t");
  });
});

describe("isQuery", () => {
  it.each([
    ["SELECT 1", true],
    ["VALUES (1)", true],
    ["WITH x AS (SELECT 1) SELECT * FROM x", true],
    ["PRAGMA table_info(t)", false],
    ["EXPLAIN SELECT 1", false],
    ["INSERT INTO t(a) VALUES (1) RETURNING a", false],
    ["DELETE FROM t", false],
  ])("%s: %s", (sql, isQuery) => expect(prepare(sql).isQuery).toBe(isQuery));
});

describe("columns", () => {
  it("have names and declared types", () => {
    const columns = prepare("SELECT id, a AS name, b, id + 1, a AS a FROM t").columns(true);
    expect(columns).toEqual([
      { name: "id", type: "INTEGER" },
      { name: "name", type: "TEXT" },
      { name: "b", type: null },
      { name: "id + 1", type: null },
      { name: "a", type: "TEXT" },
    ]);
  });

  it("are none for a statement without rows", () => {
    expect(prepare("DELETE FROM t").columns(true)).toEqual([]);
  });

  it("are told anew where somebody else may have changed the schema", () => {
    const db = memory(SCHEMA);
    const prepared = prepare("SELECT * FROM t", db);
    expect(prepared.columns(true).length).toBe(3);
    db.exec("ALTER TABLE t ADD COLUMN c");
    prepared.statement.get([]);
    expect(prepared.columns(true).length).toBe(3);
    expect(prepared.columns(false).length).toBe(4);
    db.exec("ALTER TABLE t RENAME COLUMN c TO d");
    prepared.statement.get([]);
    expect(prepared.columns(false).at(-1)?.name).toBe("d");
  });

  it("are those of the query where a bounded form of it ran", () => {
    const db = memory(SCHEMA);
    const prepared = prepare("SELECT a, a, id + 1 FROM t", db);
    const names = () => prepared.columns(false, prepared.bounded()).map(({ name }) => name);
    expect(names()).toEqual(["a", "a", "id + 1"]);
    db.exec("ALTER TABLE t RENAME COLUMN b TO c");
    prepared.bounded().all([]);
    expect(names()).toEqual(["a", "a", "id + 1"]);
  });
});

describe("exact", () => {
  it("is made once, and again when there are more columns", () => {
    const db = memory(SCHEMA);
    const prepared = prepare("SELECT * FROM t", db);
    const exact = prepared.exact();
    expect(prepared.exact()).toBe(exact);
    expect(exact.get([])?.length).toBe(6);
    db.exec("ALTER TABLE t ADD COLUMN c");
    prepared.statement.get([]);
    expect(prepared.exact().get([])?.length).toBe(8);
  });
});
