/**
 * The module's constants and the exception tree as they are typed, and that `import * as sqlite3` reads like Python's module.
 * Nothing here runs.
 */
import { describe, expectTypeOf, it } from "vitest";
import * as sqlite3 from "../../src/index.ts";

describe("the module", () => {
  it("has PEP 249's globals", () => {
    expectTypeOf<typeof sqlite3.apilevel>().toEqualTypeOf<"2.0">();
    expectTypeOf<typeof sqlite3.paramstyle>().toEqualTypeOf<"qmark">();
    expectTypeOf<typeof sqlite3.threadsafety>().toEqualTypeOf<1>();
    expectTypeOf(sqlite3.sqliteVersion).toEqualTypeOf<string>();
    expectTypeOf(sqlite3.sqliteVersionInfo).toEqualTypeOf<readonly number[]>();
    expectTypeOf(sqlite3.version).toExtend<string>();
    expectTypeOf<typeof sqlite3.LEGACY_TRANSACTION_CONTROL>().toEqualTypeOf<-1>();
    expectTypeOf<typeof sqlite3.PARSE_DECLTYPES>().toEqualTypeOf<1>();
    expectTypeOf<typeof sqlite3.PARSE_COLNAMES>().toEqualTypeOf<2>();
    expectTypeOf(sqlite3.SQLITE_BUSY).toExtend<number>();
    expectTypeOf(sqlite3.SQLITE_CONSTRAINT_UNIQUE).toExtend<number>();
  });

  it("has functions of these types", () => {
    expectTypeOf(sqlite3.completeStatement).toEqualTypeOf<(sql: string) => boolean>();
    expectTypeOf(sqlite3.quoteIdentifier).toEqualTypeOf<(name: string) => string>();
    expectTypeOf(sqlite3.connect(":memory:")).toEqualTypeOf<sqlite3.Connection>();
    expectTypeOf(sqlite3.connect(":memory:").cursor()).toEqualTypeOf<sqlite3.Cursor>();
  });

  it("has PEP 249's constructors and type objects", () => {
    expectTypeOf(sqlite3.Binary).toBeFunction();
    expectTypeOf(sqlite3.Timestamp).toBeFunction();
    expectTypeOf(sqlite3.STRING).toEqualTypeOf<sqlite3.DBAPITypeObject>();
    expectTypeOf(sqlite3.ROWID).toEqualTypeOf<sqlite3.DBAPITypeObject>();
    // @ts-expect-error nothing else is exported
    void sqlite3.SqliteEngine;
    // @ts-expect-error nothing else is exported
    void sqlite3.Session;
  });
});

describe("errors", () => {
  it("are a tree", () => {
    expectTypeOf<sqlite3.Error>().toExtend<globalThis.Error>();
    expectTypeOf<sqlite3.Warning>().toExtend<globalThis.Error>();
    expectTypeOf<sqlite3.InterfaceError>().toExtend<sqlite3.Error>();
    expectTypeOf<sqlite3.DatabaseError>().toExtend<sqlite3.Error>();
    for (const Class of [
      sqlite3.DataError,
      sqlite3.OperationalError,
      sqlite3.IntegrityError,
      sqlite3.InternalError,
      sqlite3.ProgrammingError,
      sqlite3.NotSupportedError,
    ]) {
      expectTypeOf(new Class("message")).toExtend<sqlite3.DatabaseError>();
    }
  });

  it("have fields of these types once they are told apart", () => {
    const error: unknown = null;
    if (!(error instanceof sqlite3.IntegrityError)) return;
    expectTypeOf(error.code).toEqualTypeOf<string | undefined>();
    expectTypeOf(error.sqliteErrorcode).toEqualTypeOf<number | undefined>();
    expectTypeOf(error.sqliteErrorname).toEqualTypeOf<string | undefined>();
    expectTypeOf(error.sql).toEqualTypeOf<string | undefined>();
    expectTypeOf(error.retryable).toEqualTypeOf<boolean>();
    expectTypeOf(error.outcome).toEqualTypeOf<sqlite3.Outcome | undefined>();
    expectTypeOf(error.index).toEqualTypeOf<number | undefined>();
    expectTypeOf(error.constraint).toEqualTypeOf<sqlite3.Constraint | undefined>();
    expectTypeOf(error.syntax).toEqualTypeOf<sqlite3.SyntaxPosition | undefined>();
    expectTypeOf(error.cause).toEqualTypeOf<unknown>();
    expectTypeOf<sqlite3.Outcome>().toEqualTypeOf<"not-executed" | "rolled-back" | "unknown">();
    // @ts-expect-error what an error says does not change
    error.code = "other";
  });

  it("have a constraint of which all kinds can be told apart", () => {
    const name = (kind: sqlite3.ConstraintKind): string => {
      switch (kind) {
        case "unique":
        case "primary key":
        case "not null":
        case "check":
        case "foreign key":
        case "trigger":
        case "rowid":
        case "datatype":
        case "commit hook":
        case "function":
        case "vtab":
        case "pinned":
        case "other":
          return kind;
      }
    };
    expectTypeOf(name).returns.toEqualTypeOf<string>();
  });

  it("can be told apart with a connection alone", () => {
    const conn = sqlite3.connect(":memory:");
    expectTypeOf(conn.IntegrityError).toEqualTypeOf<typeof sqlite3.IntegrityError>();
    const error: unknown = null;
    if (error instanceof conn.OperationalError) expectTypeOf(error).toEqualTypeOf<sqlite3.OperationalError>();
  });
});
