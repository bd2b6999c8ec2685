/**
 * This library: the built one when it is newer than its source, else the source itself, so that a stale build is
 * never measured. Statements are given as SQL every time; keeping them prepared is the library's work.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Database, Driver } from "./driver.ts";

type Library = typeof import("../../src/index.ts");

const top = fileURLToPath(new URL("../..", import.meta.url));
const builds = { dist: "dist/index.js", src: "src/index.ts" } as const;

/** `dist` when it has been built after the last change of src, else `src`. */
function freshBuild(): keyof typeof builds {
  const built = statSync(join(top, builds.dist), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const source = readdirSync(join(top, "src"), { recursive: true, encoding: "utf8" });
  return source.every((name) => statSync(join(top, "src", name)).mtimeMs < built) ? "dist" : "src";
}

function open(library: Library, path: string): Database {
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

/** Decided before any clock runs. */
const build = freshBuild();

export const sqliteDbapi: Driver = {
  name: "sqlite-dbapi",
  async load() {
    const library: Library = await import(new URL(`../../${builds[build]}`, import.meta.url).href);
    return { version: `${library.version} (${build})`, open: (path) => open(library, path) };
  },
};
