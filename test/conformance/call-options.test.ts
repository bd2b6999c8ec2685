/**
 * The options of single calls: anything but an object is refused by name, before anything has happened.
 * The options of `connect` are in connect-options.test.ts.
 */
import { expect, it } from "vitest";
import { InterfaceError } from "../../src/index.ts";
import { type AnyConnection, collect, conformance, raised } from "./quadrants.ts";

/** What a caller without types may pass in the place of an object. */
const WRONG = [null, 5, "name", true] as const;

const calls: readonly (readonly [string, (conn: AnyConnection, options: never) => unknown])[] = [
  ["transaction", (conn, options) => conn.transaction(() => undefined, options)],
  ["createFunction", (conn, options) => conn.createFunction("f", 0, () => 1, options)],
  ["serialize", (conn, options) => conn.serialize(options)],
  ["iterdump", (conn, options) => collect(conn.iterdump(options))],
  ["backup", (conn, options) => conn.backup("copy.db", options)],
  ["executemany", (conn, options) => conn.executemany("INSERT INTO t VALUES (?)", [[1]], options)],
];

conformance("the options of a call", (db) => {
  it.each(calls)("%s refuses what is no object", async (_name, call) => {
    const conn = await db.connect();
    await conn.execute("CREATE TABLE t (a)");
    for (const options of WRONG) {
      const error = await raised(InterfaceError, () => call(conn, options as never));
      expect(error.message).toContain("options must be an object");
    }
    expect(conn.inTransaction).toBe(false);
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([0]);
  });

  it("transaction refuses what is no function, and begins nothing", async () => {
    const conn = await db.connect();
    for (const fn of [undefined, null, 5, {}]) {
      const error = await raised(InterfaceError, () => conn.transaction(fn as never));
      expect(error.message).toContain("fn must be a function");
    }
    expect(conn.inTransaction).toBe(false);
  });

  it("onProgress must be a function", async () => {
    const conn = await db.connect();
    await conn.execute("CREATE TABLE t (a)");
    const options = { onProgress: 5 } as never;
    await raised(InterfaceError, () => conn.executemany("INSERT INTO t VALUES (?)", [[1]], options));
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([0]);
  });
});
