/**
 * Where a statement does not parse: `error.syntax` with the token, its offset, line and column, all in UTF-16 units, so
 * that `sql.slice(offset)` begins with `near`.
 */
import { describe, expect, it } from "vitest";
import { ProgrammingError } from "../../src/index.ts";
import { conformance, raised } from "./quadrants.ts";

/** The place of `¦` in a text, which is taken out. */
function marked(text: string): { sql: string; offset: number; line: number; column: number } {
  const offset = text.indexOf("¦");
  const before = text.slice(0, offset).split("\n");
  return {
    sql: text.replace("¦", ""),
    offset,
    line: before.length,
    column: (before.at(-1) ?? "").length + 1,
  };
}

const texts: readonly (readonly [text: string, near: string])[] = [
  ["¦SELEC 1", "SELEC"],
  ["SELECT ¦FROM t", "FROM"],
  ["SELECT 1\nFROM t\n  WHERE a = ¦WHERE", "WHERE"],
  ["SELECT 1\r\n  ¦SELECT 2", "SELECT"],
  ["SELECT * FROM ¦FROM", "FROM"],
  ["SELECT 'FROM', \"FROM\" /* FROM */ FROM ¦FROM -- FROM", "FROM"],
  ["SELECT a, b c, d e ¦f, g h FROM t", "f"],
  ["SELECT 'é😀', 東京 ¦+ FROM t", "FROM"],
  ["SELECT 1 ¦)", ")"],
  ["SELECT (1¦", ""],
  ["SELECT 1 +\n¦", ""],
  ["SELECT ¦#", "#"],
  ["SELECT 1,\n ¦'abc", "'abc"],
  ['SELECT "a" "b" ¦"c"', '"c"'],
  ["INSERT INTO t VALUES (1, 2¦;", ";"],
  ["CREATE TABLE t (a, ¦)", ")"],
  ["SELECT :a ¦:b, :b", ":b"],
  ["SELECT 1 AS ¦@b", "@b"],
  ["SELECT x ¦x'0'", "x'0'"],
];

conformance("the place of a syntax error", (db) => {
  it.each(texts)("%j is told near %j", async (text, near) => {
    const { sql, ...place } = marked(text.replace("¦+ FROM", "+ ¦FROM"));
    const conn = await db.shared();
    const error = await raised(ProgrammingError, () =>
      conn.execute(sql, sql.includes(":a") || sql.includes("@b") ? { a: 1, b: 2 } : []),
    );
    expect(error.syntax).toEqual({ near, ...place });
    expect(sql.slice(place.offset, place.offset + near.length)).toBe(near);
    expect(error).toMatchObject({ sql, code: "SQLITE_ERROR" });
  });

  it("is the same from every way to run SQL", async () => {
    const conn = await db.shared();
    const sql = "INSERT INTO t VALUES (1) FROM";
    const syntax = { near: "FROM", offset: 25, line: 1, column: 26 };
    const ways = [
      () => conn.execute(sql),
      () => conn.executemany(sql, [[]]),
      () => conn.executescript(sql),
      () => conn.fetchall(sql),
      () => conn.fetchone(sql),
    ];
    for (const way of ways) expect((await raised(ProgrammingError, way)).syntax).toEqual(syntax);
  });

  it("in a script is the place in the whole script", async () => {
    const conn = await db.shared();
    const { sql, ...place } = marked(
      'CREATE TABLE "é;" (a);\n-- then; this\nINSERT ¦INTTO t VALUES (1); SELECT 1;',
    );
    const error = await raised(ProgrammingError, () => conn.executescript(sql));
    expect(error).toMatchObject({ syntax: { near: "INTTO", ...place }, index: 1 });
  });

  it("in a script is the beginning of a statement that parses and fails", async () => {
    const conn = await db.shared();
    const { sql, ...place } = marked(
      "CREATE TABLE t (a UNIQUE);\nINSERT INTO t VALUES (1);\n  ¦INSERT INTO t VALUES (1);",
    );
    const error = await raised(conn.IntegrityError, () => conn.executescript(sql));
    expect(error).toMatchObject({ syntax: place, index: 2 });
  });

  describe("is not told where the text parses", () => {
    it.each(["SELECT * FROM nowhere", "SELECT missing", "CREATE TABLE t (a, a)", "SELECT abs(1, 2)"])(
      "%s",
      async (sql) => {
        const conn = await db.shared();
        const error = await raised(ProgrammingError, () => conn.execute(sql));
        expect(error.syntax).toBeUndefined();
        expect("syntax" in error).toBe(false);
      },
    );
  });
});
