/**
 * Tests src/engine/quicsql/stateless.ts and program.ts: what is refused where no transaction outlives a call, and what writes.
 */
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { isReadonlyProgram } from "../../../../src/engine/quicsql/program.ts";
import { refuseTransaction, scriptStatements } from "../../../../src/engine/quicsql/stateless.ts";
import { NotSupportedError } from "../../../../src/errors/tree.ts";
import { describeStatement } from "../../../../src/sql/statement.ts";
import type { SqlRow } from "../../../../src/values/types.ts";

const script = (...statements: string[]) =>
  scriptStatements({ parts: statements.map((sql) => ({ sql })), begin: null, guard: false });

describe("a statement", () => {
  it.each([
    "BEGIN",
    "begin immediate",
    "COMMIT",
    "END",
    "ROLLBACK",
    "SAVEPOINT a",
    "RELEASE a",
    "ROLLBACK TO a",
  ])("that is %s is refused, with the way out", (sql) => {
    const refuse = () => refuseTransaction(describeStatement(sql), { begin: null, guard: false });
    expect(refuse).toThrow(NotSupportedError);
    expect(refuse).toThrow(/executemany\(\).*http:\/\//);
  });

  it("that wants a transaction is refused, and any other is not", () => {
    const text = describeStatement("INSERT INTO t VALUES (1)");
    expect(() => refuseTransaction(text, { begin: "BEGIN", guard: false })).toThrow(NotSupportedError);
    expect(() => refuseTransaction(text, { begin: null, guard: true })).toThrow(NotSupportedError);
    expect(() => refuseTransaction(text, { begin: null, guard: false })).not.toThrow();
  });
});

describe("a script", () => {
  it("goes without the BEGIN and COMMIT around it", () => {
    const { texts, first } = script("BEGIN", "SELECT 1", "COMMIT");
    expect([texts.map(({ sql }) => sql), first]).toEqual([["SELECT 1"], 1]);
    expect(script("SELECT 1", "SELECT 2")).toMatchObject({ first: 0 });
    expect(script("BEGIN", "COMMIT").texts).toEqual([]);
  });

  it.each([
    [["BEGIN", "SELECT 1"]],
    [["SELECT 1", "COMMIT"]],
    [["BEGIN", "SELECT 1", "COMMIT", "SELECT 2"]],
    [["BEGIN", "COMMIT", "BEGIN", "COMMIT"]],
    [["BEGIN", "SELECT 1", "ROLLBACK"]],
  ])("with other transactions in it is refused: %j", (statements) => {
    expect(() => script(...statements)).toThrow(NotSupportedError);
  });
});

describe("a program", () => {
  const Database = createRequire(import.meta.url)("better-sqlite3") as new (
    path: string,
  ) => {
    exec(sql: string): void;
    prepare(sql: string): { readonly readonly: boolean; raw(): { all(...values: unknown[]): SqlRow[] } };
  };

  it.each([
    "SELECT * FROM t",
    "SELECT max(a) FROM t WHERE a IN (SELECT 1)",
    "INSERT INTO t VALUES (1)",
    "DELETE FROM t",
    "UPDATE t SET a = 1 RETURNING a",
    "CREATE TABLE u (a)",
    "DROP TABLE t",
    "PRAGMA user_version",
    "PRAGMA user_version = 3",
    "PRAGMA journal_mode = DELETE",
    "VACUUM",
    "PRAGMA wal_checkpoint",
    "SELECT * FROM pragma_table_info('t')",
  ])("writes by SQLite's own word: %s", (sql) => {
    const db = new Database(":memory:");
    db.exec("CREATE TABLE t (a)");
    expect(isReadonlyProgram(db.prepare(`EXPLAIN ${sql}`).raw().all())).toBe(db.prepare(sql).readonly);
  });
});
