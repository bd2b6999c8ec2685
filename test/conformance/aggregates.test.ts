/**
 * Aggregates and window functions of the caller's: one instance of the class for each group.
 */
import { describe, expect, it } from "vitest";
import { InterfaceError, OperationalError, ProgrammingError } from "../../src/index.ts";
import { type AnyConnection, conformanceWith, raised } from "./quadrants.ts";

/** A sum that remembers what it was called with. */
class Sum {
  total = 0;
  step(...values: number[]): void {
    for (const value of values) this.total += value;
  }
  finalize(): unknown {
    return this.total;
  }
}

class MovingSum extends Sum {
  inverse(value: number): void {
    this.total -= value;
  }
  value(): unknown {
    return this.total;
  }
}

conformanceWith("userFunctions", "createAggregate", (db) => {
  async function table(): Promise<AnyConnection> {
    const conn = await db.connect();
    await conn.executescript(
      "CREATE TABLE t (g, a); INSERT INTO t VALUES ('x', 1), ('y', 10), ('x', 2), ('y', 20);",
    );
    return conn;
  }

  it("has one instance for each group", async () => {
    const conn = await table();
    await conn.createAggregate("mysum", 1, Sum);
    expect(await conn.fetchall("SELECT g, mysum(a) FROM t GROUP BY g ORDER BY g")).toEqual([
      ["x", 3],
      ["y", 30],
    ]);
    expect(await conn.fetchone("SELECT mysum(a), mysum(-a), mysum(DISTINCT g = 'x') FROM t")).toEqual([
      33, -33, 1,
    ]);
  });

  it("is NULL over no rows, as in Python, and GROUP BY gives no group", async () => {
    const conn = await table();
    let instances = 0;
    await conn.createAggregate(
      "mysum",
      1,
      class extends Sum {
        constructor() {
          super();
          instances++;
        }
      },
    );
    expect(await conn.fetchone("SELECT mysum(a) FROM t WHERE 0")).toEqual([null]);
    expect(await conn.fetchall("SELECT mysum(a) FROM t WHERE 0 GROUP BY g")).toEqual([]);
    expect(instances).toBe(0);
  });

  it.each([0, 1, 2, 5, 6])("takes %i arguments, by number and by -1", async (count) => {
    const conn = await table();
    const args = Array.from({ length: count }, (_, i) => i + 1);
    for (const nArgs of [count, -1]) {
      await conn.createAggregate("mysum", nArgs, Sum);
      const expected = args.reduce((sum, value) => sum + value, 0) * 4;
      expect(await conn.fetchone(`SELECT mysum(${args}) FROM t`)).toEqual([expected]);
    }
  });

  it("refuses a wrong number of arguments", async () => {
    const conn = await table();
    await conn.createAggregate("mysum", 2, Sum);
    const error = await raised(ProgrammingError, () => conn.fetchone("SELECT mysum(a) FROM t"));
    expect(error.message).toBe("wrong number of arguments to function mysum()");
  });

  it("gets bigints past 2^53 whole and gives them back", async () => {
    const conn = await db.connect();
    await conn.createAggregate(
      "last",
      1,
      class {
        seen: unknown = null;
        step(value: unknown): void {
          this.seen = value;
        }
        finalize(): unknown {
          return this.seen;
        }
      },
    );
    expect(await conn.fetchone("SELECT last(9007199254740993)")).toEqual([9007199254740993n]);
  });

  it("keeps its state in the instance, whatever step returns", async () => {
    const conn = await table();
    class Odd extends Sum {
      override step(value: number): never {
        this.total += value;
        return "not the accumulator" as never;
      }
    }
    await conn.createAggregate("odd", 1, Odd);
    expect(await conn.fetchone("SELECT odd(a) FROM t")).toEqual([33]);
  });

  it.each(["constructor", "step", "finalize"])(
    "an exception in %s surfaces with its cause",
    async (where) => {
      const conn = await table();
      const oops = new RangeError("no");
      class Failing extends Sum {
        constructor() {
          super();
          if (where === "constructor") throw oops;
        }
        override step(value: number): void {
          if (where === "step" && value === 20) throw oops;
        }
        override finalize(): unknown {
          if (where === "finalize") throw oops;
          return 0;
        }
      }
      await conn.createAggregate("failing", 1, Failing);
      const error = await raised(OperationalError, () => conn.fetchall("SELECT failing(a) FROM t"));
      expect(error.cause).toBe(oops);
      expect(error.message).toMatch(/^user-defined .* raised exception$/);
      expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([4]);
      await conn.execute("INSERT INTO t VALUES ('z', 0)");
      await conn.commit();
    },
  );

  it("a result that cannot be stored surfaces; on the synchronous face a promise is one", async () => {
    const conn = await table();
    const promised = db.isSynchronous ? Promise.resolve(1) : Promise.resolve({});
    for (const result of [promised, {}, Number.NaN, 2n ** 64n]) {
      class Bad extends Sum {
        override finalize(): unknown {
          return result;
        }
      }
      await conn.createAggregate("bad", 1, Bad);
      const error = await raised(OperationalError, () => conn.fetchone("SELECT bad(a) FROM t"));
      expect(error.cause).toBeInstanceOf(conn.Error);
    }
  });

  it("a class without the methods is refused, by the name of the one that is missing", async () => {
    const conn = await db.connect();
    class NoFinalize {
      step(): void {}
    }
    for (const Class of [NoFinalize, class {}, null, {}, () => 1]) {
      await raised(InterfaceError, () => conn.createAggregate("a", 1, Class as never));
    }
    const { message } = await raised(InterfaceError, () => conn.createAggregate("a", 1, NoFinalize as never));
    expect(message).toContain("finalize");
    const window = await raised(InterfaceError, () => conn.createWindowFunction("a", 1, Sum as never));
    expect(window.message).toContain("inverse");
  });

  describe("createWindowFunction", () => {
    it("moves over its frame", async () => {
      const conn = await table();
      await conn.createWindowFunction("moving", 1, MovingSum);
      const over = (frame: string) => conn.fetchall(`SELECT moving(a) OVER (ORDER BY a ${frame}) FROM t`);
      expect(await over("ROWS BETWEEN 1 PRECEDING AND CURRENT ROW")).toEqual([[1], [3], [12], [30]]);
      expect(await over("ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING")).toEqual([
        [33],
        [32],
        [30],
        [20],
      ]);
      expect(await over("")).toEqual([[1], [3], [13], [33]]);
    });

    it("has one instance for each partition, and works as an aggregate", async () => {
      const conn = await table();
      await conn.createWindowFunction("moving", 1, MovingSum);
      expect(await conn.fetchall("SELECT a, moving(a) OVER (PARTITION BY g) FROM t ORDER BY a")).toEqual([
        [1, 3],
        [2, 3],
        [10, 30],
        [20, 30],
      ]);
      expect(await conn.fetchone("SELECT moving(a) FROM t")).toEqual([33]);
      expect(await conn.fetchone("SELECT moving(a) FROM t WHERE 0")).toEqual([null]);
    });

    it.each(["step", "inverse", "value"] as const)(
      "an exception in %s surfaces with its cause",
      async (where) => {
        const conn = await table();
        const oops = new RangeError("no");
        class Failing extends MovingSum {}
        Failing.prototype[where] = () => {
          throw oops;
        };
        await conn.createWindowFunction("failing", 1, Failing);
        const sql = "SELECT failing(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t";
        expect((await raised(OperationalError, () => conn.fetchall(sql))).cause).toBe(oops);
        expect(await conn.fetchone("SELECT 1")).toEqual([1]);
      },
    );

    it("an aggregate cannot be used as a window", async () => {
      const conn = await table();
      await conn.createAggregate("mysum", 1, Sum);
      await raised(ProgrammingError, () =>
        conn.fetchall("SELECT mysum(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t"),
      );
    });
  });

  it("may not use the connection from inside", async () => {
    const conn = await table();
    const refusals: Promise<Error>[] = [];
    class Nosy extends Sum {
      override step(): void {
        refusals.push(raised(conn.NotSupportedError, () => conn.fetchone("SELECT 1")));
        if (db.isSynchronous) conn.fetchone("SELECT 1").catch(() => {});
      }
    }
    await conn.createAggregate("nosy", 1, Nosy);
    const run = () => conn.fetchone("SELECT nosy(a) FROM t");
    if (db.isSynchronous)
      expect((await raised(OperationalError, run)).cause).toBeInstanceOf(conn.NotSupportedError);
    else await run();
    expect((await Promise.all(refusals)).length).toBeGreaterThan(0);
  });
});
