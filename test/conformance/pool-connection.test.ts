/**
 * `pool.connection()`: a connection for oneself, until it is given back; what becomes of what was left behind on it.
 */
import { expect, it } from "vitest";
import {
  AsyncConnection,
  NotSupportedError,
  OperationalError,
  PooledConnection,
  type PoolOptions,
  ProgrammingError,
} from "../../src/aio.ts";
import { pools } from "./pools.ts";
import { collect, raised } from "./quadrants.ts";

pools("pool.connection()", (db) => {
  async function withTable(options?: PoolOptions, database?: string) {
    const pool = await db.pool({ readers: 1, ...options }, database);
    await pool.execute("CREATE TABLE t (a)");
    return pool;
  }

  it("is a connection like any other, in the transaction mode of the pool's options", async () => {
    const pool = await withTable();
    await using conn = await pool.connection();
    expect(conn).toBeInstanceOf(AsyncConnection);
    expect(conn).toBeInstanceOf(PooledConnection);
    await conn.execute("INSERT INTO t VALUES (1)");
    expect(conn.inTransaction).toBe(true);
    await conn.commit();
    const cursor = conn.cursor();
    expect(await cursor.execute("SELECT a FROM t").fetchall()).toEqual([[1]]);
    await conn.transaction(async () => {
      await conn.execute("INSERT INTO t VALUES (2)");
      await conn.transaction(() => conn.execute("INSERT INTO t VALUES (3)"));
    });
    expect(await collect(conn.execute("SELECT a FROM t"))).toEqual([[1], [2], [3]]);
    expect((await collect(conn.iterdump())).length).toBeGreaterThan(3);
    await conn.createFunction("inner", 0, async () => 5);
    expect(await conn.fetchone("SELECT inner()")).toEqual([5]);
    expect(pool.stats().writer).toMatchObject({ busy: 1, idle: 0 });
  });

  it("refuses its own functions to wait for it while SQL waits for them", async () => {
    const pool = await withTable();
    const conn = await pool.connection();
    await conn.createFunction("inside", 0, async () => {
      await null;
      return (await conn.fetchone("SELECT 1")) === null ? 0 : 1;
    });
    const error = await raised(OperationalError, () => conn.fetchone("SELECT inside()"));
    expect(error.cause).toBeInstanceOf(NotSupportedError);
    await conn.release();
    const again = await raised(OperationalError, () =>
      pool.transaction((tx) => tx.fetchone("SELECT inside()")),
    );
    expect((again.cause as Error).message).toBe("the connection has been given back to its pool");
  });

  it("comes back at the end of the block, and what is not committed is rolled back and counted", async () => {
    const pool = await withTable();
    {
      await using conn = await pool.connection();
      await conn.execute("INSERT INTO t VALUES (1)");
    }
    expect(pool.stats()).toMatchObject({ rolledBack: 1, writer: { busy: 0, idle: 1 } });
    {
      await using conn = await pool.connection();
      await conn.execute("INSERT INTO t VALUES (2)");
      await conn.commit();
    }
    expect(pool.stats().rolledBack).toBe(1);
    expect(await pool.fetchall("SELECT a FROM t")).toEqual([[2]]);
  });

  it("used after its release is refused, with its cursors", async () => {
    const pool = await withTable();
    const conn = await pool.connection();
    const cursor = await conn.execute(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
    );
    await conn.release();
    await conn.release();
    await conn.close();
    const uses: (() => unknown)[] = [
      () => conn.execute("SELECT 1"),
      () => conn.fetchone("SELECT 1"),
      () => conn.commit(),
      () => conn.transaction(() => 1),
      () => conn.executemany("INSERT INTO t VALUES (?)", [[1]]),
      () => collect(conn.iterdump()),
      () => cursor.fetchall(),
      () => cursor.execute("SELECT 1"),
      () => conn.backup(db.file("copy.db")),
    ];
    for (const use of uses) {
      const error = await raised(ProgrammingError, use);
      expect(error.message).toBe("the connection has been given back to its pool");
    }
    expect(await pool.execute("INSERT INTO t VALUES (1)")).toMatchObject({ rowcount: 1 });
  });

  it("comes back after the calls that nobody has awaited", async () => {
    const pool = await withTable();
    const conn = await pool.connection();
    const calls = [
      conn.execute("INSERT INTO t VALUES (1)"),
      conn.commit(),
      conn.fetchone("SELECT count(*) FROM t"),
    ];
    const releasing = conn.release();
    await raised(ProgrammingError, () => conn.fetchone("SELECT 1"));
    await releasing;
    expect((await Promise.all(calls))[2]).toEqual([1]);
    expect(await pool.fetchall("SELECT a FROM t")).toEqual([[1]]);
  });

  it("has for the next caller what the options and the setup function say", async () => {
    const setup = (conn: AsyncConnection) => {
      conn.textFactory = "buffer";
    };
    const pool = await withTable({ readers: 0, isolationLevel: "EXCLUSIVE", setup });
    {
      await using conn = await pool.connection();
      expect([conn.isolationLevel, conn.autocommit, conn.textFactory]).toEqual(["EXCLUSIVE", -1, "buffer"]);
      conn.isolationLevel = null;
      conn.autocommit = false;
      conn.textFactory = "string";
      conn.rowFactory = (() => 1) as never;
      await conn.execute("INSERT INTO t VALUES (1)");
    }
    expect(await pool.fetchone("SELECT count(*), 'x' FROM t")).toEqual([0, Buffer.from("x")]);
    await pool.execute("INSERT INTO t VALUES (2)");
    await using conn = await pool.connection();
    expect([conn.isolationLevel, conn.autocommit, conn.textFactory]).toEqual(["EXCLUSIVE", -1, "buffer"]);
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([1]);
  });

  it("with autocommit false is always in a transaction, and only what was done in it counts as left behind", async () => {
    const pool = await withTable({ autocommit: false });
    {
      await using conn = await pool.connection();
      expect(conn.inTransaction).toBe(true);
      await conn.execute("INSERT INTO t VALUES (1)");
      await conn.commit();
      expect(conn.inTransaction).toBe(true);
    }
    expect(pool.stats().rolledBack).toBe(0);
    await pool.execute("INSERT INTO t VALUES (2)");
    expect(await pool.fetchone("SELECT count(*) FROM t")).toEqual([2]);
    await pool.transaction((tx) => tx.execute("INSERT INTO t VALUES (3)"));
    {
      await using conn = await pool.connection();
      await conn.execute("INSERT INTO t VALUES (4)");
    }
    expect(pool.stats().rolledBack).toBe(1);
    expect(await pool.fetchone("SELECT count(*) FROM t")).toEqual([3]);
  });

  it("readonly leaves the writer to others", async () => {
    const pool = await withTable();
    await using conn = await pool.connection({ readonly: true });
    await pool.execute("INSERT INTO t VALUES (1)");
    expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
    const error = await raised(OperationalError, () => conn.execute("INSERT INTO t VALUES (2)"));
    expect(error.code).toBe("SQLITE_READONLY");
  });

  it("whose database was replaced or closed is replaced", async () => {
    const pool = await withTable();
    {
      await using conn = await pool.connection();
      await conn.deserialize(await conn.serialize());
      await conn.execute("DROP TABLE t");
      await conn.commit();
    }
    expect(pool.stats().replaced).toBe(1);
    await pool.execute("INSERT INTO t VALUES (1)");
    expect(await pool.fetchone("SELECT count(*) FROM t")).toEqual([1]);
    await raised(ProgrammingError, () => pool.transaction(async (tx) => tx.close()));
    expect(await pool.transaction((tx) => tx.fetchone("SELECT count(*) FROM t"))).toEqual([1]);
    expect(pool.stats().replaced).toBe(2);
  });

  it("dropped without release() is given back with a warning", async () => {
    const answer = await db.secondProcess(
      `const warnings = [];
       process.on("warning", ({ name, message }) => warnings.push([name, message]));
       const pool = await sqlite3.createPool(":memory:", { acquireTimeout: 0 });
       await (async () => { await (await pool.connection()).execute("CREATE TABLE t (a)"); })();
       while (pool.stats().writer.busy > 0) {
         gc();
         await new Promise((resolve) => setTimeout(resolve, 5));
       }
       return [warnings, await pool.fetchall("SELECT * FROM t")];`,
      [],
      ["--expose-gc"],
    );
    expect(answer).toEqual([
      [["ResourceWarning", 'a connection to ":memory:" from a pool was dropped without release()']],
      [],
    ]);
  });
});
