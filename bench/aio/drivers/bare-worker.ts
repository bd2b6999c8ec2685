/**
 * better-sqlite3 in a worker, bare: what a good engineer writes who wants nothing but that. Statements are prepared once
 * and called by number, one message a call, rows as structured clone makes them. The measure of the others.
 */
import { Worker } from "node:worker_threads";
import type { Driver, Row } from "../../lib/driver.ts";
import { packageVersion } from "../../lib/package-version.ts";
import type { AioDatabase } from "../database.ts";
import type { Call, Reply } from "./bare-worker-thread.ts";

/** Rows in a page of a loop. */
const page = 1000;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** @returns what sends a call and promises its value, and the worker that answers. */
function startWorker(path: string) {
  const worker = new Worker(new URL("bare-worker-thread.ts", import.meta.url), {
    workerData: path,
    execArgv: [],
  });
  const pending = new Map<number, Pending>();
  let last = 0;
  worker.on("message", ({ id, value, error }: Reply) => {
    const call = pending.get(id);
    pending.delete(id);
    if (error === undefined) call?.resolve(value);
    else call?.reject(error);
  });
  worker.on("error", (error) => {
    for (const { reject } of pending.values()) reject(error);
  });
  const ask = <Value>(method: Call["method"], on: Call["on"], values: unknown): Promise<Value> =>
    new Promise((resolve, reject) => {
      const id = ++last;
      pending.set(id, { resolve: resolve as Pending["resolve"], reject });
      worker.postMessage({ id, method, on, values } satisfies Call);
    });
  return { worker, ask };
}

function open(path: string): AioDatabase {
  const { worker, ask } = startWorker(path);
  const prepare = (sql: string) => ask<number>("prepare", sql, null);
  const first: AioDatabase["first"] = async (sql) => {
    const statement = await prepare(sql);
    return (...parameters) => ask("get", statement, parameters);
  };
  return {
    script: (sql) => ask("exec", sql, null),
    first,
    firstDirect: first,
    async all(sql) {
      const statement = await prepare(sql);
      return () => ask("all", statement, []);
    },
    async each(sql) {
      const statement = await prepare(sql);
      return async function* () {
        await ask("iterate", statement, []);
        // One page is on its way while the one before is used.
        let coming = ask<Row[]>("next", statement, page);
        for (let rows = await coming; rows.length > 0; rows = await coming) {
          coming = ask("next", statement, page);
          for (const row of rows) yield row;
        }
      };
    },
    async writeMany(sql) {
      const statement = await prepare(sql);
      return (sets) => ask("runMany", statement, sets);
    },
    async close() {
      await ask("close", null, null);
      await worker.terminate();
    },
  };
}

export const bareWorker: Driver<AioDatabase> = {
  name: "bare worker",
  runsOn: "worker thread",
  load: async () => ({ version: () => `of better-sqlite3 ${packageVersion("better-sqlite3")}`, open }),
};
