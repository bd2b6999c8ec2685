/**
 * This library, its promised face. Statements are given as SQL every time; keeping them prepared is the library's work.
 */
import type { Driver } from "../../lib/driver.ts";
import { build, doorOf } from "../../lib/own-build.ts";
import type { AioDatabase } from "../database.ts";

type Door = typeof import("../../../src/aio.ts");

async function open(library: Door, path: string): Promise<AioDatabase> {
  const conn = await library.connect(path);
  return {
    async script(sql) {
      await conn.executescript(sql);
    },
    first:
      async (sql) =>
      (...parameters) =>
        conn.execute(sql, parameters).fetchone(),
    firstDirect:
      async (sql) =>
      (...parameters) =>
        conn.fetchone(sql, parameters),
    all: async (sql) => () => conn.fetchall(sql),
    each: async (sql) => () => conn.execute(sql),
    writeMany: async (sql) => async (sets) => {
      await conn.executemany(sql, sets);
      await conn.commit();
    },
    close: () => conn.close(),
  };
}

export const sqliteDbapi: Driver<AioDatabase> = {
  name: "sqlite-dbapi/aio",
  runsOn: "worker thread",
  async load() {
    const library: Door = await import(doorOf("aio"));
    return { version: () => `${library.version} (${build})`, open: (path) => open(library, path) };
  },
};
