/**
 * Node's own `node:sqlite`: statements prepared once, rows as arrays.
 */
import type { DatabaseSync } from "node:sqlite";
import type { Driver, Row } from "../../lib/driver.ts";
import type { Database } from "../database.ts";
import { tagTrial } from "../trials/names.ts";

function open(database: DatabaseSync): Database {
  const prepare = (sql: string) => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  const first: Database["first"] = (sql) => {
    const statement = prepare(sql);
    return (...parameters) => statement.get(...parameters) as Row | undefined;
  };
  const all: Database["all"] = (sql) => {
    const statement = prepare(sql);
    return (...parameters) => statement.all(...parameters) as unknown as Row[];
  };
  return {
    script: (sql) => database.exec(sql),
    first,
    firstDirect: first,
    all,
    allDirect: all,
    each(sql) {
      const statement = prepare(sql);
      return () => statement.iterate() as Iterable<unknown> as Iterable<Row>;
    },
    objects(sql) {
      const statement = database.prepare(sql);
      return () => statement.all();
    },
    write(sql) {
      const statement = database.prepare(sql);
      return (...parameters) => void statement.run(...parameters);
    },
    writeMany(sql) {
      const statement = database.prepare(sql);
      return (sets) => {
        for (const set of sets) statement.run(...set);
      };
    },
    begin: () => database.exec("begin"),
    commit: () => database.exec("commit"),
    close: () => database.close(),
  };
}

export const nodeSqlite: Driver<Database> = {
  name: "node:sqlite",
  runsOn: "main thread",
  without: { [tagTrial]: "its template tag knows rows as objects only" },
  async load() {
    const sqlite = await import("node:sqlite");
    return {
      version: () => process.versions.node,
      open: (path) => open(new sqlite.DatabaseSync(path)),
    };
  },
};
