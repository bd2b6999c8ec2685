import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitScript } from "../../../src/sql/split.ts";
import { describeStatement } from "../../../src/sql/statement.ts";
import { blank } from "./soup.ts";
import { openDatabase, refusal } from "./support.ts";

const database = openDatabase("create table t(a, b); create table u(a, b)");

const statement = fc.constantFrom(
  "select 1",
  'select \';\', "a;" from (select 1 as "a;")',
  "insert into t values ('é;', 1) returning a",
  "begin",
  "end",
  "explain select 1",
  "create table [x;y](a)",
  "create trigger x after insert on t begin select 1; end",
  "create temp trigger end after insert on t when case when 1 then 1 end begin select case 1 when 1 then 2 end; delete from u; end",
  "explain create trigger x after insert on t begin select 1; end",
  "create virtual table v using fts5(a)",
);

// A mark of order after a statement is a space for SQLite and a stranger for better-sqlite3.
const gap = fc.array(blank, { maxLength: 2 }).map((blanks) => blanks.join("").replaceAll("\uFEFF", ""));

describe("count as better-sqlite3 counts", () => {
  it("none, one and many agree, save that a lone semicolon makes many here", () => {
    const parts = fc.array(
      fc.oneof(
        { weight: 2, arbitrary: statement.map((sql) => `${sql};`) },
        { weight: 1, arbitrary: fc.constantFrom(";", "-- x;\n", "/* ; */") },
      ),
      { maxLength: 3 },
    );
    fc.assert(
      fc.property(gap, parts, gap, fc.boolean(), (before, middle, after, unterminated) => {
        const joined = before + middle.join(after) + after;
        const sql = unterminated ? joined.replace(/;(?=[^;]*$)/, " ") : joined;
        const message = refusal(database, sql);
        const { count } = describeStatement(sql);
        const pieces = splitScript(sql).length;
        if (message?.includes("contains no statements")) expect([count, pieces]).toEqual(["none", 0]);
        else if (message?.includes("more than one statement"))
          expect([count, pieces > 1]).toEqual(["many", true]);
        else if (message === null) expect(pieces).toBe(1);
        if (message === null && count === "many") expect(sql).toMatch(/;[^;]*;/);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("kind as SQLite sees it", () => {
  const name = fc.constantFrom(
    "x",
    '"insert"',
    "[delete from t]",
    "replace",
    "`with`",
    "materialized",
    "é",
    "recursive_",
  );
  const columns = fc.constantFrom("", "(a)", '("a)")', "( [a(] )");
  const hint = fc.constantFrom("", "materialized", "NOT materialized");
  const body = fc.constantFrom(
    "(select 1)",
    "(values (1))",
    "(select ')' -- )\n)",
    "(with y as (select ((2))) select * from y)",
    "(select case when 1 then 2 end)",
  );
  const cte = fc.tuple(name, columns, hint, body).map((parts) => {
    const [called, list, wish, query] = parts;
    return { called, text: `${called}${list} as ${wish} ${query}` };
  });
  const ctes = fc
    .uniqueArray(cte, { minLength: 1, maxLength: 3, selector: (one) => one.called })
    .map((list) => list.map((one) => one.text).join(" , "));
  const verb = fc.constantFrom(
    "select 1",
    "values (1)",
    "insert into t(a) values (1)",
    "insert into t(a) select 1 returning a",
    "replace into t(a) values (1)",
    "update t set a = 1",
    "update t set a = (select 2) where b = 1 returning *",
    "delete from t",
    "delete from t where a = 'returning'",
  );
  const start = fc.constantFrom("with", "WITH recursive", "with/**/recursive");

  it("a statement behind WITH is DML exactly when SQLite says that it writes", () => {
    fc.assert(
      fc.property(start, ctes, verb, gap, (first, list, last, space) => {
        const sql = `${space}${first} ${list}${space} ${last}${space}`;
        const prepared = database.prepare(sql);
        const described = describeStatement(sql);
        expect(described.isDml).toBe(!prepared.readonly);
        expect(described.hasReturning).toBe(prepared.reader && !prepared.readonly);
        expect(described.kind).toBe(last.slice(0, last.indexOf(" ")));
      }),
      { numRuns: 500 },
    );
  });
});
