/**
 * Tests src/engine/sqlite/failure.ts: what better-sqlite3 throws in the driver's error tree, and where in a text a statement
 * stops to parse.
 */
import { describe, expect, it } from "vitest";
import { translate, UserException } from "../../../../src/engine/sqlite/failure.ts";
import {
  DataError,
  IntegrityError,
  InterfaceError,
  InternalError,
  NotSupportedError,
  OperationalError,
  ProgrammingError,
} from "../../../../src/errors/tree.ts";
import { memory, thrown } from "./support.ts";

/** The error of a statement that does not compile. */
function uncompiled(sql: string): Error {
  const db = memory("CREATE TABLE t(a, b)");
  return translate(
    thrown(() => db.prepare(sql)),
    "prepare",
    sql,
    db,
  );
}

describe("the place of a syntax error", () => {
  it.each([
    ["SELECT 1 FRM t", "t", 13],
    ["SELECT a FROM FROM t", "FROM", 14],
    ["SELECT 'FROM', \"FROM\" FROM t FROM t", "FROM", 29],
    ["SELECT a, a, a, a, FROM t", "FROM", 19],
    ["SELECT a,, b FROM t", ",", 9],
    ["INSERT INTO t VALUES (1, 2, (3, 4), )", ")", 36],
    ["SELECT (a) FROM t WHERE (a))", ")", 27],
    ["SELECT /* , */ 'a,b', a, -- ,\n b,,", ",", 33],
    ["SELECT é FROM t WHERE é é é", "é", 24],
    ["SELECT 1 1", "1", 9],
    ["SELECT 'x' AS a 'y''z'", "'y''z'", 16],
    ["SELECT a FROM t GROUP ORDER BY a", "ORDER", 22],
    ["SELECT a FROM t LIMIT 1 LIMIT 1", "LIMIT", 24],
    ["SELEC 1", "SELEC", 0],
    ["\n\n  DROP\n TABLE\n IF EXIST t", "EXIST", 20],
  ])("is found in %s", (sql, near, offset) => {
    const error = uncompiled(sql);
    expect(error).toBeInstanceOf(ProgrammingError);
    expect(error).toMatchObject({ syntax: { near, offset } });
    expect(error.message).toBe(`near "${near}": syntax error`);
  });

  it("is told by line and column too", () => {
    expect(uncompiled("SELECT a,\r\n  b\n FROM t\nWHER a")).toMatchObject({
      syntax: { near: "a", line: 4, column: 6 },
    });
  });

  it.each(["SELECT", "SELECT a FROM t WHERE", "CREATE TABLE x(", "SELECT (1"])(
    "is the end of what is incomplete: %s",
    (sql) => {
      expect(uncompiled(sql)).toMatchObject({ syntax: { near: "", offset: sql.length } });
    },
  );

  it.each([
    ["SELECT 'abc", 7],
    ["SELECT 1 \\ 2", 9],
    ["SELECT x'1'", 7],
    ["SELECT 1a", 7],
    ['SELECT 1, "open', 10],
  ])("is the token that SQLite does not know: %s", (sql, offset) => {
    expect(uncompiled(sql)).toMatchObject({ syntax: { offset } });
  });

  it("is not told for what parses and does not compile", () => {
    for (const sql of ["SELECT absent FROM t", "SELECT * FROM absent", "SELECT absent()"]) {
      expect(uncompiled(sql)).toBeInstanceOf(ProgrammingError);
      expect(uncompiled(sql)).not.toHaveProperty("syntax");
    }
  });

  it("is found in a statement with many thousands of the same token", () => {
    const values = Array.from({ length: 20_000 }, () => "1").join(", ");
    const sql = `INSERT INTO t SELECT ${values},, ${values}`;
    expect(uncompiled(sql)).toMatchObject({ syntax: { near: ",", offset: sql.indexOf(",,") + 1 } });
  });
});

describe("translate", () => {
  it("takes the class from the code and from where it failed", () => {
    const db = memory("CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES (1)");
    const run = (sql: string) =>
      translate(
        thrown(() => db.exec(sql)),
        "run",
        sql,
        db,
      );
    expect(run("INSERT INTO t VALUES (1)")).toBeInstanceOf(IntegrityError);
    expect(run("INSERT INTO t VALUES (1)")).toMatchObject({
      code: "SQLITE_CONSTRAINT_UNIQUE",
      constraint: { table: "t" },
    });
    expect(run("SELECT abs(-9223372036854775808)")).toBeInstanceOf(OperationalError);
    expect(run("SELECT absent")).toBeInstanceOf(ProgrammingError);
  });

  it("tells what no longer compiles from what fails while it runs", () => {
    const db = memory("CREATE TABLE t(a)");
    const statement = db.prepare("SELECT a FROM t");
    db.exec("DROP TABLE t");
    const error = thrown(() => statement.all());
    expect(translate(error, "run", "SELECT a FROM t", db)).toBeInstanceOf(ProgrammingError);
    expect(translate(error, "run")).toBeInstanceOf(OperationalError);
  });

  it("hands on an error of the tree as it is", () => {
    const error = new DataError("ours");
    expect(translate(error, "run")).toBe(error);
  });

  it("keeps what a user function threw as the cause", () => {
    for (const cause of [new RangeError("mine"), "a string", null, undefined]) {
      const error = translate(new UserException(cause), "run", "SELECT f()");
      expect(error).toBeInstanceOf(OperationalError);
      expect(error.message).toBe("user-defined function raised exception");
      expect(error.cause).toBe(cause);
      expect(error).toMatchObject({ code: "SQLITE_ERROR", sql: "SELECT f()" });
    }
  });

  it("knows the misuse that better-sqlite3 refuses without a code", () => {
    const closed = memory();
    closed.close();
    expect(
      translate(
        thrown(() => closed.prepare("SELECT 1")),
        "run",
      ).message,
    ).toBe("Cannot operate on a closed database.");
    const db = memory();
    const many = thrown(() => db.prepare("SELECT 1; SELECT 2"));
    expect(translate(many, "prepare")).toBeInstanceOf(ProgrammingError);
    const few = thrown(() => db.prepare("SELECT ?").get());
    expect(translate(few, "run")).toBeInstanceOf(InterfaceError);
    const iterator = db.prepare("SELECT 1 UNION SELECT 2").iterate();
    iterator.next();
    expect(
      translate(
        thrown(() => db.exec("SELECT 1")),
        "run",
      ),
    ).toBeInstanceOf(NotSupportedError);
    iterator.return();
  });

  it("calls what it does not know an internal error, with the cause", () => {
    const cause = new TypeError("something new");
    expect(translate(cause, "run")).toBeInstanceOf(InternalError);
    expect(translate(cause, "run").cause).toBe(cause);
    expect(translate("a string", "run")).toBeInstanceOf(InternalError);
  });
});
