/**
 * better-sqlite3 bare, as someone who wants speed uses it: statements prepared once, rows as raw arrays, integers
 * as numbers. The measure of the others.
 */
import { type Addon, loadBetterSqlite3, type ObjectStatement } from "../../lib/better-sqlite3.ts";
import type { Driver } from "../../lib/driver.ts";
import { packageVersion } from "../../lib/package-version.ts";
import { columns } from "../../lib/table.ts";
import type { Database } from "../database.ts";

/** Of whatever has its members. */
export function databaseOf(addon: Addon): Database {
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
    // It has no tag: what one would cost at least.
    byTag: () => first(`select ${columns} from item where id = ?`),
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

export const betterSqlite3: Driver<Database> = {
  name: "better-sqlite3",
  package: "better-sqlite3",
  runsOn: "main thread",
  async load() {
    const BetterSqlite3 = loadBetterSqlite3();
    return {
      version: () => packageVersion("better-sqlite3"),
      open: (path) => databaseOf(new BetterSqlite3(path)),
    };
  },
};
