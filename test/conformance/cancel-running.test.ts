/**
 * Calls that are ended while SQLite is at work on them, outside of transactions: what the caller is told, what becomes of the
 * worker, and what the next one knows. Reading page by page is cancel-reading.test.ts, transactions cancel-transaction.test.ts.
 */
import { describe, expect, it } from "vitest";
import { OperationalError, ProgrammingError } from "../../src/aio.ts";
import { BUSY, block, interruptedBy, outcomes, STUCK, Stage, turns } from "./cancelling.ts";
import { promised, raised } from "./quadrants.ts";

promised("a call that runs", (db) => {
  const stage = new Stage(db);

  it.each([
    ["a function", STUCK],
    ["SQLite itself", BUSY],
  ])("a read of a file is rejected at once, while the worker is busy with %s", async (_name, sql) => {
    const conn = await stage.open();
    const reason = new RangeError("enough");
    const signal = stage.abortedOnceBegun(reason);
    let before = 0;
    // The rejection comes with the signal: no timer is waited for, and nobody else has been started.
    signal.addEventListener("abort", () => setImmediate(() => before++));
    const error = await interruptedBy("not-executed", () => conn.fetchone(sql, [], { signal }));
    expect([before, stage.workers.length, stage.ended.size]).toEqual([0, 1, 0]);
    expect(error.message).toBe("interrupted: the signal is aborted");
    expect(error.cause).toBe(reason);
    expect(await conn.fetchone("SELECT 2")).toEqual([2]);
    expect(stage.workers.length).toBe(2);
  });

  it("the error has the caller's stack, and a time limit ends it as a signal does", async () => {
    const conn = await stage.open();
    async function report(): Promise<unknown> {
      return await conn.execute(STUCK, [], { timeout: 60 }).fetchall();
    }
    const error = await interruptedBy("not-executed", report);
    expect(error.stack).toContain("report");
    expect(error.cause).toMatchObject({ name: "TimeoutError" });
    expect(await conn.fetchone("SELECT 2")).toEqual([2]);
  });

  it("calls that had not begun are sent again, in their order, and each is made once", async () => {
    const conn = await stage.open();
    conn.isolationLevel = null;
    const stopped = conn.fetchone(STUCK, [], { signal: stage.abortedOnceBegun() });
    const behind = Array.from({ length: 20 }, (_, i) => conn.execute("INSERT INTO t VALUES (?)", [i]));
    const reading = conn.fetchone("SELECT count(*) FROM t");
    expect(await outcomes([stopped, ...behind])).toEqual(["not-executed", ...Array(20).fill("fulfilled")]);
    expect(await reading).toEqual([20]);
    const all = await conn.fetchall("SELECT a FROM t ORDER BY rowid");
    expect(all.flat()).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(stage.workers.length).toBe(2);
  });

  it("the next worker knows functions, aggregates, windows and the trace, as they were last", async () => {
    const conn = await stage.open();
    const traced: string[] = [];
    class Sum {
      sum = 0;
      step(value: number) {
        this.sum += value;
      }
      inverse(value: number) {
        this.sum -= value;
      }
      value() {
        return this.sum;
      }
      finalize() {
        return this.sum;
      }
    }
    await conn.createFunction("f", 1, () => "old");
    await conn.createFunction("F", 1, (value: number) => value * 2, { deterministic: true });
    await conn.createFunction("f", 2, (a: number, b: number) => a * b);
    await conn.createAggregate("total2", 1, Sum);
    await conn.createWindowFunction("running", 1, Sum);
    await conn.setTraceCallback((sql) => void traced.push(sql));
    await interruptedBy("not-executed", () => conn.fetchone(STUCK, [], { signal: stage.abortedOnceBegun() }));
    expect(await conn.fetchone("SELECT f(21), f(6, 7)")).toEqual([42, 42]);
    const values = "(SELECT column1 AS a FROM (VALUES (1), (2), (3)))";
    expect(await conn.fetchone(`SELECT total2(a) FROM ${values}`)).toEqual([6]);
    const windows = await conn.fetchall(`SELECT running(a) OVER (ORDER BY a) FROM ${values}`);
    expect(windows).toEqual([[1], [3], [6]]);
    await conn.execute("CREATE INDEX i ON t (f(a))");
    expect(traced).toContain("SELECT f(21), f(6, 7)");
    expect(stage.workers.length).toBe(2);
  });

  it("a trace that was taken away does not come back", async () => {
    const conn = await stage.open();
    const traced: string[] = [];
    await conn.setTraceCallback((sql) => void traced.push(sql));
    await conn.setTraceCallback(null);
    await interruptedBy("not-executed", () => conn.fetchone(STUCK, [], { signal: stage.abortedOnceBegun() }));
    await conn.fetchone("SELECT 1");
    expect(traced).toEqual([]);
  });

  it("temporary tables, ATTACH and PRAGMAs are gone", async () => {
    const conn = await stage.open();
    await conn.execute("ATTACH ? AS other", [db.file("other.db")]);
    await conn.executescript("CREATE TEMP TABLE mine (a); PRAGMA recursive_triggers = ON");
    await interruptedBy("not-executed", () => conn.fetchone(STUCK, [], { signal: stage.abortedOnceBegun() }));
    await raised(ProgrammingError, () => conn.fetchall("SELECT * FROM mine"));
    expect(await conn.fetchall("SELECT name FROM pragma_database_list")).toEqual([["main"]]);
    expect(await conn.fetchone("PRAGMA recursive_triggers")).toEqual([0]);
  });

  it("a write that nothing can undo any more is unknown, and the message says what is gone", async () => {
    const conn = await stage.open();
    conn.isolationLevel = null;
    const signal = stage.abortedOnceBegun();
    const error = await interruptedBy("unknown", () =>
      conn.execute(`INSERT INTO t ${STUCK}`, [], { signal }),
    );
    expect(error.message).toBe(
      "interrupted: the signal is aborted: the connection has been opened again in another worker, " +
        "without its temporary tables, attached databases and PRAGMAs",
    );
    const [count] = (await conn.fetchone("SELECT count(*) FROM t")) as [number];
    expect([0, 1]).toContain(count);
    await conn.execute("INSERT INTO t VALUES (2)");
  });

  it("a write that is done within the grace is told as done", async () => {
    const conn = await stage.open();
    const controller = new AbortController();
    stage.onBegun(() => {
      controller.abort();
      // The worker has its answer then; when this thread looks again, both the grace is over and the work is done.
      queueMicrotask(() => block(400));
    });
    const cursor = await conn.execute("INSERT INTO t SELECT begun()", [], { signal: controller.signal });
    expect(cursor.rowcount).toBe(1);
    await conn.commit();
    await turns(3);
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([[1]]);
    expect(stage.workers.length).toBe(1);
  });

  it("a read that is done by then was ended all the same, and costs nobody a worker", async () => {
    const conn = await stage.open(":memory:");
    const controller = new AbortController();
    stage.onBegun(() => {
      controller.abort();
      queueMicrotask(() => block(400));
    });
    const reading = conn.fetchone("SELECT begun()", [], { signal: controller.signal });
    await interruptedBy("not-executed", () => reading);
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([]);
    expect(stage.workers.length).toBe(1);
  });

  it("the worker that was left to itself ends with the statement", async () => {
    const conn = await stage.open();
    const [worker] = stage.workers;
    await interruptedBy("not-executed", () => conn.fetchone(BUSY, [], { signal: stage.abortedOnceBegun() }));
    await new Promise((resolve) => worker?.once("exit", resolve));
    expect(await conn.fetchone("SELECT 2")).toEqual([2]);
  });

  it("close() behind it closes, and a closed connection stays closed", async () => {
    const conn = await stage.open();
    const stopped = conn.fetchone(STUCK, [], { signal: stage.abortedOnceBegun() });
    const closing = conn.close();
    await interruptedBy("not-executed", () => stopped);
    await closing;
    await raised(ProgrammingError, () => conn.fetchone("SELECT 1"));
    const last = stage.workers.at(-1);
    if (last !== undefined && !stage.ended.has(last))
      await new Promise((resolve) => last.once("exit", resolve));
  });

  describe("in memory", () => {
    it("is lost with its worker, and says so from then on", async () => {
      const conn = await stage.open(":memory:");
      await conn.execute("INSERT INTO t VALUES (1)");
      await conn.commit();
      const signal = stage.abortedOnceBegun();
      const stopped = conn.fetchone(STUCK, [], { signal });
      const behind = conn.fetchone("SELECT * FROM t");
      const lost = "the in-memory database is lost with the worker that was still busy";
      const error = await interruptedBy("not-executed", () => stopped);
      expect(error.message).toBe(`interrupted: the signal is aborted: ${lost}`);
      for (const late of [() => behind, () => conn.fetchone("SELECT 1"), () => conn.rollback()]) {
        const refusal = await raised(OperationalError, late);
        expect([refusal.message, refusal.outcome]).toEqual([lost, "rolled-back"]);
      }
      expect([conn.inTransaction, stage.workers.length]).toEqual([false, 1]);
      await conn.close();
      await raised(ProgrammingError, () => conn.fetchone("SELECT 1"));
    });

    it("so is what deserialize() has made", async () => {
      const conn = await stage.open();
      await conn.deserialize(await conn.serialize());
      await interruptedBy("not-executed", () =>
        conn.fetchone(STUCK, [], { signal: stage.abortedOnceBegun() }),
      );
      const error = await raised(OperationalError, () => conn.fetchone("SELECT 1"));
      expect(error.message).toContain("in-memory database is lost");
    });
  });
});
