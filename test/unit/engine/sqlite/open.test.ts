/**
 * Tests src/engine/sqlite/open.ts: which files open, and what holds on them from the first statement.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  configure,
  isPrivate,
  type OpenOptions,
  openMemory,
  openNative,
} from "../../../../src/engine/sqlite/open.ts";
import { DatabaseError, NotSupportedError, OperationalError } from "../../../../src/errors/tree.ts";
import { MEMORY, memory, temporaryDirectory, thrown } from "./support.ts";

function open(options: Partial<OpenOptions>) {
  const all = { ...MEMORY, ...options };
  const db = openNative(all);
  onTestFinished(() => db.close());
  configure(db, all);
  return db;
}

describe("openNative", () => {
  it("creates a file, and refuses to where it must exist", () => {
    const path = join(temporaryDirectory(), "é 1.db");
    expect(thrown(() => open({ path, fileMustExist: true }))).toMatchObject({ code: "SQLITE_CANTOPEN" });
    open({ path }).exec("CREATE TABLE t(a)");
    expect(existsSync(path)).toBe(true);
    open({ path, fileMustExist: true });
  });

  it("says the same of a directory that is not there and of one in the place of the file", () => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, "d.db"));
    for (const path of [join(directory, "none", "a.db"), join(directory, "d.db")]) {
      const error = thrown(() => open({ path }));
      expect(error).toBeInstanceOf(OperationalError);
      expect(error).toMatchObject({ code: expect.stringMatching(/^SQLITE_CANTOPEN/) });
    }
  });

  it("refuses every write on what is readonly, in memory too", () => {
    const path = join(temporaryDirectory(), "a.db");
    open({ path }).exec("CREATE TABLE t(a)");
    for (const db of [open({ path, readonly: true }), open({ readonly: true })]) {
      expect(() => db.exec("CREATE TABLE u(a)")).toThrow("readonly");
    }
  });

  it("refuses a name that better-sqlite3 would trim", () => {
    expect(thrown(() => open({ path: " a.db" }))).toBeInstanceOf(NotSupportedError);
    expect(thrown(() => open({ path: "a.db\n" }))).toBeInstanceOf(NotSupportedError);
  });

  it("knows what nobody else can reach", () => {
    expect(isPrivate(MEMORY)).toBe(true);
    expect(isPrivate({ ...MEMORY, path: "" })).toBe(true);
    expect(isPrivate({ ...MEMORY, path: "a.db" })).toBe(false);
  });
});

describe("configure", () => {
  it("sets synchronous to FULL, in WAL mode too", () => {
    const path = join(temporaryDirectory(), "a.db");
    for (const mode of ["delete", "wal"]) {
      open({ path }).exec(`PRAGMA journal_mode = ${mode}`);
      expect(open({ path }).prepare("PRAGMA synchronous").raw().get()).toEqual([2]);
    }
  });
});

describe("openMemory", () => {
  it("opens the bytes of a database", () => {
    const bytes = memory("CREATE TABLE t(a); INSERT INTO t VALUES (7)").serialize({ attached: "main" });
    const db = openMemory(bytes, 0);
    onTestFinished(() => db.close());
    expect(db.prepare("SELECT a FROM t").raw().get()).toEqual([7]);
    db.exec("INSERT INTO t SELECT a FROM t");
  });

  it("opens a view into a larger buffer", () => {
    const bytes = memory("CREATE TABLE t(a)").serialize({ attached: "main" });
    const larger = Buffer.concat([Buffer.alloc(13, 1), bytes, Buffer.alloc(5, 2)]);
    const db = openMemory(new Uint8Array(larger.buffer, larger.byteOffset + 13, bytes.length), 0);
    onTestFinished(() => db.close());
    expect(db.prepare("SELECT name FROM sqlite_schema").raw().get()).toEqual(["t"]);
  });

  it("opens the bytes of a file in WAL mode and leaves them as they are", () => {
    const path = join(temporaryDirectory(), "a.db");
    const file = open({ path });
    file.exec("PRAGMA journal_mode = wal; CREATE TABLE t(a)");
    const bytes = file.serialize({ attached: "main" });
    const copy = Buffer.from(bytes);
    const db = openMemory(bytes, 0);
    onTestFinished(() => db.close());
    expect(db.prepare("SELECT name FROM sqlite_schema").raw().get()).toEqual(["t"]);
    expect(bytes.equals(copy)).toBe(true);
  });

  it.each([
    ["text", Buffer.from("no database at all, and longer than a header is".repeat(20))],
    ["one byte", Buffer.alloc(1)],
  ])("refuses what is no database: %s", (_, bytes) =>
    expect(thrown(() => openMemory(bytes, 0))).toBeInstanceOf(DatabaseError),
  );
});

describe("a file that is no database", () => {
  it("opens, and fails at the first look", () => {
    const path = join(temporaryDirectory(), "a.db");
    writeFileSync(path, "no database at all, and longer than a header is".repeat(20));
    expect(() => open({ path })).toThrow("file is not a database");
  });
});
