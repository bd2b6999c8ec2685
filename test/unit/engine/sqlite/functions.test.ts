/**
 * Tests src/engine/sqlite/functions.ts: user functions and aggregates as SQLite calls them, with storage values on both
 * sides, and what they throw marked as the user's.
 */
import { describe, expect, it } from "vitest";
import type { UserAggregate, UserFunction } from "../../../../src/engine/port.ts";
import type { NativeDatabase } from "../../../../src/engine/sqlite/driver.ts";
import { UserException } from "../../../../src/engine/sqlite/failure.ts";
import {
  type AggregateRequest,
  defineAggregate,
  defineFunction,
} from "../../../../src/engine/sqlite/functions.ts";
import type { BoundValue, Reading, SqlRow, SqlValue } from "../../../../src/values/types.ts";
import { memory, PLAIN, thrown } from "./support.ts";

const request = (nArgs: number, reading: Reading = PLAIN, window = false): AggregateRequest => ({
  name: "f",
  nArgs,
  deterministic: true,
  directOnly: false,
  reading,
  window,
});

function withFunction(nArgs: number, fn: UserFunction, reading?: Reading): NativeDatabase {
  const db = memory();
  defineFunction(db, request(nArgs, reading), fn);
  return db;
}

const get = (db: NativeDatabase, sql: string): SqlRow | undefined => db.prepare(sql).raw().get();

describe("defineFunction", () => {
  it("hands over each storage class as itself, and no integer rounded", () => {
    const seen: SqlValue[] = [];
    const db = withFunction(-1, (...args) => {
      seen.push(...args);
      return null;
    });
    get(db, "SELECT f(NULL, 1, 9007199254740993, 1.5, 'é', x'00ff', '')");
    expect(seen).toEqual([null, 1, 9007199254740993n, 1.5, "é", Buffer.from([0, 255]), ""]);
  });

  it("reads integers as it was defined to", () => {
    expect(
      get(
        withFunction(1, (x) => String(typeof x), { integers: "bigint", text: "string" }),
        "SELECT f(1)",
      ),
    ).toEqual(["bigint"]);
  });

  it.each<readonly [BoundValue, SqlValue, string]>([
    [null, null, "null"],
    [5n, 5, "integer"],
    [5, 5, "integer"],
    [-0, -0, "real"],
    [2 ** 60, 2 ** 60, "real"],
    ["é\0x", "é\0x", "text"],
    [Buffer.from([0, 1]), Buffer.from([0, 1]), "blob"],
    [new Uint8Array(0), Buffer.alloc(0), "blob"],
  ])("takes a result as it is: %s", (result, value, type) => {
    const db = withFunction(0, () => result);
    expect(get(db, "SELECT f(), typeof(f())")).toEqual([value, type]);
  });

  it("is found by its number of arguments only", () => {
    const db = withFunction(2, (a, b) => `${a}${b}`);
    expect(get(db, "SELECT f(1, 2)")).toEqual(["12"]);
    expect(() => get(db, "SELECT f(1)")).toThrow("wrong number of arguments");
    expect(
      get(
        withFunction(100, (...args) => BigInt(args.length)),
        `SELECT f(${Array(100).fill(1)})`,
      ),
    ).toEqual([100]);
  });

  it("marks what it throws", () => {
    const cause = new RangeError("mine");
    const db = withFunction(0, () => {
      throw cause;
    });
    const error = thrown(() => get(db, "SELECT f()"));
    expect(error).toBeInstanceOf(UserException);
    expect(error).toMatchObject({ cause });
  });
});

/** Adds up what it is given, and can take it back. */
class Sum implements UserAggregate {
  static made = 0;
  total = 0;
  constructor() {
    Sum.made++;
  }
  step(...args: SqlRow): void {
    for (const value of args) this.total += Number(value);
  }
  finalize(): BoundValue {
    return BigInt(this.total);
  }
}

class SlidingSum extends Sum {
  inverse(...args: SqlRow): void {
    for (const value of args) this.total -= Number(value);
  }
  value(): BoundValue {
    return BigInt(this.total);
  }
}

describe("defineAggregate", () => {
  const VALUES = "(VALUES (1, 'a'), (2, 'b'), (3, 'a'), (4, 'b'))";

  it("makes one instance for each group", () => {
    const db = memory();
    defineAggregate(db, request(1), () => new Sum());
    Sum.made = 0;
    const rows = db.prepare(`SELECT column2, f(column1) FROM ${VALUES} GROUP BY column2`).raw().all();
    expect(rows).toEqual([
      ["a", 4],
      ["b", 6],
    ]);
    expect(Sum.made).toBe(2);
  });

  it("makes none for a group without rows, whose result is NULL", () => {
    const db = memory();
    defineAggregate(db, request(1), () => new Sum());
    Sum.made = 0;
    expect(get(db, `SELECT f(column1) FROM ${VALUES} WHERE 0`)).toEqual([null]);
    expect(Sum.made).toBe(0);
  });

  it("takes any number of arguments, or exactly its own", () => {
    const db = memory();
    defineAggregate(db, request(-1), () => new Sum());
    expect(get(db, `SELECT f(column1, column1, 1) FROM ${VALUES}`)).toEqual([24]);
    expect(get(db, `SELECT f() FROM ${VALUES}`)).toEqual([0]);
    const exact = memory();
    defineAggregate(exact, request(2), () => new Sum());
    expect(get(exact, `SELECT f(column1, 1) FROM ${VALUES}`)).toEqual([14]);
    expect(() => get(exact, `SELECT f(column1) FROM ${VALUES}`)).toThrow("wrong number of arguments");
  });

  it("slides over a window", () => {
    const db = memory();
    defineAggregate(db, request(1, PLAIN, true), () => new SlidingSum());
    const sql = `SELECT f(column1) OVER (ORDER BY column1 ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM ${VALUES}`;
    expect(db.prepare(sql).raw().all()).toEqual([[1], [3], [5], [7]]);
    expect(get(db, `SELECT f(column1) FROM ${VALUES}`)).toEqual([10]);
  });

  it.each(["constructor", "step", "finalize", "inverse", "value"])("marks what the %s throws", (where) => {
    const fail = (what: string) => {
      if (what === where) throw new RangeError("mine");
    };
    const db = memory();
    defineAggregate(db, request(1, PLAIN, where === "inverse" || where === "value"), () => {
      fail("constructor");
      const aggregate = {
        step: () => fail("step"),
        finalize: () => {
          fail("finalize");
          return null;
        },
      };
      if (where !== "inverse" && where !== "value") return aggregate;
      return {
        ...aggregate,
        inverse: () => fail("inverse"),
        value: () => {
          fail("value");
          return null;
        },
      };
    });
    const over = where === "inverse" ? "OVER (ORDER BY column1 ROWS 1 PRECEDING)" : "";
    const error = thrown(() => db.prepare(`SELECT f(column1) ${over} FROM ${VALUES}`).raw().all());
    expect(error).toBeInstanceOf(UserException);
    expect(get(db, "SELECT 1")).toEqual([1]);
  });
});
