import { afterAll, describe, expect, it } from "vitest";
import { fromSqlite, type SqliteFailure } from "../../../src/errors/from-sqlite.ts";
import * as codes from "../../../src/errors/result-codes.ts";
import * as tree from "../../../src/errors/tree.ts";
import { failure, memory } from "../values/native.ts";

const database = memory();
database.exec("CREATE TABLE t(a INTEGER PRIMARY KEY, b UNIQUE)");
afterAll(() => database.close());

function make(code: string, phase: SqliteFailure["phase"] = "run"): tree.Error {
  return fromSqlite({ message: "words", code, phase });
}

describe("fromSqlite", () => {
  const table = {
    InterfaceError: ["MISUSE", "RANGE"],
    IntegrityError: ["CONSTRAINT", "MISMATCH"],
    OperationalError: [
      ...["BUSY", "LOCKED", "FULL", "IOERR", "INTERRUPT", "READONLY", "CANTOPEN", "NOMEM", "PERM", "ABORT"],
      ...["PROTOCOL", "EMPTY", "SCHEMA", "ERROR"],
    ],
    DataError: ["TOOBIG"],
    InternalError: ["INTERNAL", "NOTFOUND"],
    DatabaseError: ["CORRUPT", "NOTADB", "AUTH", "FORMAT", "NOLFS", "NOTICE", "WARNING"],
  } as const;

  for (const [name, primaries] of Object.entries(table)) {
    it(`makes ${name} of ${primaries.join(", ")}, extended codes included`, () => {
      for (const primary of primaries) {
        const own = Object.entries(codes).filter(
          ([code]) => code === `SQLITE_${primary}` || code.startsWith(`SQLITE_${primary}_`),
        );
        expect(own.length).toBeGreaterThan(0);
        for (const [code, number] of own) {
          const error = make(code);
          expect(error.name).toBe(name);
          expect(error).toMatchObject({
            code,
            sqliteErrorname: code,
            sqliteErrorcode: number,
            message: "words",
          });
        }
      }
    });
  }

  it("tells SQLITE_ERROR while preparing from SQLITE_ERROR while running", () => {
    expect(make("SQLITE_ERROR", "prepare")).toBeInstanceOf(tree.ProgrammingError);
    expect(make("SQLITE_ERROR_MISSING_COLLSEQ", "prepare")).toBeInstanceOf(tree.ProgrammingError);
    expect(make("SQLITE_ERROR", "run")).toBeInstanceOf(tree.OperationalError);
    expect(make("SQLITE_ERROR", "open")).toBeInstanceOf(tree.OperationalError);
    expect(make("SQLITE_BUSY", "prepare")).toBeInstanceOf(tree.OperationalError);
  });

  it("knows what running the transaction again can cure", () => {
    const yes = [
      "BUSY",
      "BUSY_SNAPSHOT",
      "BUSY_RECOVERY",
      "BUSY_TIMEOUT",
      "LOCKED",
      "LOCKED_SHAREDCACHE",
      "LOCKED_VTAB",
    ];
    for (const code of [...yes, "SCHEMA", "PROTOCOL"]) expect(make(`SQLITE_${code}`).retryable).toBe(true);
    const no = [
      "ERROR",
      "FULL",
      "IOERR",
      "IOERR_LOCK",
      "INTERRUPT",
      "CONSTRAINT_UNIQUE",
      "ABORT_ROLLBACK",
      "NOMEM",
    ];
    for (const code of no) expect(make(`SQLITE_${code}`).retryable).toBe(false);
  });

  it("names the code that better-sqlite3 has no name for", () => {
    const error = make("UNKNOWN_SQLITE_ERROR_773");
    expect(error).toBeInstanceOf(tree.OperationalError);
    expect(error).toMatchObject({ code: "SQLITE_BUSY_TIMEOUT", sqliteErrorcode: 773, retryable: true });
    expect(make("UNKNOWN_SQLITE_ERROR_25349")).toMatchObject({ code: "SQLITE_BUSY", sqliteErrorcode: 25349 });
    expect(make("UNKNOWN_SQLITE_ERROR_77")).toMatchObject({ name: "DatabaseError", sqliteErrorcode: 77 });
  });

  it("goes by the known part of a name that is newer than the list", () => {
    const error = make("SQLITE_CONSTRAINT_SOME_DAY");
    expect(error).toBeInstanceOf(tree.IntegrityError);
    expect(error).toMatchObject({ code: "SQLITE_CONSTRAINT_SOME_DAY", sqliteErrorcode: 19 });
  });

  it("makes a DatabaseError of what is no code at all", () => {
    for (const code of ["", "_", "PROTOCOL", "SQLITE", "UNKNOWN_SQLITE_ERROR_", "constructor"]) {
      const error = make(code);
      expect(error.name).toBe("DatabaseError");
      expect(error.code).toBe(code);
      expect("sqliteErrorcode" in error).toBe(false);
    }
  });

  it("carries what it is given, and nothing else", () => {
    const cause = new TypeError("first");
    const syntax = { near: "x", offset: 3, line: 1, column: 4 };
    const error = fromSqlite({
      message: "m",
      code: "SQLITE_ERROR",
      phase: "prepare",
      sql: "S",
      cause,
      syntax,
      index: 2,
    });
    expect(error).toMatchObject({ message: "m", sql: "S", cause, syntax, index: 2 });
    expect(Object.keys(make("SQLITE_FULL")).sort()).toEqual(["code", "sqliteErrorcode", "sqliteErrorname"]);
  });

  it("agrees with a real SQLite", () => {
    const real = (sql: string): tree.Error => fromSqlite({ ...failure(database, sql), sql });
    expect(real("SELEC 1")).toMatchObject({
      name: "ProgrammingError",
      message: 'near "SELEC": syntax error',
    });
    expect(real("SELECT * FROM nope")).toMatchObject({ name: "ProgrammingError", code: "SQLITE_ERROR" });
    expect(real("INSERT INTO t(b) SELECT abs(-9223372036854775807 - 1)")).toMatchObject({
      name: "OperationalError",
    });
    expect(real("INSERT INTO t(b) SELECT zeroblob(1e10)")).toMatchObject({
      name: "DataError",
      code: "SQLITE_TOOBIG",
    });
    expect(real("INSERT INTO t(b) VALUES (1), (1)")).toMatchObject({
      name: "IntegrityError",
      sqliteErrorcode: 2067,
      constraint: { kind: "unique", table: "t", columns: ["b"] },
    });
  });
});
