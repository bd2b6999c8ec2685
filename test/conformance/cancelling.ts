/**
 * What the tests of cancelling share: statements that keep a worker busy, the moment at which SQLite has begun one, and the
 * workers there were. Not a test file.
 */
import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect } from "vitest";
import { OperationalError } from "../../src/aio.ts";
import { type AnyConnection, type Fixture, raised } from "./quadrants.ts";

/** A query without an end. */
export const CEASELESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";

/** Keeps the worker busy until it is abandoned, and says when it has begun; its end is never seen. */
export const STUCK = "SELECT begun() + stuck()";

/** The same in SQLite's own code, which nothing ends: a second or so, far longer than any grace. */
export const BUSY =
  "WITH RECURSIVE n(i) AS (SELECT begun() UNION ALL SELECT i + 1 FROM n LIMIT 3000000) SELECT count(*) FROM n";

/** A function that runs in the worker, without using the processor. */
const stuck = `data:text/javascript,${encodeURIComponent(
  "export default () => (Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40_000), 1);",
)}`;

/** Turns of the event loop. */
export async function turns(count = 1): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** Holds this thread, and nobody else. */
export function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** One connection, and what happens in it. */
export class Stage {
  readonly #db: Fixture;
  /** Workers that were started, in order. */
  workers: Worker[] = [];
  /** Those that have ended. */
  ended = new Set<Worker>();
  #onBegun: (() => void) | null = null;
  readonly #note = (worker: Worker) => {
    // One of an earlier test ends in the sets of that test.
    const { ended } = this;
    this.workers.push(worker);
    worker.once("exit", () => ended.add(worker));
  };

  constructor(db: Fixture) {
    this.#db = db;
    beforeEach(() => void process.on("worker", this.#note));
    afterEach(() => {
      process.off("worker", this.#note);
      this.workers = [];
      this.ended = new Set();
    });
  }

  /** A connection to a file with a table `t (a)`, which knows `begun()` and `stuck()`. */
  async open(database = this.#db.file()): Promise<AnyConnection> {
    const conn = await this.#db.connect(database);
    await conn.createFunction("begun", 0, () => {
      const act = this.#onBegun;
      this.#onBegun = null;
      act?.();
      return 1;
    });
    await conn.createFunction("stuck", 0, { module: stuck });
    await conn.execute("CREATE TABLE IF NOT EXISTS t (a)");
    return conn;
  }

  /** Does something from inside the next `begun()`. */
  onBegun(act: () => void): void {
    this.#onBegun = act;
  }

  /** A signal that is aborted when SQLite is in the middle of the statement that calls `begun()`. */
  abortedOnceBegun(reason?: unknown): AbortSignal {
    const controller = new AbortController();
    // Only when the answer of begun() is on its way, so that nothing waits for this thread.
    this.onBegun(() => setImmediate(() => controller.abort(reason)));
    return controller.signal;
  }
}

/** What a call that was ended rejects with. */
export async function interruptedBy(
  outcome: string | undefined,
  work: () => unknown,
): Promise<OperationalError> {
  const error = await raised(OperationalError, work);
  expect(error).toMatchObject({
    code: "SQLITE_INTERRUPT",
    sqliteErrorname: "SQLITE_INTERRUPT",
    sqliteErrorcode: 9,
  });
  expect(error.outcome, error.message).toBe(outcome);
  return error;
}

/** What became of calls: `"fulfilled"`, or the outcome of the error. */
export async function outcomes(calls: readonly PromiseLike<unknown>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(calls);
  return settled.map((one) => (one.status === "fulfilled" ? one.status : one.reason.outcome));
}
