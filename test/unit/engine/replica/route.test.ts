/**
 * Tests src/engine/replica/route.ts: which statements a replica answers by itself.
 */
import { describe, expect, it } from "vitest";
import { isLocal } from "../../../../src/engine/replica/route.ts";
import { describeStatement } from "../../../../src/sql/statement.ts";

const local = (sql: string): boolean => isLocal(describeStatement(sql));

describe("a replica", () => {
  it.each([
    "SELECT 1",
    "select a from t where b = ?;",
    "VALUES (1), (2)",
    "WITH x AS (SELECT 1) SELECT * FROM x",
    "-- comment\nSELECT changes FROM history",
    "SELECT changes, (a) FROM history",
    "SELECT 'last_insert_rowid'",
  ])("answers %s itself", (sql) => {
    expect(local(sql)).toBe(true);
  });

  it.each([
    "INSERT INTO t VALUES (1)",
    "INSERT INTO t VALUES (1) RETURNING a",
    "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
    "WITH x AS (SELECT 1) DELETE FROM t",
    "CREATE TABLE t (a)",
    "PRAGMA table_info(t)",
    "EXPLAIN SELECT 1",
    "BEGIN",
    "ATTACH 'x' AS y",
    "SELECT 1; SELECT 2",
    "",
  ])("leaves %s to the primary, which runs it", (sql) => {
    expect(local(sql)).toBe(false);
  });

  it.each([
    "SELECT changes()",
    "SELECT a, TOTAL_CHANGES () FROM t",
    'SELECT "last_insert_rowid"()',
    "SELECT [changes] ()",
    "SELECT `changes`/* a\n comment */()",
    "SELECT changes -- a comment\n ()",
    "SELECT * FROM pragma_foreign_keys",
    "SELECT * FROM main.Pragma_table_info('t')",
  ])("leaves %s to the primary, whose connection it is about", (sql) => {
    expect(local(sql)).toBe(false);
  });
});
