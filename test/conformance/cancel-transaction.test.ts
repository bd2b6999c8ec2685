/**
 * Transactions that are ended: by a call inside that is, which takes an open transaction with it, and as a whole, by the limits
 * of `transaction(fn)`.
 */
import { describe, expect, it } from "vitest";
import { OperationalError, ProgrammingError } from "../../src/aio.ts";
import { CEASELESS, interruptedBy, outcomes, STUCK, Stage, turns } from "./cancelling.ts";
import { type AnyConnection, promised, raised } from "./quadrants.ts";

const LOST = "the transaction has been lost with the worker that ran it: call rollback() and begin again";

promised("a transaction that is ended", (db) => {
  const stage = new Stage(db);
  const all = async (conn: AnyConnection) => (await conn.fetchall("SELECT a FROM t ORDER BY a")).flat();
  const never = () => new Promise<never>(() => {});

  /** Inserts 1, and then loses the transaction with its worker. */
  async function lose(conn: AnyConnection, sql = STUCK): Promise<OperationalError> {
    await conn.execute("INSERT INTO t VALUES (1)");
    const signal = stage.abortedOnceBegun();
    return interruptedBy("rolled-back", () => conn.execute(sql, [], { signal }));
  }

  describe("by a call inside of it", () => {
    it("is rolled back, and nothing runs until rollback() shows that this is known", async () => {
      const conn = await stage.open();
      const error = await lose(conn);
      expect(error.message).toContain("opened again in another worker");
      expect(conn.inTransaction).toBe(false);
      const calls: readonly (() => unknown)[] = [
        () => conn.execute("INSERT INTO t VALUES (2)"),
        () => conn.fetchall("SELECT * FROM t"),
        () => conn.fetchone("SELECT 1"),
        () => conn.executemany("INSERT INTO t VALUES (?)", [[2]]),
        () => conn.transaction((tx) => tx.execute("INSERT INTO t VALUES (2)")),
        () => conn.transaction((tx) => tx.execute("INSERT INTO t VALUES (2)"), { mode: "DEFERRED" }),
        () => conn.backup(db.file("copy.db")),
        () => conn.serialize(),
        () => conn.createFunction("f", 0, () => 1),
      ];
      for (const call of calls) {
        const refusal = await raised(OperationalError, call);
        expect([refusal.message, refusal.outcome]).toEqual([LOST, "rolled-back"]);
      }
      await conn.rollback();
      expect(await all(conn)).toEqual([]);
      await conn.execute("INSERT INTO t VALUES (3)");
      await conn.commit();
      expect(await all(conn)).toEqual([3]);
    });

    it.each([
      ["commit()", (conn: AnyConnection) => conn.commit()],
      ["a script, which commits first,", (conn: AnyConnection) => conn.executescript("SELECT 1")],
    ])("%s fails, which shows it too", async (_name, commit) => {
      const conn = await stage.open();
      await lose(conn);
      const refusal = await raised(OperationalError, () => commit(conn));
      expect([refusal.message, refusal.outcome]).toEqual([LOST, "rolled-back"]);
      await conn.commit();
      await conn.execute("INSERT INTO t VALUES (3)");
      await conn.commit();
      expect(await all(conn)).toEqual([3]);
    });

    it("calls that were sent behind it are lost with it, and never run in another", async () => {
      const conn = await stage.open();
      await conn.execute("INSERT INTO t VALUES (1)");
      const stopped = conn.fetchone(STUCK, [], { signal: stage.abortedOnceBegun() });
      const calls = [conn.execute("INSERT INTO t VALUES (2)"), conn.fetchone("SELECT 1"), conn.commit()];
      expect(await outcomes([stopped, ...calls])).toEqual(Array(4).fill("rolled-back"));
      expect(await all(conn)).toEqual([]);
    });

    it("a statement that begins one is rolled back with it", async () => {
      const conn = await stage.open();
      const signal = stage.abortedOnceBegun();
      await interruptedBy("rolled-back", () => conn.execute(`INSERT INTO t ${STUCK}`, [], { signal }));
      await raised(OperationalError, () => conn.execute("INSERT INTO t VALUES (2)"));
      await conn.rollback();
      expect(await all(conn)).toEqual([]);
    });

    it("a script that may commit leaves it unknown", async () => {
      const conn = await stage.open();
      const script = `INSERT INTO t VALUES (1); ${STUCK}; COMMIT;`;
      const signal = stage.abortedOnceBegun();
      await interruptedBy("unknown", () => conn.executescript(script, { signal }));
      expect(await all(conn)).toEqual([1]);
    });

    it("with autocommit off, rollback() begins the next one", async () => {
      const conn = await stage.open();
      conn.autocommit = false;
      await lose(conn);
      await raised(OperationalError, () => conn.execute("INSERT INTO t VALUES (2)"));
      await conn.rollback();
      expect(conn.inTransaction).toBe(true);
      await conn.execute("INSERT INTO t VALUES (3)");
      await conn.commit();
      expect(await all(conn)).toEqual([3]);
    });

    it("close() needs no rollback()", async () => {
      const conn = await stage.open();
      await lose(conn);
      await conn.close();
      await raised(ProgrammingError, () => conn.fetchone("SELECT 1"));
    });

    it("in transaction(fn), whatever fn makes of the error, nothing is committed", async () => {
      const conn = await stage.open();
      const seen: unknown[] = [];
      const kept = conn.transaction(async (tx) => {
        await tx.execute("INSERT INTO t VALUES (1)");
        const signal = stage.abortedOnceBegun();
        seen.push((await raised(OperationalError, () => tx.fetchone(STUCK, [], { signal }))).outcome);
        seen.push((await raised(OperationalError, () => tx.execute("INSERT INTO t VALUES (2)"))).outcome);
        seen.push((await raised(OperationalError, () => tx.transaction(() => 1))).outcome);
      });
      expect((await raised(OperationalError, () => kept)).outcome).toBe("rolled-back");
      expect(seen).toEqual(["rolled-back", "rolled-back", "rolled-back"]);
      // The end of fn was the acknowledgement.
      expect(await all(conn)).toEqual([]);
      await conn.transaction((tx) => tx.execute("INSERT INTO t VALUES (3)"));
      expect(await all(conn)).toEqual([3]);
    });
  });

  describe("by the limits of transaction(fn)", () => {
    it("waits no longer for fn, and refuses what that still calls", async () => {
      const conn = await stage.open();
      const controller = new AbortController();
      let goOn = () => {};
      const gate = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      let late: Promise<unknown> = Promise.resolve();
      const ended = conn.transaction(
        (tx) => {
          late = (async () => {
            await tx.execute("INSERT INTO t VALUES (1)");
            setImmediate(() => controller.abort("enough"));
            await gate;
            const refusals = [
              await raised(ProgrammingError, () => tx.execute("INSERT INTO t VALUES (2)")),
              await raised(ProgrammingError, () => conn.execute("INSERT INTO t VALUES (2)")),
              await raised(ProgrammingError, () => conn.transaction(() => 1)),
            ];
            return refusals.map(({ message }) => message);
          })();
          return late;
        },
        { signal: controller.signal },
      );
      const error = await interruptedBy("rolled-back", () => ended);
      expect(error.cause).toBe("enough");
      expect(await all(conn)).toEqual([]);
      goOn();
      expect(await late).toEqual(Array(3).fill("the transaction has been interrupted"));
      expect([conn.inTransaction, stage.workers.length]).toEqual([false, 1]);
    });

    it("ends what runs inside, and drops what waits there", async () => {
      const conn = await stage.open();
      const controller = new AbortController();
      let inside: Promise<unknown[]> = Promise.resolve([]);
      const ended = conn.transaction(
        async (tx) => {
          await tx.execute("INSERT INTO t VALUES (1)");
          stage.onBegun(() => setImmediate(() => controller.abort()));
          inside = outcomes([tx.fetchone(STUCK), tx.executescript("INSERT INTO t VALUES (2)")]);
          await inside;
        },
        { signal: controller.signal },
      );
      await interruptedBy("rolled-back", () => ended);
      expect(await inside).toEqual(["rolled-back", "not-executed"]);
      expect(await all(conn)).toEqual([]);
      expect(stage.workers.length).toBe(2);
    });

    it("ends nested ones with it, and a half-read result", async () => {
      const conn = await stage.open();
      const controller = new AbortController();
      const seen: unknown[] = [];
      const ended = conn.transaction(
        async (tx) => {
          try {
            await tx.transaction(async (inner) => {
              await inner.execute("INSERT INTO t VALUES (1)");
              let rows = 0;
              for await (const _ of inner.execute(CEASELESS)) if (++rows === 1000) controller.abort();
            });
          } catch (error) {
            seen.push((error as OperationalError).code);
            throw error;
          }
        },
        { signal: controller.signal },
      );
      await interruptedBy("rolled-back", () => ended);
      await turns(5);
      expect(seen).toEqual(["SQLITE_INTERRUPT"]);
      expect(await all(conn)).toEqual([]);
      expect([conn.inTransaction, stage.workers.length]).toEqual([false, 1]);
    });

    it("a nested one that is ended by its own limits leaves the outer one to go on", async () => {
      const conn = await stage.open();
      await conn.transaction(async (tx) => {
        await tx.execute("INSERT INTO t VALUES (1)");
        const inner = tx.transaction(
          async (nested) => {
            await nested.execute("INSERT INTO t VALUES (2)");
            await never();
          },
          { timeout: 30 },
        );
        await interruptedBy("rolled-back", () => inner);
        await tx.execute("INSERT INTO t VALUES (3)");
      });
      expect(await all(conn)).toEqual([1, 3]);
    });

    it("while it waits for its turn it is never begun", async () => {
      const conn = await stage.open();
      let isCalled = false;
      const first = conn.transaction(async (tx) => {
        await tx.execute("INSERT INTO t VALUES (1)");
        await interruptedBy("not-executed", () => second);
      });
      const second = conn.transaction(
        () => {
          isCalled = true;
        },
        { timeout: 10 },
      );
      await Promise.allSettled([first, second]);
      await first;
      expect([isCalled, await all(conn)]).toEqual([false, [1]]);
    });

    it("other tasks go on behind it, in a transaction of their own", async () => {
      const conn = await stage.open();
      const ended = conn.transaction(
        async (tx) => {
          await tx.execute("INSERT INTO t VALUES (1)");
          await never();
        },
        { timeout: 30 },
      );
      const other = conn.transaction((tx) => tx.execute("INSERT INTO t VALUES (2)"));
      expect(await outcomes([ended, other])).toEqual(["rolled-back", "fulfilled"]);
      expect(await all(conn)).toEqual([2]);
    });

    it("limits that do not strike change nothing, and fn's own error is its own", async () => {
      const conn = await stage.open();
      const limits = { signal: new AbortController().signal, timeout: 60_000 };
      expect(await conn.transaction((tx) => tx.fetchone("SELECT 1"), limits)).toEqual([1]);
      const mine = new Error("mine");
      const failed = conn.transaction(async (tx) => {
        await tx.execute("INSERT INTO t VALUES (1)");
        throw mine;
      }, limits);
      expect(await raised(Error, () => failed)).toBe(mine);
      expect(await all(conn)).toEqual([]);
    });
  });
});
