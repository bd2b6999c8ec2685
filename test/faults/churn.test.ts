/**
 * Very many of everything: statements that come once, cursors that are left half read, connections, functions. Nothing
 * leaks into a wrong answer, and nothing stays locked.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Cursor } from "../../src/index.ts";
import { directory, LONG, open, start, thrown } from "./support.ts";

const HOLDER = new URL("./children/holder.ts", import.meta.url);
const DROPPER = new URL("./children/dropper.ts", import.meta.url);

describe("statements", () => {
  it("tens of thousands of which come once each give their own answers", () => {
    const conn = open();
    for (let n = 0; n < 30_000; n++) {
      const [value] = conn.execute(`SELECT ${n}`).fetchone() ?? [];
      if (value !== n) expect(value).toBe(n);
    }
  });

  it.each([0, 1, 2, 128])("in any order give their own answers, with a cache of %i", (cachedStatements) => {
    const conn = open(":memory:", { cachedStatements });
    conn.execute("CREATE TABLE t(a)");
    for (let n = 0; n < 3000; n++) {
      const kind = (n * 7919) % 200;
      expect(conn.execute(`SELECT ?, ${kind}`, [n]).fetchall()).toEqual([[n, kind]]);
      conn.execute(`INSERT INTO t VALUES (? + ${kind} * 0)`, [n]);
    }
    expect(conn.fetchone("SELECT count(*), sum(a) FROM t")).toEqual([3000, (2999 * 3000) / 2]);
  });

  it("survive a schema that changes under them a thousand times", () => {
    const conn = open();
    for (let n = 0; n < 1000; n++) {
      conn.execute(`CREATE TABLE t(c${n})`);
      conn.execute("INSERT INTO t VALUES (?)", [n]);
      const cursor = conn.execute("SELECT * FROM t");
      expect([cursor.description?.[0]?.[0], cursor.fetchall()]).toEqual([`c${n}`, [[n]]]);
      conn.execute("DROP TABLE t");
    }
  });
});

describe("cursors", () => {
  it("ten thousand of which are half read at the same time each go on with their own rows", () => {
    const conn = open();
    conn.execute("CREATE TABLE t(a)");
    const cursors: Cursor<unknown[]>[] = [];
    for (let n = 0; n < 10_000; n++) {
      const cursor = conn.execute(
        `WITH RECURSIVE r(x) AS (VALUES (?) UNION ALL SELECT x + 1 FROM r LIMIT 100) SELECT x FROM r`,
        [n],
      );
      expect(cursor.fetchone()).toEqual([n]);
      cursors.push(cursor);
    }
    conn.execute("INSERT INTO t VALUES (1)");
    conn.commit();
    for (const [n, cursor] of cursors.entries()) {
      if (n % 3 === 0) expect(cursor.fetchall().length).toBe(99);
      else if (n % 3 === 1) cursor.close();
    }
    conn.execute("INSERT INTO t VALUES (2)");
    conn.commit();
    expect(conn.fetchall("SELECT a FROM t")).toEqual([[1], [2]]);
  });

  it("that were left half read keep nobody from closing the connection and the file", async () => {
    const path = join(directory(), "a.db");
    const conn = open(path);
    conn.execute(`CREATE TABLE t AS ${LONG}`);
    for (let n = 0; n < 1000; n++) conn.execute("SELECT x FROM t").fetchone();
    conn.close();
    const other = start(HOLDER, [
      path,
      ["PRAGMA busy_timeout = 0", "BEGIN EXCLUSIVE", "DROP TABLE t"],
      "commit",
    ]);
    await other.line("held");
    other.process.stdin?.write("now\n");
    expect(await other.ended(), other.errors.join("\n")).toBe(0);
  });

  it("that nobody holds any more give their lock back when they are collected", async () => {
    const path = join(directory(), "a.db");
    const child = start(DROPPER, [path], { node: ["--expose-gc"] });
    expect(await child.ended(), child.errors.join("\n")).toBe(0);
    expect(child.lines).toEqual(["free"]);
  });
});

describe("connections", () => {
  it("a thousand of which are opened, used and closed leave no file open", () => {
    const path = join(directory(), "a.db");
    for (let n = 0; n < 1000; n++) {
      const conn = open(path);
      if (n === 0) conn.execute("CREATE TABLE t(a)");
      conn.execute("INSERT INTO t VALUES (?)", [n]);
      conn.commit();
      conn.close();
    }
    expect(open(path).fetchone("SELECT count(*) FROM t")).toEqual([1000]);
  });

  it("that fail to open a thousand times leave nothing behind", () => {
    const path = join(directory(), "none", "a.db");
    for (let n = 0; n < 1000; n++)
      expect(thrown(() => open(path))).toMatchObject({ code: "SQLITE_CANTOPEN" });
  });
});

describe("functions", () => {
  it("that are defined anew a thousand times are the latest ones, beside a cursor that is half read", () => {
    const conn = open();
    const cursor = conn.execute(LONG);
    for (let n = 0; n < 1000; n++) {
      conn.createFunction("f", 0, () => n);
      expect(conn.fetchone("SELECT f()")).toEqual([n]);
      if (n % 100 === 0) expect(cursor.fetchone()).toEqual([n / 100 + 1]);
    }
    expect(cursor.fetchall().length).toBe(2990);
  });
});
