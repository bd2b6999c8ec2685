/**
 * Tests src/engine/sqlite/bulk.ts: many parameter sets leave the database, the counts and the error exactly as a loop of
 * single INSERTs does, whether they share statements or not.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyMany, BulkInsert, type Sets } from "../../../../src/engine/sqlite/bulk.ts";
import type { NativeDatabase } from "../../../../src/engine/sqlite/driver.ts";
import { Prepared } from "../../../../src/engine/sqlite/prepared.ts";
import type { BoundValue } from "../../../../src/values/types.ts";
import { memory } from "./support.ts";

const INSERT = "INSERT INTO t VALUES (?, ?)";

function sets(rows: readonly (readonly BoundValue[])[]): Sets {
  return { width: rows[0]?.length ?? 0, count: rows.length, values: rows.flat() };
}

function apply(db: NativeDatabase, sql: string, rows: readonly (readonly BoundValue[])[], fast = true) {
  const { changes, error, index } = applyMany(
    db,
    new Prepared(db, sql, 0),
    fast ? BulkInsert.of(db, sql) : null,
    sets(rows),
  );
  return { changes, index, error: error === null ? null : `${error.name}: ${error.message}` };
}

const all = (db: NativeDatabase) => db.prepare("SELECT rowid, * FROM t ORDER BY rowid").raw().all();
const pairs = (count: number): BoundValue[][] =>
  Array.from({ length: count }, (_, i) => [BigInt(i), `v${i}`]);

/** Does the same fast and slowly, and expects no difference; gives what was the same. */
function same(schema: string, sql: string, rows: readonly (readonly BoundValue[])[]) {
  const [fast, slow] = [true, false].map((isFast) => {
    const db = memory(schema);
    db.exec("BEGIN");
    const reply = apply(db, sql, rows, isFast);
    const { inTransaction } = db;
    const counters = db.prepare("SELECT total_changes(), last_insert_rowid()").raw().get();
    return { reply, inTransaction, counters, rows: all(db) };
  });
  expect(fast).toEqual(slow);
  return fast?.reply;
}

describe("BulkInsert.of", () => {
  it.each([
    ["several rows in the text", "INSERT INTO t VALUES (?, ?), (?, ?)"],
    ["a SELECT", "INSERT INTO t SELECT ?, ?"],
    ["an UPSERT", "INSERT INTO t VALUES (?, ?) ON CONFLICT DO NOTHING"],
    ["RETURNING", "INSERT INTO t VALUES (?, ?) RETURNING a"],
    ["names", "INSERT INTO t VALUES (:a, :b)"],
    ["an expression", "INSERT INTO t VALUES (?, ? + 1)"],
    ["nothing to bind", "INSERT INTO t VALUES (1, 2)"],
    ["an UPDATE", "UPDATE t SET a = ?"],
  ])("has no form for %s", (_, sql) => {
    expect(BulkInsert.of(memory("CREATE TABLE t(a UNIQUE, b)"), sql)).toBeNull();
  });

  it("has no form for a table that refers to itself, whose later rows could satisfy earlier ones", () => {
    const schema = "PRAGMA foreign_keys = ON; CREATE TABLE t(a INTEGER PRIMARY KEY, b REFERENCES T(a))";
    expect(BulkInsert.of(memory(schema), INSERT)).toBeNull();
    expect(
      BulkInsert.of(memory(`${schema}; CREATE TEMP TABLE u(a, b)`), "INSERT INTO u VALUES (?, ?)"),
    ).not.toBeNull();
  });

  it("has no form of more parameters than SQLite takes", () => {
    const columns = Array.from({ length: 1000 }, (_, i) => `c${i}`);
    const db = memory(`CREATE TABLE t(${columns})`);
    const bulk = BulkInsert.of(db, `INSERT INTO t VALUES (${columns.map(() => "?")})`);
    expect(bulk?.statement(64)).toBeNull();
    expect(bulk?.statement(8)).not.toBeNull();
    expect(bulk?.statement(8)).toBe(bulk?.statement(8));
  });
});

