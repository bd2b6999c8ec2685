/**
 * Short reads that share a reader: they are on their way together, and none has to wait for a long one while another reader is
 * free, nor longer than it may.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { OperationalError, type Pool, ProgrammingError } from "../../src/aio.ts";
import { gate, pools, until } from "./pools.ts";
import { raised } from "./quadrants.ts";

const LONG = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT ?) SELECT count(*) FROM n";

pools("short reads of a pool", (db) => {
  async function withTable(readers: number, options: object = {}): Promise<Pool> {
    const pool = await db.pool({ readers, ...options }, db.file(`${readers}.db`));
    await pool.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a)");
    await pool.executemany(
      "INSERT INTO t VALUES (?, ?)",
      Array.from({ length: 1000 }, (_, id) => [id, `row ${id}`]),
    );
    // The readers are open, and the pool knows the statements.
    const all = await Promise.all(Array.from({ length: readers }, () => pool.connection({ readonly: true })));
    await Promise.all(all.map((each) => each.release()));
    await pool.fetchone(LONG, [1]);
    await short(pool, 0);
    return pool;
  }
  const short = (pool: Pool, id: number) => pool.fetchone("SELECT a FROM t WHERE id = ?", [id]);
  /** How many steps the long one takes that goes on for about half a second. */
  const STEPS = 4_000_000;
  const idle = (pool: Pool) =>
    expect(pool.stats()).toMatchObject({
      readers: { busy: 0 },
      waiting: { readers: 0, writer: 0 },
      replaced: 0,
      refused: 0,
      timedOut: 0,
    });

  it("are answered each with its own, a thousand at a time, among calls that want a reader alone", async () => {
    for (const readers of [1, 3]) {
      const pool = await withTable(readers);
      const calls = Array.from({ length: 1000 }, async (_, id) => {
        const expected = `row ${id}`;
        if (id % 50 === 7) {
          const values = await pool.read((conn) => conn.fetchall("SELECT a FROM t WHERE id = ?", [id]));
          expect(values).toEqual([[expected]]);
        } else if (id % 50 === 8) {
          expect((await pool.execute("SELECT a FROM t WHERE id = ?", [id])).rows).toEqual([[expected]]);
        } else if (id % 50 === 9) {
          expect(await pool.fetchall("SELECT a FROM t WHERE id IN (?, ?)", [id, id - 1])).toHaveLength(2);
        } else expect(await short(pool, id)).toEqual([expected]);
      });
      await Promise.all(calls);
      idle(pool);
      expect(pool.stats().readers).toMatchObject({ total: readers, idle: readers });
    }
  });

  it("are on their way together, and keep the order in which they were made on one reader", async () => {
    const pool = await withTable(1);
    // Whoever comes while nothing is answered for a while has to wait: a busy machine may do that.
    for (let together = 1; together < 32; ) {
      const order: number[] = [];
      const calls = Array.from({ length: 100 }, (_, id) => short(pool, id).then(() => order.push(id)));
      const { readers, waiting } = pool.stats();
      together = 100 - waiting.readers;
      expect(readers.busy).toBe(1);
      await Promise.all(calls);
      expect(order).toEqual(Array.from({ length: 100 }, (_, id) => id));
      idle(pool);
    }
  });

  it("that go on and on do not keep a reader from who wants it alone", async () => {
    const pool = await withTable(1);
    let isOver = false;
    const reading = Array.from({ length: 40 }, async (_, id) => {
      while (!isOver) expect(await short(pool, id)).toEqual([`row ${id}`]);
    });
    for (let i = 0; i < 20; i++) {
      await pool.read(async (conn) => {
        expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([1000]);
        await sleep(1);
        expect(pool.stats().readers.busy).toBe(1);
      });
    }
    isOver = true;
    await Promise.all(reading);
    idle(pool);
  });

  it("see what was written before they were made, whoever else reads", async () => {
    const pool = await withTable(1);
    let isOver = false;
    const reading = Array.from({ length: 20 }, async () => {
      while (!isOver) await pool.fetchone("SELECT count(*), max(id) FROM t");
    });
    for (let count = 1001; count < 1100; count++) {
      await pool.execute("INSERT INTO t (a) VALUES ('new')");
      expect(await pool.fetchone("SELECT count(*) FROM t")).toEqual([count]);
    }
    isOver = true;
    await Promise.all(reading);
  });

  it("behind a long one wait in line, from the front, and go to the reader that gets free", async () => {
    const pool = await withTable(2);
    const held = await pool.connection({ readonly: true });
    const settled: string[] = [];
    const note = (name: string) => () => void settled.push(name);
    const long = pool.fetchone(LONG, [STEPS]).then(note("long"));
    const reads = [1, 2, 3, 4, 5].map((id) => short(pool, id).then(note(`read ${id}`)));
    const alone = pool.read((conn) => conn.fetchone("SELECT 1")).then(note("alone"));
    expect(pool.stats().readers.busy).toBe(2);
    await until(() => pool.stats().waiting.readers === 6);
    const late = short(pool, 6).then(note("late"));
    expect(pool.stats().waiting.readers).toBe(7);
    expect(settled).toEqual([]);
    await held.release();
    await Promise.all([...reads, alone, late]);
    expect(settled).toEqual(["read 1", "read 2", "read 3", "read 4", "read 5", "alone", "late"]);
    await long;
    expect(settled.at(-1)).toBe("long");
    idle(pool);
  });

  it("behind a long one of the only reader are answered when it is over", async () => {
    const pool = await withTable(1);
    for (let round = 0; round < 3; round++) {
      const settled: number[] = [];
      const long = pool.fetchone(LONG, [STEPS / 4]).then(() => settled.push(-1));
      const reads = Array.from({ length: 80 }, (_, id) => short(pool, id).then(() => settled.push(id)));
      await until(() => pool.stats().waiting.readers === 80);
      await Promise.all([long, ...reads]);
      expect(settled).toEqual([-1, ...Array.from({ length: 80 }, (_, id) => id)]);
      idle(pool);
    }
  });

  it("that have been sent back to the line still have only acquireTimeout to wait, all in all", async () => {
    const pool = await withTable(1, { acquireTimeout: 700 });
    let isOver = false;
    const long = pool.fetchone(LONG, [3 * STEPS]).then(() => {
      isOver = true;
    });
    const errors = await Promise.all([1, 2, 3].map((id) => raised(OperationalError, () => short(pool, id))));
    expect(isOver).toBe(false);
    for (const error of errors)
      expect(error).toMatchObject({ code: "POOL_TIMEOUT", outcome: "not-executed" });
    expect(pool.stats()).toMatchObject({ timedOut: 3, waiting: { readers: 0 } });
    await long;
    expect(await short(pool, 4)).toEqual(["row 4"]);
  });

  it("that have been sent back to the line are not refused there, those who come then are", async () => {
    const pool = await withTable(1, { maxQueue: 2 });
    const long = pool.fetchone(LONG, [STEPS]);
    const reads = [1, 2, 3, 4].map((id) => short(pool, id));
    await until(() => pool.stats().waiting.readers === 4);
    const error = await raised(OperationalError, async function aHandler() {
      await short(pool, 5);
    });
    expect(error).toMatchObject({ code: "POOL_QUEUE_FULL", outcome: "not-executed" });
    expect(error.stack).toContain("aHandler");
    await long;
    expect(await Promise.all(reads)).toEqual([["row 1"], ["row 2"], ["row 3"], ["row 4"]]);
    expect(pool.stats()).toMatchObject({ refused: 1, waiting: { readers: 0 } });
  });

  it("with a limit of their own have a reader alone, and can be stopped while they wait", async () => {
    const pool = await withTable(1);
    const long = pool.fetchone(LONG, [STEPS]);
    const controller = new AbortController();
    const stopped = raised(OperationalError, () =>
      pool.fetchone("SELECT 1", [], { signal: controller.signal }),
    );
    expect(pool.stats().waiting.readers).toBe(1);
    controller.abort();
    expect(await stopped).toMatchObject({ code: "SQLITE_INTERRUPT", outcome: "not-executed" });
    await long;
    idle(pool);
  });

  it("that fail do so alone, with the caller's stack", async () => {
    const pool = await withTable(1);
    const wrong = Array.from({ length: 10 }, () =>
      raised(OperationalError, async function someRepository() {
        await pool.fetchone("SELECT abs(-9223372036854775808)");
      }),
    );
    const right = Array.from({ length: 10 }, (_, id) => short(pool, id));
    for (const error of await Promise.all(wrong)) expect(error.stack).toContain("someRepository");
    expect(await Promise.all(right)).toHaveLength(10);
    await raised(ProgrammingError, () => pool.fetchone("SELECT * FROM nowhere"));
    idle(pool);
  });

  it("that lose their worker are told so, and the next ones have another", async () => {
    const pool = await withTable(1);
    const [, worker] = db.workers;
    const calls = [pool.fetchone(LONG, [STEPS]), ...[1, 2, 3].map((id) => short(pool, id))];
    const settled = Promise.allSettled(calls);
    await worker?.terminate();
    for (const result of await settled) {
      // Those that were sent back in time have had the other one.
      if (result.status === "fulfilled") continue;
      expect(result.reason).toBeInstanceOf(OperationalError);
      expect(result.reason).toMatchObject({ outcome: "not-executed" });
    }
    expect((await settled)[0]?.status).toBe("rejected");
    expect(await short(pool, 4)).toEqual(["row 4"]);
    expect(pool.stats()).toMatchObject({ replaced: 1, readers: { total: 1, busy: 0 } });
  });

  it("are waited for by close(), on their way or sent back", async () => {
    const pool = await withTable(1);
    const reads = Array.from({ length: 50 }, (_, id) => short(pool, id));
    await pool.close();
    expect(await Promise.all(reads)).toHaveLength(50);
    const other = await db.pool({ readers: 1 }, db.file("1.db"));
    const late = [other.fetchone(LONG, [STEPS]), ...[1, 2, 3].map((id) => short(other, id))];
    const closing = other.close();
    await raised(ProgrammingError, () => short(other, 4));
    expect(await Promise.all(late)).toEqual([[STEPS], ["row 1"], ["row 2"], ["row 3"]]);
    await closing;
  });

  it("are ended by close() when its time is over, on their way or sent back", async () => {
    const pool = await withTable(1);
    const calls = [pool.fetchone(LONG, [STEPS]), ...Array.from({ length: 40 }, (_, id) => short(pool, id))];
    const settled = Promise.allSettled(calls);
    await until(() => pool.stats().waiting.readers === 40);
    await pool.close({ timeout: 5 });
    for (const { status } of await settled) expect(status).toBe("rejected");
    expect(pool.stats()).toMatchObject({ readers: { busy: 0 }, waiting: { readers: 0 } });
  });

  it("do not begin before the connection is as it was", async () => {
    const pool = await withTable(1);
    const { passed, open } = gate();
    const lent = await pool.connection({ readonly: true });
    lent.textFactory = "buffer";
    const reads = [1, 2, 3].map((id) => short(pool, id));
    const holding = passed.then(() => lent.release());
    open();
    expect(await Promise.all(reads)).toEqual([["row 1"], ["row 2"], ["row 3"]]);
    await holding;
  });
});
