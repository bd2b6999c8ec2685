/**
 * Values of hundreds of megabytes, at the engine's limit and past it: what fits comes back whole, what does not is a DataError
 * (SQLITE_TOOBIG), and the connection works on. The cases that need a gigabyte of memory run with SQLITE_DBAPI_LARGE=1.
 */
import { describe, expect, it } from "vitest";
import { type Connection, DataError } from "../../src/index.ts";
import { open, thrown } from "./support.ts";

/** The longest string of V8, to which better-sqlite3 sets SQLite's limit. */
const MOST = 536_870_888;
const isLargeWanted = process.env.SQLITE_DBAPI_LARGE === "1";

function lengthOf(
  conn: Connection<unknown[]>,
  sql: string,
  parameters: readonly (string | Buffer)[] = [],
): number {
  const [value] = conn.fetchone(sql, parameters) ?? [];
  return (value as Buffer | string).length;
}

describe("a value of a hundred megabytes", () => {
  it("goes in and comes back whole, as a blob", () => {
    const conn = open();
    conn.execute("CREATE TABLE t(a)");
    const blob = Buffer.alloc(100_000_000, "0123456789abcdef");
    conn.execute("INSERT INTO t VALUES (?)", [blob]);
    const [back] = conn.fetchone("SELECT a FROM t") ?? [];
    expect(blob.equals(back as Buffer)).toBe(true);
  });

  it("comes page by page without the others being read", () => {
    const conn = open();
    const cursor = conn.execute("SELECT zeroblob(100000000 + value) FROM json_each('[1,2,3,4,5,6,7,8,9]')");
    const [blob] = cursor.fetchone() ?? [];
    expect((blob as Buffer).length).toBe(100_000_001);
    cursor.close();
  });

  it("can be part of executemany", () => {
    const conn = open();
    conn.execute("CREATE TABLE t(a)");
    conn.executemany("INSERT INTO t VALUES (?)", [["small"], [Buffer.alloc(100_000_000)], ["small"]]);
    expect(conn.fetchall("SELECT length(a) FROM t")).toEqual([[5], [100_000_000], [5]]);
  });

  it("can be watched by a trace callback", () => {
    const conn = open();
    const seen: string[] = [];
    conn.setTraceCallback((sql) => seen.push(sql));
    expect(conn.fetchone("SELECT length(?)", [Buffer.alloc(50_000_000)])).toEqual([50_000_000]);
    // SQLite itself writes no more than the beginning of it.
    expect(seen).toEqual([expect.stringMatching(/^SELECT length\(x'0000/)]);
  });
});

describe("a value past the limit", () => {
  it.each<readonly [string, (conn: Connection<unknown[]>) => unknown]>([
    ["a blob that is read", (conn) => conn.fetchone(`SELECT zeroblob(${MOST + 1})`)],
    ["a blob far past it", (conn) => conn.execute("SELECT zeroblob(9e15)").fetchone()],
    ["text that is read", (conn) => conn.fetchone(`SELECT hex(zeroblob(${MOST / 2 + 1}))`)],
    ["a blob that is bound", (conn) => conn.execute("SELECT length(?)", [Buffer.alloc(MOST + 1)])],
    ["a blob with a name", (conn) => conn.execute("SELECT length(:a)", { a: new ArrayBuffer(MOST + 1) })],
    ["the result of a user function", (conn) => conn.fetchone("SELECT length(huge())")],
  ])("is a DataError, and the connection works on: %s", (_, work) => {
    const conn = open();
    conn.createFunction("huge", 0, () => Buffer.alloc(MOST + 1));
    const error = thrown(() => work(conn));
    expect(error).toBeInstanceOf(DataError);
    expect(error).toMatchObject({ code: "SQLITE_TOOBIG", sqliteErrorcode: 18 });
    expect(conn.fetchone("SELECT 1")).toEqual([1]);
  });

  it("ends executemany with the number of its set, and the sets before it stay", () => {
    const conn = open();
    conn.execute("CREATE TABLE t(a)");
    const sets = [["first"], [Buffer.alloc(MOST + 1)], ["third"]];
    expect(thrown(() => conn.executemany("INSERT INTO t VALUES (?)", sets))).toMatchObject({
      code: "SQLITE_TOOBIG",
      index: 1,
    });
    expect(conn.fetchall("SELECT a FROM t")).toEqual([["first"]]);
  });

  it("does not swallow the row before it", () => {
    const conn = open();
    const cursor = conn.execute(`SELECT zeroblob(column1) FROM (VALUES (5), (${MOST + 1}), (6))`);
    expect(cursor.fetchone()).toEqual([Buffer.alloc(5)]);
    expect(thrown(() => cursor.fetchone())).toBeInstanceOf(DataError);
    expect(cursor.fetchone()).toBeNull();
  });

  it("leaves the transaction in which it was tried as it was", () => {
    const conn = open();
    conn.execute("CREATE TABLE t(a)");
    conn.execute("INSERT INTO t VALUES ('kept')");
    expect(thrown(() => conn.execute("INSERT INTO t VALUES (?)", [Buffer.alloc(MOST + 1)]))).toBeInstanceOf(
      DataError,
    );
    expect(conn.inTransaction).toBe(true);
    conn.commit();
    expect(conn.fetchall("SELECT a FROM t")).toEqual([["kept"]]);
  });
});

describe.skipIf(!isLargeWanted)("a value at the limit (needs 2 GB of memory: SQLITE_DBAPI_LARGE=1)", () => {
  it("goes in and comes back, as a blob and as text", () => {
    const conn = open();
    expect(lengthOf(conn, `SELECT zeroblob(${MOST})`)).toBe(MOST);
    expect(lengthOf(conn, `SELECT CAST(zeroblob(${MOST}) AS TEXT)`)).toBe(MOST);
    expect(conn.fetchone("SELECT length(?)", [Buffer.alloc(MOST)])).toEqual([MOST]);
    expect(conn.fetchone("SELECT length(?)", ["x".repeat(MOST)])).toEqual([MOST]);
  });

  it("counts in bytes: text of fewer characters and more bytes is a DataError", () => {
    const conn = open();
    expect(thrown(() => conn.execute("SELECT length(?)", ["é".repeat(300_000_000)]))).toBeInstanceOf(
      DataError,
    );
  });
});