describe("applyMany", () => {
  it.each([0, 1, 7, 8, 9, 63, 64, 65, 72, 127, 128, 200])("applies %i sets in order", (count) => {
    expect(same("CREATE TABLE t(a, b)", INSERT, pairs(count))).toEqual({
      changes: count,
      index: -1,
      error: null,
    });
  });

  it.each([0, 5, 63, 64, 70, 130, 199])("stops at set %i, with the error and the state of a loop", (at) => {
    const rows = pairs(200);
    rows[at] = [rows[(at + 1) % 200]?.[0] ?? null, null];
    const reply = same("CREATE TABLE t(a UNIQUE, b NOT NULL)", INSERT, rows);
    expect(reply).toMatchObject({ index: at, changes: at });
    expect(reply?.error).toContain("NOT NULL constraint failed: t.b");
  });

  it("counts what IGNORE and REPLACE really did", () => {
    const rows = pairs(150).map(([a, b]) => [BigInt(Number(a) % 40), b ?? null]);
    expect(same("CREATE TABLE t(a UNIQUE, b)", "INSERT OR IGNORE INTO t VALUES (?, ?)", rows)?.changes).toBe(
      40,
    );
    expect(same("CREATE TABLE t(a UNIQUE, b)", "INSERT OR REPLACE INTO t VALUES (?, ?)", rows)?.changes).toBe(
      150,
    );
    expect(same("CREATE TABLE t(a UNIQUE ON CONFLICT IGNORE, b)", INSERT, rows)?.changes).toBe(40);
  });

  it.each([
    [
      "a default, a check and an index",
      "CREATE TABLE t(a CHECK (a <> 77), b, c DEFAULT (7)); CREATE INDEX i ON t(b)",
      "INSERT INTO t(a, b) VALUES (?, ?)",
    ],
    [
      "AUTOINCREMENT",
      "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, a, b CHECK (b <> 'v99'))",
      "INSERT INTO t(a, b) VALUES (?, ?)",
    ],
    [
      "a trigger",
      "CREATE TABLE t(a, b); CREATE TABLE log(n); CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (changes()); END",
      INSERT,
    ],
    ["literals", "CREATE TABLE t(a, b, c, d)", "INSERT INTO t VALUES (?, 'x', -5, ?)"],
    [
      "a trigger that ignores",
      "CREATE TABLE t(a, b); CREATE TRIGGER g BEFORE INSERT ON t WHEN new.a % 3 = 0 BEGIN SELECT RAISE(IGNORE); END",
      INSERT,
    ],
    ["FAIL", "CREATE TABLE t(a CHECK (a <> 77), b)", "INSERT OR FAIL INTO t VALUES (?, ?)"],
    ["ROLLBACK", "CREATE TABLE t(a CHECK (a <> 77), b)", "INSERT OR ROLLBACK INTO t VALUES (?, ?)"],
    [
      "an UPDATE",
      "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 2), (3, 4)",
      "UPDATE t SET a = a + ?, b = ?",
    ],
    ["RETURNING", "CREATE TABLE t(a, b)", "INSERT INTO t VALUES (?, ?) RETURNING a, b"],
    ["strict types", "CREATE TABLE t(a INTEGER, b INTEGER) STRICT", INSERT],
  ])("differs in nothing from a loop: %s", (_, schema, sql) => {
    same(schema, sql, pairs(150));
  });

  it("differs in nothing from a loop for random tables, rows and conflict clauses", () => {
    const column = fc.constantFrom(
      "",
      "UNIQUE",
      "NOT NULL",
      "CHECK (a <> 5)",
      "UNIQUE ON CONFLICT IGNORE",
      "UNIQUE ON CONFLICT FAIL",
      "NOT NULL ON CONFLICT REPLACE DEFAULT 3",
    );
    const value = fc.oneof(
      { weight: 1, arbitrary: fc.constant(null) },
      { weight: 9, arbitrary: fc.bigInt(0n, 90n) },
    );
    const verb = fc.constantFrom(
      "INSERT",
      "INSERT OR IGNORE",
      "INSERT OR REPLACE",
      "REPLACE",
      "INSERT OR ABORT",
      "INSERT OR FAIL",
    );
    const rows = fc.array(fc.tuple(value, value), { minLength: 8, maxLength: 150 });
    fc.assert(
      fc.property(column, column, verb, rows, (first, second, insert, list) => {
        same(
          `CREATE TABLE t(a ${first}, b ${second.replace("a <>", "b <>")})`,
          `${insert} INTO t VALUES (?, ?)`.replace("REPLACE INTO t", "REPLACE INTO t"),
          list,
        );
      }),
      { numRuns: 150 },
    );
  });

  it("keeps the rows before a failure where every statement commits by itself", () => {
    const db = memory("CREATE TABLE t(a CHECK (a <> 100), b)");
    expect(apply(db, INSERT, pairs(150))).toMatchObject({ changes: 100, index: 100 });
    expect([all(db).length, db.inTransaction]).toEqual([100, false]);
  });

  it("says where it came to when the disk is full", () => {
    const db = memory("CREATE TABLE t(a, b); PRAGMA max_page_count = 20");
    const rows = Array.from({ length: 500 }, (_, i): BoundValue[] => [BigInt(i), "x".repeat(500)]);
    const { index, changes, error } = apply(db, INSERT, rows);
    expect(error).toContain("database or disk is full");
    expect([index, all(db).length]).toEqual([changes, changes]);
  });
});
