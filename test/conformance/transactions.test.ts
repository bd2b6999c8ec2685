/**
 * Transactions that nobody wrapped in a function: the implicit BEGIN of legacy mode, `autocommit`, commit, rollback and
 * close. Whether something is committed is asked of a second connection or of the reopened file.
 */
import { describe, expect, it } from "vitest";
import {
  type ConnectOptions,
  IntegrityError,
  LEGACY_TRANSACTION_CONTROL,
  OperationalError,
  ProgrammingError,
} from "../../src/index.ts";
import { type AnyConnection, conformance, raised } from "./quadrants.ts";

conformance("transactions", (db) => {
  /** A connection to the test's file, which has a table `t(a UNIQUE)`. */
  async function open(options: ConnectOptions<never> = {}): Promise<AnyConnection> {
    const setup = await db.another(db.file());
    await setup.execute("CREATE TABLE IF NOT EXISTS t (a UNIQUE)");
    await setup.close();
    return (await db.connect(db.file(), options)) as AnyConnection;
  }

  /** What somebody else sees in the table. */
  async function committed(): Promise<unknown[]> {
    const other = await db.another(db.file());
    const rows = await other.fetchall("SELECT a FROM t ORDER BY rowid");
    await other.close();
    return rows.map(([a]) => a);
  }

  /** Runs a statement and forgets the rows. */
  async function running(conn: AnyConnection, sql: string): Promise<boolean> {
    await conn.execute(sql);
    return conn.inTransaction;
  }

  describe("in legacy mode", () => {
    it.each([
      "INSERT INTO t VALUES (1)",
      "REPLACE INTO t VALUES (1)",
      "UPDATE t SET a = 2",
      "DELETE FROM t",
      "  /* first */ insert into t values (1)",
      "WITH v(x) AS (SELECT 1) INSERT INTO t SELECT x FROM v",
      "WITH RECURSIVE v(x) AS (SELECT 1) DELETE FROM t WHERE a IN (SELECT x FROM v)",
      "INSERT INTO t VALUES (1) RETURNING a",
    ])("%s begins a transaction", async (sql) => {
      const conn = await open();
      expect(await running(conn, sql)).toBe(true);
      await conn.commit();
      expect(conn.inTransaction).toBe(false);
    });

    it.each([
      "SELECT * FROM t",
      "WITH v(x) AS (SELECT 1) SELECT x FROM v",
      "VALUES (1)",
      "PRAGMA user_version",
      "EXPLAIN INSERT INTO t VALUES (1)",
      "CREATE TABLE u (a)",
      "CREATE INDEX i ON t (a)",
      "DROP TABLE t",
      "ALTER TABLE t ADD COLUMN b",
      "",
    ])("%s begins none", async (sql) => {
      const conn = await open();
      expect(await running(conn, sql)).toBe(false);
    });

    it.each([
      "INSERT INTO nowhere VALUES (1)",
      "INSERT INTO t VALUES (",
      "WITH v AS (SELECT 1) INSERT INTO t SELECT nothing FROM v",
      "INSERT INTO t VALUES (1); SELECT 1",
    ])("%s does not compile and opens no transaction", async (sql) => {
      const conn = await open();
      await raised(ProgrammingError, () => conn.execute(sql));
      await raised(ProgrammingError, () => conn.executemany(sql, [[]]));
      expect(conn.inTransaction).toBe(false);
    });

    it("wrong parameters open no transaction", async () => {
      const conn = await open();
      await raised(conn.InterfaceError, () => conn.execute("INSERT INTO t VALUES (?)", []));
      await raised(conn.InterfaceError, () =>
        conn.execute("INSERT INTO t VALUES (?)", [Symbol("x")] as never),
      );
      expect(conn.inTransaction).toBe(false);
    });

    it("a statement that fails while it runs leaves the transaction open with what came before", async () => {
      const conn = await open();
      await conn.execute("INSERT INTO t VALUES (1)");
      await raised(IntegrityError, () => conn.execute("INSERT INTO t VALUES (1)"));
      expect(conn.inTransaction).toBe(true);
      await conn.commit();
      expect(await committed()).toEqual([1]);
    });

    it("DDL takes part in an open transaction and does not commit it", async () => {
      const conn = await open();
      await conn.execute("INSERT INTO t VALUES (1)");
      await conn.execute("CREATE TABLE u (a)");
      expect(conn.inTransaction).toBe(true);
      await conn.rollback();
      await raised(ProgrammingError, () => conn.execute("SELECT * FROM u"));
      expect(await committed()).toEqual([]);
    });

    it("commit and rollback do nothing when no transaction is open", async () => {
      const conn = await open();
      await conn.commit();
      await conn.rollback();
      await conn.commit();
      expect(conn.inTransaction).toBe(false);
    });

    it("INSERT OR ROLLBACK that fails closes the transaction", async () => {
      const conn = await open();
      await conn.execute("INSERT INTO t VALUES (1)");
      await raised(IntegrityError, () => conn.execute("INSERT OR ROLLBACK INTO t VALUES (1)"));
      expect(conn.inTransaction).toBe(false);
      await conn.commit();
      expect(await committed()).toEqual([]);
    });

    it("a BEGIN of the caller's own is used, not nested", async () => {
      const conn = await open({ isolationLevel: null });
      await conn.execute("BEGIN IMMEDIATE");
      await conn.execute("INSERT INTO t VALUES (1)");
      await conn.rollback();
      expect(await committed()).toEqual([]);
    });

    it("a failed commit leaves the transaction open, and it can be mended", async () => {
      const conn = await open();
      await conn.executescript(`
        CREATE TABLE parent (id INTEGER PRIMARY KEY);
        CREATE TABLE child (p REFERENCES parent DEFERRABLE INITIALLY DEFERRED);`);
      await conn.execute("INSERT INTO child VALUES (1)");
      const error = await raised(IntegrityError, () => conn.commit());
      expect(error.constraint).toEqual({ kind: "foreign key" });
      expect(conn.inTransaction).toBe(true);
      await conn.execute("INSERT INTO parent VALUES (1)");
      await conn.commit();
      expect(conn.inTransaction).toBe(false);
      expect(await conn.fetchall("SELECT p FROM child")).toEqual([[1]]);
    });

    it("commit and rollback work while a cursor is half read", async () => {
      const conn = await open();
      await conn.executemany(
        "INSERT INTO t VALUES (?)",
        Array.from({ length: 1000 }, (_, i) => [i]),
      );
      const reading = await conn.execute("SELECT a FROM t ORDER BY a");
      await reading.fetchone();
      await conn.commit();
      expect(conn.inTransaction).toBe(false);
      expect(await committed()).toHaveLength(1000);
      await conn.execute("DELETE FROM t");
      await conn.rollback();
      expect(await committed()).toHaveLength(1000);
    });
  });

  describe("the isolation level", () => {
    it.each([
      ["", "BEGIN"],
      ["deferred", "BEGIN DEFERRED"],
      ["IMMEDIATE", "BEGIN IMMEDIATE"],
      ["exclusive", "BEGIN EXCLUSIVE"],
    ] as const)("%j makes the implicit BEGIN %s", async (isolationLevel, begin) => {
      const conn = await open({ isolationLevel });
      expect(conn.isolationLevel).toBe(isolationLevel.toUpperCase());
      const seen: string[] = [];
      await conn.setTraceCallback((sql) => seen.push(sql));
      await conn.execute("UPDATE t SET a = 0");
      expect(seen[0]).toBe(begin);
    });

    const onTime = it.skipIf(!db.can.busyTimeout);

    onTime.each(["IMMEDIATE", "EXCLUSIVE"] as const)(
      "%s fails at its BEGIN and leaves none open (needs a busy timeout)",
      async (level) => {
        const holder = await open();
        await holder.execute("INSERT INTO t VALUES (1)");
        const conn = await open({ isolationLevel: level, timeout: 0 });
        const error = await raised(OperationalError, () => conn.execute("INSERT INTO t VALUES (2)"));
        expect(error).toMatchObject({ code: "SQLITE_BUSY", retryable: true });
        expect(conn.inTransaction).toBe(false);
        await holder.commit();
        await conn.execute("INSERT INTO t VALUES (2)");
        await conn.commit();
        expect(await committed()).toEqual([1, 2]);
      },
    );

    onTime(
      "DEFERRED fails at the write, and commit ends its transaction (needs a busy timeout)",
      async () => {
        const holder = await open();
        await holder.execute("INSERT INTO t VALUES (1)");
        const conn = await open({ timeout: 0 });
        const error = await raised(OperationalError, () => conn.execute("INSERT INTO t VALUES (2)"));
        expect(error).toMatchObject({ code: "SQLITE_BUSY", retryable: true });
        await conn.rollback();
        await holder.commit();
        await conn.execute("INSERT INTO t VALUES (2)");
        await conn.commit();
        expect(await committed()).toEqual([1, 2]);
      },
    );

    it.skipIf(!db.can.files)(
      "a commit that finds a reader in the way is BUSY, leaves the transaction open and works later (needs files)",
      async () => {
        const conn = await open({ timeout: 0 });
        const reader = await open({ isolationLevel: null });
        await reader.execute("BEGIN");
        await reader.fetchall("SELECT * FROM t");
        await conn.execute("INSERT INTO t VALUES (1)");
        expect((await raised(OperationalError, () => conn.commit())).code).toBe("SQLITE_BUSY");
        expect(conn.inTransaction).toBe(true);
        await reader.commit();
        await conn.commit();
        expect(await committed()).toEqual([1]);
      },
    );

    it("null begins nothing, and setting null commits what is open", async () => {
      const conn = await open();
      await conn.execute("INSERT INTO t VALUES (1)");
      conn.isolationLevel = null;
      // A promised face commits in its turn, before any call that is made after.
      if (!db.isSynchronous) await conn.fetchone("SELECT 1");
      expect(conn.inTransaction).toBe(false);
      expect(await committed()).toEqual([1]);
      await conn.execute("INSERT INTO t VALUES (2)");
      expect(conn.inTransaction).toBe(false);
      conn.isolationLevel = "immediate";
      expect(conn.isolationLevel).toBe("IMMEDIATE");
      await conn.execute("INSERT INTO t VALUES (3)");
      expect(conn.inTransaction).toBe(true);
      await conn.rollback();
      expect(await committed()).toEqual([1, 2]);
    });

    it("a failing commit refuses the change to null", async () => {
      const conn = await open();
      await conn.execute("CREATE TABLE c (p REFERENCES c (p) DEFERRABLE INITIALLY DEFERRED, q UNIQUE)");
      await conn.execute("CREATE UNIQUE INDEX i ON c (p)");
      await conn.execute("CREATE TABLE d (p REFERENCES c (p) DEFERRABLE INITIALLY DEFERRED)");
      await conn.execute("INSERT INTO d VALUES (1)");
      await raised(IntegrityError, () => {
        conn.isolationLevel = null;
        // A promised face refuses in its turn, and tells the next call.
        return db.isSynchronous ? null : conn.fetchone("SELECT 1");
      });
      expect(conn.isolationLevel).toBe("");
      expect(conn.inTransaction).toBe(true);
    });

    it("is refused when it is none", async () => {
      const conn = await open();
      for (const level of ["BOGUS", 1, undefined, "DEFERRED; DROP TABLE t"]) {
        await raised(conn.InterfaceError, () => {
          conn.isolationLevel = level as never;
        });
      }
      expect(conn.isolationLevel).toBe("");
    });
  });

  it("close rolls back what is not committed", async () => {
    for (const options of [{}, { autocommit: false } as const]) {
      const conn = await open(options);
      await conn.execute("INSERT INTO t VALUES (1)");
      await conn.close();
      expect(await committed()).toEqual([]);
    }
  });

  it("LEGACY_TRANSACTION_CONTROL is the default and -1, as in Python", async () => {
    expect((await open()).autocommit).toBe(LEGACY_TRANSACTION_CONTROL);
    expect(LEGACY_TRANSACTION_CONTROL).toBe(-1);
  });
});
