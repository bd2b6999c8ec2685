/**
 * `iterdump`: what it writes makes the same database again, and is line by line what Python's own writes of the same
 * file, where there is a Python to ask (its older versions are told apart by what they cannot do).
 */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { InterfaceError, quoteIdentifier } from "../../src/index.ts";
import { type AnyConnection, collect, conformance, raised } from "./quadrants.ts";

/** Python's dump of a file, or why there is none. */
const PYTHON = `
import sqlite3, sys, json
print(json.dumps(list(sqlite3.connect(sys.argv[1]).iterdump())))`;

function pythonVersion(): string | null {
  try {
    return execFileSync("python3", ["-c", "import sqlite3, sys; print(sys.version.split()[0])"], {
      encoding: "utf8",
    }).trim();
  } catch {
    return null;
  }
}

const python = pythonVersion();
const PYTHON_TITLE = python === null ? "(skipped: no python3 with sqlite3 here)" : `(Python ${python})`;

/** Names that Python can quote since 3.13. */
const QUOTED = `
  CREATE TABLE "quo""ted 'name'" ("a ""b""", "c'd", [e f]);
  INSERT INTO "quo""ted 'name'" VALUES ('it''s', 'line' || char(10) || 'break', '; -- " é 東京 😀');`;

/** What a plain dump has to bring back, and Python writes in the same words. */
const COMMON = `
  CREATE TABLE words (w, "two words", [select]);
  INSERT INTO words VALUES ('it''s', 'line' || char(10) || 'break', '; -- " é 東京 😀');
  CREATE TABLE numbers (i INTEGER, r REAL, n NUMERIC, x);
  INSERT INTO numbers VALUES (9223372036854775807, 0.1, 1e300, -9223372036854775808);
  INSERT INTO numbers VALUES (9007199254740993, 1.7976931348623157e308, 5e-324, 3.0);
  INSERT INTO numbers VALUES (0, 0.30000000000000004, -1.5, NULL), (NULL, 9e999, -9e999, '');
  CREATE TABLE blobs (b BLOB);
  INSERT INTO blobs VALUES (X''), (X'00FF'), (zeroblob(3));
  CREATE TABLE auto (id INTEGER PRIMARY KEY AUTOINCREMENT, a);
  INSERT INTO auto VALUES (7, 'x');
  DELETE FROM auto;
  CREATE TABLE keyed (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
  INSERT INTO keyed VALUES ('b', 1), ('a', 2);
  CREATE TABLE made (a, twice AS (a * 2) VIRTUAL, thrice AS (a * 3) STORED, z);
  INSERT INTO made (a, z) VALUES (1, 'end');
  CREATE TABLE empty (a);
  CREATE TABLE log (what);
  CREATE INDEX "i x" ON numbers (i, r DESC) WHERE i > 0;
  CREATE UNIQUE INDEX u ON keyed (v);
  CREATE VIEW "v w" AS SELECT k AS "key" FROM keyed;
  CREATE TRIGGER noted AFTER INSERT ON keyed BEGIN
    INSERT INTO log VALUES ('one; two');
    INSERT INTO log VALUES (new.k);
  END;`;

