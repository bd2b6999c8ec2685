/**
 * Making a pool: its options, what kind of database becomes what kind of pool, and what its setup function is for.
 */
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { createPool, InterfaceError, OperationalError, type PoolOptions } from "../../src/aio.ts";
import { pools, until } from "./pools.ts";
import { raised } from "./quadrants.ts";

pools("createPool", (db) => {
  it.each([
    [{ readers: -1 }, "readers must be a whole number from 0 to 1000, not -1"],
    [{ readers: 1.5 }, "readers must be a whole number from 0 to 1000, not 1.5"],
    [{ maxQueue: "1" }, 'maxQueue must be a whole number from 0 to 2147483647, not "1"'],
    [{ acquireTimeout: Number.NaN }, "acquireTimeout must be a whole number from 0 to 2147483647, not NaN"],
    [{ maxHold: null }, "maxHold must be a whole number from 0 to 2147483647, not null"],
    [{ setup: "PRAGMA" }, 'setup must be a function, not "PRAGMA"'],
    [{ timeout: -1 }, "timeout must be a whole number from 0 to 2147483647, not -1"],
    [null, "options must be an object, not null"],
  ])("refuses %o", async (options, message) => {
    const error = await raised(InterfaceError, () => createPool(":memory:", options as PoolOptions));
    expect(error.message).toBe(message);
    expect(db.workers).toHaveLength(0);
  });

  it("names all options there are when one is unknown", async () => {
    const error = await raised(InterfaceError, () => createPool(":memory:", { reader: 1 } as object));
    expect(error.message).toMatch(
      /^unknown option 'reader': expected one of timeout, .*rowFactory.*, readers, /,
    );
  });

  it("takes every option of connect, and undefined for the default", async () => {
    const pool = await db.pool({
      timeout: 10,
      integers: "bigint",
      readers: undefined as never,
      cachedStatements: 3,
    });
    expect(await pool.fetchone("SELECT 1")).toEqual([1n]);
  });

  it("creates the file in WAL mode, and opens readers only when they are needed", async () => {
    const pool = await db.pool({ readers: 2 });
    expect(db.workers).toHaveLength(1);
    expect(await pool.fetchone("PRAGMA journal_mode")).toEqual(["wal"]);
    expect(pool.stats().readers.total).toBeLessThan(2);
    await Promise.all([1, 2, 3, 4].map(() => pool.read((conn) => conn.fetchone("SELECT 1"))));
    await until(() => pool.stats().readers.idle === 2);
    expect(pool.stats().readers).toEqual({ total: 2, idle: 2, busy: 0, opening: 0 });
    expect(
      await db.secondProcess("return new Database(args[0]).pragma('journal_mode')", [db.file()]),
    ).toEqual([{ journal_mode: "wal" }]);
  });

  it.each([":memory:", "", "file:any?mode=memory"])(
    "makes %j a pool of one, which reads what it has written",
    async (name) => {
      const pool = await db.pool({ readers: 4 }, name);
      await pool.execute("CREATE TABLE t (a)");
      await Promise.all([1, 2, 3].map((a) => pool.execute("INSERT INTO t VALUES (?)", [a])));
      const [read, all] = await Promise.all([
        pool.read((conn) => conn.fetchone("SELECT count(*) FROM t")),
        pool.fetchall("SELECT a FROM t"),
      ]);
      expect([read, all]).toEqual([[3], [[1], [2], [3]]]);
      expect(db.workers).toHaveLength(1);
      expect(pool.stats()).toMatchObject({ readers: { total: 0 }, writer: { total: 1, idle: 1 } });
    },
  );

  it("with no readers is a pool of one on a file too", async () => {
    const pool = await db.pool({ readers: 0 });
    await pool.execute("CREATE TABLE t (a)");
    expect(await pool.fetchall("SELECT a FROM t")).toEqual([]);
    expect(db.workers).toHaveLength(1);
  });

  it("reading in a pool of one refuses writes as readers do, and only while it lasts", async () => {
    const pool = await db.pool({}, ":memory:");
    await pool.execute("CREATE TABLE t (a)");
    const error = await raised(OperationalError, () =>
      pool.read((conn) => conn.execute("INSERT INTO t VALUES (1)")),
    );
    expect(error.code).toBe("SQLITE_READONLY");
    {
      await using conn = await pool.connection({ readonly: true });
      await raised(OperationalError, () => conn.execute("INSERT INTO t VALUES (2)"));
    }
    await pool.execute("INSERT INTO t VALUES (3)");
    expect(await pool.fetchall("SELECT a FROM t")).toEqual([[3]]);
  });

  it.each([
    ["the option readonly", { readonly: true }, ""],
    ["mode=ro", {}, "?mode=ro"],
  ])("on a database opened with %s reads, and says so to whoever writes", async (_, options, query) => {
    await (await db.pool()).execute("CREATE TABLE t (a)");
    const pool = await db.pool(options, pathToFileURL(db.file()).href + query);
    expect(await pool.fetchall("SELECT * FROM t")).toEqual([]);
    expect(await pool.read((conn) => conn.fetchall("SELECT * FROM t"))).toEqual([]);
    const error = await raised(OperationalError, () => pool.execute("INSERT INTO t VALUES (1)"));
    expect(error.code).toBe("SQLITE_READONLY");
    await raised(OperationalError, () => pool.transaction((tx) => tx.execute("DROP TABLE t")));
  });

  it("rejects where the file cannot be opened, and leaves no worker", async () => {
    const error = await raised(OperationalError, () => createPool(db.file("no/where.db")));
    expect(error.code).toBe("SQLITE_CANTOPEN");
    expect(error.stack).toContain("pool-create.test.ts");
  });

  it("runs its setup function on every connection, which is told what it is for", async () => {
    const roles: boolean[] = [];
    const pool = await db.pool({
      readers: 1,
      setup: async (conn, { readonly }) => {
        roles.push(readonly);
        await conn.execute("PRAGMA cache_size = -1234");
        await conn.createFunction("twice", 1, (x: number) => x * 2);
        if (!readonly) await conn.executescript("CREATE TABLE IF NOT EXISTS t (a)");
      },
    });
    expect(await pool.fetchone("SELECT twice(4) FROM (SELECT count(*) FROM t)")).toEqual([8]);
    expect(await pool.fetchone("PRAGMA cache_size")).toEqual([-1234]);
    expect((await pool.execute("INSERT INTO t VALUES (twice(21)) RETURNING a")).rows).toEqual([[42]]);
    expect(roles).toEqual([false, true]);
  });

  it("rejects with what the setup function throws, and closes the connection", async () => {
    const mine = new RangeError("mine");
    const setup = () => Promise.reject(mine);
    expect(await raised(RangeError, () => createPool(db.file(), { setup }))).toBe(mine);
    const [worker] = db.workers;
    if (worker?.threadId !== -1) await new Promise((resolve) => worker?.once("exit", resolve));
  });

  it("gives rows in the form of its row factory", async () => {
    const pool = await db.pool({ rowFactory: (_, values) => ({ first: values[0] }) });
    expect(await pool.fetchone("SELECT 1")).toEqual({ first: 1 });
    expect((await pool.execute("SELECT 2")).rows).toEqual([{ first: 2 }]);
    expect(await pool.read((conn) => conn.fetchone("SELECT 3"))).toEqual({ first: 3 });
    await using conn = await pool.connection();
    expect(await conn.fetchone("SELECT 4")).toEqual({ first: 4 });
  });
});
