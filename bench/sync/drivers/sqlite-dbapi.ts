/**
 * This library. Statements are given as SQL every time; keeping them prepared is the library's work.
 */
import type { Driver } from "../../lib/driver.ts";
import { build, doorOf } from "../../lib/own-build.ts";
import type { Database } from "../database.ts";

type Door = typeof import("../../../src/index.ts");

function open(library: Door, path: string): Database {
  const conn = library.connect(path);
  return {
    script: (sql) => void conn.executescript(sql),
    first:
      (sql) =>
      (...parameters) =>
        conn.execute(sql, parameters).fetchone(),
    firstDirect:
      (sql) =>
      (...parameters) =>
        conn.fetchone(sql, parameters),
    byTag: () => (id) => conn.sql`select id, name, score, note from item where id = ${id}`.fetchone(),
    all:
      (sql) =>
      (...parameters) =>
        conn.execute(sql, parameters).fetchall(),
    allDirect:
      (sql) =>
      (...parameters) =>
        conn.fetchall(sql, parameters),
    each: (sql) => () => conn.execute(sql),
    objects: (sql) => () => conn.cursor(library.objectRow).execute(sql).fetchall(),
    write:
      (sql) =>
      (...parameters) =>
        void conn.execute(sql, parameters),
    writeMany: (sql) => (sets) => void conn.executemany(sql, sets),
    begin: () => undefined,
    commit: () => conn.commit(),
    close: () => conn.close(),
  };
}

export const sqliteDbapi: Driver<Database> = {
  name: "sqlite-dbapi",
  runsOn: "main thread",
  async load() {
    const library: Door = await import(doorOf("index"));
    return { version: () => `${library.version} (${build})`, open: (path) => open(library, path) };
  },
};
