/**
 * Rule 6: `executescript` runs every statement of a text, tells them apart as SQLite does, commits first in legacy mode,
 * and stops at the first error, whose place in the whole text it tells.
 */
import { expect, it } from "vitest";
import { IntegrityError, OperationalError, ProgrammingError } from "../../src/index.ts";
import { conformance, raised } from "./quadrants.ts";

conformance("executescript", (db) => {
  it("runs the statements in order", async () => {
    const conn = await db.shared();
    await conn.executescript(`
      CREATE TABLE t (a);
      INSERT INTO t VALUES (1);
      UPDATE t SET a = a + 1;
      INSERT INTO t SELECT a * 10 FROM t`);
    expect(await conn.fetchall("SELECT a FROM t")).toEqual([[2], [20]]);
  });

  it.each(["", " \n", ";", ";;;", "-- comment", "/* comment */ ; -- more", "/* never closed"])(
    "of nothing does nothing: %j",
    async (script) => {
      const conn = await db.connect();
      const cursor = await conn.executescript(script);
      expect(cursor.rowcount).toBe(-1);
      expect(cursor.description).toBe(null);
      expect(await cursor.fetchone()).toBe(null);
    },
  );

  it("does not end a trigger at its inner semicolons", async () => {
    const conn = await db.connect();
    await conn.executescript(`
      CREATE TABLE t (a); CREATE TABLE log (a);
      CREATE ${db.can.temporary ? "TEMP " : ""}TRIGGER IF NOT EXISTS "a;b" AFTER INSERT ON t WHEN new.a > 0 BEGIN
        INSERT INTO log VALUES (CASE WHEN new.a > 5 THEN 'big;' ELSE 'small' END);
        -- a comment; with END;
        SELECT 'end;'; UPDATE log SET a = a || '!';
      END;
      INSERT INTO t VALUES (10);
      create trigger g2 after delete on t begin select 1; end; DELETE FROM t;`);
    expect(await conn.fetchall("SELECT a FROM log")).toEqual([["big;!"]]);
    expect(await conn.fetchall("SELECT a FROM t")).toEqual([]);
  });

  it("takes a semicolon in quotes and comments for what it is", async () => {
    const conn = await db.shared();
    await conn.executescript(`
      CREATE TABLE "a;b" ("c;d", [e;f], \`g;h\`); -- one; two
      /* three; /* four; */ INSERT INTO "a;b" VALUES ('it''s; ok', 'x;y', ';');
      INSERT INTO [a;b] ("c;d") VALUES ('--;'), ('/*;'), ("char"(59));`);
    expect(await conn.fetchall('SELECT "c;d" FROM "a;b"')).toEqual([["it's; ok"], ["--;"], ["/*;"], [";"]]);
  });

  it("finds its way after text that is not ASCII", async () => {
    const conn = await db.shared();
    await conn.executescript(
      "CREATE TABLE täble (ñ); INSERT INTO täble VALUES ('日本語; 🙂🙂'); /* 🙂 */ INSERT INTO täble VALUES ('é');",
    );
    expect(await conn.fetchall("SELECT ñ FROM täble")).toEqual([["日本語; 🙂🙂"], ["é"]]);
  });

  it("runs SELECTs inside to their end and drops their rows", async () => {
    const conn = await db.shared();
    const cursor = await conn.executescript(`
      CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3);
      SELECT * FROM t; INSERT INTO t VALUES (4) RETURNING a; PRAGMA user_version; EXPLAIN SELECT 1; VALUES (1);`);
    expect(cursor.description).toBe(null);
    expect(await cursor.fetchall()).toEqual([]);
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([4]);
  });

  it.skipIf(!db.can.userFunctions)(
    "a SELECT inside that fails at a late row stops the script (needs user functions)",
    async () => {
      const conn = await db.connect();
      await conn.createFunction("late", 1, (n: number) => {
        if (n > 500) throw new RangeError("late");
        return n;
      });
      const error = await raised(OperationalError, () =>
        conn.executescript(`CREATE TABLE t (a);
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT late(i) FROM n;
          INSERT INTO t VALUES (1);`),
      );
      expect(error.index).toBe(1);
      expect(error.cause).toBeInstanceOf(RangeError);
      expect(await conn.fetchall("SELECT * FROM t")).toEqual([]);
    },
  );

  it("commits what is open first, in legacy mode, also when the script is empty or fails", async () => {
    for (const script of ["SELECT 1", "", "SELEC", "INSERT INTO nowhere VALUES (1)"]) {
      const conn = await db.connect();
      await conn.execute("CREATE TABLE t (a)");
      await conn.execute("INSERT INTO t VALUES (1)");
      expect(conn.inTransaction).toBe(true);
      try {
        await conn.executescript(script);
      } catch (error) {
        expect(error).toBeInstanceOf(ProgrammingError);
      }
      expect(conn.inTransaction, script).toBe(false);
      await conn.rollback();
      expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
    }
  });

  it("begins no transaction by itself in legacy mode", async () => {
    const conn = await db.shared();
    await conn.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    expect(conn.inTransaction).toBe(false);
    await conn.rollback();
    expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
  });

  it("may begin, commit and roll back itself, and leave a transaction open", async () => {
    const conn = await db.shared();
    await conn.executescript(`CREATE TABLE t (a);
      BEGIN; INSERT INTO t VALUES (1); COMMIT; BEGIN IMMEDIATE; INSERT INTO t VALUES (2); ROLLBACK;
      SAVEPOINT s; INSERT INTO t VALUES (3); ROLLBACK TO s; RELEASE s; BEGIN; INSERT INTO t VALUES (4);`);
    expect(conn.inTransaction).toBe(true);
    expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1], [4]]);
    await conn.rollback();
    expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
  });

  it("neither commits nor leaves the transaction with autocommit: false", async () => {
    const conn = await db.connect(":memory:", { autocommit: false });
    await conn.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    expect(conn.inTransaction).toBe(true);
    await conn.rollback();
    expect(await conn.fetchall("SELECT name FROM sqlite_schema")).toEqual([]);
  });

  it("inside transaction() takes part in it", async () => {
    const conn = await db.shared();
    await conn.execute("CREATE TABLE t (a)");
    await raised(RangeError, () =>
      conn.transaction((tx) => {
        tx.execute("INSERT INTO t VALUES (1)");
        tx.executescript("INSERT INTO t VALUES (2); INSERT INTO t VALUES (3)");
        throw new RangeError("out");
      }),
    );
    expect(await conn.fetchall("SELECT a FROM t")).toEqual([]);
  });

  it("stops at the first error and keeps what ran before it", async () => {
    const conn = await db.shared();
    const error = await raised(IntegrityError, () =>
      conn.executescript(
        "CREATE TABLE t (a UNIQUE); INSERT INTO t VALUES (1); INSERT INTO t VALUES (1); INSERT INTO t VALUES (2);",
      ),
    );
    expect(error.index).toBe(2);
    expect(error.code).toBe("SQLITE_CONSTRAINT_UNIQUE");
    expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
  });

  it("tells the place of a syntax error in the whole text", async () => {
    const conn = await db.shared();
    const script =
      "-- 日本\nCREATE TABLE t (a);\n\n  INSERT INTO t\n    VALUES ('🙂'), SELEC;\nDROP TABLE t;";
    const error = await raised(ProgrammingError, () => conn.executescript(script));
    expect(error.index).toBe(1);
    expect(error.syntax).toEqual({ near: "SELEC", offset: script.indexOf("SELEC"), line: 5, column: 20 });
    expect(error.message).toBe('near "SELEC": syntax error');
    expect(error.sql).toBe("INSERT INTO t\n    VALUES ('🙂'), SELEC;");
  });

  it("tells the place of the statement that fails for another reason", async () => {
    const conn = await db.shared();
    const script = "SELECT 1;\n/* 🙂 */ SELECT * FROM nowhere;";
    const error = await raised(ProgrammingError, () => conn.executescript(script));
    expect(error.index).toBe(1);
    expect(error.syntax).toMatchObject({ offset: script.indexOf("SELECT *"), line: 2, column: 10 });
  });

  it.each([
    ["SELECT 1; SELECT 'open", 1],
    ["SELECT 1; SELECT (1", 1],
    ["SELECT 1; SELECT 2; CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1;", 2],
    ["SELECT 1; \u00a0SELECT 2", 1],
  ])("an unfinished or wrong last statement is a ProgrammingError: %j", async (script, index) => {
    const conn = await db.shared();
    const error = await raised(ProgrammingError, () => conn.executescript(script));
    expect(error.index).toBe(index);
  });

  it("a NUL, or what is no text, is refused before anything runs", async () => {
    const conn = await db.shared();
    await conn.execute("CREATE TABLE t (a)");
    await conn.execute("INSERT INTO t VALUES (1)");
    await raised(ProgrammingError, () => conn.executescript("DROP TABLE t; SELECT '\0'"));
    await raised(ProgrammingError, () => conn.executescript("DROP TABLE t; SELECT '\ud800'"));
    await raised(ProgrammingError, () => conn.executescript(undefined as unknown as string));
    await raised(ProgrammingError, () =>
      conn.executescript(Buffer.from("DROP TABLE t") as unknown as string),
    );
    expect(conn.inTransaction).toBe(true);
    expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
  });

  it("takes a placeholder for NULL, as Python does", async () => {
    const conn = await db.shared();
    await conn.executescript("CREATE TABLE t (a, b); INSERT INTO t VALUES (?, :b); SELECT ?; SELECT ?2, @x;");
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([[null, null]]);
  });

  it("does not look at the rows that it drops", async () => {
    const conn = await db.shared({ integers: "number" });
    await conn.executescript("SELECT CAST(x'61ff' AS TEXT); SELECT 9007199254740993; CREATE TABLE t (a)");
    const text = db.can.anyText ? "CAST(x'ff' AS TEXT)" : "'ÿ'";
    await conn.executescript(`INSERT INTO t VALUES (${text}) RETURNING a, 9007199254740993`);
    expect(await conn.fetchone("SELECT hex(a) FROM t")).toEqual([db.can.anyText ? "FF" : "C3BF"]);
  });

  it("ends the result that the cursor held", async () => {
    const conn = await db.shared();
    const cursor = await conn.execute("VALUES (1), (2)");
    await cursor.executescript("SELECT 3");
    expect(await cursor.fetchone()).toBe(null);
  });

  it("runs thousands of statements", async () => {
    const conn = await db.shared();
    const inserts = Array.from({ length: 5000 }, (_, i) => `INSERT INTO t VALUES (${i}, 'a;${i}');`);
    await conn.executescript(`CREATE TABLE t (a, b);\nBEGIN;\n${inserts.join("\n")}\nCOMMIT;`);
    expect(await conn.fetchone("SELECT count(*), sum(a) FROM t")).toEqual([5000, 12497500]);
  });
});
