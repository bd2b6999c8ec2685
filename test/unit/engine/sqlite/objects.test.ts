/**
 * Tests src/engine/sqlite/objects.ts: which long results come as better-sqlite3's objects, and which are left to arrays.
 */
import { execFileSync } from "node:child_process";
import { describe, expect, it, vi } from "vitest";
import { readObjects } from "../../../../src/engine/sqlite/objects.ts";
import { Prepared } from "../../../../src/engine/sqlite/prepared.ts";
import type { Reading, SqlObject } from "../../../../src/values/types.ts";
import { memory, PLAIN } from "./support.ts";

function read(sql: string, reading: Partial<Reading> = {}): SqlObject[] | null {
  const db = memory();
  const prepared = new Prepared(db, sql, 0);
  const rows = readObjects(db, prepared, [], { ...PLAIN, ...reading });
  // The statement is as it was: its rows are arrays.
  for (const row of prepared.twin().all([])) expect(row).toBeInstanceOf(Array);
  return rows;
}

describe("readObjects", () => {
  it("gives the rows as plain objects", () => {
    expect(read("SELECT 1 AS a, 'x' AS b, NULL AS c UNION ALL SELECT -1.5, '', x'00'")).toStrictEqual([
      { a: 1, b: "x", c: null },
      { a: -1.5, b: "", c: Buffer.of(0) },
    ]);
    expect(read("SELECT 1 AS a WHERE false")).toEqual([]);
  });

  it.each([
    ["an integer past 2^53", "9007199254740993"],
    ["a negative one", "-9007199254740993"],
    ["a replacement character", "'a\uFFFD'"],
    ["text that is not UTF-8", "CAST(x'61ff' AS TEXT)"],
  ])("leaves a result with %s to arrays, in any column of any row", (_, value) => {
    expect(read(`SELECT 1 AS a, ${value} AS b`)).toBe(null);
    expect(read(`SELECT 1 AS "0", 2 AS b UNION ALL SELECT ${value}, 5`)).toBe(null);
    expect(
      read(`SELECT ${Array.from({ length: 200 }, (_, i) => `1 AS c${i}`).join()}, ${value} AS last`),
    ).toBe(null);
  });

  it("leaves bigints and bytes to arrays", () => {
    expect(read("SELECT 1 AS a", { integers: "bigint" })).toBe(null);
    expect(read("SELECT 'a' AS a", { text: "buffer" })).toBe(null);
  });

  it("remembers large integers", () => {
    const db = memory();
    const prepared = new Prepared(db, "SELECT 9007199254740993 AS a", 0);
    expect(readObjects(db, prepared, [], PLAIN)).toBe(null);
    expect(prepared.hasLargeIntegers).toBe(true);
  });

  it("throws what the statement does, and leaves it as it was", () => {
    const db = memory();
    const prepared = new Prepared(db, "SELECT abs(-9223372036854775807 - 1) AS a", 0);
    expect(() => readObjects(db, prepared, [], PLAIN)).toThrow("integer overflow");
    expect(() => prepared.twin().all([])).toThrow("integer overflow");
  });

  it("is not put off by what others have put on Object.prototype", () => {
    const objects = vi.fn(() => read("SELECT 1 AS a"));
    Object.defineProperty(Object.prototype, "sqliteDbapiTest", {
      value: "\uFFFD",
      enumerable: true,
      writable: true,
      configurable: true,
    });
    try {
      expect(objects()).toBe(null);
    } finally {
      Reflect.deleteProperty(Object.prototype, "sqliteDbapiTest");
    }
    expect(objects()).toStrictEqual([{ a: 1 }]);
  });
});

describe("a process that forbids code made of strings", () => {
  it("reads long results as objects all the same", { timeout: 30_000 }, () => {
    const door = new URL("../../../../src/index.ts", import.meta.url).href;
    const program = `
      import { connect, objectRow } from ${JSON.stringify(door)};
      const conn = connect(":memory:");
      const sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) SELECT i, -i AS minus FROM n";
      for (let use = 0; use < 3; use++) {
        const rows = conn.cursor(objectRow).execute(sql).fetchall();
        console.log(JSON.stringify([rows.length, rows[2999], conn.fetchone("SELECT 1")]));
      }
      conn.close();
    `;
    const flags = ["--disallow-code-generation-from-strings", "--input-type=module", "--eval", program];
    const lines = execFileSync(process.execPath, flags, { encoding: "utf8", timeout: 25_000 })
      .trim()
      .split("\n");
    expect(lines).toEqual(new Array(3).fill('[3000,{"i":3000,"minus":-3000},[1]]'));
  });
});
