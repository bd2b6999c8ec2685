import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TopLevelLimit, topLevelLimit } from "../../../src/sql/limit.ts";
import { openDatabase } from "./support.ts";

const literal = (value: number): TopLevelLimit => ({ kind: "literal", value });
const parameter = (index: number): TopLevelLimit => ({ kind: "parameter", index });

describe("topLevelLimit", () => {
  it.each<[string, TopLevelLimit]>([
    ["select 1 limit 1", literal(1)],
    ["select 1 LIMIT 0;", literal(0)],
    ["select a from t order by a limit 10 -- x", literal(10)],
    ["select 1 limit 5 offset 2", literal(5)],
    ["select 1 limit 5 offset ?", literal(5)],
    ["select 1 limit 5 offset (1 + 2) * 3", literal(5)],
    ["select 1 limit 5 offset offset", literal(5)],
    ["select 1 limit 2, 7", literal(7)],
    ["select 1 limit max(1, 2) + 3, 7", literal(7)],
    ["select 1 limit ?", parameter(1)],
    ["select ?, ? limit ?", parameter(3)],
    ["select ? limit ?, ?", parameter(3)],
    ["select ? limit ? offset ?", parameter(2)],
    ["select :a, :b limit :a", parameter(1)],
    ["select ?5 limit ?", parameter(6)],
    ["select 1 limit ?4", parameter(4)],
    ["select 1 union all select 2 limit 3", literal(3)],
    ["values (1), (2) union select 3 limit 2", literal(2)],
    ["with x as (select 1 limit 9) select * from x limit 3", literal(3)],
    ["select (select 1 limit 8) limit 2", literal(2)],
    ["select * from (select 1 limit 8) limit 2; select 1 limit 4", literal(2)],
    ["; select 1 limit 1", literal(1)],
    ["select 'limit 4' as \"limit 5\" limit 6", literal(6)],
  ])("%s", (sql, expected) => {
    expect(topLevelLimit(sql)).toEqual(expected);
  });

  it.each([
    "",
    "select 1",
    "select (select 1 limit 1)",
    "select * from (select 1 limit 1)",
    "with x as (select 1 limit 1) select * from x",
    "select 1 -- limit 1",
    "select 1 /* limit 1 */",
    "select 'limit 1'",
    'select 1 as "limit"',
    "select 1 as [limit 1]",
    "select t.limit_ from t",
    "select sum(a) over (order by a rows between 1 preceding and current row) from t",
    "select 1 limit -1",
    "select 1 limit +1",
    "select 1 limit (1)",
    "select 1 limit 1 + 1",
    "select 1 limit 1.0",
    "select 1 limit 0x10",
    "select 1 limit 1_0",
    "select 1 limit '1'",
    "select 1 limit ? + 1",
    "select 1 limit ?0",
    "select 1 limit 99999999999999999999",
    "select 1 limit abs(1)",
    "select 1 limit max(1, 2)",
    "select 1 limit (select 1)",
    "select 1 limit 1, 1 + 1",
    "select 1 limit",
    "select 1; select 1 limit 1",
    "delete from t limit 1",
    "explain select 1 limit 1",
    "insert into t select 1 limit 1",
    "with x as (select 1) insert into t select 1 limit 1",
    "create view v as select 1 limit 1",
  ])("%j has none that is plain", (sql) => {
    expect(topLevelLimit(sql)).toBeNull();
  });
});

describe("topLevelLimit beside SQLite", () => {
  const database = openDatabase("create table t(a); insert into t values (1), (2), (3), (4), (5), (6)");
  const query = fc.constantFrom(
    "select a from t",
    "select a, (select a from t limit 1) from t",
    "select a from t where a in (select a from t limit 9)",
    "with x as (select a from t limit 5) select * from x",
    "select a from t union all select a from t order by 1",
    "select a as \"limit 2\" from t where 'limit 1' <> a",
    "select sum(a) over (order by a rows between 2 preceding and current row) from t",
  );
  const number = fc.integer({ min: 0, max: 8 });
  const clause = fc.oneof(
    number.map((n) => [`limit ${n}`, []] as const),
    fc.tuple(number, number).map(([n, skip]) => [`limit ${n} offset ${skip}`, []] as const),
    fc.tuple(number, number).map(([n, skip]) => [`limit ${skip}, ${n}`, []] as const),
    number.map((n) => [`limit ?`, [n]] as const),
    fc.tuple(number, number).map(([n, skip]) => [`limit ? offset ?`, [n, skip]] as const),
    fc.tuple(number, number).map(([n, skip]) => [`limit ? , ?`, [skip, n]] as const),
    fc.tuple(number, number).map(([n, skip]) => [`limit ?2 offset ?1`, [skip, n]] as const),
  );

  it("no query returns more rows than its limit, and one that could returns exactly so many", () => {
    fc.assert(
      fc.property(query, clause, (body, [limit, values]) => {
        const sql = `${body} ${limit}`;
        const found = topLevelLimit(sql);
        if (found === null) throw new Error("expected a limit");
        const most = found.kind === "literal" ? found.value : (values[found.index - 1] ?? Number.NaN);
        const run = (text: string): number =>
          database.prepare(text).all(limit.includes("?2") ? { 1: values[0], 2: values[1] } : values).length;
        const rows = run(sql);
        expect(rows).toBeLessThanOrEqual(most);
        if (values.length === 0 && !/offset|,/.test(limit)) {
          expect(rows).toBe(Math.min(most, database.prepare(body).all().length));
        }
      }),
      { numRuns: 500 },
    );
  });
});
