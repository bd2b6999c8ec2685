/**
 * No space left: in the middle of a transaction and of executemany, by SQLite's own limit, by the system's limit on the size
 * of a file, and on a disk that is really full. What was committed stays, what was not goes, and work goes on afterwards.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { OperationalError } from "../../src/index.ts";
import { directory, open, start, thrown } from "./support.ts";

const FILLER = new URL("./children/filler.ts", import.meta.url);
const BLOB = Buffer.alloc(2000, 1);

/** A database that has room for a few dozen of these blobs. */
function small(path = join(directory(), "a.db")) {
  const conn = open(path);
  conn.execute("PRAGMA max_page_count = 40");
  conn.execute("CREATE TABLE t(n, b)");
  conn.execute("INSERT INTO t VALUES (-1, 'kept')");
  conn.commit();
  return { conn, path };
}

function* sets(count: number): Generator<[number, Buffer]> {
  for (let n = 0; n < count; n++) yield [n, BLOB];
}

describe("SQLite's own limit", () => {
  it("ends a statement, and what is left of its transaction is what SQLite says", () => {
    const { conn } = small();
    let inserted = 0;
    const error = thrown(() => {
      for (const set of sets(1000)) {
        conn.execute("INSERT INTO t VALUES (?, ?)", set);
        inserted++;
      }
    });
    expect(error).toBeInstanceOf(OperationalError);
    expect(error).toMatchObject({ code: "SQLITE_FULL", retryable: false });
    expect(inserted).toBeGreaterThan(10);
    const survived = conn.inTransaction ? inserted : 0;
    expect(conn.fetchone("SELECT count(*) FROM t WHERE n >= 0")).toEqual([survived]);
    conn.rollback();
    expect(conn.fetchall("SELECT n, b FROM t")).toEqual([[-1, "kept"]]);
    conn.execute("INSERT INTO t VALUES (0, 'works')");
    conn.commit();
    expect(
      open(conn.fetchone("SELECT file FROM pragma_database_list")?.[0] as string).fetchone(
        "SELECT count(*) FROM t",
      ),
    ).toEqual([2]);
  });

  it("ends executemany where a set does not fit", () => {
    const { conn } = small();
    const error = thrown(() => conn.executemany("INSERT INTO t VALUES (?, ?)", sets(1000)));
    expect(error).toMatchObject({ code: "SQLITE_FULL" });
    // Which set it was can be told only where the failure left the transaction, and with it the sets before.
    const { index } = error as { readonly index?: number };
    expect(index === undefined ? conn.inTransaction : false).toBe(false);
    expect(conn.fetchone("SELECT count(*) FROM t WHERE n >= 0")).toEqual([conn.inTransaction ? index : 0]);
    conn.rollback();
    expect(conn.fetchone("SELECT count(*) FROM t")).toEqual([1]);
    expect(conn.fetchall("PRAGMA integrity_check")).toEqual([["ok"]]);
  });

  it("ends transaction() with nothing of it done, and the next one works", () => {
    const { conn } = small();
    const fill = () => conn.executemany("INSERT INTO t VALUES (?, ?)", sets(1000));
    expect(thrown(() => conn.transaction(fill))).toMatchObject({ code: "SQLITE_FULL" });
    expect([conn.inTransaction, conn.fetchone("SELECT count(*) FROM t")]).toEqual([false, [1]]);
    conn.transaction(() => conn.execute("INSERT INTO t VALUES (1, 'works')"));
    expect(conn.fetchone("SELECT count(*) FROM t")).toEqual([2]);
  });

  it("ends a script at the statement that did not fit", () => {
    const { conn } = small();
    const error = thrown(() =>
      conn.executescript(
        "BEGIN; INSERT INTO t SELECT value, zeroblob(900000) FROM json_each('[1,2]'); COMMIT",
      ),
    );
    expect(error).toMatchObject({ code: "SQLITE_FULL", index: 1 });
    conn.rollback();
    expect(conn.fetchone("SELECT count(*) FROM t")).toEqual([1]);
  });
});

describe("the system", () => {
  it("that refuses to let the file grow (ulimit -f) costs no commit", async () => {
    const path = join(directory(), "a.db");
    const child = start(FILLER, [path], { shell: "ulimit -f 400" });
    expect(await child.ended(), child.errors.join("\n")).toBe(0);
    const report = JSON.parse(child.lines.at(-1) ?? "{}") as {
      readonly committed: number;
      readonly codes: readonly string[];
    };
    expect(report.codes.every((code) => code === "SQLITE_FULL" || code.startsWith("SQLITE_IOERR"))).toBe(
      true,
    );
    expect(report.codes.length).toBeGreaterThan(0);
    const conn = open(path);
    expect(conn.fetchone("SELECT count(*) FROM t")).toEqual([report.committed]);
    expect(conn.fetchall("PRAGMA integrity_check")).toEqual([["ok"]]);
  });

  it("that has no space left on the disk (a tmpfs of 256 KB; needs the right to mount) costs no commit", async ({
    skip,
  }) => {
    const mount = directory();
    try {
      execFileSync("/bin/mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", mount], { stdio: "ignore" });
    } catch {
      skip("this user may not mount");
    }
    onTestFinished(() => void execFileSync("/bin/umount", ["-l", mount]));
    const path = join(mount, "a.db");
    const child = start(FILLER, [path]);
    expect(await child.ended(), child.errors.join("\n")).toBe(0);
    const report = JSON.parse(child.lines.at(-1) ?? "{}") as {
      readonly committed: number;
      readonly codes: readonly string[];
    };
    expect(report.codes.length).toBeGreaterThan(0);
    expect(report.codes.every((code) => code === "SQLITE_FULL" || code.startsWith("SQLITE_IOERR"))).toBe(
      true,
    );
    const conn = open(path, { readonly: true });
    expect(conn.fetchone("SELECT count(*) FROM t")).toEqual([report.committed]);
    conn.close();
  });
});
