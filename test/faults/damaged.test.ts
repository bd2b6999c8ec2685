/**
 * Files that are no database, or no longer one: truncated, with bits flipped, overwritten in the middle. What comes out is
 * valid rows or a DatabaseError, never a crash, never a hang, and the connection can be closed.
 */
import { copyFileSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DatabaseError } from "../../src/index.ts";
import { directory, open, start, thrown } from "./support.ts";

const MUTATOR = new URL("./children/mutator.ts", import.meta.url);

/** A small database with an index, large rows and an fts table, closed again. */
function sound(): string {
  const path = join(directory(), "sound.db");
  const conn = open(path);
  conn.executescript(`
    CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT UNIQUE, b BLOB);
    CREATE INDEX i ON t(length(b));
    CREATE VIRTUAL TABLE f USING fts5(body);
  `);
  const rows = Array.from({ length: 60 }, (_, n) => [n, `name ${n}`, Buffer.alloc(n * 100, n)]);
  conn.executemany("INSERT INTO t VALUES (?, ?, ?)", rows);
  conn.executemany(
    "INSERT INTO f VALUES (?)",
    rows.map(([, name]) => [name ?? ""]),
  );
  conn.commit();
  conn.close();
  return path;
}

describe("a file that is no database", () => {
  it.each<readonly [string, Buffer]>([
    ["text", Buffer.from("this is not a database, and it is long enough for a header ".repeat(50))],
    ["zeros with a page size", Buffer.alloc(4096)],
    ["half a header", Buffer.from("SQLite format 3\0")],
    ["a header of another version", Buffer.concat([Buffer.from("SQLite format 4\0"), Buffer.alloc(4096)])],
    ["a header and rubbish", Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(4096, 0x5a)])],
  ])("is a DatabaseError at the first use: %s", (_, bytes) => {
    const path = join(directory(), "a.db");
    writeFileSync(path, bytes);
    const conn = open(path);
    const error = thrown(() => conn.fetchall("SELECT * FROM sqlite_schema"));
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject({ code: expect.stringMatching(/^SQLITE_(NOTADB|CORRUPT)/) });
    expect(thrown(() => conn.execute("CREATE TABLE t(a)"))).toBeInstanceOf(DatabaseError);
    // Nothing of the file has been changed by trying.
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it("is not written over by a mode that needs a transaction at once", () => {
    const path = join(directory(), "a.db");
    writeFileSync(path, "not a database at all ".repeat(100));
    expect(thrown(() => open(path, { autocommit: false }).execute("SELECT 1"))).toBeInstanceOf(DatabaseError);
    expect(statSync(path).size).toBe(2200);
  });

  it("that is empty is an empty database", () => {
    const path = join(directory(), "a.db");
    writeFileSync(path, "");
    const conn = open(path);
    conn.execute("CREATE TABLE t(a)");
    expect(conn.fetchall("SELECT name FROM sqlite_schema")).toEqual([["t"]]);
  });
});

describe("a truncated database", () => {
  it("gives valid rows or a DatabaseError, wherever it was cut", () => {
    const path = sound();
    const { size } = statSync(path);
    const copy = join(directory(), "cut.db");
    let failed = 0;
    for (let length = size - 100; length > 0; length -= Math.ceil(size / 60)) {
      copyFileSync(path, copy);
      truncateSync(copy, length);
      const conn = open(copy);
      const outcome = (() => {
        try {
          return conn.fetchall("SELECT id, name, length(b), b FROM t ORDER BY id");
        } catch (error) {
          return error;
        }
      })();
      if (outcome instanceof Error) {
        failed++;
        expect(outcome).toBeInstanceOf(DatabaseError);
      } else {
        const rows = outcome as [number, string, number, Buffer][];
        for (const [id, name, length, b] of rows) {
          expect([name, length, b.equals(Buffer.alloc(length, id))]).toEqual([`name ${id}`, id * 100, true]);
        }
      }
      conn.close();
    }
    expect(failed).toBeGreaterThan(10);
  });
});

describe("a database with flipped bits", () => {
  it.each([1, 2, 3])("gives rows or a DatabaseError, and never ends the process (seed %i)", async (seed) => {
    const child = start(MUTATOR, [sound(), directory(), seed, 250]);
    expect(await child.ended(), [...child.lines.slice(-3), ...child.errors].join("\n")).toBe(0);
    const report = JSON.parse(child.lines.at(-1) ?? "{}") as {
      readonly failed: number;
      readonly strangers: readonly string[];
    };
    expect(report.strangers).toEqual([]);
    expect(report.failed).toBeGreaterThan(10);
  });
});
