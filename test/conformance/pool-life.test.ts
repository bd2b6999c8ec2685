/**
 * Connections that die and are made anew, calls that are abandoned, the end of a pool, and whom it keeps alive.
 */
import { renameSync } from "node:fs";
import { expect, it } from "vitest";
import { createPool, OperationalError, ProgrammingError } from "../../src/aio.ts";
import { gate, pools, until } from "./pools.ts";
import { raised } from "./quadrants.ts";

/** A second or two of work that cannot be interrupted, and ends by itself: a test must not leave a worker behind. */
const LONG =
  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 6000000) SELECT count(*) FROM n";

pools("the life of a pool", (db) => {
  it("an idle connection whose worker has died is replaced, and set up again", async () => {
    const roles: string[] = [];
    const pool = await db.pool({
      readers: 1,
      setup: async (conn, { readonly }) => {
        roles.push(readonly ? "reader" : "writer");
        await conn.execute("PRAGMA cache_size = -777");
      },
    });
    await pool.execute("CREATE TABLE t (a)");
    expect(await pool.fetchall("SELECT * FROM t")).toEqual([]);
    await Promise.all(db.workers.map((worker) => worker.terminate()));
    await pool.execute("INSERT INTO t VALUES (1)");
    expect(await pool.fetchall("SELECT * FROM t")).toEqual([[1]]);
    expect(await pool.fetchone("PRAGMA cache_size")).toEqual([-777]);
    await pool.transaction(async (tx) => expect(await tx.fetchone("PRAGMA cache_size")).toEqual([-777]));
    expect(roles).toEqual(["writer", "reader", "writer", "reader"]);
    expect(pool.stats()).toMatchObject({ replaced: 2, readers: { total: 1 }, writer: { total: 1 } });
  });

  it("the death of a worker in a transaction tells its caller, and serves those who wait", async () => {
    const pool = await db.pool();
    await pool.execute("CREATE TABLE t (a)");
    const [writer] = db.workers;
    const dying = raised(OperationalError, () =>
      pool.transaction(async (tx) => {
        await tx.execute("INSERT INTO t VALUES (1)");
        await writer?.terminate();
        await tx.execute("INSERT INTO t VALUES (2)");
      }),
    );
    const waiting = [
      pool.execute("INSERT INTO t VALUES (3)"),
      pool.transaction((tx) => tx.fetchall("SELECT * FROM t")),
    ];
    expect((await dying).outcome).toBe("rolled-back");
    expect((await Promise.all(waiting))[1]).toEqual([[3]]);
    expect(pool.stats()).toMatchObject({ replaced: 1, waiting: { writer: 0 } });
  });

  it("workers killed at random while many work: everybody is answered, and the pool goes on", async () => {
    const pool = await db.pool({ readers: 2 });
    await pool.execute("CREATE TABLE t (a)");
    let isOver = false;
    const killing = (async () => {
      for (let i = 0; i < 6; i++) {
        await new Promise((resolve) => setTimeout(resolve, 15));
        await db.workers[Math.floor(Math.random() * db.workers.length)]?.terminate();
      }
      isOver = true;
    })();
    const answers = { done: 0, lost: 0 };
    const task = async (n: number) => {
      while (!isOver) {
        try {
          if (n % 2 === 0) await pool.execute("INSERT INTO t VALUES (?)", [n]);
          else await pool.read((conn) => conn.fetchone("SELECT count(*) FROM t"));
          answers.done++;
        } catch (error) {
          expect(error).toBeInstanceOf(OperationalError);
          expect((error as OperationalError).outcome).toBeDefined();
          answers.lost++;
        }
      }
    };
    await Promise.all([killing, ...Array.from({ length: 12 }, (_, n) => task(n))]);
    expect(answers.done).toBeGreaterThan(0);
    const [count] = (await pool.fetchone<number[]>("SELECT count(*) FROM t")) ?? [];
    expect(count).toBeGreaterThan(0);
    expect(await pool.fetchone("PRAGMA integrity_check")).toEqual(["ok"]);
    expect(pool.stats()).toMatchObject({ waiting: { readers: 0, writer: 0 }, writer: { busy: 0 } });
  });

  it("when no connection can be opened any more, those who wait are told why", async () => {
    const pool = await db.pool({ readers: 1 });
    await pool.execute("CREATE TABLE t (a)");
    renameSync(db.file(), db.file("moved.db"));
    await db.workers[0]?.terminate();
    const waiting = [
      pool.fetchall("SELECT * FROM t"),
      pool.execute("DELETE FROM t"),
      pool.transaction(() => 1),
    ];
    for (const settled of await Promise.allSettled(waiting)) {
      expect(settled).toMatchObject({ status: "rejected", reason: { code: "SQLITE_CANTOPEN" } });
    }
    renameSync(db.file("moved.db"), db.file());
    expect(await pool.fetchall("SELECT * FROM t")).toEqual([]);
    expect((await pool.execute("DELETE FROM t")).rowcount).toBe(0);
  });

  it("a setup function that fails for a while delays those who wait, no more", async () => {
    let failures = 2;
    const setup = (_: unknown, { readonly }: { readonly readonly: boolean }) => {
      if (readonly && failures-- > 0) throw new Error("not yet");
    };
    const pool = await db.pool({ readers: 1, setup });
    expect(await pool.fetchone("SELECT 1")).toEqual([1]);
    expect(failures).toBe(-1);
  });

  it("a query that is aborted leaves a connection that is set up again", async () => {
    let setups = 0;
    const pool = await db.pool({
      readers: 1,
      setup: async (conn) => {
        setups++;
        await conn.execute("PRAGMA cache_size = -777");
      },
    });
    expect(await pool.fetchone("SELECT 1")).toEqual([1]);
    const error = await raised(OperationalError, () => pool.fetchone(LONG, [], { timeout: 50 }));
    expect(error.code).toBe("SQLITE_INTERRUPT");
    expect(await pool.fetchone("PRAGMA cache_size")).toEqual([-777]);
    expect(setups).toBe(3);
    expect(pool.stats()).toMatchObject({ replaced: 1, readers: { total: 1, idle: 1 } });
  });

  it("a pool in memory that is lost says so, instead of going on empty", async () => {
    const pool = await db.pool({}, ":memory:");
    await pool.execute("CREATE TABLE t (a)");
    await db.workers[0]?.terminate();
    const calls: (() => Promise<unknown>)[] = [
      () => pool.fetchall("SELECT * FROM t"),
      () => pool.transaction(() => 1),
      () => pool.read((conn) => conn.fetchall("SELECT * FROM t")),
      () => pool.connection({ readonly: true }),
      async () => {
        await using conn = await pool.connection();
        await conn.fetchall("SELECT * FROM t");
      },
      () => pool.fetchall("SELECT * FROM t"),
    ];
    for (const call of calls) {
      const error = await raised(OperationalError, call);
      expect(error.message).toBe("the worker thread of the connection has ended");
    }
    await pool.close();
  });

  it("a pool in memory whose query was abandoned says so, too", async () => {
    const pool = await db.pool({}, ":memory:");
    await pool.execute("CREATE TABLE t (a)");
    const error = await raised(OperationalError, () => pool.fetchone(LONG, [], { timeout: 50 }));
    expect(error.code).toBe("SQLITE_INTERRUPT");
    // Had the query ended in time after all, the table would be there; another one, empty, is never.
    for (let i = 0; i < 2; i++) {
      const read = await pool.fetchall("SELECT * FROM t").catch((thrown) => thrown);
      if (!Array.isArray(read)) expect(read.message).toContain("in-memory database is lost");
    }
    expect(db.workers).toHaveLength(1);
  });

  it("close() waits for those who hold a connection or wait for one, and lets nobody new in", async () => {
    const pool = await db.pool({ readers: 1 });
    await pool.execute("CREATE TABLE t (a)");
    const [{ passed, open }, held] = [gate(), gate()];
    const holding = pool.transaction(async (tx) => {
      held.open();
      await passed;
      await tx.execute("INSERT INTO t VALUES (1)");
      return pool.fetchone("SELECT count(*) FROM t");
    });
    await held.passed;
    const waiting = pool.execute("INSERT INTO t VALUES (2)");
    const closing = [pool.close(), pool.close({ timeout: 1 })];
    for (const call of [
      () => pool.fetchone("SELECT 1"),
      () => pool.transaction(() => 1),
      () => pool.read(() => 1),
      () => pool.connection(),
    ]) {
      expect((await raised(ProgrammingError, call)).message).toBe("Cannot operate on a closed pool.");
    }
    open();
    expect(await holding).toEqual([1]);
    expect((await waiting).rowcount).toBe(1);
    await Promise.all(closing);
    await pool.close();
    expect(pool.stats()).toMatchObject({ readers: { total: 0 }, writer: { total: 0 } });
    for (const worker of db.workers)
      if (worker.threadId !== -1) await new Promise((end) => worker.once("exit", end));
  });

  it("close() brings the WAL home", async () => {
    const pool = await db.pool({ readers: 2 });
    await pool.execute("CREATE TABLE t (a)");
    await Promise.all([1, 2].map(() => pool.read((conn) => conn.fetchall("SELECT * FROM t"))));
    await pool.close();
    const files = await db.secondProcess<string[]>("return (await import('node:fs')).readdirSync(args[0])", [
      db.directory,
    ]);
    expect(files).toEqual(["test.db"]);
  });

  it("close({ timeout }) ends what is still going on, and its calls reject", async () => {
    const pool = await db.pool({ readers: 2 });
    await pool.execute("CREATE TABLE t (a)");
    const held = gate();
    const holding = raised(ProgrammingError, () =>
      pool.transaction(async (tx) => {
        await tx.execute("INSERT INTO t VALUES (1)");
        held.open();
        await pool.fetchone(LONG).catch((error) => expect(error).toBeInstanceOf(OperationalError));
        await tx.execute("INSERT INTO t VALUES (2)");
      }),
    );
    await held.passed;
    const stuck = raised(OperationalError, () => pool.fetchone(LONG));
    const reading = await pool.connection({ readonly: true });
    const waiting = raised(ProgrammingError, () => pool.execute("DELETE FROM t"));
    await pool.close({ timeout: 30 });
    expect((await stuck).outcome).toBe("not-executed");
    await Promise.all([holding, waiting]);
    await raised(ProgrammingError, () => reading.fetchone("SELECT 1"));
    await reading.release();
    expect(pool.stats()).toMatchObject({
      waiting: { readers: 0, writer: 0 },
      writer: { busy: 0 },
      readers: { busy: 0 },
    });
  });

  it("await using closes it", async () => {
    {
      await using pool = await createPool(db.file());
      await pool.execute("CREATE TABLE t (a)");
    }
    await until(() => db.workers.every(({ threadId }) => threadId === -1));
  });

  it("idle does not keep the process alive, with work to do it does, closed or not", async () => {
    const answer = await db.secondProcess(
      `globalThis.idle = await sqlite3.createPool(args[0] + "1", { readers: 2, maxHold: 60_000 });
       await idle.fetchone("SELECT 1");
       globalThis.held = await idle.connection();
       const pool = await sqlite3.createPool(args[0] + "2");
       await pool.execute("CREATE TABLE t (a)");
       void pool.transaction((tx) => tx.execute("INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000) SELECT i FROM n"));
       return pool.transaction((tx) => tx.fetchone("SELECT count(*) FROM t"));`,
      [db.file("p")],
    );
    expect(answer).toEqual([300_000]);
  });
});
