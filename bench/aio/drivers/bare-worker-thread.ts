/**
 * The thread of bare-worker.ts.
 */
import { parentPort, workerData } from "node:worker_threads";
import { loadBetterSqlite3, type Statement } from "../../lib/better-sqlite3.ts";
import type { Row, Value } from "../../lib/driver.ts";

const BetterSqlite3 = loadBetterSqlite3();
const database = new BetterSqlite3(workerData as string);
const statements: Statement[] = [];
const loops: Iterator<Row>[] = [];

const methods = {
  exec: (sql: string) => void database.exec(sql),
  prepare(sql: string) {
    const statement = database.prepare(sql);
    return statements.push(statement.reader ? statement.raw() : statement) - 1;
  },
  get: (at: number, parameters: readonly Value[]) => statements[at]?.get(...parameters),
  all: (at: number, parameters: readonly Value[]) => statements[at]?.all(...parameters),
  iterate(at: number, parameters: readonly Value[]) {
    const loop = statements[at]?.iterate(...parameters);
    if (loop !== undefined) loops[at] = loop;
  },
  /** The next rows, as many as there are up to `count`. */
  next(at: number, count: number) {
    const rows: Row[] = [];
    while (rows.length < count) {
      const row = loops[at]?.next();
      if (row === undefined || row.done) break;
      rows.push(row.value);
    }
    return rows;
  },
  runMany(at: number, sets: readonly (readonly Value[])[]) {
    database.exec("begin");
    for (const set of sets) statements[at]?.run(...set);
    database.exec("commit");
  },
  close: () => void database.close(),
};

export interface Call {
  readonly id: number;
  readonly method: keyof typeof methods;
  /** SQL, or the number of a statement. */
  readonly on: string | number | null;
  readonly values: unknown;
}

/** `error` is there when the call has failed. */
export interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: unknown;
}

parentPort?.on("message", ({ id, method, on, values }: Call) => {
  const run = methods[method] as (on: Call["on"], values: unknown) => unknown;
  try {
    parentPort?.postMessage({ id, value: run(on, values) } satisfies Reply);
  } catch (error) {
    parentPort?.postMessage({ id, error } satisfies Reply);
  }
});
