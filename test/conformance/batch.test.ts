/**
 * `batch()`: statements as one transaction in one crossing, a cursor for each, and nothing of them when one fails.
 */
import { expect, it } from "vitest";
import {
  IntegrityError,
  InterfaceError,
  NotSupportedError,
  OperationalError,
  objectRow,
  ProgrammingError,
} from "../../src/index.ts";
import { type AnyConnection, conformance, raised } from "./quadrants.ts";

conformance("batch", (db) => {
  async function withTable(): Promise<AnyConnection> {
    const conn = await db.shared();
    await conn.executescript("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b BLOB, CHECK (a <> 'bad'))");
    return conn;
  }
  const count = (conn: AnyConnection) => conn.fetchone("SELECT count(*) FROM t");

  it("gives a cursor for each statement, with rows, counts, rowids and columns", async () => {
    const conn = await withTable();
    const [first, second, rows, changed, nothing] = await conn.batch([
      ["INSERT INTO t (a, b) VALUES (?, ?)", ["x", Buffer.from("ab")]],
      ["INSERT INTO t (a, b) VALUES (:a, :b) RETURNING id, b", { a: 2n ** 62n, b: null }],
      "SELECT a, b FROM t ORDER BY id",
      ["UPDATE t SET b = ?", [new Uint8Array([1])]],
      "-- nothing",
    ]);
    expect([first?.lastrowid, first?.rowcount, first?.description]).toEqual([1, 1, null]);
    expect(second?.rowcount).toBe(1);
    expect(await second?.fetchall()).toEqual([[2, null]]);
    expect(rows?.description?.map(([name]) => name)).toEqual(["a", "b"]);
    expect(await rows?.fetchone()).toEqual(["x", Buffer.from("ab")]);
    expect(await rows?.fetchall()).toEqual([[2n ** 62n, null]]);
    expect(rows?.rowcount).toBe(-1);
    expect(changed?.rowcount).toBe(2);
    expect([nothing?.description, await nothing?.fetchall()]).toEqual([null, []]);
    expect(conn.inTransaction).toBe(false);
    expect(await conn.fetchall("SELECT typeof(b), length(b) FROM t")).toEqual([
      ["blob", 1],
      ["blob", 1],
    ]);
  });

  it("takes bytes that are a part of a larger buffer, and gives such of their own", async () => {
    const conn = await withTable();
    const bytes = Buffer.alloc(1000, 7).subarray(10, 13);
    const [, read] = await conn.batch([["INSERT INTO t (b) VALUES (?)", [bytes]], "SELECT b, a FROM t"]);
    expect(await read?.fetchall()).toEqual([[Buffer.from([7, 7, 7]), null]]);
  });

  it("makes rows by the connection's row factory", async () => {
    const conn = await db.connect(":memory:", { rowFactory: objectRow });
    const [only] = await conn.batch(["SELECT 1 AS a, 'x' AS b"]);
    expect({ ...(await only?.fetchone()) }).toEqual({ a: 1, b: "x" });
  });

  it.each([
    ["a constraint", "INSERT INTO t (a) VALUES ('bad')", IntegrityError],
    ["a table that is not there", "INSERT INTO missing VALUES (1)", ProgrammingError],
    ["syntax", "SELCT 1", ProgrammingError],
    ["what it meets on its way", "SELECT abs(-9223372036854775808)", OperationalError],
  ])("leaves nothing behind when a statement fails of %s, and tells which", async (_, sql, type) => {
    const conn = await withTable();
    const work = () => conn.batch(["INSERT INTO t (a) VALUES (1)", "SELECT 1", sql, "DELETE FROM t"]);
    const error = await raised(type, work);
    expect(error.index).toBe(2);
    expect(conn.inTransaction).toBe(false);
    expect(await count(conn)).toEqual([0]);
  });

  it("tells what is wrong with a call before anything runs", async () => {
    const conn = await withTable();
    const insert = "INSERT INTO t (a) VALUES (1)";
    const few = () => conn.batch([insert, ["INSERT INTO t (a) VALUES (?)", []]]);
    expect((await raised(InterfaceError, few)).index).toBe(1);
    expect((await raised(ProgrammingError, () => conn.batch([insert, "SELECT 1; SELECT 2"]))).index).toBe(1);
    await raised(InterfaceError, () => conn.batch([insert, 5 as never]));
    await raised(InterfaceError, () => conn.batch(5 as never));
    await raised(InterfaceError, () => conn.batch([insert], { mode: "NOW" as never }));
    expect(await count(conn)).toEqual([0]);
  });

  it("is a part of an open transaction, in which what was done before a failure stays", async () => {
    const conn = await withTable();
    const insert = "INSERT INTO t (a) VALUES (1)";
    await conn.execute(insert);
    const [, read] = await conn.batch([insert, "SELECT count(*) FROM t"]);
    expect(await read?.fetchone()).toEqual([2]);
    expect(conn.inTransaction).toBe(true);
    const failing = () => conn.batch([insert, "INSERT INTO t (a) VALUES ('bad')", insert]);
    expect((await raised(IntegrityError, failing)).index).toBe(1);
    expect(conn.inTransaction).toBe(true);
    expect(await count(conn)).toEqual([3]);
    await conn.rollback();
    expect(await count(conn)).toEqual([0]);
    await conn.transaction(() => conn.batch([insert, insert]));
    expect(await count(conn)).toEqual([2]);
    expect((await raised(ProgrammingError, () => conn.transaction(() => conn.batch(["SELCT"])))).index).toBe(
      0,
    );
    expect(conn.inTransaction).toBe(false);
  });

  it("notices that a statement of its own ends the open transaction", async () => {
    const conn = await withTable();
    const insert = "INSERT INTO t (a) VALUES (1)";
    const inside = () => conn.transaction(() => conn.batch([insert, "COMMIT", insert]));
    expect(await raised(OperationalError, inside)).toMatchObject({
      index: 2,
      code: "TRANSACTION_CLOSED",
    });
    await conn.rollback();
    expect(await count(conn)).toEqual([1]);
  });

  it("fails when a statement ends its transaction", async () => {
    const conn = await withTable();
    const insert = "INSERT INTO t (a) VALUES (1)";
    const inside = await raised(OperationalError, () => conn.batch([insert, "COMMIT", insert]));
    expect([inside.index, inside.code]).toEqual([2, "TRANSACTION_CLOSED"]);
    expect(await count(conn)).toEqual([1]);
    const behind = await raised(OperationalError, () => conn.batch([insert, "ROLLBACK"]));
    expect([behind.index, behind.code]).toEqual([1, "TRANSACTION_CLOSED"]);
    expect(await count(conn)).toEqual([1]);
    expect(conn.inTransaction).toBe(false);
  });

  it("tells a COMMIT that fails without the number of a statement, and rolls back", async () => {
    const conn = await db.shared();
    await conn.executescript(
      "CREATE TABLE p (id PRIMARY KEY); CREATE TABLE c (p REFERENCES p DEFERRABLE INITIALLY DEFERRED)",
    );
    const error = await raised(IntegrityError, () => conn.batch(["INSERT INTO c VALUES (1)"]));
    expect([error.index, error.code]).toEqual([undefined, "SQLITE_CONSTRAINT_FOREIGNKEY"]);
    expect(conn.inTransaction).toBe(false);
    expect(await conn.fetchone("SELECT count(*) FROM c")).toEqual([0]);
  });

  it("leaves its transaction open where that is asked for, unless it fails", async () => {
    const conn = await withTable();
    const insert = "INSERT INTO t (a) VALUES (1)";
    const [, read] = await conn.batch([insert, "SELECT a FROM t"], { commit: false });
    expect(await read?.fetchall()).toEqual([[1]]);
    expect(conn.inTransaction).toBe(true);
    await conn.rollback();
    expect(await count(conn)).toEqual([0]);
    await conn.batch([insert], { commit: false });
    await conn.commit();
    await raised(ProgrammingError, () => conn.batch([insert, "SELCT"], { commit: false }));
    expect(conn.inTransaction).toBe(false);
    expect(await count(conn)).toEqual([1]);
  });

  it("leaves it to commit() with autocommit false, also where a failure has ended the transaction", async () => {
    const conn = await db.connect(":memory:", { autocommit: false });
    await conn.executescript("CREATE TABLE t (id INTEGER PRIMARY KEY)");
    await conn.commit();
    for (const fails of [false, true]) {
      await conn.execute("INSERT INTO t VALUES (1)");
      if (fails) await raised(IntegrityError, () => conn.execute("INSERT OR ROLLBACK INTO t VALUES (1)"));
      await conn.batch(["INSERT INTO t VALUES (2)"]);
      expect(conn.inTransaction).toBe(true);
      await conn.rollback();
      expect(await count(conn)).toEqual([0]);
    }
    await conn.batch(["INSERT INTO t VALUES (3)"]);
    await conn.commit();
    await conn.rollback();
    expect(await count(conn)).toEqual([1]);
  });

  it("does nothing without statements", async () => {
    const conn = await db.shared();
    expect(await conn.batch([])).toEqual([]);
    expect(await conn.batch(new Set<string>(), { mode: "DEFERRED" })).toEqual([]);
    expect(conn.inTransaction).toBe(false);
  });

  it("takes thousands of statements", async () => {
    const conn = await withTable();
    const inserts = Array.from({ length: 5000 }, (_, i) => ["INSERT INTO t (a) VALUES (?)", [i]] as const);
    const cursors = await conn.batch(inserts);
    expect(cursors.at(-1)?.lastrowid).toBe(5000);
    expect(await conn.fetchone("SELECT count(*), sum(a) FROM t")).toEqual([5000, (5000 * 4999) / 2]);
    const again = [...inserts, ["INSERT INTO t (a) VALUES (?)", ["bad"]] as const];
    expect((await raised(IntegrityError, () => conn.batch(again))).index).toBe(5000);
    expect(await count(conn)).toEqual([5000]);
  });

  it("reads results that are larger than one answer of a server", async () => {
    const conn = await db.shared();
    const LARGE =
      "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 6000) SELECT x, hex(zeroblob(500)) FROM r";
    await conn.executescript("CREATE TABLE t (a)");
    const [, one, two] = await conn.batch(["INSERT INTO t VALUES (1)", LARGE, LARGE]);
    expect([(await one?.fetchall())?.length, (await two?.fetchall())?.at(-1)?.[0]]).toEqual([6000, 6000]);
    expect(await count(conn)).toEqual([1]);
  });

  it("has a mode for those who only read, on a server", async () => {
    const conn = await withTable();
    const read = () => conn.batch(["SELECT count(*) FROM t"], { mode: "READONLY" });
    if (db.engine === "better-sqlite3") return void (await raised(NotSupportedError, read));
    expect(await (await read())[0]?.fetchall()).toEqual([[0]]);
  });

  it("is not begun when it was stopped while it waited", async () => {
    if (db.isSynchronous) return;
    const conn = await withTable();
    const held = conn.transaction(async (tx) => {
      await tx.execute("INSERT INTO t (a) VALUES (1)");
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
    const late = conn.batch(["DELETE FROM t"], { timeout: 10 });
    expect(await raised(OperationalError, () => late)).toMatchObject({ outcome: "not-executed" });
    await held;
    expect(await count(conn)).toEqual([1]);
  });
});
