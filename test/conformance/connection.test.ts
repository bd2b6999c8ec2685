/**
 * The connection object itself: the exceptions as attributes, its counters and modes, its cursors, and what is left of it
 * after close().
 */
import { describe, expect, it } from "vitest";
import { AsyncConnection } from "../../src/aio.ts";
import * as sqlite3 from "../../src/index.ts";
import {
  type AnyConnection,
  type AnyCursor,
  collect,
  conformance,
  raised,
  synchronous,
} from "./quadrants.ts";

const CLOSED = "Cannot operate on a closed database.";

/** What every method is called with on a closed connection; a setter by its name and `=`. */
const uses: Readonly<Record<string, (conn: AnyConnection) => unknown>> = {
  cursor: (conn) => conn.cursor(),
  execute: (conn) => conn.execute("SELECT 1"),
  executemany: (conn) => conn.executemany("INSERT INTO t VALUES (?)", []),
  executescript: (conn) => conn.executescript(""),
  batch: (conn) => conn.batch([]),
  sql: (conn) => conn.sql`SELECT ${1}`,
  fetchall: (conn) => conn.fetchall("SELECT 1"),
  fetchone: (conn) => conn.fetchone("SELECT 1"),
  commit: (conn) => conn.commit(),
  rollback: (conn) => conn.rollback(),
  transaction: (conn) => conn.transaction(() => 1),
  createFunction: (conn) => conn.createFunction("f", 0, () => 1),
  createAggregate: (conn) =>
    conn.createAggregate(
      "a",
      0,
      class {
        step() {}
        finalize() {}
      },
    ),
  createWindowFunction: (conn) =>
    conn.createWindowFunction(
      "w",
      0,
      class {
        step() {}
        inverse() {}
        value() {}
        finalize() {}
      },
    ),
  setTraceCallback: (conn) => conn.setTraceCallback(null),
  enableLoadExtension: (conn) => conn.enableLoadExtension(true),
  loadExtension: (conn) => conn.loadExtension("x"),
  backup: (conn) => conn.backup("/nowhere/copy.db"),
  iterdump: (conn) => collect(conn.iterdump()),
  serialize: (conn) => conn.serialize(),
  sync: (conn) => conn.sync(),
  deserialize: (conn) => conn.deserialize(Buffer.alloc(0)),
  setAuthorizer: (conn) => conn.setAuthorizer(null),
  setProgressHandler: (conn) => conn.setProgressHandler(null),
  createCollation: (conn) => conn.createCollation("c", null),
  blobopen: (conn) => conn.blobopen(),
  getlimit: (conn) => conn.getlimit(0),
  setlimit: (conn) => conn.setlimit(0, 0),
  getconfig: (conn) => conn.getconfig(0),
  setconfig: (conn) => conn.setconfig(0),
  interrupt: (conn) => conn.interrupt(),
  totalChanges: (conn) => conn.totalChanges,
  "isolationLevel=": (conn) => Object.assign(conn, { isolationLevel: null }),
  "autocommit=": (conn) => Object.assign(conn, { autocommit: true }),
};
/** What works on a closed connection: closing it again, and plain state. */
const FREE = new Set([
  "constructor",
  "close",
  "inTransaction",
  "isolationLevel",
  "autocommit",
  "rowFactory",
  "textFactory",
  "refuse",
]);

/** Every member of a class and of the classes that it extends. */
function membersOf(Class: { readonly prototype: object }): string[] {
  const names = new Set<string>();
  for (
    let prototype = Class.prototype;
    prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    for (const name of Object.getOwnPropertyNames(prototype)) names.add(name);
  }
  return [...names].filter((name) => !(name in sqlite3) || name === "constructor");
}

