/**
 * Tests src/engine/sqlite/program.ts, second half: which one-row INSERTs may share a statement with others.
 * Wherever many rows in one INSERT could be told from as many INSERTs, the answer is no.
 */
import { describe, expect, it } from "vitest";
import { canShareStatement } from "../../../../src/engine/sqlite/program.ts";
import { memory } from "./support.ts";

/** @param foreign functions that are not SQLite's own */
function canShare(
  schema: string,
  insert = "INSERT INTO t VALUES (?, ?)",
  foreign: readonly string[] = [],
): boolean {
  const db = memory();
  for (const name of foreign) {
    db.function(name, { varargs: true, deterministic: true, directOnly: false, safeIntegers: true }, () => 1);
  }
  db.exec(schema);
  return canShareStatement(db.explain(insert), (name) => !foreign.includes(name));
}

describe("canShareStatement", () => {
  it.each([
    ["a plain table", "CREATE TABLE t(a, b)"],
    ["a primary key", "CREATE TABLE t(a INTEGER PRIMARY KEY, b)"],
    ["AUTOINCREMENT", "CREATE TABLE t(a INTEGER PRIMARY KEY AUTOINCREMENT, b)"],
    ["a table without rowid", "CREATE TABLE t(a PRIMARY KEY, b) WITHOUT ROWID"],
    ["UNIQUE, NOT NULL and CHECK", "CREATE TABLE t(a UNIQUE NOT NULL, b CHECK (b > 0))"],
    [
      "conflict clauses that say ABORT",
      "CREATE TABLE t(a UNIQUE ON CONFLICT ABORT, b NOT NULL ON CONFLICT ABORT)",
    ],
    ["an index on an expression", "CREATE TABLE t(a, b); CREATE INDEX i ON t(lower(a)) WHERE b > 1"],
    ["a generated column", "CREATE TABLE t(a, b, c AS (a + b) STORED)"],
    ["functions of SQLite's own in a check", "CREATE TABLE t(a CHECK (length(a) < 9), b CHECK (abs(b) < 9))"],
    [
      "a trigger for another event",
      "CREATE TABLE t(a, b); CREATE TRIGGER g AFTER DELETE ON t BEGIN SELECT 1; END",
    ],
    [
      "foreign keys that are off",
      "PRAGMA foreign_keys = OFF; CREATE TABLE p(x PRIMARY KEY); CREATE TABLE t(a REFERENCES p, b)",
    ],
    [
      "a foreign key to another table, which no row of the same statement can satisfy",
      "PRAGMA foreign_keys = ON; CREATE TABLE p(x PRIMARY KEY); CREATE TABLE t(a REFERENCES p, b)",
    ],
  ])("says yes for %s", (_, schema) => {
    expect(canShare(schema)).toBe(true);
  });

  it.each([
    ["a trigger before", "CREATE TABLE t(a, b); CREATE TRIGGER g BEFORE INSERT ON t BEGIN SELECT 1; END"],
    [
      "a trigger after",
      "CREATE TABLE t(a, b); CREATE TRIGGER g AFTER INSERT ON t WHEN new.a > 1 BEGIN SELECT 1; END",
    ],
    [
      "a temporary trigger",
      "CREATE TABLE t(a, b); CREATE TEMP TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END",
    ],
    [
      "a deferred foreign key",
      "PRAGMA foreign_keys = ON; CREATE TABLE p(x PRIMARY KEY); CREATE TABLE t(a REFERENCES p DEFERRABLE INITIALLY DEFERRED, b)",
    ],
    [
      "a parent of others",
      "PRAGMA foreign_keys = ON; CREATE TABLE t(a PRIMARY KEY, b); CREATE TABLE c(x REFERENCES t DEFERRABLE INITIALLY DEFERRED)",
    ],
    ["UNIQUE ON CONFLICT FAIL", "CREATE TABLE t(a UNIQUE ON CONFLICT FAIL, b)"],
    ["UNIQUE ON CONFLICT ROLLBACK", "CREATE TABLE t(a UNIQUE ON CONFLICT ROLLBACK, b)"],
    ["PRIMARY KEY ON CONFLICT FAIL", "CREATE TABLE t(a INTEGER PRIMARY KEY ON CONFLICT FAIL, b)"],
    ["NOT NULL ON CONFLICT FAIL", "CREATE TABLE t(a NOT NULL ON CONFLICT FAIL, b)"],
    ["NOT NULL ON CONFLICT ROLLBACK", "CREATE TABLE t(a, b NOT NULL ON CONFLICT ROLLBACK)"],
    ["a virtual table", "CREATE VIRTUAL TABLE t USING fts5(a, b)"],
    ["a strict table, which SQLite does not undo whole", "CREATE TABLE t(a INTEGER, b TEXT) STRICT"],
  ])("says no for %s", (_, schema) => {
    expect(canShare(schema)).toBe(false);
  });

  it.each([
    ["a default", "CREATE TABLE t(a, b, c DEFAULT (mine()))", "INSERT INTO t(a, b) VALUES (?, ?)"],
    ["a check", "CREATE TABLE t(a, b CHECK (mine(b)))", "INSERT INTO t VALUES (?, ?)"],
    ["a generated column", "CREATE TABLE t(a, b, c AS (mine(a)) STORED)", "INSERT INTO t VALUES (?, ?)"],
    ["an index", "CREATE TABLE t(a, b); CREATE INDEX i ON t(mine(a))", "INSERT INTO t VALUES (?, ?)"],
    [
      "the condition of an index",
      "CREATE TABLE t(a, b); CREATE INDEX i ON t(a) WHERE mine(b)",
      "INSERT INTO t VALUES (?, ?)",
    ],
  ])("says no where a function of the user's is called in %s", (_, schema, insert) => {
    expect(canShare(schema, insert, ["mine"])).toBe(false);
  });

  it("says no where a function of the user's has taken the place of SQLite's", () => {
    expect(
      canShare("CREATE TABLE t(a, b CHECK (LOWER(b) = b))", "INSERT INTO t VALUES (?, ?)", ["lower"]),
    ).toBe(false);
  });

  it.each(["changes()", "total_changes()", "last_insert_rowid()"])(
    "says no where a default is %s",
    (counter) => {
      expect(
        canShare(`CREATE TABLE t(a, b, c DEFAULT (${counter}))`, "INSERT INTO t(a, b) VALUES (?, ?)"),
      ).toBe(false);
    },
  );

  it.each(["FAIL", "ROLLBACK"])("says no for INSERT OR %s", (conflict) => {
    expect(canShare("CREATE TABLE t(a UNIQUE, b)", `INSERT OR ${conflict} INTO t VALUES (?, ?)`)).toBe(false);
  });

  it.each(["IGNORE", "REPLACE", "ABORT"])("says yes for INSERT OR %s", (conflict) => {
    expect(canShare("CREATE TABLE t(a UNIQUE, b)", `INSERT OR ${conflict} INTO t VALUES (?, ?)`)).toBe(true);
  });
});
