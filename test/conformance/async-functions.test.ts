/**
 * User functions of the promised face whose results are promises: the worker waits for them while the event loop goes on.
 */
import { describe, expect, it } from "vitest";
import {
  DataError,
  InterfaceError,
  NotSupportedError,
  OperationalError,
  type SqlFunction,
} from "../../src/aio.ts";
import { turns } from "./cancelling.ts";
import { type AnyConnection, collect, promised, raised } from "./quadrants.ts";

promised("a function that promises its result", (db) => {
  async function connectWith(fn: SqlFunction, nArgs = -1): Promise<AnyConnection> {
    const conn = await db.connect();
    await conn.createFunction("f", nArgs, fn);
    return conn;
  }
  const rows = "(SELECT column1 AS a FROM (VALUES (1), (2), (3)))";

  it("gives what the promise resolves to, adapted as any result", async () => {
    const values = [
      null,
      undefined,
      1,
      1.5,
      true,
      "é\0",
      new Uint8Array([1]),
      9007199254740993n,
      new Date(0),
    ];
    const conn = await connectWith(async (index: number) => {
      await turns(index % 3);
      return values[index];
    }, 1);
    const back = [];
    for (let i = 0; i < values.length; i++)
      back.push(((await conn.fetchone("SELECT f(?)", [i])) as unknown[])[0]);
    expect(back).toEqual([
      null,
      null,
      1,
      1.5,
      1,
      "é\0",
      Buffer.of(1),
      9007199254740993n,
      "1970-01-01T00:00:00.000Z",
    ]);
  });

  it("is called for row after row, and the event loop goes on meanwhile", async () => {
    let running = 0;
    let most = 0;
    const conn = await connectWith(async (value: number) => {
      most = Math.max(most, ++running);
      await turns(2);
      running--;
      return value * 2;
    }, 1);
    let ticks = 0;
    const ticking = setInterval(() => ticks++, 1);
    const all = await conn.fetchall(`SELECT f(a) FROM ${rows} WHERE f(a) > 2`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    clearInterval(ticking);
    expect(all).toEqual([[4], [6]]);
    expect(most).toBe(1);
    expect(ticks).toBeGreaterThan(0);
  });

  it("works in every way to run SQL", async () => {
    const conn = await connectWith(async (value: number) => value * 2, 1);
    await conn.execute("CREATE TABLE t (a)");
    await conn.execute("INSERT INTO t VALUES (f(1))");
    await conn.executemany("INSERT INTO t VALUES (f(?))", [[2], [3]]);
    await conn.executescript("INSERT INTO t VALUES (f(4));");
    await conn.transaction((tx) => tx.execute("INSERT INTO t SELECT f(5)"));
    expect(await collect(conn.execute("SELECT f(a) FROM t"))).toEqual([[4], [8], [12], [16], [20]]);
  });

  it("another thenable is no promise", async () => {
    // biome-ignore lint/suspicious/noThenProperty: that is what is tried
    const conn = await connectWith(() => ({ then: (resolve: (value: number) => void) => resolve(1) }), 0);
    const error = await raised(OperationalError, () => conn.fetchone("SELECT f()"));
    expect(error.cause).toBeInstanceOf(InterfaceError);
  });

  describe("a rejection", () => {
    it("surfaces as OperationalError with the original as its cause", async () => {
      const oops = new RangeError("no");
      const conn = await connectWith(async () => {
        await turns(1);
        throw oops;
      }, 0);
      const error = await raised(OperationalError, () => conn.fetchone("SELECT f()"));
      expect(error.cause).toBe(oops);
      expect(error.message).toBe("user-defined function raised exception");
      expect(await conn.fetchone("SELECT 1")).toEqual([1]);
    });

    it("may be with anything", async () => {
      for (const reason of ["text", null, undefined, 5]) {
        const conn = await connectWith(() => Promise.reject(reason), 0);
        expect((await raised(OperationalError, () => conn.fetchone("SELECT f()"))).cause).toBe(reason);
      }
    });

    it.each([
      ["NaN", Number.NaN, InterfaceError],
      ["an object", { canary: 1 }, InterfaceError],
      ["a function", () => 1, InterfaceError],
      ["past int64", 2n ** 63n, DataError],
    ] as const)("so does a promise of %s, which does not bind", async (_name, result, Class) => {
      const conn = await connectWith(async () => result, 0);
      const error = await raised(OperationalError, () => conn.fetchone("SELECT f()"));
      expect(error.cause).toBeInstanceOf(Class);
      expect((error.cause as Error).message).toContain("function f");
    });
  });

  describe("from inside", () => {
    it("the connection is refused, before an await and after it", async () => {
      const conn = await db.connect();
      const cursor = conn.cursor();
      const uses: readonly (() => unknown)[] = [
        () => conn.fetchone("SELECT 1"),
        () => conn.execute("SELECT 1").fetchall(),
        () => cursor.execute("SELECT 1"),
        () => conn.commit(),
        () => conn.transaction(() => 1),
        () => conn.executemany("INSERT INTO t VALUES (?)", [[1]]),
        () => conn.createFunction("g", 0, () => 1),
        () => conn.close(),
      ];
      for (const use of uses) {
        const refusals: Error[] = [];
        await conn.createFunction("f", 0, async () => {
          refusals.push(await raised(NotSupportedError, use));
          await turns(2);
          refusals.push(await raised(NotSupportedError, use));
          return "done";
        });
        expect(await conn.fetchone("SELECT f()")).toEqual(["done"]);
        for (const { message } of refusals) expect(message).toContain("from inside a user function");
      }
    });

    it("in a transaction too, by its handle and by the connection", async () => {
      const conn = await db.connect();
      let refused = 0;
      await conn.transaction(async (tx) => {
        await tx.createFunction("f", 0, async () => {
          await turns(1);
          for (const use of [() => tx.fetchone("SELECT 1"), () => conn.fetchone("SELECT 1")]) {
            await raised(NotSupportedError, use);
            refused++;
          }
        });
        await tx.fetchone("SELECT f()");
        expect(await tx.fetchone("SELECT 1")).toEqual([1]);
      });
      expect(refused).toBe(2);
    });

    it("another connection is not, and other tasks' calls wait", async () => {
      const other = await db.connect();
      const conn = await connectWith(async () => ((await other.fetchone("SELECT 5")) as [number])[0], 0);
      const [mine, theirs] = await Promise.all([conn.fetchone("SELECT f()"), conn.fetchone("SELECT 2")]);
      expect([mine, theirs]).toEqual([[5], [2]]);
    });

    it("what it starts and leaves is refused while it runs, and free to when it is over", async () => {
      const left: Promise<unknown>[] = [];
      const conn: AnyConnection = await connectWith(async () => {
        left.push(raised(NotSupportedError, () => conn.fetchone("SELECT 1")));
        left.push(turns(20).then(() => conn.fetchone("SELECT 2")));
        return 1;
      }, 0);
      expect(await conn.fetchone("SELECT f()")).toEqual([1]);
      expect((await Promise.all(left))[1]).toEqual([2]);
      await conn.createFunction("f", 0, () => {
        left.push(turns(1).then(() => conn.fetchone("SELECT 3")));
      });
      await conn.fetchone("SELECT f()");
      expect(await left[2]).toEqual([3]);
    });
  });

  describe("an aggregate", () => {
    class Slow {
      sum = 0;
      async step(value: number): Promise<void> {
        await turns(1);
        this.sum += value;
      }
      async inverse(value: number): Promise<void> {
        await turns(1);
        this.sum -= value;
      }
      async value(): Promise<number> {
        return this.sum;
      }
      async finalize(): Promise<number> {
        await turns(1);
        return this.sum;
      }
    }

    it("may promise in step and finalize, and steps do not overtake each other", async () => {
      const conn = await db.connect();
      await conn.createAggregate("slow", 1, Slow as never);
      expect(await conn.fetchall(`SELECT slow(a) FROM ${rows} GROUP BY a % 2 ORDER BY 1`)).toEqual([
        [2],
        [4],
      ]);
    });

    it("so may a window", async () => {
      const conn = await db.connect();
      await conn.createWindowFunction("slow", 1, Slow as never);
      const sql = `SELECT slow(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM ${rows}`;
      expect(await conn.fetchall(sql)).toEqual([[1], [3], [5]]);
    });

    it.each(["step", "finalize"])("a rejection of %s is the cause", async (method) => {
      const conn = await db.connect();
      const oops = new RangeError(method);
      class Failing extends Slow {
        override async step(): Promise<void> {
          if (method === "step") throw oops;
        }
        override async finalize(): Promise<number> {
          if (method === "finalize") throw oops;
          return 0;
        }
      }
      await conn.createAggregate("failing", 1, Failing as never);
      const error = await raised(OperationalError, () => conn.fetchone(`SELECT failing(a) FROM ${rows}`));
      expect(error.cause).toBe(oops);
      expect(await conn.fetchone("SELECT 1")).toEqual([1]);
    });
  });

  it("the process stays alive for it", async () => {
    const answer = await db.secondProcess(
      `const conn = await connect(":memory:");
       await conn.createFunction("f", 0, () => new Promise((resolve) => setTimeout(() => resolve(7), 100).unref()));
       const alive = setInterval(() => {}, 1000);
       setTimeout(() => clearInterval(alive), 200);
       return conn.fetchone("SELECT f()");`,
    );
    expect(answer).toEqual([7]);
  });

  it("a worker that dies meanwhile rejects the call", async () => {
    const workers: import("node:worker_threads").Worker[] = [];
    const note = (worker: import("node:worker_threads").Worker) => void workers.push(worker);
    process.on("worker", note);
    const conn = await connectWith(() => {
      void workers[0]?.terminate();
      return new Promise(() => {});
    }, 0);
    process.off("worker", note);
    const error = await raised(OperationalError, () => conn.fetchone("SELECT f()"));
    expect(error.outcome).toBe("not-executed");
  });
});
