/**
 * What is not on a server as it is at home: a test for every line of docs/reference/remote.md. That everything else is the same
 * is what the other files here are about.
 */
import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import * as aio from "../../src/aio.ts";
import {
  connect,
  DataError,
  IntegrityError,
  NotSupportedError,
  OperationalError,
  sqliteVersion,
} from "../../src/index.ts";
import { type AnyConnection, collect, onServers, raised } from "./quadrants.ts";

const NOT_UTF8 = "CAST(x'61ff62' AS TEXT)";

onServers("differences on a server", (db) => {
  const SERVER = db.engine;

  describe("a NotSupportedError that names the feature and the engine", () => {
    class Count {
      step() {}
      finalize() {
        return 0;
      }
    }
    class Window extends Count {
      value() {
        return 0;
      }
      inverse() {}
    }
    const members: Readonly<Record<string, (conn: AnyConnection) => unknown>> = {
      createFunction: (conn) => conn.createFunction("f", 0, () => 1),
      createAggregate: (conn) => conn.createAggregate("f", 0, Count),
      createWindowFunction: (conn) => conn.createWindowFunction("f", 0, Window),
      backup: (conn) => conn.backup(db.file("copy.db")),
      serialize: (conn) => conn.serialize(),
      deserialize: (conn) => conn.deserialize(new Uint8Array(4096)),
      loadExtension: async (conn) => {
        await conn.enableLoadExtension(true);
        await conn.loadExtension(db.file("no.so"));
      },
    };
    it.each(Object.entries(members))("%s", async (name, use) => {
      const conn = await db.connect();
      const { message } = await raised(NotSupportedError, () => use(conn));
      expect(message).toContain(`${name}()`);
      expect(message).toContain(SERVER);
      expect(await conn.fetchone("SELECT 1")).toEqual([1]);
    });

    it.each(["readonly", "fileMustExist"])("the option %s", async (option) => {
      const { message } = await raised(NotSupportedError, () => db.connect(":memory:", { [option]: true }));
      expect(message).toContain(option);
      expect(message).toContain("server");
    });

    it.each([
      ["ATTACH ':memory:' AS other", "ATTACH"],
      ["VACUUM", "VACUUM"],
      ["ANALYZE", "ANALYZE"],
      ["CREATE TEMP TABLE x (a)", "CREATE TEMP"],
      ["CREATE TEMPORARY VIEW x AS SELECT 1", "CREATE TEMPORARY"],
      ["CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END", "CREATE TEMP"],
      ["PRAGMA journal_mode = DELETE", "PRAGMA journal_mode"],
      ["PRAGMA main.max_page_count = 5", "PRAGMA max_page_count"],
      ["PRAGMA busy_timeout = 5", "PRAGMA busy_timeout"],
      ["PRAGMA writable_schema = ON", "PRAGMA writable_schema"],
      ["PRAGMA wal_checkpoint", "PRAGMA wal_checkpoint"],
    ])("the statement %s, which leaves the transaction as it is", async (sql, what) => {
      const conn = await db.connect();
      await conn.execute("CREATE TABLE t (a)");
      await conn.execute("INSERT INTO t VALUES (1)");
      const message = `${what} is not supported by ${SERVER}`;
      for (const work of [() => conn.execute(sql), () => conn.fetchall(sql)]) {
        expect((await raised(NotSupportedError, work)).message).toBe(message);
        expect(conn.inTransaction).toBe(true);
      }
      const error = await raised(NotSupportedError, () => conn.executescript(`SELECT 1; ${sql}`));
      expect(error).toMatchObject({ message, index: 1 });
      // A script commits first, in legacy mode.
      expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
    });
  });

  it("a local database cannot be copied to it", async () => {
    const local = await (db.isSynchronous ? connect : aio.connect)(":memory:");
    const target = await db.connect();
    const { message } = await raised(NotSupportedError, () => local.backup(target as never));
    expect(message).toContain("backup()");
    expect(await readdir(db.directory)).toEqual([]);
    await local.close();
  });

  describe("an infinity", () => {
    it("is not bound", async () => {
      const conn = await db.connect();
      await conn.execute("CREATE TABLE t (a)");
      for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        await raised(DataError, () => conn.execute("SELECT ?", [value]));
        await raised(DataError, () => conn.executemany("INSERT INTO t VALUES (?)", [[1], [value]]));
      }
    });

    it("is not read, but can be computed with, and asked for as text", async () => {
      const conn = await db.connect();
      const { message } = await raised(DataError, () => conn.fetchone("SELECT 9e999"));
      expect(message).toContain("infinity");
      const cursor = await conn.execute("VALUES (1), (-9e999), (3)");
      expect(await cursor.fetchone()).toEqual([1]);
      await raised(DataError, () => cursor.fetchone());
      expect(await conn.fetchone("SELECT 9e999 > 1, CAST(9e999 AS TEXT)")).toEqual([1, "Inf"]);
    });

    it("is found in the result of a batch when that has been committed", async () => {
      const conn = await db.connect();
      await conn.execute("CREATE TABLE t (a)");
      await raised(DataError, () => conn.batch(["INSERT INTO t VALUES (1)", "SELECT 9e999"]));
      expect(await conn.fetchone("SELECT a FROM t")).toEqual([1]);
    });
  });

  describe("text that is not UTF-8", () => {
    it("ends the result with an OperationalError, and can be read as a blob", async () => {
      const conn = await db.connect();
      for (const textFactory of ["string", "buffer"] as const) {
        conn.textFactory = textFactory;
        // The row before may come, or be lost with the one behind it.
        await raised(OperationalError, async () =>
          (await conn.execute(`SELECT 1 UNION ALL SELECT ${NOT_UTF8}`)).fetchall(),
        );
        await raised(OperationalError, () => conn.fetchall(`SELECT ${NOT_UTF8}`));
        const [bytes] = (await conn.fetchone(`SELECT CAST(${NOT_UTF8} AS BLOB)`)) ?? [];
        expect(bytes).toEqual(Buffer.of(0x61, 0xff, 0x62));
      }
    });

    it("ends an open transaction too, which no later statement passes over", async () => {
      const conn = await db.connect();
      await conn.execute("CREATE TABLE t (a)");
      await conn.execute("INSERT INTO t VALUES (1)");
      const error = await raised(OperationalError, () => conn.fetchall(`SELECT ${NOT_UTF8}`));
      expect(error.outcome).toBe("rolled-back");
      expect(conn.inTransaction).toBe(false);
      await raised(OperationalError, () => conn.execute("INSERT INTO t VALUES (2)"));
      await conn.rollback();
      expect(await conn.fetchall("SELECT a FROM t")).toEqual([]);
    });
  });

  it("how long a writer waits is the server's to say: timeout is refused", async () => {
    for (const timeout of [0, 5000]) {
      const { message } = await raised(NotSupportedError, () => db.connect(":memory:", { timeout }));
      expect(message).toContain("timeout is for files");
    }
  });

  it.skipIf(db.isSynchronous)("a writer waits for another", async () => {
    const [one, two] = [await db.connect(db.file()), await db.connect(db.file())];
    await one.execute("CREATE TABLE t (a)");
    await one.execute("INSERT INTO t VALUES (1)");
    let hasWaited = true;
    const waiting = two.execute("INSERT INTO t VALUES (2)").fetchall();
    const settled = waiting.then(() => {
      hasWaited = false;
    });
    await sleep(300);
    expect(hasWaited).toBe(true);
    await one.commit();
    await settled;
    await two.commit();
    expect(await one.fetchall("SELECT a FROM t ORDER BY a")).toEqual([[1], [2]]);
  });

  it("what a PRAGMA sets outlives the stream that it was set on", async () => {
    const conn = await db.connect();
    await conn.execute("PRAGMA foreign_keys = OFF");
    expect(await conn.fetchone("PRAGMA foreign_keys")).toEqual([0]);
    await sleep(1000);
    expect(await conn.fetchone("PRAGMA foreign_keys")).toEqual([0]);
    await conn.executescript("CREATE TABLE t (a); PRAGMA foreign_keys(1)");
    await sleep(1000);
    expect(await conn.fetchone("PRAGMA foreign_keys")).toEqual([1]);
  });

  it("what a PRAGMA stores is not stored again with a new stream", async () => {
    const [one, two] = [await db.connect(db.file()), await db.connect(db.file())];
    await one.execute("PRAGMA user_version = 5");
    await two.execute("PRAGMA user_version = 6");
    await sleep(1000);
    expect(await one.fetchone("PRAGMA user_version")).toEqual([6]);
  });

  it("SQL's last_insert_rowid() and changes() are gone when the connection has been idle, but lastrowid and rowcount stay", async () => {
    const conn = await db.connect();
    await conn.execute("CREATE TABLE t (a)");
    const cursor = await conn.execute("INSERT INTO t VALUES (1), (2)");
    await conn.commit();
    expect(await conn.fetchone("SELECT last_insert_rowid()")).toEqual([2]);
    await sleep(1000);
    expect(await conn.fetchone("SELECT last_insert_rowid(), changes()")).not.toEqual([2, 2]);
    expect([cursor.lastrowid, cursor.rowcount]).toEqual([2, 2]);
  });

  it("totalChanges counts what the statements changed, without what their triggers did", async () => {
    const conn = await db.connect();
    await conn.executescript(`
      CREATE TABLE t (a); CREATE TABLE log (a);
      CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END;`);
    const before = Number(await conn.totalChanges);
    expect((await conn.execute("INSERT INTO t VALUES (1), (2)")).rowcount).toBe(2);
    expect(Number(await conn.totalChanges) - before).toBe(2);
  });

  it("the trace callback is called when the statement has run", async () => {
    const conn = await db.connect();
    await conn.execute("CREATE TABLE t (a)");
    const seen: unknown[] = [];
    await conn.setTraceCallback((sql) => void seen.push([sql, conn.inTransaction]));
    await conn.execute("INSERT INTO t VALUES (1)");
    expect(seen).toEqual([
      ["BEGIN", true],
      ["INSERT INTO t VALUES (1)", true],
    ]);
  });

  it("rows that are half read in a transaction come at once when another statement runs, maxResponseBytes at most", async () => {
    const conn = await db.connect(db.file(), { maxResponseBytes: 200_000 });
    await conn.execute("CREATE TABLE t (a)");
    const read = async (count: number) => {
      await conn.execute("BEGIN");
      const cursor = await conn.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?) SELECT i FROM n",
        [count],
      );
      expect(await cursor.fetchone()).toEqual([1]);
      return cursor;
    };
    const few = await read(2000);
    await conn.execute("INSERT INTO t VALUES (1)");
    await conn.rollback();
    expect(await few.fetchall()).toHaveLength(1999);
    const many = await read(100_000);
    const error = await raised(OperationalError, () => conn.execute("INSERT INTO t VALUES (1)"));
    expect(error.message).toContain("maxResponseBytes");
    expect(error.outcome).toBe("not-executed");
    expect(await many.fetchmany(5)).toHaveLength(5);
    await conn.rollback();
  });

  it("a trigger that raises SQLite's own words is taken at its word", async () => {
    const conn = await db.connect();
    await conn.executescript(`
      CREATE TABLE t (a);
      CREATE TRIGGER g BEFORE INSERT ON t BEGIN SELECT raise(ABORT, 'NOT NULL constraint failed: t.a'); END;`);
    const error = await raised(IntegrityError, () => conn.execute("INSERT INTO t VALUES (1)"));
    expect(error.code).toBe("SQLITE_CONSTRAINT_NOTNULL");
  });

  it("SQLite is the server's: another version, with its own messages", async () => {
    const conn = await db.connect();
    const [version] = (await conn.fetchone("SELECT sqlite_version()")) ?? [];
    expect(version).toMatch(/^3\./);
    expect(version).not.toBe(sqliteVersion);
    const { message } = await raised(conn.ProgrammingError, () => conn.execute('SELECT "hello"'));
    expect(message).toBe("no such column: hello");
  });

  it("strings and blobs have the server's limit", async () => {
    const conn = await db.connect();
    const error = await raised(DataError, () => conn.fetchone("SELECT zeroblob(20000000)"));
    expect(error.code).toBe("SQLITE_TOOBIG");
  });

  it("a dump of a virtual table is written, but not taken back", async () => {
    const conn = await db.connect();
    await conn.executescript("CREATE VIRTUAL TABLE f USING fts5 (body); INSERT INTO f VALUES ('x')");
    const dump = (await collect(conn.iterdump())).join("\n");
    const other = await db.connect();
    const error = await raised(NotSupportedError, () => other.executescript(dump));
    expect(error.message).toContain("PRAGMA writable_schema");
  });

  it("an authToken that is promised needs the promised face", async () => {
    const connecting = () => db.connect(db.file(), { authToken: async () => "token" });
    if (db.isSynchronous) await raised(NotSupportedError, connecting);
    else expect(await (await connecting()).fetchone("SELECT 1")).toEqual([1]);
  });
});
