import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitScript } from "../../../src/sql/split.ts";
import { blank, soup } from "./soup.ts";
import { contents, openDatabase } from "./support.ts";

function textsOf(sql: string): string[] {
  return splitScript(sql).map((piece) => piece.sql);
}

describe("splitScript", () => {
  it.each<[string, string[]]>([
    ["", []],
    [" ; -- x\n ; /* y */", []],
    ["select 1", ["select 1"]],
    ["select 1; select 2", ["select 1;", "select 2"]],
    [" ;; select 1 ;; select 2 ; ", ["select 1 ;", "select 2 ;"]],
    ["-- a;\nselect 1; -- b", ["select 1;"]],
    ["select 1 -- b", ["select 1 -- b"]],
    [
      "select ';'; select \";\"; select [;]; select `;`",
      ["select ';';", 'select ";";', "select [;];", "select `;`"],
    ],
    ["select 'it''s;'; x", ["select 'it''s;';", "x"]],
    ["begin; insert into t values (1); end;", ["begin;", "insert into t values (1);", "end;"]],
    ["select case when 1 then 2 end; end;", ["select case when 1 then 2 end;", "end;"]],
    ["select 'é😀;'; select 2", ["select 'é😀;';", "select 2"]],
    ["\uFEFFselect 1;", ["select 1;"]],
    ["select '; select 2", ["select '; select 2"]],
    ["select /* ; select 2", ["select /* ; select 2"]],
    ["create table t(a); ; create table u(a)", ["create table t(a);", "create table u(a)"]],
    ["create virtual table v using m(a;b); x", ["create virtual table v using m(a;b);", "x"]],
    ["create virtual table v using m(a(;)b;); x", ["create virtual table v using m(a(;)b;);", "x"]],
    ["create virtual table v using m; x", ["create virtual table v using m;", "x"]],
  ])("%j", (sql, expected) => {
    expect(textsOf(sql)).toEqual(expected);
  });

  it.each([
    "create trigger t after insert on x begin select case when 1 then 'end;' end; end;",
    "create temp trigger t after insert on x begin select 1; end;",
    "create temporary trigger if not exists t after insert on x begin select 1; delete from y; end;",
    "CREATE /* ; */ TRIGGER t AFTER INSERT ON x BEGIN SELECT 1; -- end;\n END;",
    "explain create trigger t after insert on x begin select 1; end;",
    "explain query plan create trigger t after insert on x begin select 1; end;",
    "create trigger begin after insert on x begin select 1; end;",
    "create trigger end after update of a on x begin select 1; select 2; end ;",
    "create trigger t after insert on x when case when new.a then 1 end begin select 1; end;",
  ])("%s is one piece", (trigger) => {
    expect(textsOf(`${trigger} select 1`)).toEqual([trigger, "select 1"]);
  });

  it("a trigger without a body ends where SQLite gives it up", () => {
    expect(textsOf("create trigger t after insert on x; select 1; end;")).toHaveLength(3);
  });

  it("a trigger that is not ended runs to the end of the text", () => {
    expect(textsOf("create trigger t after insert on x begin select 1; select 2;")).toHaveLength(1);
  });

  it("each piece says where it stands", () => {
    const sql = " é; -- ;\n select 2 ;; x ";
    for (const piece of splitScript(sql)) expect(sql.slice(piece.start, piece.end)).toBe(piece.sql);
    expect(splitScript(sql).map((piece) => piece.start)).toEqual([1, 10, 22]);
  });

  it("a script of a hundred thousand statements is split in one go", () => {
    expect(splitScript("insert into t values (1);\n".repeat(100_000))).toHaveLength(100_000);
  });

  it("pieces of any text follow one another and leave out only what is no statement", () => {
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (sql) => {
        let at = 0;
        for (const piece of splitScript(sql)) {
          expect(splitScript(sql.slice(at, piece.start))).toEqual([]);
          expect(splitScript(piece.sql)).toHaveLength(1);
          at = piece.end;
        }
        expect(splitScript(sql.slice(at))).toEqual([]);
      }),
    );
  });
});

const schema = `create table t(a, b); create table log(x); create table "a;b"("c;d")`;

// Statements that need nothing but the schema; `#` stands for a number that no other statement of the script has.
const statement = fc.constantFrom(
  "insert into t values (1, 'a;b')",
  "insert into t values ('it''s; -- no comment', '/* nor this')",
  'insert into "a;b"("c;d") values (\'é😀;\')',
  "insert into [a;b]([c;d]) values (x'3b')",
  "update t set a = case when a = 1 then 2 end",
  "delete from `a;b` where `c;d` = ';'",
  "select 1; select 2",
  "begin; insert into log values ('in;side'); commit",
  "begin immediate transaction; insert into log values (1); end transaction",
  "savepoint s; insert into log values (2); rollback to s; release s",
  "create table n#(a, b default ';')",
  "create view v# as select ';' as x /* kept; */",
  "create index i# on t(a) where b <> ';'",
  "create trigger r# after insert on t begin insert into log values ('end;'); end",
  "create temp trigger r# after insert on t begin insert into log values (new.b); select case when 1 then 2 end; end",
  "create trigger [r;#] before delete on t when old.a is case old.b when ';' then 1 end begin update t set b = ';'; end",
  "explain create trigger r# after insert on t begin select 1; end",
  "create virtual table f# using fts5(a, b)",
  "with recursive c(n) as (values (1) union all select n + 1 from c where n < 3) insert into log select n from c",
  "pragma user_version = 3",
  "-- only; a comment\n",
  "/* another; one */",
  "",
);

const script = fc
  .array(fc.tuple(statement, fc.array(blank, { maxLength: 2 }), fc.constantFrom(";", " ;", ";;", "; ;\n")), {
    maxLength: 8,
  })
  .chain((parts) => fc.tuple(fc.constant(parts), fc.boolean()))
  .map(([parts, isOpen]) => {
    const texts = parts.map(([sql, blanks, separator], index) => {
      const isLast = index === parts.length - 1;
      return sql.replaceAll("#", String(index)) + blanks.join("") + (isLast && isOpen ? "" : separator);
    });
    return texts.join("");
  });

describe("splitScript beside SQLite", () => {
  it("every piece is one statement, and running them one by one leaves what running the script leaves", () => {
    fc.assert(
      fc.property(script, (sql) => {
        const whole = openDatabase(schema);
        const stepwise = openDatabase(schema);
        try {
          whole.exec(sql);
          for (const piece of splitScript(sql)) {
            const prepared = stepwise.prepare(piece.sql);
            if (prepared.reader) prepared.all();
            else prepared.run();
          }
          expect(contents(stepwise)).toEqual(contents(whole));
        } finally {
          whole.close();
          stepwise.close();
        }
      }),
      { numRuns: 300 },
    );
  }, 30_000);
});
