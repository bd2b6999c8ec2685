/**
 * Tests src/engine/sqlite/handle.ts: one open database, its cache of statements, what may run beside an open reader, and
 * what a change of the schema makes doubtful.
 */
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { Handle } from "../../../../src/engine/sqlite/handle.ts";
import type { OpenOptions } from "../../../../src/engine/sqlite/open.ts";
import { Reader } from "../../../../src/engine/sqlite/reader.ts";
import { OperationalError, ProgrammingError } from "../../../../src/errors/tree.ts";
import { LONG, MEMORY, PLAIN, temporaryDirectory, thrown } from "./support.ts";

function open(options: Partial<OpenOptions> = {}): Handle {
  const handle = new Handle({ ...MEMORY, ...options });
  onTestFinished(() => handle.close());
  return handle;
}

/** A reader that has more to read, known to the handle as the engine does it. */
function read(handle: Handle, sql = LONG): Reader {
  const reader = new Reader(handle.prepare(sql), [], PLAIN, handle);
  handle.readers.set(handle.readers.size + 1, reader);
  reader.page(1);
  return reader;
}

describe("prepare", () => {
  it("keeps a statement by its text", () => {
    const handle = open();
    expect(handle.prepare("SELECT 1")).toBe(handle.prepare("SELECT 1"));
    expect(handle.prepareOnce("SELECT 1")).not.toBe(handle.prepare("SELECT 1"));
  });

  it("never hands out a busy statement, and keeps the first one", () => {
    const handle = open();
    const reader = read(handle);
    const second = handle.prepare(LONG);
    expect(second).not.toBe(reader.prepared);
    reader.close();
    expect(handle.prepare(LONG)).toBe(reader.prepared);
  });

  it("does not run a statement of an older schema again", () => {
    const handle = open();
    const before = handle.prepare("SELECT 1");
    handle.schemaChanged();
    expect(handle.prepare("SELECT 1")).not.toBe(before);
  });

  it("keeps nothing where nothing is to be kept", () => {
    const handle = open({ cachedStatements: 0 });
    expect(handle.prepare("SELECT 1")).not.toBe(handle.prepare("SELECT 1"));
  });

  it.each([
    ["a table that has lost a column", "INSERT INTO t VALUES (1, 2)"],
    ["a trigger that is gone", "INSERT INTO u VALUES (1)"],
    ["more columns than before", "SELECT * FROM v UNION SELECT 1, 2"],
  ])("compiles by the schema that others have made meanwhile: %s", (_, sql) => {
    const path = join(temporaryDirectory(), "a.db");
    const other = open({ path });
    other.db.exec(`CREATE TABLE t(a, b, c); CREATE TABLE u(a); CREATE TABLE v(a);
      CREATE TRIGGER broken AFTER INSERT ON u BEGIN SELECT unknown FROM t; END`);
    const handle = open({ path });
    expect(handle.prepare("SELECT count(*) FROM t, u").statement.all([])).toEqual([[0]]);
    other.db.exec(`DROP TRIGGER broken; ALTER TABLE t DROP COLUMN c; ALTER TABLE u RENAME COLUMN a TO b;
      ALTER TABLE v ADD COLUMN b`);
    const prepared = handle.prepare(sql);
    expect(prepared.isQuery ? prepared.statement.all([]) : prepared.statement.run([]).changes).toBeTruthy();
    // What is still wrong is told as it was, and what is no matter of the schema at once.
    expect(() => handle.prepare("INSERT INTO t VALUES (1, 2, 3)")).toThrow(
      "table t has 2 columns but 3 values",
    );
    expect(() => handle.prepare("SELECT 1 FROM t WHERE")).toThrow("incomplete input");
  });

  it("begins no snapshot for that inside a transaction", () => {
    const path = join(temporaryDirectory(), "a.db");
    const other = open({ path });
    other.db.exec("PRAGMA journal_mode = WAL; CREATE TABLE t(a)");
    const handle = open({ path });
    handle.control("BEGIN");
    expect(() => handle.prepare("INSERT INTO t VALUES (1, 2)")).toThrow("table t has 1 columns");
    other.db.exec("INSERT INTO t VALUES ('later')");
    expect(handle.prepare("SELECT a FROM t").statement.all([])).toEqual([["later"]]);
    handle.control("ROLLBACK");
  });

  it("tells what does not compile, and where", () => {
    const error = thrown(() => open().prepare("SELECT\n  1 FRM t"));
    expect(error).toBeInstanceOf(ProgrammingError);
    expect(error).toMatchObject({ syntax: { near: "t", line: 2, column: 9 }, sql: "SELECT\n  1 FRM t" });
  });
});

