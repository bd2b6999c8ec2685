import { describe, expect, it } from "vitest";
import { completeStatement } from "../../../src/sql/split.ts";

describe("completeStatement", () => {
  it.each([
    "select 1;",
    ";",
    " ; ",
    "select 1; -- x\n",
    "select 1; /* x */ ",
    "select ';';",
    "select 'it''s';",
    "create table t(a);",
    "create trigger t after insert on x begin select 1; end;",
    "create temp trigger t after insert on x begin select 1; END ;",
    "create trigger t begin select case when 1 then 'end;' end;; end;",
    "explain query plan create trigger t begin select 1; end;",
    "explain select 1;",
    "create temp;",
    "select create trigger;",
    "nonsense ) ( ;",
  ])("%j is complete", (sql) => {
    expect(completeStatement(sql)).toBe(true);
  });

  it.each([
    "",
    " ",
    "-- x\n",
    "select 1",
    "select 1; x",
    "select ';",
    'select ";',
    "select [;",
    "select `;",
    "/* ;",
    "select 1; /*",
    "create trigger t after insert on x begin select 1;",
    "create trigger t after insert on x begin select 1; end",
    "create trigger t after insert on x begin select case when 1 then 2 end;",
    "create trigger t after insert on x; select 1;",
    "create trigger t begin select 1; end x;",
    "explain temp trigger",
    "create temp trigger t begin select 1;",
    "explain create temporary trigger t begin select 1;",
  ])("%j is not complete", (sql) => {
    expect(completeStatement(sql)).toBe(false);
  });

  it("a line comment must be ended by its line break, as in SQLite 3.54", () => {
    expect(completeStatement("select 1; -- x")).toBe(false);
  });

  it("words are read in its own way, which is not the tokenizer's", () => {
    expect(completeStatement("create trigger t begin select 1; @end;")).toBe(false);
    expect(completeStatement("create trigger t begin select 1; end\u00e9;")).toBe(false);
    expect(completeStatement("select 1;\uFEFF")).toBe(false);
    expect(completeStatement("select 1;\v")).toBe(false);
  });

  it("a NUL ends the text", () => {
    expect(completeStatement("select 1;\0 x")).toBe(true);
    expect(completeStatement("select '\0';")).toBe(false);
  });
});
