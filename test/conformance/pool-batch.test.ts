/**
 * `pool.batch()`: statements as one transaction on the connection that writes, what each gives, and nothing of them when one fails.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import {
  IntegrityError,
  InterfaceError,
  OperationalError,
  objectRow,
  type Pool,
  ProgrammingError,
} from "../../src/aio.ts";
import { gate, pools } from "./pools.ts";
import { raised } from "./quadrants.ts";

pools("a batch of a pool", (db) => {
  async function withTable(): Promise<Pool> {
    const pool = await db.pool({ readers: 1 });
    await pool.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE)");
    return pool;
  }
  const all = (pool: Pool) => pool.fetchall("SELECT a FROM t ORDER BY id");
  const idle = (pool: Pool) =>
    expect(pool.stats()).toMatchObject({ readers: { busy: 0 }, writer: { busy: 0 } });

  it("gives what each statement gives alone, and is committed", async () => {
    const pool = await withTable();
    const results = await pool.batch([
      ["INSERT INTO t (a) VALUES (?), (?)", ["x", "y"]],
      ["UPDATE t SET a = :a WHERE id = 1", { a: "z" }],
      "SELECT id, a FROM t ORDER BY id",
      "-- nothing",
      "INSERT INTO t (a) VALUES (7) RETURNING a",
    ]);
    expect(results.map(({ rows, rowcount }) => [rows, rowcount])).toEqual([
      [[], 2],
      [[], 1],
      [
        [
          [1, "z"],
          [2, "y"],
        ],
        -1,
      ],
      [[], -1],
      [[[7]], 1],
    ]);
    expect(results[0]?.lastrowid).toBe(2);
    expect(results[2]?.description?.map(([name]) => name)).toEqual(["id", "a"]);
    expect(await all(pool)).toEqual([["z"], ["y"], [7]]);
    expect(await pool.batch([])).toEqual([]);
    idle(pool);
  });

  it("makes rows by the pool's row factory", async () => {
    const pool = await db.pool({ rowFactory: objectRow });
    const [only] = await pool.batch(["SELECT 1 AS a, 'x' AS b"]);
    expect(only?.rows.map((row) => ({ ...row }))).toEqual([{ a: 1, b: "x" }]);
  });

  it("is undone when a statement fails, whose number the error tells, with the caller's stack", async () => {
    const pool = await withTable();
    const twice = await raised(IntegrityError, async function someRepository() {
      await pool.batch(["INSERT INTO t (a) VALUES (1)", "-- nothing", "INSERT INTO t (a) VALUES (1)"]);
    });
    expect(twice).toMatchObject({ code: "SQLITE_CONSTRAINT_UNIQUE", index: 2 });
    expect(twice.stack).toContain("someRepository");
    expect(await all(pool)).toEqual([]);
    idle(pool);
    expect(pool.stats()).toMatchObject({ rolledBack: 0, replaced: 0, retried: 0 });
  });

  it("with a statement that a pool refuses, or that is none, does not begin", async () => {
    const pool = await withTable();
    for (const [sql, message] of [
      ["BEGIN", "BEGIN is not for the pool: use pool.transaction()"],
      ["ATTACH 'x.db' AS x", "ATTACH would change one connection of the pool: "],
      ["SELECT 1; SELECT 2", "You can only execute one statement at a time."],
    ] as const) {
      const error = await raised(ProgrammingError, () => pool.batch(["INSERT INTO t (a) VALUES (1)", [sql]]));
      expect(error.message.slice(0, message.length)).toBe(message);
      expect(error.index).toBe(1);
    }
    expect((await raised(InterfaceError, () => pool.batch([5 as never]))).index).toBe(0);
    expect((await raised(ProgrammingError, () => pool.batch(["", [5 as never]]))).index).toBe(1);
    expect(await raised(InterfaceError, () => pool.batch(["SELECT 1", ["SELECT ?", []]]))).toMatchObject({
      index: 1,
    });
    for (const wrong of ["SELECT 1", null, 1, { a: 1 }, [["SELECT ?", [1], 2]]]) {
      await raised(InterfaceError, () => pool.batch(wrong as never));
    }
    await raised(InterfaceError, () => pool.batch(["SELECT 1"], { mode: "LATER" as never }));
    await raised(InterfaceError, () => pool.batch(["SELECT 1"], { timeout: -1 }));
    expect(await all(pool)).toEqual([]);
    idle(pool);
  });

  it("never leaves its transaction open", async () => {
    const pool = await withTable();
    await pool.batch(["INSERT INTO t (a) VALUES (1)"], { commit: false } as never);
    expect(pool.stats().rolledBack).toBe(0);
    expect(await all(pool)).toEqual([[1]]);
  });

  it("waits for the writer, with statements and values as they were when it was made", async () => {
    const pool = await withTable();
    const { passed, open } = gate();
    const holding = pool.transaction(() => passed);
    const [bytes, values, statements] = [Buffer.from("ab"), [1] as unknown[], [] as [string, unknown[]][]];
    statements.push(["INSERT INTO t (a) VALUES (?)", values], ["INSERT INTO t (a) VALUES (?)", [bytes]]);
    const waiting = pool.batch(statements as never);
    values[0] = 2;
    bytes.write("xy");
    statements.push(["INSERT INTO t (a) VALUES (?)", [3]]);
    expect(await Promise.race([waiting, sleep(50, "waiting")])).toBe("waiting");
    expect(pool.stats().waiting.writer).toBe(1);
    open();
    await Promise.all([waiting, holding]);
    expect(await all(pool)).toEqual([[1], [Buffer.from("ab")]]);
  });

  it("that waits ends with its signal or its time, and nothing of it is done", async () => {
    const pool = await withTable();
    const { passed, open } = gate();
    const holding = pool.transaction(() => passed);
    const controller = new AbortController();
    const calls = [{ signal: controller.signal }, { timeout: 20 }].map((limits) =>
      raised(OperationalError, () => pool.batch(["INSERT INTO t (a) VALUES (1)"], limits)),
    );
    controller.abort();
    for (const error of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: "SQLITE_INTERRUPT", outcome: "not-executed" });
    }
    open();
    await holding;
    expect(await all(pool)).toEqual([]);
  });

  it("inside of transaction() is a part of it, inside of read() sees its snapshot", async () => {
    const pool = await withTable();
    await pool
      .transaction(async () => {
        await pool.batch(["INSERT INTO t (a) VALUES (1)", "INSERT INTO t (a) VALUES (2)"]);
        throw new Error("undo");
      })
      .catch(() => {});
    expect(await all(pool)).toEqual([]);
    const seen = await pool.read(async (conn) => {
      await conn.fetchone("SELECT count(*) FROM t");
      const [count] = await pool.batch(["SELECT count(*) FROM t", "SELECT 1"]);
      return count?.rows;
    });
    expect(seen).toEqual([[0]]);
    idle(pool);
  });
});
