/**
 * better-sqlite3 bare, as someone who wants speed uses it: statements prepared once, rows as raw arrays, integers
 * as numbers. The measure of the others.
 */
import { createRequire } from "node:module";
import type { Database, Driver, Row, Value } from "./driver.ts";

/** The part of better-sqlite3 in use here; it comes without types. */
interface Statement {
  raw(): Statement;
  get(...parameters: Value[]): Row | undefined;
  all(...parameters: Value[]): Row[];
  iterate(...parameters: Value[]): Iterable<Row>;
  run(...parameters: readonly Value[]): unknown;
}

interface ObjectStatement {
  all(): Record<string, unknown>[];
}

interface Addon {
  prepare(sql: string): Statement & ObjectStatement;
  exec(sql: string): unknown;
  close(): unknown;
}

const require = createRequire(import.meta.url);

function open(addon: Addon): Database {
  const first: Database["first"] = (sql) => {
    const statement = addon.prepare(sql).raw();
    return (...parameters) => statement.get(...parameters);
  };
  const all: Database["all"] = (sql) => {
    const statement = addon.prepare(sql).raw();
    return (...parameters) => statement.all(...parameters);
  };
  return {
    script: (sql) => void addon.exec(sql),
    first,
    firstDirect: first,
    all,
    allDirect: all,
    each(sql) {
      const statement = addon.prepare(sql).raw();
      return () => statement.iterate();
    },
    objects(sql) {
      const statement: ObjectStatement = addon.prepare(sql);
      return () => statement.all();
    },
    write(sql) {
      const statement = addon.prepare(sql);
      return (...parameters) => void statement.run(...parameters);
    },
    writeMany(sql) {
      const statement = addon.prepare(sql);
      return (sets) => {
        for (const set of sets) statement.run(...set);
      };
    },
    begin: () => void addon.exec("begin"),
    commit: () => void addon.exec("commit"),
    close: () => void addon.close(),
  };
}

export const betterSqlite3: Driver = {
  name: "better-sqlite3",
  async load() {
    const BetterSqlite3 = require("better-sqlite3") as new (path: string) => Addon;
    return {
      get version() {
        return (require("better-sqlite3/package.json") as { version: string }).version;
      },
      open: (path) => open(new BetterSqlite3(path)),
    };
  },
};
