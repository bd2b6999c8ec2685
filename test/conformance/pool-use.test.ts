/**
 * What a pool does with statements: where they go, what it gives back, what it refuses; `read` and `executemany`.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import {
  IntegrityError,
  InterfaceError,
  OperationalError,
  type Pool,
  ProgrammingError,
} from "../../src/aio.ts";
import { gate, pools } from "./pools.ts";
import { raised } from "./quadrants.ts";

pools("statements of a pool", (db) => {
  async function withTable(): Promise<Pool> {
    const pool = await db.pool({ readers: 2 });
    await pool.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE)");
    return pool;
  }

  it("give their whole result, with what a cursor knows", async () => {
    const pool = await withTable();
    expect(await pool.execute("INSERT INTO t (a) VALUES (?), (?)", ["x", "y"])).toEqual({
      rows: [],
      rowcount: 2,
      lastrowid: 2,
      description: null,
    });
    const read = await pool.execute("SELECT a FROM t ORDER BY id");
    expect(read).toMatchObject({ rows: [["x"], ["y"]], rowcount: -1, lastrowid: null });
    expect(read.description?.[0]?.[0]).toBe("a");
    expect(await pool.fetchone("SELECT a FROM t WHERE id = :id", { id: 2 })).toEqual(["y"]);
    expect(await pool.fetchone("SELECT a FROM t WHERE id = 9")).toBe(null);
    expect(await pool.execute("-- nothing")).toMatchObject({ rows: [], description: null });
  });

  it("go to readers or to the writer by SQLite's own word", async () => {
    const pool = await withTable();
    const { passed, open } = gate();
    // The writer is taken: what comes through has not gone there.
    const holding = pool.transaction(() => passed);
    const reads = [
      "SELECT count(*) FROM t",
      "WITH x AS (SELECT 1) SELECT * FROM x",
      "VALUES (1)",
      "PRAGMA table_info(t)",
      "PRAGMA user_version",
      "EXPLAIN QUERY PLAN SELECT * FROM t",
    ];
    for (const sql of reads) expect((await pool.execute(sql)).rows.length).toBeGreaterThan(0);
    const writes = [
      "INSERT INTO t (a) VALUES (1)",
      "WITH x AS (SELECT 2) INSERT INTO t (a) SELECT * FROM x",
      "INSERT INTO t (a) VALUES (3) RETURNING a",
      "PRAGMA user_version = 4",
      "PRAGMA main.wal_checkpoint(PASSIVE)",
      "PRAGMA optimize",
      "CREATE TABLE u (a)",
      "ANALYZE",
      "VACUUM",
    ];
    const written = Promise.all(writes.map((sql) => pool.execute(sql)));
    expect(await Promise.race([written, sleep(100, "waiting")])).toBe("waiting");
    expect(pool.stats().waiting.writer).toBe(writes.length);
    open();
    await Promise.all([written, holding]);
    expect(await pool.fetchone("PRAGMA user_version")).toEqual([4]);
    expect(await pool.fetchone("SELECT count(*) FROM t")).toEqual([3]);
  });

  it.each([
    ["BEGIN", "BEGIN is not for the pool: use pool.transaction()"],
    ["/* now */ COMMIT", "COMMIT is not for the pool: use pool.transaction()"],
    ["END", "COMMIT is not for the pool: use pool.transaction()"],
    ["ROLLBACK", "ROLLBACK is not for the pool: use pool.transaction()"],
    ["SAVEPOINT s", "SAVEPOINT is not for the pool: use pool.transaction()"],
    ["RELEASE s", "RELEASE is not for the pool: use pool.transaction()"],
    ["ATTACH 'x.db' AS x", "ATTACH would change one connection of the pool: "],
    ["detach x", "DETACH would change one connection of the pool: "],
    [
      "PRAGMA foreign_keys = OFF",
      "PRAGMA foreign_keys with a value would change one connection of the pool: ",
    ],
    ["PRAGMA main.'journal_mode'=DELETE", "PRAGMA journal_mode with a value would change"],
    ["PRAGMA Query_Only(1)", "PRAGMA query_only with a value would change one connection"],
    [
      "CREATE TEMP TABLE x (a)",
      "a temporary object is on one connection of the pool only: use pool.connection()",
    ],
    ["CREATE TEMPORARY VIEW x AS SELECT 1", "a temporary object is on one connection of the pool only"],
    ["SELECT 1; SELECT 2", "You can only execute one statement at a time."],
  ])("refuse %s", async (sql, message) => {
    const pool = await db.pool();
    for (const call of [pool.execute, pool.fetchall, pool.fetchone]) {
      const error = await raised(ProgrammingError, () => call.call(pool, sql));
      expect(error.message.slice(0, message.length)).toBe(message);
      expect(error.sql).toBe(sql);
    }
    await raised(ProgrammingError, () => pool.executemany(sql, [[]]));
    await raised(ProgrammingError, () => pool.transaction(() => pool.execute(sql)));
    expect(pool.stats().writer).toMatchObject({ idle: 1, busy: 0 });
  });

  it("that are wrong fail as on a connection, with the caller's stack, and lose no connection", async () => {
    const pool = await withTable();
    await pool.execute("INSERT INTO t (a) VALUES (1)");
    const twice = await raised(IntegrityError, async function someRepository() {
      await pool.execute("INSERT INTO t (a) VALUES (1)");
    });
    expect(twice.code).toBe("SQLITE_CONSTRAINT_UNIQUE");
    expect(twice.stack).toContain("someRepository");
    await raised(ProgrammingError, () => pool.execute("SELECT * FROM nowhere"));
    await raised(ProgrammingError, () => pool.execute("SELECT * FROM nowhere"));
    await raised(ProgrammingError, () => pool.execute("DROP TABLE nowhere"));
    await raised(ProgrammingError, () => pool.execute("bogus"));
    await raised(InterfaceError, () => pool.fetchall("SELECT ?", []));
    await raised(InterfaceError, () => pool.fetchall("SELECT 1", [], { timeout: -1 }));
    await raised(ProgrammingError, () => pool.execute(1 as never));
    await raised(InterfaceError, () => pool.read("fn" as never));
    await raised(InterfaceError, () => pool.transaction(() => 1, { mode: "LATER" as never }));
    await raised(InterfaceError, () => pool.transaction(() => 1, { retries: -1 }));
    await raised(InterfaceError, () => pool.connection({ readonly: 1 as never }));
    await raised(InterfaceError, () => pool.close({ timeout: "1" as never }));
    const { readers, writer } = pool.stats();
    expect([readers.busy, writer.busy]).toEqual([0, 0]);
  });

  it("have their values copied when the call is made, also when they wait", async () => {
    const pool = await withTable();
    const { passed, open } = gate();
    const holding = pool.transaction(() => passed);
    const bytes = Buffer.from("before");
    const [positional, named] = [[bytes], { id: 7, a: "before" }];
    const waiting = Promise.all([
      pool.execute("INSERT INTO t (a) VALUES (?)", positional),
      pool.execute("INSERT INTO t (id, a) VALUES (:id, :a)", named),
      pool.execute("INSERT INTO t (a) VALUES (?)", [new DataView(bytes.buffer, bytes.byteOffset, 3)]),
    ]);
    bytes.write("after!");
    positional[0] = Buffer.from("other");
    named.a = "after";
    open();
    await Promise.all([waiting, holding]);
    expect(await pool.fetchall("SELECT CAST(a AS TEXT) FROM t ORDER BY id")).toEqual([
      ["before"],
      ["before"],
      ["bef"],
    ]);
  });

  it("in read() see one moment, whatever is written meanwhile", async () => {
    const pool = await withTable();
    const counts = await pool.read(async (conn) => {
      const before = await conn.fetchone("SELECT count(*) FROM t");
      await db.secondProcess('new Database(args[0]).exec("INSERT INTO t (a) VALUES (1)")', [db.file()]);
      return [before, await conn.fetchone("SELECT count(*) FROM t")];
    });
    expect(counts).toEqual([[0], [0]]);
    expect(await pool.fetchone("SELECT count(*) FROM t")).toEqual([1]);
    const error = await raised(OperationalError, () => pool.read((conn) => conn.execute("DELETE FROM t")));
    expect(error.code).toBe("SQLITE_READONLY");
    expect(await pool.fetchone("SELECT count(*) FROM t")).toEqual([1]);
  });

  it("executemany is all or nothing, and takes sets that come with time", async () => {
    const pool = await withTable();
    const INSERT = "INSERT INTO t (a) VALUES (?)";
    const error = await raised(IntegrityError, () => pool.executemany(INSERT, [[1], [2], [1]]));
    expect(error.index).toBe(2);
    expect(await pool.fetchone("SELECT count(*) FROM t")).toEqual([0]);
    async function* sets() {
      for (let a = 0; a < 5; a++) yield [a];
    }
    expect(await pool.executemany(INSERT, sets())).toMatchObject({ rowcount: 5, rows: [] });
    await raised(ProgrammingError, () => pool.executemany("SELECT ?", [[1]]));
    expect(await pool.fetchone("SELECT count(*) FROM t")).toEqual([5]);
  });

  it("executemany refuses sets that wait for the pool's own writer", async () => {
    const pool = await withTable();
    async function* sets() {
      await pool.execute("INSERT INTO t (a) VALUES ('from inside')");
      yield [1];
    }
    const error = await raised(ProgrammingError, () =>
      pool.executemany("INSERT INTO t (a) VALUES (?)", sets()),
    );
    expect(error.message).toMatch(/its sets may not use its connection$/);
    expect(await pool.fetchone("SELECT count(*) FROM t")).toEqual([0]);
  });
});