describe("beside an open reader", () => {
  it("writes, commits and rolls back, and the reader goes on", () => {
    const handle = open();
    handle.db.exec("CREATE TABLE t(a)");
    const reader = read(handle);
    handle.control("BEGIN");
    handle.run(handle.prepare("INSERT INTO t VALUES (1)").statement, []);
    handle.control("COMMIT");
    handle.control("BEGIN");
    handle.run(handle.prepare("INSERT INTO t VALUES (2)").statement, []);
    handle.control("ROLLBACK");
    expect(handle.prepare("SELECT a FROM t").statement.all([])).toEqual([[1]]);
    expect(reader.rest(false).rows.length).toBe(2999);
  });

  it("leaves SQLite's defence against corruption on", () => {
    const handle = open();
    read(handle);
    handle.beside(() => handle.db.exec("CREATE TABLE t(a)"));
    expect(() => handle.db.exec("CREATE TABLE u(a)")).toThrow("busy");
  });

  it("moves unread rows to memory for what wants no reader at all", () => {
    const handle = open();
    const reader = read(handle);
    handle.alone((db) =>
      db.function(
        "f",
        { varargs: false, deterministic: false, directOnly: false, safeIntegers: true },
        () => 5,
      ),
    );
    expect(reader.isOpen).toBe(false);
    expect(reader.rest(false).rows.length).toBe(2999);
    expect(handle.prepare("SELECT f()").statement.get([])).toEqual([5]);
  });

  it("drops what is being read, once its rows are in memory", () => {
    const handle = open();
    handle.db.exec(`CREATE TABLE t(a); INSERT INTO t ${LONG}`);
    const reader = read(handle, "SELECT a FROM t");
    handle.runDdl(handle.prepare("DROP TABLE t").statement, []);
    expect(reader.rest(false).rows.length).toBe(2999);
  });

  it("leaves readers alone for DDL that does not mind them", () => {
    const handle = open();
    const reader = read(handle);
    handle.runDdl(handle.prepare("CREATE TABLE u(a)").statement, []);
    expect(reader.isOpen).toBe(true);
  });
});

describe("the schema", () => {
  it("may be the old one again after a rollback that took a change of it back", () => {
    const handle = open();
    const { generation } = handle;
    handle.control("BEGIN");
    handle.control("ROLLBACK");
    expect(handle.generation).toBe(generation);
    handle.control("BEGIN");
    handle.schemaChanged();
    const changed = handle.generation;
    handle.control("ROLLBACK");
    expect(handle.generation).toBeGreaterThan(changed);
  });

  it("is somebody else's too once a file is attached", () => {
    const handle = open();
    expect(handle.isPrivate).toBe(true);
    handle.db.exec(`ATTACH '${join(temporaryDirectory(), "a.db")}' AS other`);
    handle.schemaChanged();
    expect(handle.isPrivate).toBe(false);
    expect(open({ path: join(temporaryDirectory(), "b.db") }).isPrivate).toBe(false);
    expect(open({ path: "" }).isPrivate).toBe(true);
  });
});

describe("isStill", () => {
  it("holds where nobody else could write: in memory, and in a transaction", () => {
    expect(open().isStill).toBe(true);
    const file = open({ path: join(temporaryDirectory(), "c.db") });
    expect(file.isStill).toBe(false);
    file.control("BEGIN");
    expect(file.isStill).toBe(true);
    file.control("COMMIT");
    expect(file.isStill).toBe(false);
  });
});

describe("inTransaction", () => {
  it("follows SQLite through BEGIN, a failure that rolls back, and COMMIT", () => {
    const handle = open();
    handle.db.exec("CREATE TABLE t(a UNIQUE)");
    expect(handle.inTransaction).toBe(false);
    handle.control("BEGIN");
    expect(handle.inTransaction).toBe(true);
    const insert = handle.prepare("INSERT OR ROLLBACK INTO t VALUES (1)");
    handle.run(insert.statement, []);
    const error = thrown(() => handle.run(insert.statement, []));
    handle.failure(error, "INSERT");
    expect(handle.inTransaction).toBe(false);
    handle.control("BEGIN");
    handle.control("COMMIT");
    expect(handle.inTransaction).toBe(false);
  });
});

describe("close", () => {
  it("ends readers and can be called twice", () => {
    const handle = open();
    const reader = read(handle);
    handle.close();
    handle.close();
    expect([handle.isOpen, reader.isOpen, handle.readers.size]).toEqual([false, false, 0]);
    expect(thrown(() => handle.prepare("SELECT 1"))).toBeInstanceOf(ProgrammingError);
  });

  it("gives another database its place, which is as readonly as the one before", () => {
    const handle = open({ readonly: true });
    handle.replace(open().db);
    expect(handle.isOpen).toBe(true);
    const write = handle.prepare("CREATE TABLE t(a)").statement;
    expect(thrown(() => handle.run(write, []))).toMatchObject({ code: "SQLITE_READONLY" });
  });

  it("says that a file cannot be opened", () => {
    const path = join(temporaryDirectory(), "none.db");
    expect(thrown(() => open({ path, fileMustExist: true }))).toBeInstanceOf(OperationalError);
  });
});
