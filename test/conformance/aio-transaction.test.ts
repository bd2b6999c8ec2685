/**
 * `transaction(fn)` of the promised face: who takes part, who waits, and what the handle is good for afterwards.
 */
import { expect, it } from "vitest";
import { IntegrityError, ProgrammingError } from "../../src/aio.ts";
import { type AnyConnection, promised, raised } from "./quadrants.ts";

const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

promised("transaction() among tasks", (db) => {
  async function open(): Promise<AnyConnection> {
    const conn = await db.connect(db.file());
    await conn.execute("CREATE TABLE t (a UNIQUE)");
    return conn;
  }
  const all = async (conn: AnyConnection) => (await conn.fetchall("SELECT a FROM t ORDER BY a")).flat();

  it("a foreign task waits for its end", async () => {
    const conn = await open();
    const events: string[] = [];
    const holding = conn.transaction(async () => {
      await conn.execute("INSERT INTO t VALUES (1)");
      await tick();
      events.push("fn ends");
    });
    const foreign = conn.fetchone("SELECT count(*) FROM t").then((row) => {
      events.push("foreign");
      return row;
    });
    await holding;
    expect(await foreign).toEqual([1]);
    expect(events).toEqual(["fn ends", "foreign"]);
  });

  it("helpers that captured the connection take part", async () => {
    const conn = await open();
    const insert = async (a: number) => {
      await tick();
      await conn.execute("INSERT INTO t VALUES (?)", [a]);
    };
    const oops = new Error("undo");
    const failed = conn.transaction(async () => {
      await insert(1);
      await Promise.all([insert(2), insert(3)]);
      expect(conn.inTransaction).toBe(true);
      throw oops;
    });
    expect(await raised(Error, () => failed)).toBe(oops);
    expect(await all(conn)).toEqual([]);
  });

  it("calls that it leaves un-awaited belong to it", async () => {
    const conn = await open();
    await conn.transaction((tx) => {
      void tx.execute("INSERT INTO t VALUES (1)");
      void conn.execute("INSERT INTO t VALUES (2)");
    });
    expect(conn.inTransaction).toBe(false);
    expect(await all(conn)).toEqual([1, 2]);
  });

  it("nested ones are savepoints, un-awaited and side by side in their order", async () => {
    const conn = await open();
    await conn.transaction(async (tx) => {
      await tx.execute("INSERT INTO t VALUES (1)");
      const settled = await Promise.allSettled([
        tx.transaction(async (inner) => {
          await inner.execute("INSERT INTO t VALUES (2)");
          throw new Error("undo the inner one");
        }),
        conn.transaction((inner) => inner.execute("INSERT INTO t VALUES (3)")),
      ]);
      expect(settled.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    });
    expect(await all(conn)).toEqual([1, 3]);
  });

  it("an outer handle takes part in the nested one that it is used inside of", async () => {
    const conn = await open();
    await conn.transaction(async (outer) => {
      await outer.transaction(async () => {
        await outer.execute("INSERT INTO t VALUES (1)");
        await raised(RangeError, () =>
          conn.transaction(async (inner) => {
            await Promise.all([2, 3].map((a) => outer.execute("INSERT INTO t VALUES (?)", [a])));
            expect(await inner.fetchone("SELECT count(*) FROM t")).toEqual([3]);
            throw new RangeError("taken back");
          }),
        );
      });
      expect(await outer.fetchall("SELECT a FROM t")).toEqual([[1]]);
    });
    expect(await all(conn)).toEqual([1]);
  });

  it("the handle is refused after the end, the connection is not", async () => {
    const conn = await open();
    const tx = await conn.transaction((handle) => ({ handle }));
    const cursor = await conn.transaction((handle) => ({ cursor: handle.cursor() }));
    for (const late of [
      () => tx.handle.execute("SELECT 1"),
      () => tx.handle.fetchall("SELECT 1"),
      () => tx.handle.transaction(() => 1),
      () => cursor.cursor.execute("SELECT 1"),
    ])
      expect((await raised(ProgrammingError, late)).message).toContain("over");
    expect(await conn.fetchone("SELECT 1")).toEqual([1]);
  });

  it("a task that was started inside and goes on after the end is a foreign one", async () => {
    const conn = await open();
    let late: Promise<unknown> = Promise.resolve();
    await conn.transaction(async () => {
      late = tick().then(() => conn.execute("INSERT INTO t VALUES (9)"));
    });
    await late;
    await conn.commit();
    expect(await all(conn)).toEqual([9]);
  });

  it("commit, rollback and the modes are refused inside, and close waits", async () => {
    const conn = await open();
    const closing = conn.transaction(async (tx) => {
      await raised(ProgrammingError, () => tx.commit());
      await raised(ProgrammingError, () => conn.rollback());
      await raised(ProgrammingError, () => {
        tx.autocommit = true;
      });
      await tx.execute("INSERT INTO t VALUES (1)");
    });
    await Promise.all([closing, conn.close()]);
    expect(await all(await db.connect(db.file()))).toEqual([1]);
  });

  it("what its function throws keeps its own stack", async () => {
    const conn = await open();
    function thrower(): never {
      throw new IntegrityError("mine");
    }
    const error = await raised(IntegrityError, () => conn.transaction(async () => thrower()));
    expect(error.stack).toContain("thrower");
  });

  it("10,000 transfers by 50 tasks on one connection keep the sum, and every step of it", async () => {
    const conn = await db.connect();
    await conn.execute("CREATE TABLE account (id INTEGER PRIMARY KEY, balance CHECK (balance >= 0))");
    await conn.executemany(
      "INSERT INTO account VALUES (?, ?)",
      Array.from({ length: 10 }, (_, i) => [i, 100]),
    );
    await conn.commit();
    let refused = 0;
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    const transfer = (from: number, to: number, amount: number) =>
      conn.transaction(async (tx) => {
        const [balance] = (await tx.fetchone("SELECT balance FROM account WHERE id = ?", [to])) as [number];
        await tx.execute("UPDATE account SET balance = ? WHERE id = ?", [balance + amount, to]);
        // Only now it turns out whether there is enough: if not, all of it is undone.
        await tx.execute("UPDATE account SET balance = balance - ? WHERE id = ?", [amount, from]);
      });
    const task = async () => {
      for (let i = 0; i < 200; i++) {
        const from = random(10);
        try {
          await transfer(from, (from + 1 + random(9)) % 10, 1 + random(80));
        } catch (error) {
          expect(error).toBeInstanceOf(IntegrityError);
          refused++;
        }
        if (i % 10 === 0) expect(await conn.fetchone("SELECT sum(balance) FROM account")).toEqual([1000]);
      }
    };
    await Promise.all(Array.from({ length: 50 }, task));
    expect(await conn.fetchone("SELECT sum(balance) FROM account")).toEqual([1000]);
    expect(refused).toBeGreaterThan(10);
    expect(conn.inTransaction).toBe(false);
  });
});
