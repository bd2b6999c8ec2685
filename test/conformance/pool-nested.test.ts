/**
 * The pool inside of its own transaction(): everything takes part, nothing waits for itself.
 */
import { expect, it } from "vitest";
import { type AsyncConnection, OperationalError, type Pool, ProgrammingError } from "../../src/aio.ts";
import { gate, pools } from "./pools.ts";
import { raised } from "./quadrants.ts";

const INSERT = "INSERT INTO t VALUES (?)";
const ALL = "SELECT a FROM t ORDER BY a";

pools("inside of pool.transaction()", (db) => {
  async function withTable(database?: string): Promise<Pool> {
    const pool = await db.pool({ readers: 1, acquireTimeout: 2000 }, database);
    await pool.execute("CREATE TABLE t (a)");
    return pool;
  }

  it.each([undefined, ":memory:"])(
    "the pool's own calls take part and see what is not committed yet (%s)",
    async (database) => {
      const pool = await withTable(database);
      const helper = async (a: number) => void (await pool.execute(INSERT, [a]));
      const seen = await pool.transaction(async (tx) => {
        await tx.execute(INSERT, [1]);
        await helper(2);
        await pool.executemany(INSERT, [[3], [4]]);
        const { rows } = await pool.execute("INSERT INTO t VALUES (5) RETURNING a");
        const count = await pool.read((conn) => conn.fetchone("SELECT count(*) FROM t"));
        return [rows, count, await pool.fetchall(ALL), await pool.fetchone("SELECT max(a) FROM t")];
      });
      expect(seen).toEqual([[[5]], [5], [[1], [2], [3], [4], [5]], [5]]);
      expect(await pool.fetchall(ALL)).toEqual([[1], [2], [3], [4], [5]]);
      expect(pool.stats().acquired).toBe(3);
    },
  );

  it("what fails takes all of it back", async () => {
    const pool = await withTable();
    const mine = new Error("mine");
    const error = await raised(Error, () =>
      pool.transaction(async () => {
        await pool.execute(INSERT, [1]);
        throw mine;
      }),
    );
    expect(error).toBe(mine);
    expect(await pool.fetchall(ALL)).toEqual([]);
    expect(pool.stats().rolledBack).toBe(0);
  });

  it("another transaction is a savepoint, in which both handles work", async () => {
    const pool = await withTable();
    await pool.transaction(async (outer) => {
      await outer.execute(INSERT, [1]);
      await pool.transaction(async (inner) => {
        await inner.execute(INSERT, [2]);
        await outer.execute(INSERT, [3]);
        await pool.execute(INSERT, [4]);
        await raised(RangeError, () =>
          pool.transaction(async () => {
            await outer.execute(INSERT, [5]);
            await pool.execute(INSERT, [6]);
            throw new RangeError("taken back");
          }),
        );
      });
      expect(await outer.fetchall(ALL)).toEqual([[1], [2], [3], [4]]);
    });
    expect(await pool.fetchall(ALL)).toEqual([[1], [2], [3], [4]]);
  });

  it("two at once wait for each other on the one connection", async () => {
    const pool = await withTable();
    await pool.transaction(() =>
      Promise.all(
        [1, 2, 3].map((a) =>
          pool.transaction(async (tx) => {
            await pool.execute(INSERT, [a]);
            expect(await tx.fetchone("SELECT count(*) FROM t WHERE a = ?", [a])).toEqual([1]);
          }),
        ),
      ),
    );
    expect(await pool.fetchall(ALL)).toEqual([[1], [2], [3]]);
  });

  it("what would wait for itself is refused", async () => {
    const pool = await withTable();
    await pool.transaction(async () => {
      await raised(ProgrammingError, () => pool.connection());
      await raised(ProgrammingError, () => pool.connection({ readonly: true }));
      await raised(ProgrammingError, () => pool.close());
    });
    await pool.read(async (conn) => {
      const error = await raised(ProgrammingError, () => pool.transaction(() => 1));
      expect(error.message).toBe(
        "pool.transaction() inside of pool.transaction() or pool.read() would wait for itself: begin with pool.transaction()",
      );
      const write = await raised(OperationalError, () => pool.execute(INSERT, [1]));
      expect(write.code).toBe("SQLITE_READONLY");
      expect(await pool.read((again) => again.fetchall(ALL))).toEqual([]);
      expect(await pool.fetchall(ALL)).toEqual(await conn.fetchall(ALL));
    });
    expect(await pool.transaction(() => 1)).toBe(1);
  });

  it("other tasks do not take part, and other pools neither", async () => {
    const [pool, other] = [await withTable(), await db.pool({}, db.file("other.db"))];
    await other.execute("CREATE TABLE t (a)");
    const [inside, outside] = [gate(), gate()];
    const holding = pool.transaction(async () => {
      await pool.execute(INSERT, [1]);
      await other.execute(INSERT, [9]);
      inside.open();
      await outside.passed;
      throw new RangeError("taken back");
    });
    await inside.passed;
    expect(await pool.fetchall(ALL)).toEqual([]);
    expect(await other.fetchall(ALL)).toEqual([[9]]);
    outside.open();
    await raised(RangeError, () => holding);
  });

  it("a task that outlives it is on its own, and its handle is dead", async () => {
    const pool = await withTable();
    const { passed, open } = gate();
    let late: Promise<unknown> = Promise.resolve();
    let kept: AsyncConnection | null = null;
    await pool.transaction(async (tx) => {
      kept = tx;
      late = passed.then(() => pool.transaction(() => pool.execute(INSERT, [1])));
    });
    await raised(ProgrammingError, async () => kept?.fetchone("SELECT 1"));
    open();
    await late;
    expect(await pool.fetchall(ALL)).toEqual([[1]]);
  });

  it("the setup function of another pool, which is needed there, is on its own", async () => {
    const pool = await withTable();
    const setup = (_: unknown, { readonly }: { readonly readonly: boolean }) =>
      readonly ? pool.execute(INSERT, [1], { timeout: 50 }) : null;
    const other = await db.pool({ readers: 1, setup }, db.file("other.db"));
    const error = await raised(OperationalError, () => pool.transaction(() => other.fetchone("SELECT 1")));
    // It waits for the writer like everybody else, instead of writing in a transaction that it knows nothing of.
    expect(error.code).toBe("SQLITE_INTERRUPT");
    expect(await pool.fetchall(ALL)).toEqual([]);
  });

  it("calls that nobody awaits are part of it", async () => {
    const pool = await withTable();
    await pool.transaction(() => {
      void pool.execute(INSERT, [1]);
      void pool.transaction(() => void pool.execute(INSERT, [2]));
    });
    expect(await pool.fetchall(ALL)).toEqual([[1], [2]]);
  });
});
