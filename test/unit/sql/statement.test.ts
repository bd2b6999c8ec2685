import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeStatement, type StatementKind } from "../../../src/sql/statement.ts";

function kindOf(sql: string): StatementKind {
  return describeStatement(sql).kind;
}

describe("kind", () => {
  it.each<[string, StatementKind]>([
    ["select 1", "select"],
    ["SeLeCt 1", "select"],
    ["insert into t values (1)", "insert"],
    ["insert or rollback into t values (1)", "insert"],
    ["update t set a = 1", "update"],
    ["delete from t", "delete"],
    ["replace into t values (1)", "replace"],
    ["values (1)", "values"],
    ["pragma user_version", "pragma"],
    ["begin immediate", "begin"],
    ["commit", "commit"],
    ["end transaction", "commit"],
    ["rollback to x", "rollback"],
    ["savepoint x", "savepoint"],
    ["release x", "release"],
    ["create table insert_(a)", "ddl"],
    ["alter table t rename to u", "ddl"],
    ["drop table t", "ddl"],
    ["reindex", "ddl"],
    ["analyze", "ddl"],
    ["vacuum into 'x'", "ddl"],
    ["attach 'x' as y", "ddl"],
    ["detach y", "ddl"],
    ["", "empty"],
    [" -- a\n/* b */;;\t", "empty"],
    ["/* insert", "empty"],
    ["/*", "other"],
    ["selec 1", "other"],
    ["inserted", "other"],
    ['"insert" into t', "other"],
    ["(select 1)", "other"],
    ["'insert'", "other"],
    [";; insert into t values (1)", "insert"],
    ["\uFEFFinsert into t values (1)", "insert"],
    ["/* x */ -- y\n update t set a = 1", "update"],
    ["insert\u00a0into t values (1)", "other"],
  ])("%j is %s", (sql, kind) => {
    expect(kindOf(sql)).toBe(kind);
  });

  it.each([
    "explain insert into t values (1)",
    "explain query plan delete from t",
    "EXPLAIN with x as (select 1) insert into t select * from x",
  ])("%s only explains", (sql) => {
    expect(describeStatement(sql)).toMatchObject({ kind: "explain", isDml: false, isInsert: false });
  });

  it.each<[string, StatementKind]>([
    ["with x as (select 1) select * from x", "select"],
    ["with x as (select 1) insert into t select * from x", "insert"],
    ["with x as (select 1) replace into t select * from x", "replace"],
    ["with x as (select 1) update t set a = 1", "update"],
    ["with x as (select 1) delete from t", "delete"],
    ["with x as (select 1) values (1)", "values"],
    ["with recursive x(n) as (values (1) union all select n + 1 from x) delete from t", "delete"],
    ["with recursive recursive as (select 1) delete from t", "delete"],
    ["with x as materialized (select 1) delete from t", "delete"],
    ["with x as not materialized (select 1) delete from t", "delete"],
    ["with materialized as materialized (select 1) delete from t", "delete"],
    ["with x(a, b) as (select 1, 2), y as (select ')' from x) update t set a = 1", "update"],
    ["with insert as (select 1) select 1", "select"],
    ["with replace as (select 1) select * from replace", "select"],
    ['with "insert" as (select 1) select 1', "select"],
    ["with [delete from](a) as (values (1)) select 1", "select"],
    ["with x as (select 1), delete_ as (select ((2))) select 1", "select"],
    ["with x as (select 1) /* select */ -- select\n insert into t select 1", "insert"],
    ["with x as (with y as (select 1) select * from y) delete from t", "delete"],
    ["with 'x' as (select 1) delete from t", "delete"],
    ["with x as (delete from t) select 1", "select"],
    ["with x as (select 1)", "other"],
    ["with x as (select 1", "other"],
    ["with", "other"],
    ["with x insert into t values (1)", "other"],
    ["with x as select 1", "other"],
    ["with x as (select 1) pragma user_version", "other"],
  ])("%s leads to %s", (sql, kind) => {
    expect(kindOf(sql)).toBe(kind);
  });

  it("dml and insert are told apart", () => {
    const flags = (sql: string): [boolean, boolean] => [
      describeStatement(sql).isDml,
      describeStatement(sql).isInsert,
    ];
    expect(flags("insert into t values (1)")).toEqual([true, true]);
    expect(flags("replace into t values (1)")).toEqual([true, true]);
    expect(flags("update t set a = 1")).toEqual([true, false]);
    expect(flags("delete from t")).toEqual([true, false]);
    expect(flags("create table t(a)")).toEqual([false, false]);
    expect(flags("pragma user_version = 1")).toEqual([false, false]);
  });
});

describe("count", () => {
  it.each(["", " ", ";", ";;\n;", "-- select 1", "/* select 1 */", "/* select 1", "\uFEFF", "-- ;"])(
    "%j has no statement",
    (sql) => {
      expect(describeStatement(sql).count).toBe("none");
    },
  );

  it.each([
    "select 1",
    "select 1;",
    "select 1 ; ",
    "select 1; -- x",
    "select 1; /* x; */ -- y",
    "select 1; /* x",
    "; ; select 1",
    "select ';'",
    'select 1 as "a;b"',
    "select 1 as [a;b]",
    "select 1 as `a;b`",
    "select 1 -- ; select 2",
    "select '; select 2",
    "create trigger t after insert on x begin select 1; select 2; end",
    "create trigger t after insert on x begin select 1; select 2; end; -- x",
    "create temp trigger t after insert on x begin select case when 1 then 'end;' end; end;",
    "create temporary trigger begin after insert on x begin select 1; end;",
    "explain query plan create trigger t after insert on x begin select 1; end",
    "create virtual table v using fts5(a ; b)",
    "create trigger t after insert on x",
  ])("%j is one statement", (sql) => {
    expect(describeStatement(sql).count).toBe("one");
  });

  it.each([
    "select 1; select 2",
    "select 1;;",
    "select 1; ;",
    "select 1; x",
    "select 1; '",
    "select 1;\v",
    "select 1; /*",
    "begin; end;",
    "select case when 1 then 2 end; end;",
    "create trigger t after insert on x begin select case when 1 then 'end;' end; end; select 1",
    "create trigger t after insert on x; select 1",
    "create table trigger_(a); select 1; end;",
    "create table t(a, b text default 'begin'); select 1",
    "create virtual table v using fts5(a ; b); select 1",
    "create view trigger as select 1; select 2; end",
  ])("%j is many", (sql) => {
    expect(describeStatement(sql).count).toBe("many");
  });
});

describe("hasReturning", () => {
  it.each([
    "insert into t values (1) returning a",
    "insert into t values (1) ReturninG *",
    "with x as (select 1) delete from t returning (select 1)",
    "update t set a = (select 1) returning a;",
    "insert into t(a) values (1) on conflict do update set a = (2) returning a",
  ])("%s has one", (sql) => {
    expect(describeStatement(sql).hasReturning).toBe(true);
  });

  it.each([
    "insert into t values (1)",
    "insert into t values ('returning')",
    'update t set a = "returning"',
    "delete from t -- returning a",
    "insert into t select (returning) from x",
    "select returning",
    "explain delete from t returning a",
    "delete from t; delete from t returning a",
  ])("%s has none", (sql) => {
    expect(describeStatement(sql).hasReturning).toBe(false);
  });
});

it("the text is handed back as it came", () => {
  const sql = "\uFEFF; select 1; -- é";
  expect(describeStatement(sql).sql).toBe(sql);
});

it("any text at all is described", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (sql) => {
      const { kind, count } = describeStatement(sql);
      expect(count === "none").toBe(kind === "empty");
    }),
  );
});
