/**
 * Calls that are ended while they wait for their turn, the limits that may be given, and what limits leave behind. Calls
 * that are running are cancel-running.test.ts.
 */
import { getEventListeners } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { InterfaceError, OperationalError, ProgrammingError } from "../../src/aio.ts";
import { CEASELESS, interruptedBy, outcomes, Stage, turns } from "./cancelling.ts";
import { type AnyConnection, collect, promised, raised } from "./quadrants.ts";

interface Limits {
  readonly signal?: AbortSignal;
  readonly timeout?: number;
}

/** Every method that can be ended. */
const calls: readonly (readonly [string, (conn: AnyConnection, limits: Limits) => Promise<unknown>])[] = [
  ["execute", (conn, limits) => conn.execute("INSERT INTO t VALUES (1)", [], limits)],
  ["executemany", (conn, limits) => conn.executemany("INSERT INTO t VALUES (?)", [[1]], limits)],
  ["executescript", (conn, limits) => conn.executescript("INSERT INTO t VALUES (1)", limits)],
  ["fetchall", (conn, limits) => conn.fetchall("INSERT INTO t VALUES (1) RETURNING a", [], limits)],
  ["fetchone", (conn, limits) => conn.fetchone("INSERT INTO t VALUES (1) RETURNING a", [], limits)],
  ["cursor.execute", (conn, limits) => conn.cursor().execute("INSERT INTO t VALUES (1)", [], limits)],
  [
    "cursor.executemany",
    (conn, limits) => conn.cursor().executemany("INSERT INTO t VALUES (?)", [[1]], limits),
  ],
  ["cursor.executescript", (conn, limits) => conn.cursor().executescript("INSERT INTO t VALUES (1)", limits)],
  ["cursor.fetchmany", (conn, limits) => conn.cursor().fetchmany(1, limits)],
  ["cursor.close", (conn, limits) => conn.cursor().close(limits)],
  ["execution.fetchone", (conn, limits) => conn.execute("SELECT 1").fetchone(limits)],
  ["execution.fetchmany", (conn, limits) => conn.execute("SELECT 1").fetchmany(1, limits)],
  ["execution.fetchall", (conn, limits) => conn.execute("SELECT 1").fetchall(limits)],
  ["commit", (conn, limits) => conn.commit(limits)],
  ["rollback", (conn, limits) => conn.rollback(limits)],
  ["transaction", (conn, limits) => conn.transaction((tx) => tx.execute("DELETE FROM t"), limits)],
  ["createFunction", (conn, limits) => conn.createFunction("f", 0, () => 1, limits)],
  [
    "createAggregate",
    (conn, limits) =>
      conn.createAggregate(
        "f",
        0,
        class {
          step() {}
          finalize() {}
        },
        limits,
      ),
  ],
  ["setTraceCallback", (conn, limits) => conn.setTraceCallback(() => {}, limits)],
  ["serialize", (conn, limits) => conn.serialize(limits)],
  ["deserialize", (conn, limits) => conn.deserialize(new Uint8Array(512), limits)],
  ["iterdump", (conn, limits) => collect(conn.iterdump(limits))],
  ["backup", (conn, limits) => conn.backup("never.db", limits)],
  ["close", (conn, limits) => conn.close(limits)],
];

