/**
 * `executemany`, scripts, user functions and backups that are ended: how far they came, and what is waited for.
 */
import { expect, it } from "vitest";
import { OperationalError, ProgrammingError } from "../../src/aio.ts";
import { interruptedBy, STUCK, Stage, turns } from "./cancelling.ts";
import { promised, raised } from "./quadrants.ts";

promised("work of many steps that is ended", (db) => {
  const stage = new Stage(db);
  const INSERT = "INSERT INTO t VALUES (?)";

  it("sets that do not come are waited for no longer; those that came are applied and counted", async () => {
    const conn = await stage.open();
    let isEnded = false;
    let isReturned = false;
    async function* stalled() {
      try {
        for (let i = 0; i < 700; i++) yield [i];
        await new Promise(() => {});
      } finally {
        isEnded = true;
      }
    }
    const sets = stalled();
    const end = sets.return.bind(sets);
    sets.return = (value) => {
      isReturned = true;
      return end(value);
    };
    const error = await interruptedBy(undefined, () => conn.executemany(INSERT, sets, { timeout: 300 }));
    expect(error.index).toBe(700);
    expect(error.cause).toMatchObject({ name: "TimeoutError" });
    expect([isReturned, isEnded, conn.inTransaction]).toEqual([true, false, true]);
    expect(await conn.fetchone("SELECT count(*), max(a) FROM t")).toEqual([700, 699]);
    await conn.commit();
  });

  it("a source that ends when it is told to gets to its finally", async () => {
    const conn = await stage.open();
    const controller = new AbortController();
    let isEnded = false;
    async function* endless() {
      try {
        for (let i = 0; ; i++) {
          if (i === 1000) controller.abort();
          await turns(i % 100 === 0 ? 1 : 0);
          yield [i];
        }
      } finally {
        isEnded = true;
      }
    }
    const { signal } = controller;
    const error = await interruptedBy(undefined, () => conn.executemany(INSERT, endless(), { signal }));
    const [count] = (await conn.fetchone("SELECT count(*) FROM t")) as [number];
    await turns(5);
    expect(error.index).toBe(count);
    expect([count >= 258, count <= 1001, isEnded]).toEqual([true, true, true]);
  });

  it("a source that fails when it is told to end is no rejection that nobody handles", async () => {
    const conn = await stage.open();
    const sets = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return: async () => {
          throw new Error("not now");
        },
      }),
    };
    await interruptedBy(undefined, () => conn.executemany(INSERT, sets, { timeout: 300 }));
    await turns(5);
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([]);
  });

  it("sets that never end, from a plain iterable, are ended between two chunks", async () => {
    const conn = await stage.open();
    const controller = new AbortController();
    function* endless() {
      for (let i = 0; ; i++) yield [i];
    }
    let done = 0;
    const onProgress = (count: number) => {
      done = count;
      if (count >= 2000) controller.abort();
    };
    const { signal } = controller;
    const error = await interruptedBy(undefined, () =>
      conn.executemany(INSERT, endless(), { signal, onProgress }),
    );
    expect(error.index).toBe(done);
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([done]);
    expect(stage.workers.length).toBe(1);
  });

  it("in autocommit what was applied stays, and the outcome is unknown to say so", async () => {
    const conn = await stage.open();
    conn.isolationLevel = null;
    const controller = new AbortController();
    function* endless() {
      for (let i = 0; ; i++) yield [i];
    }
    const onProgress = (count: number) => {
      if (count >= 1000) controller.abort();
    };
    const { signal } = controller;
    const error = await interruptedBy("unknown", () =>
      conn.executemany(INSERT, endless(), { signal, onProgress }),
    );
    expect(error.index).toBeGreaterThanOrEqual(1000);
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([error.index]);
  });

  it("a chunk that hangs takes the open transaction with it", async () => {
    const conn = await stage.open();
    const signal = stage.abortedOnceBegun();
    const sql = "INSERT INTO t SELECT CASE ? WHEN 1 THEN begun() + stuck() END";
    const error = await interruptedBy("rolled-back", () =>
      conn.executemany(sql, [[0], [1], [2]], { signal }),
    );
    expect(error.index).toBe(0);
    await raised(OperationalError, () => conn.execute("SELECT 1"));
    await conn.rollback();
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([]);
  });

  it("in transaction(fn) stalled sets end with it", async () => {
    const conn = await stage.open();
    async function* stalled() {
      yield [1];
      await new Promise(() => {});
    }
    const ended = conn.transaction((tx) => tx.executemany(INSERT, stalled()), { timeout: 50 });
    await interruptedBy("rolled-back", () => ended);
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([]);
    expect(stage.workers.length).toBe(1);
  });

  it("a query that calls a function of the caller's is ended at its next call, in every way to run it", async () => {
    const conn = await stage.open(":memory:");
    let controller = new AbortController();
    let count = 0;
    await conn.createFunction("f", 1, (value: number) => {
      if (++count === 500) controller.abort();
      return value;
    });
    const rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT f(i) FROM n";
    const ways: readonly (readonly [string, (limits: { signal: AbortSignal }) => unknown])[] = [
      ["fetchall", (limits) => conn.fetchall(rows, [], limits)],
      ["execution.fetchall", (limits) => conn.execute(rows, [], limits).fetchall()],
      ["write", (limits) => conn.execute(`INSERT INTO t ${rows}`, [], limits)],
      [
        "executemany",
        (limits) => conn.executemany(`INSERT INTO t SELECT * FROM (${rows}) WHERE ?`, [[1]], limits),
      ],
      ["executescript", (limits) => conn.executescript(`SELECT 1; INSERT INTO t ${rows};`, limits)],
      ["transaction", (limits) => conn.transaction((tx) => tx.execute(`INSERT INTO t ${rows}`), limits)],
    ];
    for (const [name, way] of ways) {
      controller = new AbortController();
      count = 0;
      const error = await raised(OperationalError, () => way({ signal: controller.signal }));
      expect([name, error.code, error.cause]).toEqual([name, "SQLITE_INTERRUPT", controller.signal.reason]);
      expect([name, count]).toEqual([name, 500]);
      await conn.rollback();
    }
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([]);
    expect(stage.workers.length).toBe(1);
  });

  it("a function whose promise never comes is waited for no longer", async () => {
    const conn = await stage.open(":memory:");
    await conn.createFunction("never", 0, () => new Promise(() => {}));
    await interruptedBy("not-executed", () => conn.fetchone("SELECT never()", [], { timeout: 30 }));
    await interruptedBy("not-executed", () =>
      conn.execute("INSERT INTO t SELECT never()", [], { timeout: 30 }),
    );
    await interruptedBy("rolled-back", () =>
      conn.transaction((tx) => tx.fetchone("SELECT never()"), { timeout: 30 }),
    ).catch(() => {});
    await conn.rollback();
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([0]);
    expect(stage.workers.length).toBe(1);
  });

  it("a script in a statement that hangs", async () => {
    const conn = await stage.open();
    conn.isolationLevel = null;
    const signal = stage.abortedOnceBegun();
    const script = `INSERT INTO t VALUES (1); ${STUCK}; INSERT INTO t VALUES (2);`;
    await interruptedBy("unknown", () => conn.executescript(script, { signal }));
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([[1]]);
  });

  it("a backup ends between two steps, and the connection stays as it is", async () => {
    const conn = await stage.open(":memory:");
    await conn.executemany(
      INSERT,
      Array.from({ length: 100 }, () => ["x".repeat(4000)]),
    );
    await conn.commit();
    const controller = new AbortController();
    const left: number[] = [];
    const progress = (_status: number, remaining: number) => {
      if (left.push(remaining) === 3) controller.abort("enough");
    };
    const { signal } = controller;
    const copying = conn.backup(db.file("copy.db"), { pages: 1, progress, signal });
    const error = await interruptedBy("not-executed", () => copying);
    expect(error.cause).toBe("enough");
    const told = left.length;
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([100]);
    await conn.backup(db.file("other.db"), { pages: 10 });
    expect([left.length - told, stage.workers.length]).toEqual([0, 1]);
    const copy = await db.connect(db.file("other.db"));
    expect(await copy.fetchone("SELECT count(*) FROM t")).toEqual([100]);
  });

  it("sets that use the connection after the end are refused still", async () => {
    const conn = await stage.open();
    let goOn = () => {};
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let late: Promise<unknown> = Promise.resolve();
    async function* using() {
      yield [1];
      late = gate.then(() => raised(ProgrammingError, () => conn.fetchone("SELECT 1")));
      await late;
    }
    await interruptedBy(undefined, () => conn.executemany(INSERT, using(), { timeout: 30 }));
    goOn();
    await late;
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([[1]]);
  });
});
