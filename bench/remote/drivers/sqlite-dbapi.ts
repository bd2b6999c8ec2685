/**
 * This library: its promised face over HTTP and WebSocket, and the synchronous one, which waits for its answers.
 */
import type { Driver, Row } from "../../lib/driver.ts";
import { build, doorOf } from "../../lib/own-build.ts";
import { concurrency, type RemoteDatabase } from "../database.ts";
import { togetherTrial } from "../trials/names.ts";

type PromisedDoor = typeof import("../../../src/aio.ts");
type SynchronousDoor = typeof import("../../../src/index.ts");

async function openPromised(library: PromisedDoor, url: string): Promise<RemoteDatabase> {
  const conn = await library.connect(url);
  let pool: import("../../../src/aio.ts").Pool | null = null;
  return {
    async script(sql) {
      await conn.executescript(sql);
    },
    first:
      async (sql) =>
      (...parameters) =>
        conn.fetchone(sql, parameters),
    async firsts(sql) {
      const readers = await library.createPool(url, { readers: concurrency });
      pool = readers;
      return (keys) => Promise.all(keys.map((key) => readers.fetchone(sql, [key])));
    },
    all: async (sql) => () => conn.fetchall(sql),
    each: async (sql) => () => conn.execute(sql),
    write: async (sql) => async (sets) => {
      for (const set of sets) await conn.execute(sql, set);
      await conn.commit();
    },
    writeMany: async (sql) => async (sets) => {
      await conn.executemany(sql, sets);
      await conn.commit();
    },
    async close() {
      await pool?.close();
      await conn.close();
    },
  };
}

function openSynchronous(library: SynchronousDoor, url: string): RemoteDatabase {
  const conn = library.connect(url);
  return {
    async script(sql) {
      conn.executescript(sql);
    },
    first:
      async (sql) =>
      async (...parameters) =>
        conn.fetchone(sql, parameters),
    firsts: async (sql) => async (keys) => keys.map((key) => conn.fetchone(sql, [key])),
    all: async (sql) => async () => conn.fetchall(sql),
    each: async (sql) =>
      async function* () {
        for (const row of conn.execute(sql)) yield row as Row;
      },
    write: async (sql) => async (sets) => {
      for (const set of sets) conn.execute(sql, set);
      conn.commit();
    },
    writeMany: async (sql) => async (sets) => {
      conn.executemany(sql, sets);
      conn.commit();
    },
    async close() {
      conn.close();
    },
  };
}

/** @param scheme what comes before the address. */
function promised(name: string, runsOn: "HTTP" | "WebSocket", scheme: string): Driver<RemoteDatabase> {
  return {
    name,
    runsOn,
    async load() {
      const library: PromisedDoor = await import(doorOf("aio"));
      return {
        version: () => `${library.version} (${build})`,
        open: (url) => openPromised(library, url.replace(/^http:/, scheme)),
      };
    },
  };
}

export const overHttp = promised("sqlite-dbapi/aio", "HTTP", "http:");
export const overWebSocket = promised("sqlite-dbapi/aio by WebSocket", "WebSocket", "ws:");

export const waiting: Driver<RemoteDatabase> = {
  name: "sqlite-dbapi",
  runsOn: "HTTP",
  without: { [togetherTrial]: "it does one call at a time" },
  async load() {
    const library: SynchronousDoor = await import(doorOf("index"));
    return { version: () => `${library.version} (${build})`, open: (url) => openSynchronous(library, url) };
  },
};