promised("calls that wait", (db) => {
  const stage = new Stage(db);

  let letGo = () => {};
  afterEach(() => letGo());
  /** Holds the connection until it is let go. */
  function hold(conn: AnyConnection): Promise<unknown> {
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    return conn.transaction(() => held);
  }

  it.each(calls)("%s is dropped by a signal, and by its time, and does nothing", async (_name, call) => {
    const conn = await stage.open();
    const controller = new AbortController();
    const reason = new RangeError("enough");
    const over = hold(conn);
    const dropped = interruptedBy("not-executed", () => call(conn, { signal: controller.signal }));
    const late = await interruptedBy("not-executed", () => call(conn, { timeout: 5 }));
    expect(late.message).toBe("interrupted: the call has taken more than 5 ms");
    expect(late.cause).toBeInstanceOf(DOMException);
    expect(late.cause).toMatchObject({ name: "TimeoutError" });
    controller.abort(reason);
    const error = await dropped;
    expect(error.message).toBe("interrupted: the signal is aborted");
    expect(error.cause).toBe(reason);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    letGo();
    await over;
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([]);
    await raised(ProgrammingError, () => conn.fetchone("SELECT f()"));
    expect([conn.inTransaction, stage.workers.length]).toEqual([false, 1]);
  });

  it.each(calls)("%s is not made with an aborted signal, nor with wrong limits", async (_name, call) => {
    const conn = await stage.open();
    const signal = AbortSignal.abort("before");
    const error = await interruptedBy("not-executed", () => call(conn, { signal }));
    expect(error.cause).toBe("before");
    expect(getEventListeners(signal, "abort")).toEqual([]);
    for (const timeout of [0, -1, Number.NaN, "5", {}, 1.5, 2 ** 31, Number.POSITIVE_INFINITY, null]) {
      const wrong = await raised(InterfaceError, () => call(conn, { timeout } as never));
      expect(wrong.message).toContain("timeout");
    }
    for (const other of [null, {}, "abort", new AbortController(), new EventTarget()]) {
      const wrong = await raised(InterfaceError, () => call(conn, { signal: other } as never));
      expect(wrong.message).toBe("signal must be an AbortSignal");
    }
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([]);
    expect(conn.inTransaction).toBe(false);
  });

  it("limits that are undefined are none", async () => {
    const conn = await stage.open();
    const none = { signal: undefined, timeout: undefined } as never;
    expect(await conn.fetchone("SELECT 1", [], none)).toEqual([1]);
    expect(await conn.execute("SELECT 1", [], none).fetchall(none)).toEqual([[1]]);
    expect(await conn.transaction(() => 1, none)).toBe(1);
  });

  it("one that is dropped leaves the order of the others as it was", async () => {
    const conn = await stage.open();
    const controller = new AbortController();
    const over = hold(conn);
    const insert = (a: number, limits?: Limits) => conn.execute("INSERT INTO t VALUES (?)", [a], limits);
    const made = [insert(1), insert(2, { signal: controller.signal }), insert(3), conn.commit()];
    const script = conn.executescript("SELECT 1", { signal: controller.signal });
    const after = insert(4);
    controller.abort();
    letGo();
    expect(await outcomes([over, ...made, script, after])).toEqual([
      "fulfilled",
      "fulfilled",
      "not-executed",
      "fulfilled",
      "fulfilled",
      "not-executed",
      "fulfilled",
    ]);
    expect(await conn.fetchall("SELECT a FROM t ORDER BY rowid")).toEqual([[1], [3], [4]]);
  });

  it("one of the same tick is dropped before it is sent", async () => {
    const conn = await stage.open();
    const controller = new AbortController();
    const writing = conn.execute("INSERT INTO t VALUES (1)", [], { signal: controller.signal });
    controller.abort();
    await interruptedBy("not-executed", () => writing);
    expect([conn.inTransaction, await conn.fetchall("SELECT * FROM t")]).toEqual([false, []]);
  });

  it("those that have been sent, behind one that runs, are dropped too", async () => {
    const conn = await stage.open();
    const controller = new AbortController();
    stage.onBegun(() => setImmediate(() => controller.abort()));
    const running = conn.fetchone(
      "WITH RECURSIVE n(i) AS (SELECT begun() UNION ALL SELECT i + 1 FROM n LIMIT 300000) SELECT count(*) FROM n",
    );
    const behind = conn.execute("INSERT INTO t VALUES (1)", [], { signal: controller.signal });
    const last = conn.fetchone("SELECT 2");
    await interruptedBy("not-executed", () => behind);
    expect([await running, await last]).toEqual([[300_000], [2]]);
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([]);
    expect([conn.inTransaction, stage.workers.length]).toEqual([false, 1]);
  });

  describe("what limits leave behind", () => {
    it("the same signal in 100 calls at once warns of nothing and keeps no listener", async () => {
      const conn = await stage.open();
      const { signal } = new AbortController();
      const warnings: unknown[] = [];
      const note = (warning: unknown) => void warnings.push(warning);
      process.on("warning", note);
      try {
        const limits = { signal, timeout: 60_000 };
        const reading = Array.from({ length: 100 }, (_, i) => conn.fetchone("SELECT ?", [i], limits));
        expect(await Promise.all(reading)).toHaveLength(100);
        for (let i = 0; i < 100; i++) await conn.execute("SELECT 1", [], limits).fetchall(limits);
        for await (const row of conn.execute(`${CEASELESS} LIMIT 1000`, [], limits))
          expect(row).toHaveLength(1);
        await conn.transaction(async (tx) => {
          for (let i = 0; i < 20; i++) await tx.fetchone("SELECT 1", [], limits);
        }, limits);
        await conn.executemany("INSERT INTO t VALUES (?)", [[1]], limits);
        await raised(Error, () => conn.execute("SELEC", [], limits));
        await turns(3);
      } finally {
        process.off("warning", note);
      }
      expect(warnings).toEqual([]);
      expect(getEventListeners(signal, "abort")).toEqual([]);
    });

    it("an execution that is over takes no new listener", async () => {
      const conn = await stage.open();
      const execution = conn.execute("SELECT 1", [], { signal: AbortSignal.abort() });
      await raised(OperationalError, () => execution);
      const { signal } = new AbortController();
      await raised(OperationalError, () => execution.fetchall({ signal, timeout: 60_000 }));
      expect(getEventListeners(signal, "abort")).toEqual([]);
    });

    it("a fetch whose limits are wrong leaves no rejection that nobody handles", async () => {
      const conn = await stage.open();
      const unhandled: unknown[] = [];
      const note = (error: unknown) => void unhandled.push(error);
      process.on("unhandledRejection", note);
      try {
        await raised(InterfaceError, () => conn.execute("SELEC").fetchall({ timeout: 0 }));
        await conn.fetchone("SELECT 1");
        await turns(5);
      } finally {
        process.off("unhandledRejection", note);
      }
      expect(unhandled).toEqual([]);
    });

    it("no timer keeps the process alive when the call is over", async () => {
      const answer = await db.secondProcess(
        `const conn = await connect(args[0]);
         const limits = { timeout: 2_000_000, signal: new AbortController().signal };
         await conn.execute("CREATE TABLE t (a)", [], limits);
         await conn.execute("SELECT 1", [], limits).fetchall(limits);
         await conn.transaction((tx) => tx.fetchone("SELECT 1", [], limits), limits);
         await conn.executemany("INSERT INTO t VALUES (?)", [[1]], limits);
         await conn.execute("SELEC", [], limits).catch(() => {});
         const dropped = conn.execute("SELECT 1", [], { timeout: 2_000_000, signal: AbortSignal.abort() });
         await dropped.catch(() => {});
         await dropped.fetchall(limits).catch(() => {});
         for await (const row of conn.execute("SELECT 1", [], limits)) break;
         globalThis.kept = conn;
         return process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;`,
        [db.file()],
      );
      expect(answer).toBe(0);
    });
  });
});
