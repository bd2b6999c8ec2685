/**
 * Files and directories that may not be written: by permission, by `readonly`, by `mode=ro`. Reading works, writing is an
 * OperationalError, and nothing is created. Root is not bound by permissions, so as root a child process gives that up.
 */
import { chmodSync, chownSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { OperationalError } from "../../src/index.ts";
import { type ChildOptions, directory, open, start, thrown } from "./support.ts";

const WRITE_ONCE = new URL("./children/write-once.ts", import.meta.url);
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const asNobody: ChildOptions = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

interface Report {
  readonly read: unknown;
  readonly write: unknown;
}

/** What somebody bound by permissions can read and write. Null where even Node does not start for that user. */
async function asOther(path: string): Promise<Report | null> {
  const child = start(WRITE_ONCE, [path], asNobody);
  const code = await child.ended();
  return code === 0 ? (JSON.parse(child.lines.at(-1) ?? "null") as Report) : null;
}

/** A database in a directory of its own, both owned by whoever the child runs as. */
function withTable(): string {
  const path = join(directory(), "sub", "a.db");
  mkdirSync(dirname(path));
  const conn = open(path);
  conn.executescript("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
  conn.close();
  if (isRoot)
    for (const owned of [dirname(dirname(path)), dirname(path), path]) chownSync(owned, NOBODY, NOBODY);
  return path;
}

describe("permissions", () => {
  it("that allow everything allow everything", async ({ skip }) => {
    const report = await asOther(withTable());
    if (report === null) skip("the user nobody cannot run Node on this machine");
    expect(report).toEqual({ read: [[1]], write: null });
  });

  it("that make the file read-only leave it readable, and a write is SQLITE_READONLY", async ({ skip }) => {
    const path = withTable();
    chmodSync(path, 0o444);
    const report = await asOther(path);
    if (report === null) skip("the user nobody cannot run Node on this machine");
    expect(report).toMatchObject({
      read: [[1]],
      write: { name: "OperationalError", code: expect.stringMatching(/^SQLITE_READONLY/) },
    });
  });

  it("that make the directory read-only leave no room for a journal", async ({ skip }) => {
    const path = withTable();
    chmodSync(dirname(path), 0o555);
    const report = await asOther(path);
    chmodSync(dirname(path), 0o755);
    if (report === null) skip("the user nobody cannot run Node on this machine");
    expect(report).toMatchObject({
      read: [[1]],
      write: { name: "OperationalError", code: expect.stringMatching(/^SQLITE_(CANTOPEN|READONLY)/) },
    });
  });

  it("that hide the file are SQLITE_CANTOPEN", async ({ skip }) => {
    const path = withTable();
    chmodSync(path, 0o000);
    const report = await asOther(path);
    if (report === null) skip("the user nobody cannot run Node on this machine");
    expect(report).toMatchObject({
      read: { name: "OperationalError", code: expect.stringMatching(/^SQLITE_CANTOPEN/) },
    });
  });
});

describe.each<readonly [string, (path: string) => ReturnType<typeof open>]>([
  ["readonly: true", (path) => open(path, { readonly: true })],
  ["mode=ro", (path) => open(`file:${path}?mode=ro`)],
])("a connection with %s", (_, connectTo) => {
  it("reads, and refuses every write without touching the file", () => {
    const conn = connectTo(withTable());
    expect(conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
    const ways = [
      () => conn.execute("INSERT INTO t VALUES (2)"),
      () =>
        conn.executemany(
          "INSERT INTO t VALUES (?)",
          Array.from({ length: 100 }, (_, i) => [i]),
        ),
      () => conn.executescript("DELETE FROM t"),
      () => conn.execute("CREATE TABLE u(a)"),
      () => conn.transaction(() => conn.execute("UPDATE t SET a = 3")),
    ];
    for (const way of ways) {
      const error = thrown(way);
      expect(error).toBeInstanceOf(OperationalError);
      expect(error).toMatchObject({ code: "SQLITE_READONLY", retryable: false });
      conn.rollback();
    }
    expect(conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
  });

  it("does not create a file", () => {
    const path = join(directory(), "none.db");
    expect(thrown(() => connectTo(path))).toMatchObject({ code: "SQLITE_CANTOPEN" });
    expect(existsSync(path)).toBe(false);
  });
});
