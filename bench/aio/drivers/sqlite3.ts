/**
 * `sqlite3`, deprecated and not installed here, since it downloads a binary or compiles one: measured where it has been added by hand.
 * Callbacks made promises, in the thread pool of libuv. It knows rows as objects only.
 */
import { createRequire } from "node:module";
import type { Driver, Row, Value } from "../../lib/driver.ts";
import type { AioDatabase } from "../database.ts";

type Callback<Result> = (error: Error | null, result?: Result) => void;
type ObjectRow = Readonly<Record<string, unknown>>;

/** The part of it in use here. */
interface Statement {
  get(parameters: readonly Value[], callback: Callback<ObjectRow>): void;
  all(callback: Callback<ObjectRow[]>): void;
  run(parameters: readonly Value[], callback: Callback<void>): void;
  reset(callback: Callback<void>): void;
  finalize(callback: Callback<void>): void;
}

interface Addon {
  prepare(sql: string, callback: Callback<void>): Statement;
  exec(sql: string, callback: Callback<void>): void;
  serialize(): void;
  close(callback: Callback<void>): void;
}

const require = createRequire(import.meta.url);

function promised<Result>(call: (callback: Callback<Result>) => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result as Result)));
  });
}

function open(addon: Addon): AioDatabase {
  const statements: Statement[] = [];
  const prepare = (sql: string) =>
    promised<Statement>((done) => {
      const statement = addon.prepare(sql, (error) => done(error, statement));
      statements.push(statement);
    });
  const first: AioDatabase["first"] = async (sql) => {
    const statement = await prepare(sql);
    return async (...parameters) => {
      // Without values it would go on with the next row.
      if (parameters.length === 0) await promised<void>((done) => statement.reset(done));
      const row = await promised<ObjectRow | undefined>((done) => statement.get(parameters, done));
      return row && Object.values(row);
    };
  };
  const all: AioDatabase["all"] = async (sql) => {
    const statement = await prepare(sql);
    return async () => {
      const rows = await promised<ObjectRow[]>((done) => statement.all(done));
      return rows.map((row): Row => Object.values(row));
    };
  };
  return {
    script: (sql) => promised((done) => addon.exec(sql, done)),
    first,
    firstDirect: first,
    all,
    // It has no loop that waits for who loops.
    async each(sql) {
      const read = await all(sql);
      return async function* () {
        yield* await read();
      };
    },
    async writeMany(sql) {
      const statement = await prepare(sql);
      return async (sets) => {
        const run = (set: readonly Value[]) => promised<void>((done) => statement.run(set, done));
        await promised<void>((done) => addon.exec("begin", done));
        await Promise.all(sets.map(run));
        await promised<void>((done) => addon.exec("commit", done));
      };
    },
    async close() {
      for (const statement of statements) await promised<void>((done) => statement.finalize(done));
      await promised<void>((done) => addon.close(done));
    },
  };
}

interface Module {
  readonly Database: new (path: string, callback: Callback<void>) => Addon;
}

/** @throws {Error} that says how to add it */
function load(): Module {
  try {
    return require("sqlite3") as Module;
  } catch (cause) {
    throw new Error("not installed: npm install --no-save sqlite3, which downloads or compiles it", {
      cause,
    });
  }
}

export const sqlite3: Driver<AioDatabase> = {
  name: "sqlite3",
  runsOn: "thread pool",
  isOptional: true,
  async load() {
    const { Database } = load();
    const { version } = require("sqlite3/package.json") as { version: string };
    return {
      version: () => version,
      async open(path) {
        const addon = await promised<Addon>((done) => {
          const opened: Addon = new Database(path, (error) => done(error, opened));
        });
        addon.serialize();
        return open(addon);
      },
    };
  },
};
