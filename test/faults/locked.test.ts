/**
 * A file that another process holds: BUSY after the timeout and not before it gave up, marked as retryable, with nothing
 * half done; and everything works once the other has let go. Also: a directory that goes away.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { OperationalError } from "../../src/index.ts";
import { type Child, directory, open, start, thrown } from "./support.ts";

const HOLDER = new URL("./children/holder.ts", import.meta.url);
const BUSY = { code: "SQLITE_BUSY", sqliteErrorcode: 5, retryable: true };

function withTable(): string {
  const path = join(directory(), "a.db");
  const conn = open(path);
  conn.executescript("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
  conn.close();
  return path;
}

/** Another process that holds a lock. */
async function hold(path: string, statements: readonly string[]): Promise<Child> {
  const child = start(HOLDER, [path, statements, "commit"]);
  await child.line("held");
  return child;
}

async function release(child: Child): Promise<void> {
  child.process.stdin?.write("now\n");
  expect(await child.ended()).toBe(0);
}

describe("a file that another process writes", () => {
  it("is BUSY for a write, which can be tried again as it is", async () => {
    const path = withTable();
    const other = await hold(path, ["BEGIN IMMEDIATE", "INSERT INTO t VALUES (2)"]);
    const conn = open(path, { timeout: 50 });
    const error = thrown(() => conn.execute("INSERT INTO t VALUES (3)"));
    expect(error).toBeInstanceOf(OperationalError);
    expect(error).toMatchObject(BUSY);
    expect(conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
    // What it has read in its transaction would keep the other from committing.
    conn.rollback();
    await release(other);
    conn.execute("INSERT INTO t VALUES (3)");
    conn.commit();
    expect(conn.fetchall("SELECT a FROM t ORDER BY a")).toEqual([[1], [2], [3]]);
  });

  it("is BUSY for every way to write, and the connection is none the worse", async () => {
    const path = withTable();
    const other = await hold(path, ["BEGIN IMMEDIATE", "INSERT INTO t VALUES (2)"]);
    const conn = open(path, { timeout: 0 });
    let runs = 0;
    const ways: readonly (() => unknown)[] = [
      () =>
        conn.executemany(
          "INSERT INTO t VALUES (?)",
          Array.from({ length: 100 }, (_, i) => [i]),
        ),
      () => conn.executescript("INSERT INTO t VALUES (7)"),
      () => conn.execute("INSERT INTO t VALUES (8) RETURNING a"),
      () => conn.fetchone("DELETE FROM t RETURNING a"),
      () => conn.execute("CREATE TABLE u(a)"),
      () => conn.transaction(() => runs++, { retries: 3 }),
    ];
    for (const way of ways) {
      expect(thrown(way)).toMatchObject(BUSY);
      conn.rollback();
    }
    expect(runs).toBe(0);
    await release(other);
    expect(conn.fetchall("SELECT a FROM t ORDER BY a")).toEqual([[1], [2]]);
    for (const way of ways) {
      expect(thrown(way)).toBeUndefined();
      conn.rollback();
    }
  });

  it("is waited for as long as the timeout says", async () => {
    const path = withTable();
    const other = await hold(path, ["BEGIN IMMEDIATE"]);
    const conn = open(path, { timeout: 60_000 });
    // The other process lets go by itself: this one cannot tell it to while it waits.
    other.process.stdin?.write("now\n");
    conn.execute("INSERT INTO t VALUES (5)");
    conn.commit();
    expect(conn.fetchone("SELECT count(*) FROM t")).toEqual([2]);
  });

  it("is BUSY for COMMIT where somebody reads, and the transaction stays open to try again", async () => {
    const path = withTable();
    const other = await hold(path, ["BEGIN", "SELECT * FROM t"]);
    const conn = open(path, { timeout: 0 });
    conn.execute("INSERT INTO t VALUES (4)");
    expect(thrown(() => conn.commit())).toMatchObject(BUSY);
    expect(conn.inTransaction).toBe(true);
    await release(other);
    conn.commit();
    expect(open(path).fetchall("SELECT a FROM t ORDER BY a")).toEqual([[1], [4]]);
  });

  it("is BUSY for COMMIT at the end of transaction(), which then leaves nothing behind", async () => {
    const path = withTable();
    const other = await hold(path, ["BEGIN", "SELECT * FROM t"]);
    const conn = open(path, { timeout: 0 });
    expect(thrown(() => conn.transaction(() => conn.execute("INSERT INTO t VALUES (4)")))).toMatchObject(
      BUSY,
    );
    expect(conn.inTransaction).toBe(false);
    await release(other);
    conn.transaction(() => conn.execute("INSERT INTO t VALUES (5)"));
    expect(conn.fetchall("SELECT a FROM t ORDER BY a")).toEqual([[1], [5]]);
  });
});

describe("a file that another process has for itself", () => {
  it("is BUSY for everything, from the first statement on, and works once it is free", async () => {
    const path = withTable();
    const other = await hold(path, ["BEGIN EXCLUSIVE"]);
    const conn = open(path, { timeout: 0 });
    for (const sql of ["SELECT * FROM t", "INSERT INTO t VALUES (2)", "PRAGMA user_version"]) {
      expect(thrown(() => conn.execute(sql))).toMatchObject(BUSY);
    }
    expect(thrown(() => [...conn.iterdump()])).toMatchObject(BUSY);
    await release(other);
    expect(conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
    expect(conn.fetchone("PRAGMA synchronous")).toEqual([2]);
  });

  it("is free again when that process is killed", async () => {
    const path = withTable();
    const other = await hold(path, ["BEGIN EXCLUSIVE", "INSERT INTO t VALUES (2)"]);
    other.process.kill("SIGKILL");
    await other.ended();
    expect(open(path, { timeout: 0 }).fetchall("SELECT a FROM t")).toEqual([[1]]);
  });

  it("refuses a connection that begins at once, and keeps no file open for it", async () => {
    const path = withTable();
    const other = await hold(path, ["BEGIN EXCLUSIVE"]);
    expect(thrown(() => open(path, { timeout: 0, autocommit: false }))).toMatchObject(BUSY);
    await release(other);
    expect(open(path, { autocommit: false }).fetchall("SELECT a FROM t")).toEqual([[1]]);
  });
});

describe("a reader that has left its loop", () => {
  it("locks nobody out, nor does one that was closed", async () => {
    const path = withTable();
    const conn = open(path);
    for (const _ of conn.execute(
      "SELECT x FROM (WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x FROM r), t",
    ))
      break;
    const cursor = conn.execute(
      "SELECT x FROM (WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x FROM r), t",
    );
    cursor.fetchone();
    cursor.close();
    await release(
      await hold(path, ["PRAGMA busy_timeout = 0", "BEGIN EXCLUSIVE", "INSERT INTO t VALUES (2)"]),
    );
    expect(conn.fetchall("SELECT a FROM t ORDER BY a")).toEqual([[1], [2]]);
  });
});

describe("a directory that goes away", () => {
  it("is an OperationalError for whoever comes later, and no crash for who is there", () => {
    const path = join(directory(), "sub");
    mkdirSync(path);
    const file = join(path, "a.db");
    const conn = open(file);
    conn.executescript("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
    rmSync(path, { recursive: true });
    const outcome = thrown(() => {
      conn.execute("INSERT INTO t VALUES (2)");
      conn.commit();
    });
    if (outcome !== undefined) expect(outcome).toBeInstanceOf(OperationalError);
    conn.rollback();
    expect(thrown(() => open(file))).toMatchObject({ code: expect.stringMatching(/^SQLITE_CANTOPEN/) });
    expect(conn.fetchone("SELECT 1")).toEqual([1]);
  });
});
