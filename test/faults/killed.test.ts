/**
 * A process killed in the middle of writing: no commit that was acknowledged is lost, none comes back by halves, and the
 * file is sound. The database is opened again by this very driver, as a user would.
 */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { directory, open, start } from "./support.ts";

const WRITER = new URL("./children/writer.ts", import.meta.url);
const HOLDER = new URL("./children/holder.ts", import.meta.url);
const ROUNDS = 8;

describe.each(["delete", "truncate", "persist", "wal"])(
  "a writer in journal mode %s, killed again and again",
  (mode) => {
    it("loses no acknowledged commit and leaves no half of one", async () => {
      const path = join(directory(), "a.db");
      let acknowledged = -1;
      for (let round = 0; round < ROUNDS; round++) {
        const child = start(WRITER, [path, mode, acknowledged + 1]);
        // A different place each time: after so many commits, in the middle of the next.
        await child.line(String(acknowledged + 1 + round * 3));
        child.process.kill("SIGKILL");
        expect(await child.ended()).toBe("SIGKILL");
        const last = Number(child.lines.at(-1));
        expect(last).toBeGreaterThan(acknowledged);
        const conn = open(path);
        expect(conn.fetchall("PRAGMA integrity_check")).toEqual([["ok"]]);
        const halves = conn.fetchall("SELECT n FROM pair GROUP BY n HAVING count(*) <> 2 OR sum(half) <> 1");
        expect(halves).toEqual([]);
        const [most, count] = conn.fetchone("SELECT max(n), count(DISTINCT n) FROM pair") ?? [];
        // One more than was said may have been committed, and its word lost with the process.
        expect([last, last + 1]).toContain(most);
        expect(count).toBe(Number(most) + 1);
        expect(
          conn.fetchall("SELECT n FROM pair WHERE filler <> zeroblob(0) AND length(filler) <> 3000"),
        ).toEqual([]);
        acknowledged = Number(most);
        conn.close();
      }
    });
  },
);

describe("a hot journal", () => {
  it("is rolled back by the next one to open the file", async () => {
    const path = join(directory(), "a.db");
    const conn = open(path);
    conn.executescript(
      `CREATE TABLE t(a); INSERT INTO t SELECT 'before' FROM (VALUES (1)${",(1)".repeat(999)})`,
    );
    conn.close();
    // A cache of a few pages makes SQLite write into the file before the commit.
    const child = start(HOLDER, [
      path,
      ["PRAGMA cache_size = 2", "BEGIN", "UPDATE t SET a = 'after' || hex(zeroblob(500))"],
      "die",
    ]);
    await child.line("held");
    expect(statSync(`${path}-journal`).size).toBeGreaterThan(0);
    child.process.stdin?.write("now\n");
    expect(await child.ended()).toBe("SIGKILL");
    expect(existsSync(`${path}-journal`)).toBe(true);

    const again = open(path);
    expect(again.fetchall("SELECT a, count(*) FROM t GROUP BY a")).toEqual([["before", 1000]]);
    expect(again.fetchall("PRAGMA integrity_check")).toEqual([["ok"]]);
    again.execute("INSERT INTO t VALUES ('later')");
    again.commit();
    expect(existsSync(`${path}-journal`)).toBe(false);
  });

  it("that cannot be rolled back, in a read-only connection, is an error and not old pages", async () => {
    const path = join(directory(), "a.db");
    open(path).executescript(
      "CREATE TABLE t(a); INSERT INTO t SELECT 'before' FROM json_each('[1,2,3,4,5,6,7,8,9]')",
    );
    const child = start(HOLDER, [
      path,
      ["PRAGMA cache_size = 2", "BEGIN", "UPDATE t SET a = hex(zeroblob(9000))"],
      "die",
    ]);
    await child.line("held");
    child.process.stdin?.write("now\n");
    await child.ended();
    const reader = open(path, { readonly: true });
    let outcome: unknown;
    try {
      outcome = reader.fetchall("SELECT DISTINCT a FROM t");
    } catch (error) {
      outcome = error;
    }
    if (outcome instanceof Error) expect(outcome).toBeInstanceOf(reader.OperationalError);
    else expect(outcome).toEqual([["before"]]);
  });
});

describe("a write-ahead log left by a killed process", () => {
  it("is recovered with every commit in it", async () => {
    const path = join(directory(), "a.db");
    const conn = open(path);
    conn.execute("PRAGMA journal_mode = wal");
    conn.execute("CREATE TABLE t(a)");
    conn.close();
    const statements = [
      "PRAGMA wal_autocheckpoint = 0",
      "INSERT INTO t VALUES (1)",
      "INSERT INTO t VALUES (2)",
      "BEGIN",
      "INSERT INTO t VALUES (3)",
    ];
    const child = start(HOLDER, [path, statements, "die"]);
    await child.line("held");
    child.process.stdin?.write("now\n");
    expect(await child.ended()).toBe("SIGKILL");
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    expect(open(path).fetchall("SELECT a FROM t ORDER BY a")).toEqual([[1], [2]]);
  });
});
