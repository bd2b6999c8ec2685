/**
 * Tests onlySeeksRowid of src/engine/sqlite/program.ts, and what prepared.ts makes of it: a key finds the same row whether it
 * is bound as INTEGER or as REAL.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Prepared } from "../../../../src/engine/sqlite/prepared.ts";
import { onlySeeksRowid } from "../../../../src/engine/sqlite/program.ts";
import { isInteger } from "../../../../src/values/integers.ts";
import type { BoundValue } from "../../../../src/values/types.ts";
import { memory } from "./support.ts";

const limits = [31, 51, 52, 53].flatMap((bits) => [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]);
const integer = fc.oneof(
  fc.integer({ min: -5, max: 300 }),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, ...limits, ...limits.map((limit) => -limit)),
);

describe("onlySeeksRowid", () => {
  const schema =
    "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b REAL, c UNIQUE); CREATE TABLE w(id INTEGER PRIMARY KEY, a) WITHOUT ROWID; CREATE VIEW v AS SELECT * FROM t";
  const finds = (sql: string) => onlySeeksRowid(memory(schema).explain(sql));

  it.each([
    "SELECT * FROM t WHERE id = ?",
    "SELECT a, b FROM t WHERE rowid = :id",
    "SELECT b FROM v WHERE id = ?",
    "SELECT 1, 'x', NULL, 2.5, id FROM t WHERE id = ?",
    "SELECT * FROM t WHERE id >= ? LIMIT 10",
    "SELECT * FROM t WHERE id > ? ORDER BY id",
    "SELECT * FROM t WHERE id < ? ORDER BY id DESC LIMIT 10",
  ])("holds for %s", (sql) => expect(finds(sql)).toBe(true));

  it.each([
    "SELECT *, ? FROM t WHERE id = ?",
    "SELECT ?1 FROM t WHERE id = ?1",
    "SELECT typeof(?1) FROM t WHERE id = ?1",
    "SELECT * FROM t WHERE id = ?1 AND a = ?1",
    "SELECT * FROM t WHERE id = ? AND b > ?",
    "SELECT * FROM t WHERE a = ?",
    "SELECT * FROM t WHERE c = ?",
    "SELECT * FROM t WHERE id >= ? AND id < ?",
    "SELECT * FROM t WHERE id >= ? LIMIT ?",
    "SELECT * FROM t WHERE id >= ? LIMIT 10 OFFSET ?",
    "SELECT * FROM t WHERE a > ? LIMIT 10",
    "SELECT c FROM t WHERE c >= ? LIMIT 10",
    "SELECT * FROM w WHERE id >= ? LIMIT 10",
    "SELECT *, ?1 FROM t WHERE id >= ?1",
    "SELECT * FROM t WHERE id IN (?, ?)",
    "SELECT * FROM t WHERE +id = ?",
    "SELECT * FROM t WHERE id = ? + 1",
    "SELECT * FROM t WHERE id = ? || ''",
    "SELECT * FROM t WHERE id = ? LIMIT ?",
    "SELECT * FROM t JOIN t AS u ON u.id = t.b WHERE t.id = ?",
    "SELECT (SELECT a FROM t WHERE id = ?1) FROM t WHERE id = ?1",
    "SELECT * FROM w WHERE id = ?",
    "SELECT ?",
  ])("does not hold for %s", (sql) => expect(finds(sql)).toBe(false));

  it("lets nobody tell how a key is bound, in the database at hand", () => {
    const key = fc.oneof(
      integer,
      fc.double({ noNaN: true }),
      fc.constantFrom<BoundValue>(null, "7", "7.0", "x", 7n),
    );
    const shapes = [
      "CREATE TABLE t(id INTEGER PRIMARY KEY, a)",
      "CREATE TABLE t(id TEXT, a)",
      "CREATE TABLE t(id UNIQUE, a)",
      "CREATE TABLE u(i INTEGER PRIMARY KEY, a); CREATE VIEW t AS SELECT i AS id, a FROM u",
      "CREATE TABLE u(i INTEGER PRIMARY KEY, a); CREATE VIEW t AS SELECT i || '' AS id, a FROM u",
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...shapes),
        fc.array(key, { minLength: 1, maxLength: 8 }),
        fc.constantFrom("=", ">=", ">", "<=", "<"),
        fc.constantFrom("", " ORDER BY id DESC"),
        (shape, keys, operator, order) => {
          const db = memory(shape);
          const insert = db.prepare(
            `INSERT OR IGNORE INTO ${shape.includes("VIEW") ? "u" : "t"} VALUES (?, ?)`,
          );
          const asInteger = (k: BoundValue) => (typeof k === "number" && isInteger(k) ? BigInt(k) : k);
          for (const k of keys) {
            try {
              insert.run(asInteger(k), "found");
            } catch {
              // Not every key is a rowid.
            }
          }
          const sql = `SELECT a, id FROM t WHERE id ${operator} ?${order} LIMIT 5`;
          const prepared = new Prepared(db, sql, 0, false, true);
          for (let use = 0; use < 3; use++) prepared.plan([]);
          const plain = db.prepare(sql).raw();
          for (const k of keys) expect(prepared.statement.all([k])).toEqual(plain.all(asInteger(k)));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("is used in a private database, from the second use on, and not where others can change the schema", () => {
    const db = memory(schema);
    const bound = (isPrivate: boolean, uses: number) => {
      const prepared = new Prepared(db, "SELECT * FROM t WHERE id = ?", 0, false, isPrivate);
      for (let use = 0; use < uses; use++) prepared.plan([5]);
      return prepared.statement.expanded([5]);
    };
    expect(bound(true, 1)).toBe("SELECT * FROM t WHERE id = 5");
    expect(bound(true, 2)).toBe("SELECT * FROM t WHERE id = 5.0");
    expect(bound(false, 2)).toBe("SELECT * FROM t WHERE id = 5");
  });
});
