/**
 * How much of a result is read, and when: large results row by row in constant memory, small ones at once with nothing
 * left open. Shown by counting calls of user functions, by watching better-sqlite3, and by processes with a small heap.
 */
import { createRequire } from "node:module";
import { afterEach, expect, it, vi } from "vitest";
import { type AnyConnection, CHILD_DEADLINE, conformance } from "./quadrants.ts";

const TEN_MILLION =
  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000000) SELECT i FROM n";

const MILLION = TEN_MILLION.replace("10000000", "1000000");

/** Heap of a child process in which a million rows do not fit. */
const SMALL_HEAP = ["--max-old-space-size=24"];

interface Iterable {
  iterate(): unknown;
}
type NativeConstructor = new (path: string) => { prepare(sql: string): Iterable; close(): void };

conformance("laziness", (db) => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** Counts the rows that SQLite has computed. */
  const counting = async (conn: AnyConnection) => {
    const count = { calls: 0 };
    await conn.createFunction("seen", 1, (n: number) => {
      count.calls++;
      return n;
    });
    return count;
  };

  it.skipIf(!db.can.userFunctions)(
    "fetchone on ten million rows computes a first page only (needs user functions)",
    async () => {
      const conn = await db.connect();
      const count = await counting(conn);
      const cursor = await conn.execute(TEN_MILLION.replace("SELECT i FROM n", "SELECT seen(i) FROM n"));
      expect(await cursor.fetchone()).toEqual([1]);
      expect(await cursor.fetchone()).toEqual([2]);
      expect(count.calls).toBeLessThan(1000);
      await cursor.close();
      expect(count.calls).toBeLessThan(1000);
    },
  );

  it.skipIf(!db.can.userFunctions)(
    "the first pages of a large result are read as they are fetched (needs user functions)",
    async () => {
      const conn = await db.connect();
      const count = await counting(conn);
      const cursor = await conn.execute(TEN_MILLION.replace("SELECT i FROM n", "SELECT seen(i) FROM n"));
      for (let i = 1; i <= 2000; i++) expect(await cursor.fetchone()).toEqual([i]);
      expect(count.calls).toBeLessThan(2000 + 1000);
    },
  );

  it.skipIf(!db.can.userFunctions)(
    "conn.fetchone computes one row of ten million (needs user functions)",
    async () => {
      const conn = await db.connect();
      const count = await counting(conn);
      expect(await conn.fetchone(TEN_MILLION.replace("SELECT i FROM n", "SELECT seen(i) FROM n"))).toEqual([
        1,
      ]);
      expect(count.calls).toBeLessThan(3);
    },
  );

  it(
    "a loop over a million rows needs constant memory (a process with a small heap)",
    async () => {
      // From a server fewer and larger ones, since each goes over the wire.
      const [count, more] = db.can.files ? [1_000_000, ""] : [30_000, ", hex(zeroblob(500))"];
      const sql = TEN_MILLION.replace("10000000", String(count)).replace(
        "SELECT i FROM",
        `SELECT i${more} FROM`,
      );
      const answer = await db.secondProcess<number>(
        `const conn = await connect(args[0]);
       let sum = 0;
       for await (const [i] of await conn.execute(args[1])) sum += i;
       await conn.close();
       return sum;`,
        [await db.address(db.file()), sql],
        SMALL_HEAP,
      );
      expect(answer).toBe((count * (count + 1)) / 2);
    },
    CHILD_DEADLINE,
  );

  it.skipIf(!db.can.files)(
    "fetchmany through a million rows needs constant memory (a process with a small heap)",
    async () => {
      const answer = await db.secondProcess<number>(
        `const conn = await connect(args[0]);
       const cursor = await conn.execute(args[1]);
       let sum = 0;
       for (;;) {
         const rows = await cursor.fetchmany(1000);
         if (rows.length === 0) return sum;
         for (const [i] of rows) sum += i;
       }`,
        [":memory:", MILLION],
        SMALL_HEAP,
      );
      expect(answer).toBe((1_000_000 * 1_000_001) / 2);
    },
    CHILD_DEADLINE,
  );

  it(
    "a script runs a SELECT of a million rows in constant memory (a process with a small heap)",
    async () => {
      await db.secondProcess(
        `const conn = await connect(args[0]);
       await conn.executescript(args[1] + "; SELECT 1");`,
        [await db.address(db.file()), MILLION],
        SMALL_HEAP,
      );
    },
    CHILD_DEADLINE,
  );

  const iterators = () => {
    const Database = createRequire(import.meta.url)("better-sqlite3") as NativeConstructor;
    const native = new Database(":memory:");
    const spy = vi.spyOn(Object.getPrototypeOf(native.prepare("SELECT 1")) as Iterable, "iterate");
    native.close();
    return spy;
  };

  it.skipIf(!db.can.inProcess)(
    "a cached lookup of one row never opens an iterator (needs better-sqlite3 in this process)",
    async () => {
      const conn = await db.connect();
      await conn.executescript(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE); INSERT INTO t VALUES (1, 'x'), (2, 'y')",
      );
      const lookups = [
        ["SELECT * FROM t WHERE id = ?", [1]],
        ["SELECT id FROM t WHERE a = ?", ["y"]],
        ["SELECT count(*), max(id) FROM t WHERE id > ?", [0]],
        ["SELECT EXISTS (SELECT 1 FROM t WHERE id = ?)", [1]],
        ["SELECT a FROM t WHERE id >= ? ORDER BY id LIMIT 1", [1]],
        ["SELECT ?", [1]],
      ] as const;
      // How many rows a statement gives is found out once, when it comes again.
      for (let i = 0; i < 2; i++) {
        for (const [sql, parameters] of lookups) await (await conn.execute(sql, parameters)).fetchone();
      }
      const spy = iterators();
      for (const [sql, parameters] of lookups) {
        const cursor = await conn.execute(sql, parameters);
        expect(await cursor.fetchone(), sql).not.toBe(null);
        expect(await cursor.fetchone(), sql).toBe(null);
      }
      expect(spy).not.toHaveBeenCalled();
    },
  );

  it.skipIf(!db.can.inProcess)(
    "conn.fetchone and conn.fetchall never open an iterator (needs better-sqlite3 in this process)",
    async () => {
      const conn = await db.connect();
      const spy = iterators();
      expect(await conn.fetchall("VALUES (1), (2)")).toEqual([[1], [2]]);
      expect(await conn.fetchone("VALUES (1), (2)")).toEqual([1]);
      expect(spy).not.toHaveBeenCalled();
    },
  );

  it.skipIf(!db.can.inProcess)(
    "a long result does open one, so that this suite watches the right thing (needs better-sqlite3 in this process)",
    async () => {
      const conn = await db.connect();
      const spy = iterators();
      const cursor = await conn.execute(TEN_MILLION);
      await cursor.close();
      expect(spy).toHaveBeenCalled();
    },
  );

  it.skipIf(!db.can.files)(
    "results that are read and not fetched leave nothing open: another process can write and checkpoint (needs files)",
    async () => {
      const conn = await db.connect(db.file());
      await conn.executescript(
        "PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)",
      );
      const kept = [
        await conn.execute("SELECT * FROM t"),
        await conn.execute("SELECT * FROM t WHERE id = 1"),
        await conn.execute("SELECT * FROM t WHERE id = 1"),
        await conn.execute("SELECT * FROM t LIMIT 2"),
      ];
      const [checkpoint] = await db.secondProcess<{ busy: number; log: number }[]>(
        `const other = new Database(args[0], { timeout: 0 });
         other.exec("INSERT INTO t VALUES (4)");
         return other.pragma("wal_checkpoint(TRUNCATE)");`,
        [db.file()],
      );
      expect(checkpoint).toEqual({ busy: 0, log: 0, checkpointed: 0 });
      expect(await Promise.all(kept.map((cursor) => cursor.fetchone()))).toEqual([[1], [1], [1], [1]]);
    },
  );

  it.skipIf(!db.can.files)(
    "a single row that took its time leaves nothing locked, though nobody has fetched it (needs files)",
    async () => {
      const conn = await db.connect(db.file());
      await conn.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
      const cursor = await conn.execute(
        `SELECT count(*), (SELECT max(a) FROM t) FROM (${MILLION.replace("1000000", "300000")})`,
      );
      // Without WAL a reader that is open keeps every other writer from committing.
      await db.secondProcess(
        `const other = new Database(args[0], { timeout: 0 });
        other.exec("INSERT INTO t VALUES (2)");
        other.close();`,
        [db.file()],
      );
      expect(await cursor.fetchone()).toEqual([300_000, 1]);
    },
  );
});
