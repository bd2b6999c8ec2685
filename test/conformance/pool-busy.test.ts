/**
 * A pool and other processes: their locks are waited for, and what fails of them is run again as a whole.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { OperationalError, type Pool } from "../../src/aio.ts";
import { connect } from "../../src/index.ts";
import { pools, until } from "./pools.ts";
import { raised } from "./quadrants.ts";

pools("a pool beside another process", (db) => {
  async function withTable(timeout = 0): Promise<Pool> {
    const pool = await db.pool({ timeout, readers: 1 });
    await pool.execute("CREATE TABLE t (a)");
    return pool;
  }

  /** Another process that holds the write lock until what this returns is called. */
  async function locked(): Promise<() => Promise<unknown>> {
    const [there, go] = [db.file("there"), db.file("go")];
    const holding = db.secondProcess(
      `const { existsSync, writeFileSync } = await import("node:fs");
       const other = new Database(args[0]);
       other.exec("BEGIN IMMEDIATE; INSERT INTO t VALUES ('theirs')");
       writeFileSync(args[1], "");
       while (!existsSync(args[2])) await new Promise((resolve) => setTimeout(resolve, 2));
       other.exec("COMMIT");`,
      [db.file(), there, go],
    );
    const { existsSync, writeFileSync } = await import("node:fs");
    await until(() => existsSync(there));
    return () => {
      writeFileSync(go, "");
      return holding;
    };
  }

  it("runs a transaction again until the lock is free", async () => {
    const pool = await withTable();
    const letGo = await locked();
    let runs = 0;
    const writing = pool.transaction(
      async (tx) => {
        runs++;
        await tx.execute("INSERT INTO t VALUES ('ours')");
        return tx.fetchone("SELECT count(*) FROM t");
      },
      { retries: 1000 },
    );
    await until(() => pool.stats().retried > 2);
    await letGo();
    expect(await writing).toEqual([2]);
    expect(runs).toBe(1);
  });

  it("and statements of the pool as well; readers go on meanwhile", async () => {
    const pool = await withTable(1500);
    const letGo = await locked();
    const writing = Promise.all([
      pool.execute("INSERT INTO t VALUES (1)"),
      pool.executemany("INSERT INTO t VALUES (?)", [[2]]),
    ]);
    expect(await pool.fetchall("SELECT * FROM t")).toEqual([]);
    await sleep(20);
    await letGo();
    await writing;
    expect(await pool.fetchone("SELECT count(*) FROM t")).toEqual([3]);
  });

  it("gives up after so many times, with SQLite's own error", async () => {
    const pool = await withTable();
    const letGo = await locked();
    const error = await raised(OperationalError, () => pool.transaction(() => 1, { retries: 2 }));
    expect(error).toMatchObject({ code: "SQLITE_BUSY", retryable: true });
    expect(pool.stats().retried).toBe(2);
    await raised(OperationalError, () => pool.transaction(() => 1, { retries: 0 }));
    expect(pool.stats().retried).toBe(2);
    const interrupted = await raised(OperationalError, () =>
      pool.transaction(() => 1, { retries: 1000, timeout: 100 }),
    );
    expect(interrupted).toMatchObject({ code: "SQLITE_INTERRUPT", outcome: "not-executed" });
    await letGo();
    expect(await pool.transaction(() => 1)).toBe(1);
  });

  it("a DEFERRED transaction that was overtaken is run again with a new snapshot", async () => {
    const pool = await withTable();
    let runs = 0;
    await pool.transaction(
      async (tx) => {
        await tx.fetchone("SELECT count(*) FROM t");
        if (++runs === 1)
          await db.secondProcess(`new Database(args[0]).exec("INSERT INTO t VALUES (0)")`, [db.file()]);
        await tx.execute("INSERT INTO t SELECT count(*) FROM t");
      },
      { mode: "DEFERRED" },
    );
    expect(runs).toBe(2);
    expect(await pool.fetchall("SELECT a FROM t")).toEqual([[0], [1]]);
    expect(pool.stats().retried).toBe(1);
  });

  it("cannot go into WAL mode while another process is in the way: it says so, or waits", async () => {
    const other = connect(db.file(), { autocommit: true });
    other.executescript("CREATE TABLE t (a); BEGIN EXCLUSIVE");
    const error = await raised(OperationalError, () => db.pool({ timeout: 0 }));
    expect(error.code).toBe("SQLITE_BUSY");
    const making = db.pool({ timeout: 5000 });
    await sleep(20);
    other.execute("COMMIT");
    other.close();
    expect(await (await making).fetchone("PRAGMA journal_mode")).toEqual(["wal"]);
  });
});
