/**
 * Where statements belong, by their text alone, and which are nobody's.
 */
import { describe, expect, it } from "vitest";
import { Router } from "../../../src/core/route.ts";
import { ProgrammingError } from "../../../src/errors/tree.ts";

describe("a statement belongs", () => {
  it.each([
    ["INSERT INTO t VALUES (1)", "writer"],
    ["WITH x AS (SELECT 1) DELETE FROM t", "writer"],
    ["REPLACE INTO t VALUES (1) RETURNING a", "writer"],
    ["CREATE TABLE temp_files (a)", "writer"],
    ['CREATE TABLE "temp" (a)', "writer"],
    ["DROP TABLE t", "writer"],
    ["VACUUM INTO 'copy.db'", "writer"],
    ["PRAGMA optimize", "writer"],
    ["PRAGMA main.optimize(0x10002)", "writer"],
    ["", "reader"],
    ["-- nothing", "reader"],
  ])("at once where its verb says it: %s", (sql, route) => {
    expect(new Router().route(sql)).toBe(route);
  });

  it.each([
    "SELECT 1",
    "WITH x AS (SELECT 1) SELECT * FROM x",
    "EXPLAIN DELETE FROM t",
    "PRAGMA journal_mode",
    "PRAGMA main.table_info(t)",
    "PRAGMA user_version = 3",
    "pragma [user_version] (3)",
    "bogus",
  ])("where SQLite says: %s", (sql) => {
    const router = new Router();
    expect(router.route(sql)).toBe(null);
    expect(router.learn(sql, false)).toBe("writer");
    expect(router.route(sql)).toBe("writer");
    expect(router.learn(sql, true)).toBe("reader");
    expect(router.route(sql)).toBe("reader");
  });

  it.each([
    "BEGIN IMMEDIATE",
    "ATTACH 'a' AS b",
    "/* */ DETACH b",
    "CREATE TEMP TABLE t (a)",
    "create temporary trigger x after insert on t begin select 1; end",
    "PRAGMA synchronous = OFF",
    'PRAGMA "main"."synchronous"(0)',
    "PRAGMA temp.`cache_size` = 3",
    "PRAGMA user_versions = 3",
    "SELECT 1; SELECT 2",
    "SELECT '\0'",
    undefined,
  ])("nowhere, each time it is asked: %s", (sql) => {
    const router = new Router();
    for (let i = 0; i < 2; i++) expect(() => router.route(sql as string)).toThrow(ProgrammingError);
  });
});