conformance("a connection", (db) => {
  it("has the exceptions as attributes, the very classes of the module", async () => {
    const conn = await db.connect();
    const names = [
      ...["Warning", "Error", "InterfaceError", "DatabaseError", "DataError", "OperationalError"],
      ...["IntegrityError", "InternalError", "ProgrammingError", "NotSupportedError"],
    ] as const;
    const classes: Readonly<Record<string, unknown>> = { ...sqlite3 };
    for (const name of names) expect(conn[name as "Error"]).toBe(classes[name]);
    await conn.close();
    expect(conn.Error).toBe(sqlite3.Error);
  });

  it("cursor() makes cursors of its own, and gives them its row factory", async () => {
    const conn = await db.connect(":memory:", { rowFactory: sqlite3.scalarRow });
    const [one, two] = [conn.cursor(), conn.cursor()];
    expect(one).not.toBe(two);
    expect(one.connection).toBe(conn);
    expect(one.rowFactory).toBe(sqlite3.scalarRow);
    await one.execute("SELECT 1");
    await two.execute("SELECT 2");
    expect([await one.fetchone(), await two.fetchone()]).toEqual([1, 2]);
  });

  it("execute, executemany and executescript give a new cursor each", async () => {
    const conn = await db.connect();
    const cursors = [
      await conn.executescript("CREATE TABLE t (a)"),
      await conn.execute("INSERT INTO t VALUES (1)"),
      await conn.executemany("INSERT INTO t VALUES (?)", [[2], [3]]),
    ];
    expect(new Set(cursors).size).toBe(3);
    expect(cursors.map(({ rowcount }) => rowcount)).toEqual([-1, 1, 2]);
    for (const cursor of cursors) expect(cursor.connection).toBe(conn);
  });

  it("totalChanges counts the rows changed since it was opened", async () => {
    const conn = await db.connect(db.file());
    expect(await conn.totalChanges).toBe(0);
    await conn.execute("CREATE TABLE t (a)");
    await conn.executemany(
      "INSERT INTO t VALUES (?)",
      Array.from({ length: 100 }, (_, i) => [i]),
    );
    await conn.execute("UPDATE t SET a = 0 WHERE a < 10");
    await conn.rollback();
    expect(await conn.totalChanges).toBe(110);
    expect(await (await db.connect(db.file())).totalChanges).toBe(0);
  });

  it("inTransaction is SQLite's word, and cannot be set", async () => {
    const conn = await db.connect();
    expect(conn.inTransaction).toBe(false);
    await conn.execute("BEGIN");
    expect(conn.inTransaction).toBe(true);
    await conn.execute("END");
    expect(conn.inTransaction).toBe(false);
    await conn.execute("SAVEPOINT s");
    expect(conn.inTransaction).toBe(true);
    await conn.execute("RELEASE s");
    expect(conn.inTransaction).toBe(false);
    expect(() => Object.assign(conn, { inTransaction: true })).toThrow(TypeError);
  });

  it("is closed by Symbol.dispose or Symbol.asyncDispose too", async () => {
    const conn = await db.connect();
    if (db.isSynchronous) synchronous(conn)[Symbol.dispose]();
    else await conn[Symbol.asyncDispose]();
    expect((await raised(sqlite3.ProgrammingError, () => conn.execute("SELECT 1"))).message).toBe(CLOSED);
  });

  describe("after close()", () => {
    it("every member is in this list", () => {
      const known = new Set([...Object.keys(uses), ...FREE]);
      const missing = membersOf(db.isSynchronous ? sqlite3.Connection : AsyncConnection).filter(
        (name) => !known.has(name),
      );
      expect(missing).toEqual([]);
    });

    it.each(Object.entries(uses))("%s is a ProgrammingError", async (_name, use) => {
      const conn = await db.connect();
      await conn.close();
      expect((await raised(sqlite3.ProgrammingError, () => use(conn))).message).toBe(CLOSED);
    });

    it("close() and plain state are not", async () => {
      const conn = await db.connect();
      await conn.close();
      await conn.close();
      expect(conn.inTransaction).toBe(false);
      expect([conn.isolationLevel, conn.autocommit, conn.rowFactory, conn.textFactory]).toEqual([
        "",
        -1,
        null,
        "string",
      ]);
    });

    const cursorUses: Readonly<Record<string, (cursor: AnyCursor) => unknown>> = {
      execute: (cursor) => cursor.execute("SELECT 1"),
      executemany: (cursor) => cursor.executemany("INSERT INTO t VALUES (?)", []),
      executescript: (cursor) => cursor.executescript(""),
      fetchone: (cursor) => cursor.fetchone(),
      fetchmany: (cursor) => cursor.fetchmany(),
      fetchall: (cursor) => cursor.fetchall(),
      iteration: (cursor) => collect(cursor),
      setinputsizes: (cursor) => cursor.setinputsizes([]),
      setoutputsize: (cursor) => cursor.setoutputsize(1),
      nextset: (cursor) => cursor.nextset(),
    };

    it.each(Object.entries(cursorUses))("its cursors are closed too: %s", async (_name, use) => {
      const conn = await db.connect();
      const unread = await conn.execute("SELECT 1 UNION ALL SELECT 2");
      await unread.fetchone();
      await conn.close();
      expect((await raised(sqlite3.ProgrammingError, () => use(unread))).message).toBe(CLOSED);
      await unread.close();
    });
  });
});
