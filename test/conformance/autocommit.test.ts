/**
 * `autocommit: false` and `true`, PEP 249's way to say what `isolationLevel` only hints at, and every change between the
 * three modes.
 * @see https://docs.python.org/3/library/sqlite3.html#transaction-control-via-the-autocommit-attribute
 */
import { describe, expect, it } from "vitest";
import {
  type Autocommit,
  InterfaceError,
  LEGACY_TRANSACTION_CONTROL,
  OperationalError,
} from "../../src/index.ts";
import { type AnyConnection, conformance, raised } from "./quadrants.ts";

conformance("autocommit", (db) => {
  async function open(autocommit: Autocommit): Promise<AnyConnection> {
    const setup = await db.another(db.file());
    await setup.execute("CREATE TABLE IF NOT EXISTS t (a UNIQUE)");
    await setup.close();
    return db.connect(db.file(), { autocommit });
  }

  async function committed(): Promise<unknown[]> {
    const other = await db.another(db.file());
    const rows = await other.fetchall("SELECT a FROM t ORDER BY a");
    await other.close();
    return rows.map(([a]) => a);
  }

  describe("false", () => {
    it("is always in a transaction", async () => {
      const conn = await open(false);
      expect(conn.inTransaction).toBe(true);
      await conn.execute("INSERT INTO t VALUES (1)");
      await conn.commit();
      expect(conn.inTransaction).toBe(true);
      expect(await committed()).toEqual([1]);
      await conn.execute("INSERT INTO t VALUES (2)");
      await conn.rollback();
      expect(conn.inTransaction).toBe(true);
      expect(await committed()).toEqual([1]);
    });

    it("holds DDL and executescript in the transaction", async () => {
      const conn = await open(false);
      await conn.execute("INSERT INTO t VALUES (1)");
      await conn.executescript("CREATE TABLE u (a); INSERT INTO t VALUES (2);");
      expect(await committed()).toEqual([]);
      await conn.rollback();
      expect(await conn.fetchall("SELECT name FROM sqlite_master WHERE name = 'u'")).toEqual([]);
      expect(await committed()).toEqual([]);
    });

    it("ignores the isolation level", async () => {
      const conn = await open(false);
      conn.isolationLevel = "EXCLUSIVE";
      await conn.commit();
      const other = await db.connect(db.file(), db.can.busyTimeout ? { timeout: 0 } : {});
      await other.execute("INSERT INTO t VALUES (1)");
      await other.commit();
      expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
    });

    it("begins again after SQLite has ended the transaction", async () => {
      const conn = await open(false);
      await conn.execute("INSERT INTO t VALUES (1)");
      await raised(conn.IntegrityError, () => conn.execute("INSERT OR ROLLBACK INTO t VALUES (1)"));
      expect(conn.inTransaction).toBe(false);
      await conn.execute("INSERT INTO t VALUES (2)");
      expect(conn.inTransaction).toBe(true);
      await conn.rollback();
      expect(await committed()).toEqual([]);
    });

    it("commit opens the next transaction also where SQLite has ended the one before", async () => {
      const conn = await open(false);
      await conn.execute("INSERT INTO t VALUES (1)");
      await raised(conn.IntegrityError, () => conn.execute("INSERT OR ROLLBACK INTO t VALUES (1)"));
      await conn.commit();
      expect(conn.inTransaction).toBe(true);
    });

    it("a failed commit leaves the transaction open", async () => {
      const conn = await open(false);
      await conn.execute("CREATE TABLE p (id INTEGER PRIMARY KEY)");
      await conn.execute("CREATE TABLE c (p REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
      await conn.commit();
      await conn.execute("INSERT INTO c VALUES (1)");
      await raised(conn.IntegrityError, () => conn.commit());
      expect(conn.inTransaction).toBe(true);
      expect(await conn.fetchone("SELECT count(*) FROM c")).toEqual([1]);
    });

    it("takes COMMIT and ROLLBACK as statements", async () => {
      const conn = await open(false);
      await conn.execute("INSERT INTO t VALUES (1)");
      await conn.execute("COMMIT");
      expect(await committed()).toEqual([1]);
      await conn.execute("INSERT INTO t VALUES (2)");
      expect(conn.inTransaction).toBe(true);
      await conn.execute("ROLLBACK");
      expect(await committed()).toEqual([1]);
    });
  });

  describe("true", () => {
    it("commits every statement, and commit and rollback do nothing", async () => {
      const conn = await open(true);
      await conn.execute("INSERT INTO t VALUES (1)");
      expect(conn.inTransaction).toBe(false);
      expect(await committed()).toEqual([1]);
      await conn.rollback();
      await conn.commit();
      expect(await committed()).toEqual([1]);
    });

    it("commit and rollback leave a BEGIN of the caller's own alone", async () => {
      const conn = await open(true);
      await conn.execute("BEGIN");
      await conn.execute("INSERT INTO t VALUES (1)");
      await conn.commit();
      await conn.rollback();
      expect(conn.inTransaction).toBe(true);
      await conn.execute("COMMIT");
      expect(await committed()).toEqual([1]);
    });

    it("executescript commits nothing of the caller's", async () => {
      const conn = await open(true);
      await conn.execute("BEGIN");
      await conn.executescript("INSERT INTO t VALUES (1);");
      expect(conn.inTransaction).toBe(true);
      await conn.execute("ROLLBACK");
      expect(await committed()).toEqual([]);
    });
  });

  describe("a change of mode", () => {
    const modes: readonly Autocommit[] = [LEGACY_TRANSACTION_CONTROL, false, true];
    const changes = modes.flatMap((from) => modes.map((to) => [from, to] as const));

    it.each(changes)("from %s to %s: true commits, false begins, legacy leaves it", async (from, to) => {
      const conn = await open(from);
      await conn.execute("INSERT INTO t VALUES (1)");
      const wasOpen = conn.inTransaction;
      conn.autocommit = to;
      expect(conn.autocommit).toBe(to);
      // A promised face changes the mode in its turn, before any call that is made after.
      if (!db.isSynchronous) await conn.fetchone("SELECT 1");
      expect(conn.inTransaction).toBe(to === false || (to === LEGACY_TRANSACTION_CONTROL && wasOpen));
      const isCommitted = from === true || to === true;
      expect(await committed()).toEqual(isCommitted ? [1] : []);
      await conn.rollback();
      expect(await committed()).toEqual(isCommitted ? [1] : []);
    });

    it("to true that cannot commit is refused, and the mode stays", async () => {
      const conn = await open(false);
      await conn.execute("CREATE TABLE p (id INTEGER PRIMARY KEY)");
      await conn.execute("CREATE TABLE c (p REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
      await conn.execute("INSERT INTO c VALUES (1)");
      await raised(conn.IntegrityError, () => {
        conn.autocommit = true;
        // A promised face refuses in its turn, and tells the next call.
        return db.isSynchronous ? null : conn.fetchone("SELECT 1");
      });
      expect(conn.autocommit).toBe(false);
      expect(conn.inTransaction).toBe(true);
    });

    it("to anything else is an InterfaceError", async () => {
      const conn = await open(true);
      for (const mode of [0, 1, null, undefined, "true"]) {
        await raised(InterfaceError, () => {
          conn.autocommit = mode as never;
        });
      }
      expect(conn.autocommit).toBe(true);
    });
  });

  it("two connections in autocommit false see each other's work after both commit", async () => {
    const [one, two] = [await open(false), await open(false)];
    await two.fetchall("SELECT * FROM t");
    await two.commit();
    await one.execute("INSERT INTO t VALUES (1)");
    await one.commit();
    expect(await two.fetchall("SELECT a FROM t")).toEqual([[1]]);
    if (!db.can.busyTimeout) return;
    const late = await db.connect(db.file(), { autocommit: false, timeout: 0 });
    await two.execute("INSERT INTO t VALUES (2)");
    const error = await raised(OperationalError, () => late.execute("INSERT INTO t VALUES (3)"));
    expect(error.retryable).toBe(true);
  });
});
