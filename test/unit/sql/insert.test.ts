import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { multiRow, plainInsert } from "../../../src/sql/insert.ts";
import { openDatabase } from "./support.ts";

describe("plainInsert", () => {
  it("takes an INSERT apart", () => {
    expect(plainInsert("INSERT INTO t VALUES (?, ?)")).toEqual({
      head: "INSERT INTO t VALUES",
      tuple: "(?, ?)",
      width: 2,
      schema: null,
      table: "t",
      conflict: "abort",
    });
    expect(
      plainInsert(` -- a\n; insert or ignore into main."a""b" (x, [y z]) /* b */ values(?,-1);-- c`),
    ).toEqual({
      head: `insert or ignore into main."a""b" (x, [y z]) /* b */ values`,
      tuple: "(?,-1)",
      width: 1,
      schema: "main",
      table: 'a"b',
      conflict: "ignore",
    });
  });

  it.each([
    ["insert into t values (1)", "abort"],
    ["insert or abort into t values (1)", "abort"],
    ["insert or ignore into t values (1)", "ignore"],
    ["insert or replace into t values (1)", "replace"],
    ["replace into t values (1)", "replace"],
  ])("%s is told to %s", (sql, conflict) => {
    expect(plainInsert(sql)?.conflict).toBe(conflict);
  });

  it.each([
    ["(?)", 1],
    ["(?,?,?)", 3],
    ["( ? /* x */ , -- y\n ? )", 2],
    ["(1, -1, +1.5, 1e5, 0xff, 1_000, .5)", 0],
    ["('a', 'it''s ?', x'00', NULL, true, False, ?)", 1],
  ])("%s has %i placeholders", (tuple, width) => {
    expect(plainInsert(`insert into t values ${tuple}`)).toMatchObject({ tuple, width });
  });

  it.each([
    "",
    "select 1",
    "insert",
    "insert into",
    "insert into t",
    "insert into t values",
    "insert into t values (",
    "insert into t values (?",
    "insert into t values (?,",
    "insert into t values (?,)",
    "insert into t values ()",
    "insert into t values (?) x",
    "insert into t values (?); select 1",
    "insert into t values (?);;",
    "insert into t values (?), (?)",
    "insert into t values (?1)",
    "insert into t values (:a)",
    "insert into t values (-?)",
    "insert into t values (- -1)",
    "insert into t values (-'a')",
    "insert into t values (-null)",
    "insert into t values (? + 1)",
    "insert into t values ((?))",
    "insert into t values (f(?))",
    "insert into t values ((select 1))",
    "insert into t values (current_timestamp)",
    'insert into t values ("a")',
    "insert into t values (a)",
    "insert into t values (1abc)",
    "insert into t values ('a)",
    "insert into t values (?) on conflict do nothing",
    "insert into t values (?) returning a",
    "insert into t default values",
    "insert into t select ?",
    "insert into t as x values (?)",
    "insert or fail into t values (?)",
    "insert or rollback into t values (?)",
    "insert or into t values (?)",
    "insert t values (?)",
    "insert into a.b.c values (?)",
    "insert into t (a + 1) values (?)",
    "insert into t () values (?)",
    "insert into t (a values (?)",
    "insert into t (a, ) values (?)",
    "insert into t (a) (b) values (?)",
    "insert into ? values (?)",
    "with x as (select 1) insert into t values (?)",
    "explain insert into t values (?)",
    "replace t values (?)",
    "replace or ignore into t values (?)",
    "insert into t values (?) -- x\n, (?)",
  ])("%j is left alone", (sql) => {
    expect(plainInsert(sql)).toBeNull();
  });
});

describe("multiRow", () => {
  it("repeats the row", () => {
    const insert = plainInsert("insert into t values (?, 1);");
    if (insert === null) throw new Error("expected a plain insert");
    expect(multiRow(insert, 1)).toBe("insert into t values (?, 1)");
    expect(multiRow(insert, 3)).toBe("insert into t values (?, 1),(?, 1),(?, 1)");
  });

  it("a comment inside the row does not swallow the next row", () => {
    const insert = plainInsert("insert into t values -- a\n (? -- b\n, 2 /* c */)");
    if (insert === null) throw new Error("expected a plain insert");
    const database = openDatabase("create table t(a, b)");
    database.prepare(multiRow(insert, 3)).run("x", "y", "z");
    expect(database.prepare("select a, b from t").raw().all()).toEqual([
      ["x", 2],
      ["y", 2],
      ["z", 2],
    ]);
  });

  const verb = fc.constantFrom(
    "insert",
    "insert or ignore",
    "insert or replace",
    "replace",
    "INSERT OR abort",
  );
  const table = fc.constantFrom("t", "main.t", '"t"', "[main] . `t`");
  const item = fc.constantFrom("?", "?", "1", "-2.5", "'a;?'", "x'3f'", "null", "true", "0x10", "/* ? */ ?");
  const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.string({ maxLength: 2 }), fc.constant(null));

  it("leaves the same rows as one INSERT for each row", () => {
    fc.assert(
      fc.property(
        verb,
        table,
        fc.array(item, { minLength: 3, maxLength: 3 }),
        fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 5 }),
        (first, name, items, rows) => {
          const sql = `${first} into ${name}(a, b, c) values (${items.join(", ")});`;
          const insert = plainInsert(sql);
          if (insert === null) throw new Error("expected a plain insert");
          // Where a conflict aborts, the two differ in how much was done: then the caller's own business begins.
          const aborts = first === "insert" || first.endsWith("abort");
          const schema = `create table t(a integer, b text, c numeric ${aborts ? "" : "unique"})`;
          const many = openDatabase(schema);
          const single = openDatabase(schema);
          const values = rows.map((row) => row.slice(0, insert.width));
          many.prepare(multiRow(insert, rows.length)).run(...values.flat());
          const one = single.prepare(sql);
          for (const row of values) one.run(...row);
          const read = "select rowid, a, b, c, typeof(a), typeof(b), typeof(c) from t order by rowid";
          expect(many.prepare(read).raw().all()).toEqual(single.prepare(read).raw().all());
          many.close();
          single.close();
        },
      ),
      { numRuns: 200 },
    );
  }, 30_000);
});
