/**
 * Short reads that share a reader: they are on their way together, and none has to wait for a long one while another reader is
 * free, nor longer than it may.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import {
  type AsyncConnection,
  OperationalError,
  type Pool,
  type PooledConnection,
  ProgrammingError,
} from "../../src/aio.ts";
import { gate, pools, until } from "./pools.ts";
import { raised } from "./quadrants.ts";

pools("short reads of a pool", (db) => {
  /** What a long query waits for. */
  let longs = gate();
  async function withTable(readers: number, options: object = {}): Promise<Pool> {
    longs = gate();
    const setup = (conn: AsyncConnection) =>
      conn.createFunction("later", 0, () => longs.passed.then(() => 5));
    const pool = await db.pool({ readers, setup, ...options }, db.file(`${readers}.db`));
    await pool.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a)");
    await pool.executemany(
      "INSERT INTO t VALUES (?, ?)",
      Array.from({ length: 1000 }, (_, id) => [id, `row ${id}`]),
    );
    // The readers are open, and the pool knows the statements.
    const all = await Promise.all(Array.from({ length: readers }, () => reader(pool)));
    await Promise.all(all.map((each) => each.release()));
    longs.open();
    expect(await long(pool)).toEqual([5]);
    longs = gate();
    await short(pool, 0);
    return pool;
  }
  const short = (pool: Pool, id: number) => pool.fetchone("SELECT a FROM t WHERE id = ?", [id]);
  /** Goes on until `longs` is opened. */
  const long = (pool: Pool) => pool.fetchone("SELECT later()");
  /** A busy machine may take longer to open one than the pool waits. */
  const reader = (pool: Pool): Promise<PooledConnection> =>
    pool.connection({ readonly: true }).catch(() => reader(pool));
  const idle = (pool: Pool) =>
    expect(pool.stats()).toMatchObject({
      readers: { busy: 0 },
      waiting: { readers: 0, writer: 0 },
      replaced: 0,
      refused: 0,
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
    const last = long(pool).then(note("long"));
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
    longs.open();
    await last;
    expect(settled.at(-1)).toBe("long");
    idle(pool);
  });

  it("behind a long one of the only reader are answered when it is over", async () => {
    const pool = await withTable(1);
    for (let round = 0; round < 3; round++) {
      const settled: number[] = [];
      longs = gate();
      const first = long(pool).then(() => settled.push(-1));
      const reads = Array.from({ length: 80 }, (_, id) => short(pool, id).then(() => settled.push(id)));
      await until(() => pool.stats().waiting.readers === 80);
      expect(settled).toEqual([]);
      longs.open();
      await Promise.all([first, ...reads]);
      expect(settled).toEqual([-1, ...Array.from({ length: 80 }, (_, id) => id)]);
      idle(pool);
    }
  });

  it("that have been sent back to the line still have only acquireTimeout to wait, all in all", async () => {
    const pool = await withTable(1, { acquireTimeout: 100 });
    const { timedOut } = pool.stats();
    const holding = long(pool);
    const errors = await Promise.all([1, 2, 3].map((id) => raised(OperationalError, () => short(pool, id))));
    for (const error of errors)
      expect(error).toMatchObject({ code: "POOL_TIMEOUT", outcome: "not-executed" });
    expect(pool.stats()).toMatchObject({
      timedOut: timedOut + 3,
      waiting: { readers: 0 },
      readers: { busy: 1 },
    });
    longs.open();
    expect(await holding).toEqual([5]);
    expect(await short(pool, 4)).toEqual(["row 4"]);
  });

  it("that have been sent back to the line are not refused there, those who come then are", async () => {
    const pool = await withTable(1, { maxQueue: 2 });
    const holding = long(pool);
    const reads = [1, 2, 3, 4].map((id) => short(pool, id));
    await until(() => pool.stats().waiting.readers === 4);
    const error = await raised(OperationalError, async function aHandler() {
      await short(pool, 5);
    });
    expect(error).toMatchObject({ code: "POOL_QUEUE_FULL", outcome: "not-executed" });
    expect(error.stack).toContain("aHandler");
    longs.open();
    await holding;
    expect(await Promise.all(reads)).toEqual([["row 1"], ["row 2"], ["row 3"], ["row 4"]]);
    expect(pool.stats()).toMatchObject({ refused: 1, waiting: { readers: 0 } });
  });

  it("with a limit of their own have a reader alone, and can be stopped while they wait", async () => {
    const pool = await withTable(1);
    const holding = long(pool);
    const controller = new AbortController();
    const stopped = raised(OperationalError, () =>
      pool.fetchone("SELECT 1", [], { signal: controller.signal }),
    );
    expect(pool.stats().waiting.readers).toBe(1);
    controller.abort();
    expect(await stopped).toMatchObject({ code: "SQLITE_INTERRUPT", outcome: "not-executed" });
    longs.open();
    await holding;
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
    const calls = [long(pool), ...[1, 2, 3].map((id) => short(pool, id))];
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
    const other = await withTable(2);
    const late = [long(other), ...[1, 2, 3].map((id) => short(other, id))];
    const closing = other.close();
    await raised(ProgrammingError, () => short(other, 4));
    longs.open();
    expect(await Promise.all(late)).toEqual([[5], ["row 1"], ["row 2"], ["row 3"]]);
    await closing;
  });

  it("are ended by close() when its time is over, on their way or sent back", async () => {
    const pool = await withTable(1);
    const calls = [long(pool), ...Array.from({ length: 40 }, (_, id) => short(pool, id))];
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
