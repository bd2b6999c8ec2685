/**
 * The exact rules of a cursor, each by its number, as docs/design/API.md gives them: 1 to 4 here, 5 in executemany, 6 in
 * executescript, 7 and 10 to 12 in cursor-use, 8 in open-cursor (and closed ones in fetch), 9 in failing-row.
 */
import { expect, it } from "vitest";
import { DataError, InterfaceError, ProgrammingError } from "../../src/index.ts";
import { conformance, raised } from "./quadrants.ts";

const ONE = "You can only execute one statement at a time.";

conformance("cursor rules", (db) => {
  const table = async (sql = "CREATE TABLE t (a)") => {
    const conn = await db.shared();
    await conn.execute(sql);
    return conn;
  };

  it.each(["select 1; select 2", "select 1;;", "select 1; ;", "select 1;\n--x\n;", "; select 1; select 2"])(
    "rule 1: more than one statement is a ProgrammingError: %j",
    async (sql) => {
      const conn = await db.shared();
      expect((await raised(ProgrammingError, () => conn.execute(sql))).message).toBe(ONE);
    },
  );

  it.each([
    "select 1;",
    "select 1; -- x",
    "select 1; /* ; */ ",
    "select 1 -- ;",
    "  /* a */ select 1",
    "; select 1",
  ])("rule 1: one statement with comments and spaces around it runs: %j", async (sql) => {
    const conn = await db.shared();
    expect(await (await conn.execute(sql)).fetchall()).toEqual([[1]]);
  });

  it.each(["", " \n\t", "-- only a comment", "/* open", ";", " ; ; ", "/* a */ ; -- b"])(
    "rule 1: nothing at all is no error, has no description and no rows: %j",
    async (sql) => {
      const conn = await db.shared();
      const cursor = await conn.execute(sql);
      expect(cursor.description).toBe(null);
      expect(cursor.rowcount).toBe(-1);
      expect(await cursor.fetchone()).toBe(null);
      expect(await cursor.fetchall()).toEqual([]);
    },
  );

  it("rule 1: an empty statement ends the result before it", async () => {
    const conn = await db.shared();
    const cursor = await conn.execute("VALUES (1), (2)");
    await cursor.execute("-- nothing");
    expect(cursor.description).toBe(null);
    expect(await cursor.fetchone()).toBe(null);
  });

  it.each([
    "INSERT INTO t VALUES (1)",
    "insert or ignore into t values (1)",
    "UPDATE t SET a = 1",
    "DELETE FROM t",
    "REPLACE INTO t VALUES (1)",
    "/* c */ INSERT INTO t VALUES (1) -- c",
    "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
    "WITH x(a) AS MATERIALIZED (SELECT ')'), y AS (SELECT 2) UPDATE t SET a = 1",
    "WITH RECURSIVE x AS (SELECT 1) DELETE FROM t WHERE a IN x",
    "INSERT INTO t VALUES (1) RETURNING a",
  ])("rule 2: begins a transaction: %s", async (sql) => {
    const conn = await table();
    await conn.execute(sql);
    expect(conn.inTransaction).toBe(true);
    await conn.rollback();
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([]);
  });

  it.each([
    "SELECT * FROM t",
    "VALUES (1)",
    "WITH x AS (SELECT 1) SELECT * FROM x",
    "CREATE TABLE u (a)",
    "DROP TABLE t",
    "ALTER TABLE t ADD COLUMN b",
    "PRAGMA user_version = 3",
    "EXPLAIN INSERT INTO t VALUES (1)",
    "EXPLAIN QUERY PLAN DELETE FROM t",
    ...(db.can.maintenance ? ["ANALYZE", "VACUUM"] : []),
  ])("rule 2: begins none: %s", async (sql) => {
    const conn = await table();
    await conn.execute(sql);
    expect(conn.inTransaction).toBe(false);
  });

  it.each([
    "INSERT INTO nowhere VALUES (1)",
    "INSERT INTO t VALUES (1, 2)",
    "DELETE t",
    "UPDATE t SET b = 1",
    "WITH x AS (SELECT 1) INSERT",
  ])("rule 2: a statement that does not compile leaves no transaction behind: %s", async (sql) => {
    const conn = await table();
    await raised(ProgrammingError, () => conn.execute(sql));
    expect(conn.inTransaction).toBe(false);
  });

  it("rule 2: parameters that do not fit leave no transaction behind", async () => {
    const conn = await table();
    await raised(InterfaceError, () => conn.execute("INSERT INTO t VALUES (?)", []));
    await raised(DataError, () => conn.execute("INSERT INTO t VALUES (?)", [2n ** 63n]));
    expect(conn.inTransaction).toBe(false);
  });

  it("rule 3: rowcount is -1 before anything, for SELECT and for DDL", async () => {
    const conn = await table();
    const cursor = await conn.cursor();
    expect(cursor.rowcount).toBe(-1);
    await cursor.execute("INSERT INTO t VALUES (1), (2), (3)");
    expect(cursor.rowcount).toBe(3);
    for (const sql of [
      "SELECT * FROM t",
      "CREATE TABLE u (a)",
      "PRAGMA user_version",
      "EXPLAIN DELETE FROM t",
    ]) {
      expect((await cursor.execute(sql)).rowcount, sql).toBe(-1);
    }
    expect((await conn.execute("SELECT * FROM t")).rowcount).toBe(-1);
  });

  it("rule 3: rowcount is the number of changed rows, also behind WITH and for none", async () => {
    const conn = await table();
    const cursor = await conn.execute("WITH x(n) AS (VALUES (1), (2), (3)) INSERT INTO t SELECT n FROM x");
    expect(cursor.rowcount).toBe(3);
    expect((await cursor.execute("UPDATE t SET a = a + 1 WHERE a > 1")).rowcount).toBe(2);
    expect((await cursor.execute("UPDATE t SET a = 0 WHERE a > 100")).rowcount).toBe(0);
    expect((await cursor.execute("WITH x AS (SELECT 3) DELETE FROM t WHERE a IN x")).rowcount).toBe(1);
    expect((await cursor.execute("DELETE FROM t")).rowcount).toBe(2);
    expect((await cursor.execute("DELETE FROM t")).rowcount).toBe(0);
  });

  it("rule 3: rowcount counts what the statement changed, not what its triggers did", async () => {
    const conn = await table();
    await conn.executescript(`CREATE TABLE log (a);
      CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a), (new.a); END;`);
    expect((await conn.execute("INSERT INTO t VALUES (1)")).rowcount).toBe(1);
  });

  it("rule 3: rowcount is right at once after RETURNING, however little is read", async () => {
    const conn = await table();
    const cursor = await conn.execute(
      "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x LIMIT 1000) INSERT INTO t SELECT n FROM x RETURNING a",
    );
    expect(cursor.rowcount).toBe(1000);
    expect(await cursor.fetchone()).toEqual([1]);
    expect(cursor.rowcount).toBe(1000);
    expect((await conn.execute("UPDATE t SET a = 0 WHERE a <= 10 RETURNING a")).rowcount).toBe(10);
    expect((await conn.execute("DELETE FROM t WHERE a = -1 RETURNING a")).rowcount).toBe(0);
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([1000]);
  });

  it("rule 4: lastrowid is null on a new cursor and set by INSERT and REPLACE only", async () => {
    const conn = await table("CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE)");
    const cursor = await conn.cursor();
    expect(cursor.lastrowid).toBe(null);
    await cursor.execute("SELECT 1");
    expect(cursor.lastrowid).toBe(null);
    expect((await cursor.execute("INSERT INTO t VALUES (7, 'a')")).lastrowid).toBe(7);
    expect((await cursor.execute("REPLACE INTO t VALUES (9, 'a')")).lastrowid).toBe(9);
    expect((await cursor.execute("WITH x AS (SELECT 'b') INSERT INTO t (a) SELECT * FROM x")).lastrowid).toBe(
      10,
    );
    expect((await cursor.execute("INSERT INTO t VALUES (20, 'c') RETURNING a")).lastrowid).toBe(20);
    for (const sql of [
      "UPDATE t SET a = 'z' WHERE id = 9",
      "DELETE FROM t",
      "SELECT 1",
      "CREATE TABLE u (a)",
    ]) {
      expect((await cursor.execute(sql)).lastrowid, sql).toBe(20);
    }
    expect((await conn.cursor()).lastrowid).toBe(null);
  });

  it("rule 4: executemany and executescript leave lastrowid as it is", async () => {
    const conn = await table();
    const cursor = await conn.cursor();
    await cursor.executemany("INSERT INTO t VALUES (?)", [[1], [2]]);
    expect(cursor.lastrowid).toBe(null);
    await cursor.executescript("INSERT INTO t VALUES (3)");
    expect(cursor.lastrowid).toBe(null);
    await cursor.execute("INSERT INTO t VALUES (4)");
    await cursor.executemany("INSERT INTO t VALUES (?)", [[5]]);
    expect(cursor.lastrowid).toBe(4);
  });

  it("rule 4: an INSERT that fails leaves lastrowid as it is", async () => {
    const conn = await table("CREATE TABLE t (a UNIQUE)");
    const cursor = await conn.execute("INSERT INTO t VALUES (1)");
    await raised(conn.IntegrityError, () => cursor.execute("INSERT INTO t VALUES (1)"));
    expect(cursor.lastrowid).toBe(1);
  });

  it.each([
    ["auto", 2n ** 53n - 1n, 2 ** 53 - 1],
    ["auto", 2n ** 53n, 2n ** 53n],
    ["auto", 2n ** 53n + 1n, 2n ** 53n + 1n],
    ["auto", 2n ** 63n - 1n, 2n ** 63n - 1n],
    ["auto", -(2n ** 63n), -(2n ** 63n)],
    ["auto", -5n, -5],
    ["bigint", 5n, 5n],
    ["number", 5n, 5],
  ] as const)("rule 4: lastrowid is read like any integer: %s, %s", async (integers, rowid, read) => {
    const conn = await db.connect(":memory:", { integers });
    await conn.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    expect((await conn.execute("INSERT INTO t VALUES (?)", [rowid])).lastrowid).toBe(read);
    expect((await conn.execute("REPLACE INTO t VALUES (?) RETURNING id", [rowid])).lastrowid).toBe(read);
  });
});
