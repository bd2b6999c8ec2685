/**
 * What tests of the pool open pools with: each in its test's own directory, closed after the test whatever it has left behind.
 */
import type { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll } from "vitest";
import { createPool, type Pool, type PoolOptions, type SqlValue } from "../../src/aio.ts";
import { type Fixture, promised } from "./quadrants.ts";

export interface PoolFixture extends Fixture {
  /** Makes a pool on the test's own file unless told. */
  pool<T = SqlValue[]>(options?: PoolOptions<T>, database?: string | URL): Promise<Pool<T>>;
  /** The workers that have been started since the test began, in order. */
  readonly workers: Worker[];
}

/** Declares a group of tests of the pool. */
export function pools(title: string, body: (db: PoolFixture) => void): void {
  promised(title, (db) => {
    const open: { close(options: { timeout: number }): Promise<void> }[] = [];
    const workers: Worker[] = [];
    const note = (worker: Worker) => void workers.push(worker);
    beforeAll(() => void process.on("worker", note));
    afterAll(() => void process.off("worker", note));
    afterEach(async () => {
      for (const pool of open.splice(0)) await pool.close({ timeout: 0 });
      workers.length = 0;
    });
    const pool: PoolFixture["pool"] = async (options, database = db.file()) => {
      const made = await createPool(database, options);
      open.push(made);
      return made;
    };
    body({
      pool,
      workers,
      can: db.can,
      engine: db.engine,
      isSynchronous: db.isSynchronous,
      get directory() {
        return db.directory;
      },
      release: (connection) => db.release(connection),
      address: (database) => db.address(database),
      told: (database) => db.told(database),
      file: (name) => db.file(name),
      connect: (database, options) => db.connect(database, options),
      shared: (options) => db.shared(options),
      another: (database) => db.another(database),
      secondProcess: (script, args, flags) => db.secondProcess(script, args, flags),
      secondProcessSync: (script, args) => db.secondProcessSync(script, args),
    });
  });
}

/** Something to wait for until it is told to go on. */
export function gate(): { readonly passed: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

/** Waits until something holds; the deadline is the test's. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}
