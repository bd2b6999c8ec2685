/**
 * `libsql/promise`: a fork of SQLite behind better-sqlite3's members, some of them promised. Rows are read where they are
 * asked for, on the main thread.
 */
import { createRequire } from "node:module";
import type { Driver, Row, Value } from "../../lib/driver.ts";
import { packageVersion } from "../../lib/package-version.ts";
import type { AioDatabase } from "../database.ts";

/** The part of it in use here; its types are of another day. */
interface Statement {
  raw(): Statement;
  get(...parameters: readonly Value[]): Row | undefined;
  all(): Promise<Row[]>;
  iterate(): Promise<Iterable<Row>>;
  run(...parameters: readonly Value[]): unknown;
}

interface Addon {
  prepare(sql: string): Promise<Statement>;
  exec(sql: string): Promise<void>;
  close(): void;
}

const require = createRequire(import.meta.url);

function open(addon: Addon): AioDatabase {
  const first: AioDatabase["first"] = async (sql) => {
    const statement = (await addon.prepare(sql)).raw();
    return async (...parameters) => statement.get(...parameters);
  };
  return {
    script: (sql) => addon.exec(sql),
    first,
    firstDirect: first,
    async all(sql) {
      const statement = (await addon.prepare(sql)).raw();
      return () => statement.all();
    },
    async each(sql) {
      const statement = (await addon.prepare(sql)).raw();
      return async function* () {
        for (const row of await statement.iterate()) yield row;
      };
    },
    async writeMany(sql) {
      const statement = await addon.prepare(sql);
      return async (sets) => {
        await addon.exec("begin");
        for (const set of sets) statement.run(...set);
        await addon.exec("commit");
      };
    },
    async close() {
      addon.close();
    },
  };
}

export const libsql: Driver<AioDatabase> = {
  name: "libsql/promise",
  runsOn: "main thread",
  isOptional: true,
  async load() {
    const Libsql = require("libsql/promise") as new (path: string) => Addon;
    return { version: () => packageVersion("libsql"), open: (path) => open(new Libsql(path)) };
  },
};