conformance("iterdump", (db) => {
  async function database(script: string, name = "source.db"): Promise<AnyConnection> {
    const conn = await db.connect(db.file(name));
    await conn.executescript(script);
    return conn;
  }

  async function restored(conn: AnyConnection): Promise<AnyConnection> {
    const copy = await db.connect();
    await copy.executescript((await collect(conn.iterdump())).join("\n"));
    return copy;
  }

  /** Everything in a database, to be compared. */
  async function contents(conn: AnyConnection): Promise<unknown> {
    const schema = await conn.fetchall(
      "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name",
    );
    const tables: unknown[] = [];
    for (const [type, name] of schema) {
      if (type !== "table") continue;
      const table = quoteIdentifier(String(name));
      const columns = (await conn.execute(`SELECT * FROM ${table}`)).description ?? [];
      // As SQLite sees them: a server cannot send an infinity, and quote() ends at a NUL.
      const cells = columns
        .map(([column]) => quoteIdentifier(column))
        .map((column) => `typeof(${column}), quote(${column}), hex(${column})`);
      tables.push([name, await conn.fetchall(`SELECT ${cells} FROM ${table}`)]);
    }
    return { schema, tables };
  }

  it("makes the same database again", async () => {
    const conn = await database(QUOTED + COMMON);
    expect(await contents(await restored(conn))).toEqual(await contents(conn));
  });

  it("keeps what quote() would cut: text with NUL", async () => {
    const conn = await database('CREATE TABLE t (a, "b""c")');
    await conn.execute("INSERT INTO t VALUES (?, ?)", ["a\0b\0", "\0"]);
    const lines = await collect(conn.iterdump());
    expect(lines[2]).toBe(`INSERT INTO "t" VALUES(CAST(X'61006200' AS TEXT),CAST(X'00' AS TEXT));`);
    expect(await contents(await restored(conn))).toEqual(await contents(conn));
  });

  it.skipIf(!db.can.anyText).each(["UTF-16le", "UTF-16be"])(
    "text with NUL of a database of %s comes back in one of UTF-8 (needs any text)",
    async (encoding) => {
      const conn = await database(`PRAGMA encoding = '${encoding}'; CREATE TABLE t (a)`);
      await conn.executemany("INSERT INTO t VALUES (?)", [["it's\0\"\\\n\0"], ["\0"], ["é😀\uFFFD"]]);
      const copy = await db.connect();
      await copy.execute("CREATE TABLE here (a)");
      await copy.executescript((await collect(conn.iterdump())).join("\n"));
      expect(await copy.fetchall("SELECT a FROM t")).toEqual(await conn.fetchall("SELECT a FROM t"));
    },
  );

  it("takes a table of more columns than SQLite takes levels in an expression", async () => {
    const names = Array.from({ length: 700 }, (_, i) => `c${i}`);
    const conn = await database(
      `CREATE TABLE t (${names}); INSERT INTO t VALUES (${names.map((_, i) => i)})`,
    );
    expect(await (await restored(conn)).fetchall("SELECT * FROM t")).toEqual([names.map((_, i) => i)]);
  });

  it("goes on from the AUTOINCREMENT value", async () => {
    const copy = await restored(await database(COMMON));
    await copy.execute("INSERT INTO auto (a) VALUES ('next')");
    expect(await copy.fetchone("SELECT id FROM auto")).toEqual([8]);
  });

  it("loads foreign keys whatever the order of the tables, and leaves them enforced", async () => {
    const conn = await database(`
      CREATE TABLE z_parent (id INTEGER PRIMARY KEY, code);
      CREATE UNIQUE INDEX by_code ON z_parent (code);
      CREATE TABLE a_child (p REFERENCES z_parent, c REFERENCES z_parent (code), self REFERENCES a_child (own), own UNIQUE);
      INSERT INTO z_parent VALUES (1, 'x');
      INSERT INTO a_child VALUES (1, 'x', 5, 5);`);
    const copy = await restored(conn);
    expect(await contents(copy)).toEqual(await contents(conn));
    expect(await copy.fetchone("PRAGMA foreign_keys")).toEqual([1]);
    await raised(copy.IntegrityError, () => copy.execute("INSERT INTO a_child (p) VALUES (99)"));
  });

  it("turns foreign keys off where the data breaks them, as Python does", async () => {
    const conn = await db.connect();
    await conn.executescript(`
      PRAGMA foreign_keys = OFF;
      CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p); INSERT INTO c VALUES (5);`);
    const lines = await collect(conn.iterdump());
    expect(lines.slice(0, 2)).toEqual(["PRAGMA foreign_keys=OFF;", "BEGIN TRANSACTION;"]);
    expect(await contents(await restored(conn))).toEqual(await contents(conn));
  });

  it("keeps virtual tables with what they hold", async () => {
    const conn = await database(`
      CREATE VIRTUAL TABLE words USING fts5 (body);
      INSERT INTO words VALUES ('the quick brown fox'), ('lazy dog');`);
    const lines = await collect(conn.iterdump());
    expect(lines).toContain("PRAGMA writable_schema=ON;");
    expect(lines.at(-2)).toBe("PRAGMA writable_schema=OFF;");
  });

  it("of an empty database is an empty transaction", async () => {
    expect(await collect((await db.connect()).iterdump())).toEqual(["BEGIN TRANSACTION;", "COMMIT;"]);
  });

  it("shows work that is not committed, and leaves the transaction as it is", async () => {
    const conn = await database("CREATE TABLE t (a)");
    await conn.execute("INSERT INTO t VALUES (1)");
    expect(await collect(conn.iterdump())).toContain(`INSERT INTO "t" VALUES(1);`);
    expect(conn.inTransaction).toBe(true);
    await conn.rollback();
  });

  it("gives many rows one by one, and may be left early", async () => {
    const conn = await database("CREATE TABLE t (a)");
    await conn.executemany(
      "INSERT INTO t VALUES (?)",
      Array.from({ length: 2000 }, (_, i) => [i]),
    );
    await conn.commit();
    expect(await collect(conn.iterdump())).toHaveLength(2003);
    let seen = 0;
    for await (const line of conn.iterdump()) {
      if (line.startsWith("INSERT") && ++seen === 700) break;
    }
    await conn.execute("DROP TABLE t");
    expect(
      await db.secondProcess("const c = await connect(args[0]); await c.execute('CREATE TABLE u (a)')", [
        await db.address(db.file("source.db")),
      ]),
    ).toBe(null);
  });

  describe("filter", () => {
    it("is a LIKE pattern for names", async () => {
      const conn = await database(`
        CREATE TABLE kept_one (a); CREATE TABLE kept_two (a); CREATE TABLE other (a);
        INSERT INTO kept_one VALUES (1); INSERT INTO other VALUES (2);
        CREATE INDEX kept_index ON kept_one (a); CREATE VIEW other_view AS SELECT 1;`);
      expect(await collect(conn.iterdump({ filter: "kept%" }))).toEqual([
        "BEGIN TRANSACTION;",
        "CREATE TABLE kept_one (a);",
        `INSERT INTO "kept_one" VALUES(1);`,
        "CREATE TABLE kept_two (a);",
        "CREATE INDEX kept_index ON kept_one (a);",
        "COMMIT;",
      ]);
      expect(await collect(conn.iterdump({ filter: "none" }))).toEqual(["BEGIN TRANSACTION;", "COMMIT;"]);
      await raised(InterfaceError, () => collect(conn.iterdump({ filter: 5 as never })));
    });
  });

  it("is not touched by row factory, textFactory and converters", async () => {
    const conn = await db.connect(":memory:", { detectTypes: 3, integers: "bigint" });
    await conn.executescript("CREATE TABLE t (d date); INSERT INTO t VALUES ('2024-01-01');");
    conn.rowFactory = (() => null) as never;
    conn.textFactory = "buffer";
    expect(await collect(conn.iterdump())).toContain(`INSERT INTO "t" VALUES('2024-01-01');`);
  });

  it.skipIf(python === null || !db.can.files)(`is line by line Python's own ${PYTHON_TITLE}`, async () => {
    const [, minor = 0] = (python ?? "").split(".").map(Number);
    const conn = await database(minor >= 13 ? QUOTED + COMMON : COMMON);
    const ours = await collect(conn.iterdump());
    await conn.close();
    const theirs: unknown = JSON.parse(
      execFileSync("python3", ["-c", PYTHON, db.file("source.db")], { encoding: "utf8" }),
    );
    // Another SQLite writes a number with other digits, and the same number.
    const comparable = (lines: readonly string[]) =>
      lines.map((line) => (line.startsWith('INSERT INTO "numbers"') ? rounded(line) : line));
    expect(comparable(ours)).toEqual(comparable(theirs as string[]));
  });
});

/** The floats in a line as JavaScript writes them. SQLite before 3.40.2 writes infinity as `Inf`, and cannot read it. */
function rounded(line: string): string {
  return line
    .replace(/\bInf\b/g, "Infinity")
    .replace(/-?\d+\.\d+(e[+-]?\d+)?/g, (float) => String(Number(float)));
}
