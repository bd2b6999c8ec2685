/**
 * Tests src/engine/hrana/batch.ts: statements, values and conditions as JSON, for servers of both versions.
 */
import { describe, expect, it } from "vitest";
import {
  and,
  Batch,
  boundStatement,
  NEVER,
  not,
  ok,
  statementOf,
} from "../../../../src/engine/hrana/batch.ts";
import { describeStatement } from "../../../../src/sql/statement.ts";
import type { BoundValue } from "../../../../src/values/types.ts";

const bind = (sql: string, values: readonly BoundValue[], start = 0) =>
  JSON.parse(boundStatement(describeStatement(sql), values, start));
const text = (value: string) => ({ type: "text", value });

describe("boundStatement", () => {
  it("sends values by number for ? and ?N", () => {
    expect(bind("SELECT ?, ?3", ["a", "b", "c"])).toEqual({
      sql: "SELECT ?, ?3",
      args: [text("a"), text("b"), text("c")],
    });
  });

  it("sends values by name, prefix included, for :a, @a and $a", () => {
    expect(bind("SELECT :a, @b, $c, :a", ["1", "2", "3"])).toEqual({
      sql: "SELECT :a, @b, $c, :a",
      named_args: [
        { name: ":a", value: text("1") },
        { name: "@b", value: text("2") },
        { name: "$c", value: text("3") },
      ],
    });
  });

  it("turns names into numbers where both kinds are used, in code only", () => {
    expect(bind("SELECT ':a', :a /* :b */, ?, :b, ?2 -- ?", ["1", "2", "3"])).toEqual({
      sql: "SELECT ':a', ?1 /* :b */, ?2, ?3, ?2 -- ?",
      args: [text("1"), text("2"), text("3")],
    });
  });

  it("begins with the value it is told to, and sends NULL where there is none", () => {
    expect(bind("SELECT ?, ?", ["a", "b", "c"], 2)).toMatchObject({ args: [text("c"), { type: "null" }] });
  });

  it("sends no values where none are wanted", () => {
    expect(bind("SELECT 1", ["a"])).toEqual({ sql: "SELECT 1" });
  });
});

describe("Batch", () => {
  it("numbers its steps and puts conditions to them", () => {
    const batch = new Batch(3);
    expect(batch.add(statementOf("A"), null)).toBe(0);
    expect(batch.add(statementOf("B"), and(ok(0), batch.inTransaction()))).toBe(1);
    expect(batch.count).toBe(2);
    expect(JSON.parse(String(batch))).toEqual([
      { stmt: { sql: "A" } },
      {
        stmt: { sql: "B" },
        condition: {
          type: "and",
          conds: [
            { type: "ok", step: 0 },
            { type: "not", cond: { type: "is_autocommit" } },
          ],
        },
      },
    ]);
  });

  it("asks a server of Hrana 2 for autocommit with a BEGIN that it takes back", () => {
    const batch = new Batch(2);
    batch.add(statementOf("A"), batch.inTransaction());
    expect(JSON.parse(String(batch))).toEqual([
      { stmt: { sql: "BEGIN" } },
      { stmt: { sql: "ROLLBACK" }, condition: { type: "ok", step: 0 } },
      { stmt: { sql: "A" }, condition: { type: "not", cond: { type: "ok", step: 0 } } },
    ]);
  });

  it("knows a condition that never holds, and one of no parts", () => {
    expect(JSON.parse(NEVER)).toEqual({ type: "or", conds: [] });
    expect(and(null, null)).toBeNull();
    expect(and(null, not(ok(1)))).toBe(not(ok(1)));
  });
});
