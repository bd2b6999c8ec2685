/**
 * Tests src/core/session.ts: which BEGIN a statement needs in each mode, who may use the connection, and what can be SQL.
 */
import { describe, expect, it } from "vitest";
import { checkSql } from "../../../src/core/session.ts";
import { NotSupportedError, ProgrammingError } from "../../../src/errors/tree.ts";
import { scripted } from "./scripted-engine.ts";

function beginFor(sql: string, options: unknown = undefined, scopes = 0): string | null {
  const { session } = scripted({}, options);
  session.scopes = scopes;
  return session.beginFor(session.describe(sql));
}

describe("beginFor", () => {
  it.each([
    "INSERT INTO t VALUES (1)",
    "UPDATE t SET a = 1",
    "DELETE FROM t",
    "REPLACE INTO t VALUES (1)",
    "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
    "/* a */ -- b\n insert into t values (1) returning a",
  ])("is BEGIN for DML in legacy mode: %s", (sql) => expect(beginFor(sql)).toBe("BEGIN"));

  it.each([
    "SELECT 1",
    "WITH x AS (SELECT 1) SELECT * FROM x",
    "VALUES (1)",
    "CREATE TABLE t(a)",
    "PRAGMA user_version = 5",
    "EXPLAIN INSERT INTO t VALUES (1)",
    "BEGIN",
    "COMMIT",
    "SAVEPOINT a",
    "VACUUM",
    "ATTACH 'a' AS b",
    "",
  ])("is nothing for anything else in legacy mode: %s", (sql) => expect(beginFor(sql)).toBeNull());

  it.each([
    ["", "BEGIN"],
    ["deferred", "BEGIN DEFERRED"],
    ["IMMEDIATE", "BEGIN IMMEDIATE"],
    ["exclusive", "BEGIN EXCLUSIVE"],
    [null, null],
  ])("follows the isolation level %j", (isolationLevel, begin) => {
    expect(beginFor("DELETE FROM t", { isolationLevel })).toBe(begin);
  });

  it.each([
    ["SELECT 1", "BEGIN"],
    ["CREATE TABLE t(a)", "BEGIN"],
    ["DELETE FROM t", "BEGIN"],
    ["PRAGMA user_version", "BEGIN"],
    ["BEGIN", null],
    ["COMMIT", null],
    ["END", null],
    ["ROLLBACK", null],
  ])("is a plain one for everything but transaction statements in autocommit: false: %s", (sql, begin) => {
    expect(beginFor(sql, { autocommit: false, isolationLevel: "EXCLUSIVE" })).toBe(begin);
  });

  it("is nothing in autocommit: true, and inside transaction()", () => {
    expect(beginFor("DELETE FROM t", { autocommit: true })).toBeNull();
    expect(beginFor("DELETE FROM t", undefined, 1)).toBeNull();
    expect(beginFor("DELETE FROM t", { autocommit: false }, 1)).toBeNull();
  });

  it("is asked of a script only in autocommit: false", () => {
    const demand = (options: unknown, scopes: number) => {
      const { session } = scripted({}, options);
      session.scopes = scopes;
      return session.demandForScript();
    };
    expect(demand(undefined, 0)).toEqual({ begin: null, guard: false });
    expect(demand({ autocommit: false }, 0)).toEqual({ begin: "BEGIN", guard: false });
    expect(demand({ autocommit: false }, 1)).toEqual({ begin: null, guard: true });
  });
});

describe("describe", () => {
  it("gives the same answer for the same text", () => {
    const { session } = scripted();
    expect(session.describe("SELECT 1")).toBe(session.describe("SELECT 1"));
  });

  it.each(["SELECT 1; SELECT 2", "SELECT 1;;", "SELECT 1; ;", "; SELECT 1; SELECT 2"])(
    "refuses more than one statement: %s",
    (sql) => {
      const { session } = scripted();
      for (let i = 0; i < 2; i++) {
        expect(() => session.describe(sql)).toThrow("You can only execute one statement at a time.");
      }
    },
  );
});

describe("enter", () => {
  it("refuses a closed connection", () => {
    const { session } = scripted();
    session.isClosed = true;
    expect(() => session.enter()).toThrow(new ProgrammingError("Cannot operate on a closed database."));
    expect(session.inTransaction).toBe(false);
  });

  it("tells the cursor that is running from another one, from inside a user function", () => {
    const { session } = scripted();
    const [running, other] = [1, 2];
    session.enter(running);
    session.callbacks++;
    expect(() => session.enter(running)).toThrow("Recursive use of cursors not allowed.");
    expect(() => session.enter(other)).toThrow(NotSupportedError);
    expect(() => session.enter()).toThrow(NotSupportedError);
    session.callbacks--;
    session.enter(other);
  });

  it("brings waiting rows to the database first", () => {
    const { session } = scripted();
    let flushed = 0;
    session.flush = () => flushed++;
    session.enter();
    session.check();
    expect(flushed).toBe(2);
  });
});

describe("the mode of reading", () => {
  it("changes with textFactory, and what was handed out stays", () => {
    const { session } = scripted({}, { integers: "bigint" });
    const { reading } = session;
    session.textFactory = "buffer";
    expect(reading).toEqual({ integers: "bigint", text: "string" });
    expect(session.reading).toEqual({ integers: "bigint", text: "buffer" });
  });
});

describe("checkSql", () => {
  it.each([undefined, null, 5, {}, ["SELECT 1"], Buffer.from("SELECT 1"), "SELECT '\0'", "SELECT '\ud800'"])(
    "refuses what can be no SQL: %j",
    (sql) => expect(() => checkSql(sql)).toThrow(ProgrammingError),
  );

  it("takes any well-formed text", () => {
    for (const sql of ["", ";", "not SQL at all", "SELECT 'é😀\uFFFD'"])
      expect(() => checkSql(sql)).not.toThrow();
  });
});
