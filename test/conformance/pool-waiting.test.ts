/**
 * Waiting for a connection: in the order of coming, no more callers than may wait, no longer than they want to.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { OperationalError, type Pool, ProgrammingError } from "../../src/aio.ts";
import { gate, pools } from "./pools.ts";
import { raised } from "./quadrants.ts";

const NOT_EXECUTED = {
  code: "SQLITE_INTERRUPT",
  sqliteErrorname: "SQLITE_INTERRUPT",
  sqliteErrorcode: 9,
  outcome: "not-executed",
};

pools("waiting for a connection", (db) => {
  /** Holds the writer until it is told to let go. */
  async function hold(pool: Pool): Promise<() => Promise<unknown>> {
    const [{ passed, open }, held] = [gate(), gate()];
    const holding = pool.transaction(() => {
      held.open();
      return passed;
    });
    await held.passed;
    return () => {
      open();
      return holding;
    };
  }

  it("fifty writers and as many readers never see SQLITE_BUSY, and lose nothing", async () => {
    const pool = await db.pool({ readers: 3, timeout: 0 });
    await pool.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, sum INTEGER NOT NULL)");
    await pool.executemany(
      "INSERT INTO account VALUES (?, 100)",
      Array.from({ length: 10 }, (_, id) => [id]),
    );
    const write = async (task: number) => {
      for (let i = 0; i < 10; i++) {
        const [from, to] = [(task + i) % 10, (task * 7 + i * 3 + 1) % 10];
        await pool.transaction(async (tx) => {
          await tx.execute("UPDATE account SET sum = sum - 1 WHERE id = ?", [from]);
          if (i % 3 === 0) await sleep(0);
          await tx.execute("UPDATE account SET sum = sum + 1 WHERE id = ?", [to]);
        });
        await pool.execute("UPDATE account SET sum = sum + 0 WHERE id = ?", [from]);
      }
    };
    const read = async () => {
      for (let i = 0; i < 10; i++) {
        const sums = await pool.read(async (conn) => [
          await conn.fetchone("SELECT sum(sum) FROM account"),
          await conn.fetchone("SELECT sum(sum) FROM account"),
        ]);
        expect(sums).toEqual([[1000], [1000]]);
      }
    };
    const tasks = Array.from({ length: 50 }, (_, task) => [write(task), read()]).flat();
    await Promise.all(tasks);
    expect(await pool.fetchone("SELECT sum(sum) FROM account")).toEqual([1000]);
    expect(pool.stats()).toMatchObject({ retried: 0, rolledBack: 0, replaced: 0, timedOut: 0, refused: 0 });
    expect(pool.stats().readers.total).toBe(3);
    expect(db.workers).toHaveLength(4);
  });

  it("is first come, first served, for every kind of call on the writer", async () => {
    const pool = await db.pool();
    await pool.execute("CREATE TABLE t (a)");
    const letGo = await hold(pool);
    const order: number[] = [];
    const note = (n: number) => () => void order.push(n);
    const waiting = [
      pool.transaction(note(1)),
      pool.execute("INSERT INTO t VALUES (2)").then(note(2)),
      pool.connection().then((conn) => conn.release().then(note(3))),
      pool.executemany("INSERT INTO t VALUES (?)", [[4]]).then(note(4)),
      pool.transaction(note(5)),
    ];
    expect(pool.stats().waiting).toEqual({ readers: 0, writer: 5 });
    await letGo();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2, 3, 4, 5]);
    expect(pool.stats().longestWait).toBeGreaterThan(0);
  });

  it("readers too are handed out in the order of asking", async () => {
    const pool = await db.pool({ readers: 1 });
    const { passed, open } = gate();
    const order: number[] = [];
    const reads = [0, 1, 2, 3].map((n) =>
      pool.read(async () => {
        order.push(n);
        await passed;
      }),
    );
    open();
    await Promise.all(reads);
    expect(order).toEqual([0, 1, 2, 3]);
  });

  it("a full queue fails at once, that of the others does not", async () => {
    const pool = await db.pool({ maxQueue: 2, readers: 1 });
    const letGo = await hold(pool);
    const waiting = [pool.transaction(() => 1), pool.transaction(() => 2)];
    const error = await raised(OperationalError, function aHandler() {
      return pool.transaction(() => 3);
    });
    expect(error).toMatchObject({ code: "POOL_QUEUE_FULL", outcome: "not-executed" });
    expect(error.message).toBe("2 callers wait for the writer of the pool already: that is maxQueue");
    expect(await pool.fetchone("SELECT 1")).toEqual([1]);
    await letGo();
    expect(await Promise.all(waiting)).toEqual([1, 2]);
    expect(pool.stats().refused).toBe(1);
  });

  it("maxQueue 0 lets nobody wait but those for whom a reader is being opened", async () => {
    const pool = await db.pool({ maxQueue: 0, readers: 2 });
    const calls = [1, 2, 3].map((n) => pool.fetchone("SELECT ?", [n]));
    const codes = (await Promise.allSettled(calls)).map((settled) =>
      settled.status === "fulfilled" ? settled.value : (settled.reason as OperationalError).code,
    );
    expect(codes).toEqual([[1], [2], "POOL_QUEUE_FULL"]);
  });

  it("ends after acquireTimeout, and the next in line are not disturbed", async () => {
    const pool = await db.pool({ acquireTimeout: 30, readers: 1 });
    const letGo = await hold(pool);
    const error = await raised(OperationalError, async function aHandler() {
      await pool.transaction(() => 1);
    });
    expect(error).toMatchObject({ code: "POOL_TIMEOUT", outcome: "not-executed", retryable: false });
    expect(error.message).toMatch(/^the writer of the pool was not free within acquireTimeout \(30 ms\)/);
    expect(error.stack).toContain("aHandler");
    expect(pool.stats()).toMatchObject({ timedOut: 1, waiting: { writer: 0 } });
    await letGo();
    expect(await pool.transaction(() => 2)).toBe(2);
  });

  it("ends when the signal is aborted, whose reason is the cause", async () => {
    const pool = await db.pool();
    const letGo = await hold(pool);
    const [controller, reason] = [new AbortController(), new Error("the client has gone")];
    const { signal } = controller;
    const ran: number[] = [];
    const waiting = [
      pool.transaction(() => ran.push(1), { signal }),
      pool.execute("CREATE TABLE t (a)", [], { signal }),
      pool.connection({ signal }),
      pool.executemany("DELETE FROM t", [], { signal }),
    ];
    const last = pool.transaction(() => "served");
    const settled = Promise.allSettled(waiting);
    controller.abort(reason);
    for (const one of await settled) {
      expect(one).toMatchObject({ status: "rejected", reason: NOT_EXECUTED });
      expect(one.status === "rejected" && one.reason).toBeInstanceOf(OperationalError);
      expect(one.status === "rejected" && one.reason.cause).toBe(reason);
    }
    expect(pool.stats()).toMatchObject({ aborted: 4, waiting: { writer: 1 } });
    await letGo();
    expect(await last).toBe("served");
    expect(ran).toEqual([]);
    const late = await raised(OperationalError, () => pool.fetchone("SELECT 1", [], { signal }));
    expect(late).toMatchObject(NOT_EXECUTED);
  });

  it("ends when the call's own time is over", async () => {
    const pool = await db.pool({}, ":memory:");
    const letGo = await hold(pool);
    const error = await raised(OperationalError, () => pool.read(() => 1, { timeout: 20 }));
    expect(error).toMatchObject(NOT_EXECUTED);
    expect(error.message).toBe("interrupted: the call has taken more than 20 ms");
    expect(error.cause).toBeInstanceOf(DOMException);
    await letGo();
  });

  it("a signal ends a running transaction: it is rolled back, and the writer is the next caller's", async () => {
    const pool = await db.pool();
    await pool.execute("CREATE TABLE t (a)");
    const controller = new AbortController();
    const error = await raised(OperationalError, () =>
      pool.transaction(
        async (tx) => {
          await tx.execute("INSERT INTO t VALUES (1)");
          controller.abort(new Error("enough"));
          await new Promise(() => {});
        },
        { signal: controller.signal },
      ),
    );
    expect(error.code).toBe("SQLITE_INTERRUPT");
    expect((error.cause as Error).message).toBe("enough");
    expect(await pool.transaction((tx) => tx.fetchone("SELECT count(*) FROM t"))).toEqual([0]);
  });

  it("for ever is possible, and is what close() ends after its own timeout", async () => {
    const pool = await db.pool({ acquireTimeout: 0 });
    const { passed, open } = gate();
    const holding = pool.transaction(() => passed).catch((error) => error);
    const waiting = raised(ProgrammingError, () => pool.transaction(() => 1));
    await pool.close({ timeout: 20 });
    expect((await waiting).message).toBe("Cannot operate on a closed pool.");
    open();
    expect(await holding).toBeInstanceOf(ProgrammingError);
  });
});
