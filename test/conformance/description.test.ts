/**
 * `description` for every kind of statement, and what it says, with the rows, after the schema has changed under a cached
 * statement: by this connection, by another one in the process, by another process.
 */
import { expect, it } from "vitest";
import { objectRow, PARSE_COLNAMES, ProgrammingError } from "../../src/index.ts";
import { type AnyConnection, type AnyCursor, conformance, raised } from "./quadrants.ts";

const item = (name: string, type: string | null = null) => [name, type, null, null, null, null, null];

conformance("description", (db) => {
  const open = async (database?: string) => {
    const conn = await (database === undefined ? db.shared() : db.connect(database));
    await conn.executescript(
      "CREATE TABLE t (a INTEGER, b VARCHAR(10), c); INSERT INTO t VALUES (1, 'x', 2.5)",
    );
    return conn;
  };

  it.each<[sql: string, expected: unknown]>([
    ["SELECT * FROM t", [item("a", "INTEGER"), item("b", "VARCHAR(10)"), item("c")]],
    ["SELECT * FROM t WHERE 0", [item("a", "INTEGER"), item("b", "VARCHAR(10)"), item("c")]],
    ["SELECT a AS x, b y FROM t", [item("x", "INTEGER"), item("y", "VARCHAR(10)")]],
    ["SELECT a + 1, count(*), 'text' FROM t", [item("a + 1"), item("count(*)"), item("'text'")]],
    ["SELECT rowid, t.a FROM t", [item("rowid", "INTEGER"), item("a", "INTEGER")]],
    ["SELECT 1 AS a, 2 AS a", [item("a"), item("a")]],
    ['SELECT 1 AS ""', [item("")]],
    ['SELECT 1 AS "ünïcødé 🙂"', [item("ünïcødé 🙂")]],
    ['SELECT 1 AS "a [b]"', [item("a [b]")]],
    ["VALUES (1, 2)", [item("column1"), item("column2")]],
    ["WITH x(n) AS (SELECT a FROM t) SELECT n FROM x", [item("n", "INTEGER")]],
    ["SELECT a FROM t UNION SELECT 'x'", [item("a", "INTEGER")]],
    ["PRAGMA user_version", [item("user_version")]],
    [
      "INSERT INTO t VALUES (2, 'y', 3) RETURNING a, c AS z, a + 1",
      [item("a", "INTEGER"), item("z"), item("a + 1")],
    ],
    ["UPDATE t SET a = 2 RETURNING *", [item("a", "INTEGER"), item("b", "VARCHAR(10)"), item("c")]],
    ["DELETE FROM t WHERE 0 RETURNING a", [item("a", "INTEGER")]],
    ["INSERT INTO t VALUES (2, 'y', 3)", null],
    ["UPDATE t SET a = 3", null],
    ["DELETE FROM t", null],
    ["CREATE TABLE IF NOT EXISTS u (a)", null],
    ["PRAGMA user_version = 5", null],
    ["BEGIN", null],
    ["", null],
  ])("of %s", async (sql, expected) => {
    const conn = await open();
    expect((await conn.execute(sql)).description).toEqual(expected);
    if (conn.inTransaction) await conn.rollback();
    expect((await conn.execute(sql)).description, "from the cache").toEqual(expected);
  });

  it("of EXPLAIN has SQLite's columns", async () => {
    const conn = await open();
    const names = async (sql: string) => (await conn.execute(sql)).description?.map(([name]) => name);
    expect(await names("EXPLAIN SELECT 1")).toEqual([
      "addr",
      "opcode",
      "p1",
      "p2",
      "p3",
      "p4",
      "p5",
      "comment",
    ]);
    expect(await names("EXPLAIN QUERY PLAN SELECT 1")).toEqual(["id", "parent", "notused", "detail"]);
  });

  it("of a PRAGMA as a table has the declared types of its columns", async () => {
    const conn = await open();
    const { description } = await conn.execute("SELECT name, type FROM pragma_table_info('t')");
    expect(description?.map(([name]) => name)).toEqual(["name", "type"]);
  });

  it("is null before a statement, after executemany, executescript and a failed statement", async () => {
    const conn = await open();
    const cursor = await conn.cursor();
    expect(cursor.description).toBe(null);
    await cursor.execute("SELECT 1");
    await cursor.executemany("INSERT INTO t (a) VALUES (?)", [[1]]);
    expect(cursor.description).toBe(null);
    await cursor.execute("SELECT 1");
    await cursor.executescript("SELECT 1; SELECT 2");
    expect(cursor.description).toBe(null);
    await cursor.execute("SELECT 1");
    await raised(ProgrammingError, () => cursor.execute("SELECT * FROM nowhere"));
    expect(cursor.description).toBe(null);
  });

  it("stays when the rows have been read", async () => {
    const conn = await open();
    const cursor = await conn.execute("SELECT a FROM t");
    await cursor.fetchall();
    expect(cursor.description).toEqual([item("a", "INTEGER")]);
  });

  it("leaves out a [type] in a name with PARSE_COLNAMES", async () => {
    const conn = await db.connect(":memory:", { detectTypes: PARSE_COLNAMES });
    expect((await conn.execute('SELECT 1 AS "d [date]"')).description).toEqual([item("d")]);
  });

  type Change = (path: string, conn: AnyConnection, sql: string) => unknown;
  const changers: readonly [who: string, change: Change][] = [
    ["this connection", (_path, conn, sql) => conn.execute(sql)],
    ["this connection's script", (_path, conn, sql) => conn.executescript(sql)],
    [
      "this connection in a transaction",
      (_path, conn, sql) => conn.transaction((tx) => void tx.execute(sql)),
    ],
    ["another connection", async (path, _conn, sql) => (await db.connect(path)).execute(sql)],
    [
      "another process",
      (path, _conn, sql) => db.secondProcess("new Database(args[0]).exec(args[1]);", [path, sql]),
    ],
  ];

  const SELECT = "SELECT * FROM t";
  const names = (cursor: AnyCursor) => cursor.description?.map(([name]) => name);

  for (const [who, change] of changers) {
    const make = async () => {
      const path = db.file();
      const conn = await open(path);
      const objects = await conn.cursor(objectRow);
      // Twice, so that it comes from the cache and all is known of it.
      for (let i = 0; i < 3; i++) {
        expect(await (await conn.execute(SELECT)).fetchall()).toEqual([[1, "x", 2.5]]);
        expect(await (await objects.execute(SELECT)).fetchall()).toEqual([{ a: 1, b: "x", c: 2.5 }]);
      }
      return { conn, objects, path };
    };

    it.skipIf(!db.can.files && who.startsWith("another"))(
      `a cached SELECT * has a column that ${who} adds`,
      async () => {
        const { conn, objects, path } = await make();
        await change(path, conn, "ALTER TABLE t ADD COLUMN d TEXT DEFAULT 'new'");
        const cursor = await conn.execute(SELECT);
        expect(names(cursor)).toEqual(["a", "b", "c", "d"]);
        expect(await cursor.fetchall()).toEqual([[1, "x", 2.5, "new"]]);
        expect(await (await objects.execute(SELECT)).fetchall()).toEqual([
          { a: 1, b: "x", c: 2.5, d: "new" },
        ]);
        expect(await conn.fetchone(SELECT)).toEqual([1, "x", 2.5, "new"]);
      },
    );

    it.skipIf(!db.can.files && who.startsWith("another"))(
      `a cached SELECT * has the name that ${who} gives a column`,
      async () => {
        const { conn, objects, path } = await make();
        await change(path, conn, "ALTER TABLE t RENAME COLUMN b TO renamed");
        expect(names(await conn.execute(SELECT))).toEqual(["a", "renamed", "c"]);
        expect(await (await objects.execute(SELECT)).fetchall()).toEqual([{ a: 1, renamed: "x", c: 2.5 }]);
      },
    );

    it.skipIf(!db.can.files && who.startsWith("another"))(
      `a cached SELECT * is without a column that ${who} drops, and a statement that names it does not compile`,
      async () => {
        const { conn, objects, path } = await make();
        for (let i = 0; i < 3; i++) await conn.fetchall("SELECT b FROM t");
        await change(path, conn, "ALTER TABLE t DROP COLUMN b");
        const cursor = await conn.execute(SELECT);
        expect(names(cursor)).toEqual(["a", "c"]);
        expect(await cursor.fetchall()).toEqual([[1, 2.5]]);
        expect(await (await objects.execute(SELECT)).fetchall()).toEqual([{ a: 1, c: 2.5 }]);
        const error = await raised(ProgrammingError, () => conn.execute("SELECT b FROM t"));
        expect(error.message).toContain("no such column: b");
      },
    );

    it.skipIf(!db.can.files && who.startsWith("another"))(
      `a cached SELECT * follows a table that ${who} drops and makes again`,
      async () => {
        const { conn, objects, path } = await make();
        await change(path, conn, "DROP TABLE t");
        await raised(ProgrammingError, () => conn.execute(SELECT));
        await change(path, conn, "CREATE TABLE t (z INTEGER PRIMARY KEY)");
        const cursor = await conn.execute(SELECT);
        expect(cursor.description).toEqual([item("z", "INTEGER")]);
        expect(await cursor.fetchall()).toEqual([]);
        expect(await (await objects.execute(SELECT)).fetchall()).toEqual([]);
      },
    );
  }

  it("a result keeps its own columns when the table changes and the same statement runs again", async () => {
    const conn = await open();
    const before = await conn.cursor(objectRow);
    await before.execute(SELECT);
    await conn.execute("ALTER TABLE t ADD COLUMN d DEFAULT 4");
    expect(await (await conn.execute(SELECT)).fetchall()).toEqual([[1, "x", 2.5, 4]]);
    expect(names(before as unknown as AnyCursor)).toEqual(["a", "b", "c"]);
    expect(await before.fetchall()).toEqual([{ a: 1, b: "x", c: 2.5 }]);
  });

  it("a change that is rolled back is out of a cached SELECT * too", async () => {
    const conn = await open();
    for (let i = 0; i < 3; i++) await conn.fetchall(SELECT);
    await conn.execute("BEGIN");
    await conn.execute("ALTER TABLE t ADD COLUMN d");
    expect(await conn.fetchall(SELECT)).toEqual([[1, "x", 2.5, null]]);
    expect(names(await conn.execute(SELECT))).toEqual(["a", "b", "c", "d"]);
    await conn.rollback();
    expect(await conn.fetchall(SELECT)).toEqual([[1, "x", 2.5]]);
    expect(names(await conn.execute(SELECT))).toEqual(["a", "b", "c"]);
  });

  it.skipIf(!db.can.temporary)(
    "a temporary table hides another one from a cached statement (needs temporary tables)",
    async () => {
      const conn = await open();
      for (let i = 0; i < 3; i++) await conn.fetchall(SELECT);
      await conn.execute("CREATE TEMP TABLE t (z)");
      expect(names(await conn.execute(SELECT))).toEqual(["z"]);
      await conn.execute("DROP TABLE temp.t");
      expect(names(await conn.execute(SELECT))).toEqual(["a", "b", "c"]);
    },
  );

  it("a lookup of one row finds them all when the unique index is gone", async () => {
    const conn = await db.shared();
    await conn.executescript("CREATE TABLE u (a); CREATE UNIQUE INDEX i ON u (a); INSERT INTO u VALUES (1)");
    const find = async () => (await conn.execute("SELECT a FROM u WHERE a = ?", [1])).fetchall();
    for (let i = 0; i < 3; i++) expect(await find()).toEqual([[1]]);
    await conn.executescript("DROP INDEX i; INSERT INTO u VALUES (1)");
    for (let i = 0; i < 3; i++) expect(await find()).toEqual([[1], [1]]);
  });
});
