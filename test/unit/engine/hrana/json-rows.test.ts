/**
 * Tests src/engine/hrana/json-rows.ts: what SQLite makes of the text is what went into it, bit for bit. Here on the SQLite of
 * better-sqlite3; on a server in bulk.test.ts.
 */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { insertFromJson, rowsAsJson } from "../../../../src/engine/hrana/json-rows.ts";
import { connect } from "../../../../src/index.ts";
import { plainInsert } from "../../../../src/sql/insert.ts";
import { isInteger } from "../../../../src/values/integers.ts";
import type { BoundValue } from "../../../../src/values/types.ts";

const conn = connect(":memory:", { integers: "bigint" });
afterAll(() => conn.close());

function written(sql: string): string {
  const insert = plainInsert(sql);
  if (insert === null) throw new Error("no plain INSERT");
  return insertFromJson(insert);
}

describe("the INSERT", () => {
  it.each([
    ["INSERT INTO t VALUES (?)", "INSERT INTO t SELECT r.value->>0 FROM json_each(?) AS r"],
    [
      "replace into \"a?\".[b?] (c, \"?\") values(?, '?', -1, x'00', ? /* ? */)",
      "replace into \"a?\".[b?] (c, \"?\") SELECT r.value->>0, '?', -1, x'00', r.value->>1 /* ? */ FROM json_each(?) AS r",
    ],
  ])("%s", (sql, expected) => {
    expect(written(sql)).toBe(expected);
  });

  it("takes the rows in their order", () => {
    conn.execute("CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT, b, c DEFAULT 7)");
    const json = rowsAsJson(["x", "y", "z"], 1, 0, 3);
    conn.execute(written("INSERT INTO t (b) VALUES (?)"), [json]);
    expect(conn.fetchall("SELECT a, b, c FROM t")).toEqual(
      ["x", "y", "z"].map((b, i) => [BigInt(i + 1), b, 7n]),
    );
  });
});

/** The values that SQLite takes out of the text, each with its type. */
function takenOut(values: readonly BoundValue[]): unknown {
  const json = rowsAsJson(values, values.length, 0, 1);
  if (json === null) return null;
  const columns = values.map((_, i) => `r.value->>${i}, typeof(r.value->>${i})`);
  return conn.fetchone(`SELECT ${columns.join()} FROM json_each(?) AS r`, [json]);
}

const typed = (values: readonly BoundValue[]) =>
  values
    .map((value) => (typeof value === "number" && isInteger(value) ? BigInt(value) : value))
    .flatMap((value) => [
      value,
      value === null
        ? "null"
        : ({ bigint: "integer", number: "real", string: "text" } as Record<string, string>)[typeof value],
    ]);

describe("a value", () => {
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const text = fc.string({ unit: "binary" }).filter((one) => !one.includes("\0") && one.isWellFormed());

  it("of integers, texts and NULL comes out as it went in", () => {
    const row = fc.array(fc.oneof(int64, text, fc.constant(null)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(row, (values) => {
        expect(takenOut(values)).toEqual(typed(values));
      }),
      { numRuns: 500 },
    );
  });

  it("that is a number comes out bit for bit, whatever its size", () => {
    const double = fc.double({ noNaN: true, min: -1e290, max: 1e290 });
    const decimal = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 12 })).map(([a, b]) => a / 10 ** b);
    const isTaken = (value: number) => (value === 0 ? !Object.is(value, -0) : Math.abs(value) >= 1e-290);
    const row = fc.array(fc.oneof(double, decimal).filter(isTaken), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(row, (values) => {
        expect(takenOut(values)).toEqual(typed(values));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([[1e308], [5e-324], [-0], [Infinity], ["a\0b"], [Buffer.of(1)]] as const)(
    "that SQLite might read otherwise is left to another way: %s",
    (value) => {
      expect(rowsAsJson([1n, value], 2, 0, 1)).toBe(null);
    },
  );
});
