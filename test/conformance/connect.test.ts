/**
 * Opening a database: every form of its name, and what each makes or refuses on the disk.
 * The options are in connect-options.test.ts.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import {
  DatabaseError,
  InterfaceError,
  NotSupportedError,
  OperationalError,
  ProgrammingError,
} from "../../src/index.ts";
import { conformanceWith, raised } from "./quadrants.ts";

conformanceWith("files", "connect", (db) => {
  /** Makes a database with one row and leaves it closed. */
  const make = async (path: string) => {
    const conn = await db.connect(path);
    await conn.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1);");
    await conn.close();
    return path;
  };
  const readsBack = async (name: string | URL) => {
    const conn = await db.connect(name);
    expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
    await conn.close();
  };

  it("a path that does not exist is created by the first write", async () => {
    await make(db.file("new.db"));
    await readsBack(db.file("new.db"));
  });

  it("a relative path is relative to the working directory", async () => {
    await make(db.file());
    await readsBack(relative(process.cwd(), db.file()));
    await readsBack(`file:${relative(process.cwd(), db.file())}`);
  });

  it.each(["with space.db", "hash#.db", "question?.db", "percent%20.db", "ünïcødé 数据.db", "a&b=c.db"])(
    "a path is taken literally: %s",
    async (name) => {
      await make(db.file(name));
      expect(await readdir(db.directory)).toEqual([name]);
      await readsBack(db.file(name));
      await readsBack(pathToFileURL(db.file(name)));
      await readsBack(pathToFileURL(db.file(name)).href);
    },
  );

  it("a path of :memory: makes no file, and each connection has its own database", async () => {
    const one = await db.connect(":memory:");
    const two = await db.connect(":memory:");
    await one.execute("CREATE TABLE t (a)");
    expect(await two.fetchall("SELECT name FROM sqlite_schema")).toEqual([]);
    expect(existsSync(":memory:")).toBe(false);
  });

  it("an empty path is a private temporary file", async () => {
    const one = await db.connect("");
    const two = await db.connect("");
    await one.execute("CREATE TABLE t (a)");
    expect(await two.fetchall("SELECT name FROM sqlite_schema")).toEqual([]);
    expect(await one.fetchall("SELECT file FROM pragma_database_list")).toEqual([[""]]);
  });

  it("a file: URI with %20 is decoded once", async () => {
    await make(`file:${db.directory}/a%20b%2520c.db`);
    expect(await readdir(db.directory)).toEqual(["a b%20c.db"]);
  });

  it("a file: URI names no host or localhost", async () => {
    await make(db.file());
    await readsBack(`file:${db.file()}`);
    await readsBack(`file://${db.file()}`);
    await readsBack(`file://localhost${db.file()}`);
    await readsBack(`FILE://LOCALHOST${db.file()}`);
    await readsBack(`file:${db.file()}#fragment`);
    await readsBack(`file:${db.file()}?`);
    const error = await raised(InterfaceError, () => db.connect(`file://example.org${db.file()}`));
    expect(error.message).toContain("example.org");
  });

  it("mode=ro reads, and refuses to write or to create", async () => {
    await make(db.file());
    const conn = await db.connect(`file:${db.file()}?mode=ro`);
    expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
    const error = await raised(OperationalError, () => conn.execute("DELETE FROM t"));
    expect(error.code).toBe("SQLITE_READONLY");
    const missing = await raised(OperationalError, () => db.connect(`file:${db.file("none.db")}?mode=ro`));
    expect(missing.code).toBe("SQLITE_CANTOPEN");
    expect(existsSync(db.file("none.db"))).toBe(false);
  });

  it("mode=rw writes and refuses to create, mode=rwc creates", async () => {
    const missing = await raised(OperationalError, () => db.connect(`file:${db.file()}?mode=rw`));
    expect(missing.code).toBe("SQLITE_CANTOPEN");
    expect(await readdir(db.directory)).toEqual([]);
    await make(`file:${db.file()}?mode=rwc`);
    const conn = await db.connect(`file:${db.file()}?mode=rw`);
    expect((await conn.execute("DELETE FROM t")).rowcount).toBe(1);
  });

  it("mode=memory makes no file", async () => {
    const conn = await db.connect(`file:${db.file()}?mode=memory`);
    await conn.execute("CREATE TABLE t (a)");
    expect(await readdir(db.directory)).toEqual([]);
  });

  it("file::memory: is an in-memory database", async () => {
    const conn = await db.connect("file::memory:");
    expect(await conn.fetchall("SELECT file FROM pragma_database_list")).toEqual([[""]]);
    expect(existsSync(":memory:")).toBe(false);
  });

  it("a URI parameter may be percent-encoded, repeated and beside others", async () => {
    await make(db.file());
    const conn = await db.connect(`file:${db.file()}?cache=private&&m%6Fde=r%6F&immutable=0`);
    expect((await raised(OperationalError, () => conn.execute("DELETE FROM t"))).code).toBe(
      "SQLITE_READONLY",
    );
  });

  it.each([
    ["mode=", InterfaceError, "mode"],
    ["mode", InterfaceError, "mode"],
    ["mode=RO", InterfaceError, "RO"],
    ["mode=readonly", InterfaceError, "readonly"],
    ["vfs=unix-dotfile", InterfaceError, "vfs"],
    ["nolock=1", InterfaceError, "nolock"],
    ["Mode=ro", InterfaceError, "Mode"],
    ["=", InterfaceError, "''"],
    ["cache=shared", NotSupportedError, "cache"],
    ["immutable=1", NotSupportedError, "immutable"],
    ["mode=%zz", InterfaceError, "percent"],
    ["mode=ro%00", ProgrammingError, "null character"],
  ] as const)("a file: URI with ?%s is refused by name", async (query, Class, said) => {
    const error = await raised(Class, () => db.connect(`file:${db.file()}?${query}`));
    expect(error.message).toContain(said);
    expect(await readdir(db.directory)).toEqual([]);
  });

  it.each(["%", "%2", "%zz", "%ff", "%c3", "%ed%a0%80"])(
    "a file: URI with the bad percent-encoding %s is an InterfaceError",
    async (bad) => {
      await raised(InterfaceError, () => db.connect(`file:${db.directory}/a${bad}`));
      expect(await readdir(db.directory)).toEqual([]);
    },
  );

  it("a NUL in a path, or %00 in a URI, is a ProgrammingError and opens nothing", async () => {
    await raised(ProgrammingError, () => db.connect(`${db.directory}/a\0.db`));
    await raised(ProgrammingError, () => db.connect(`file:${db.directory}/a%00.db`));
    await raised(ProgrammingError, () => db.connect(new URL(`file://${db.directory}/a%00.db`)));
    expect(await readdir(db.directory)).toEqual([]);
  });

  it("a lone surrogate in a path is refused", async () => {
    await raised(InterfaceError, () => db.connect(`${db.directory}/a\ud800.db`));
    expect(await readdir(db.directory)).toEqual([]);
  });

  it.each([null, 1, {}, [], true, Symbol("a"), Buffer.from("a.db")])(
    "a database that is no name is an InterfaceError",
    async (name) => {
      await raised(InterfaceError, () => db.connect(name as string));
    },
  );

  it("a directory that does not exist is an OperationalError with SQLite's code", async () => {
    const error = await raised(OperationalError, () => db.connect(db.file("none/a.db")));
    expect(error.code).toBe("SQLITE_CANTOPEN");
    expect(error.message).toBe("unable to open database file");
    expect(existsSync(db.file("none"))).toBe(false);
  });

  it("a directory in the place of a file is an OperationalError", async () => {
    await mkdir(db.file("folder"));
    const error = await raised(OperationalError, () => db.connect(db.file("folder")));
    expect(error.code).toMatch(/^SQLITE_CANTOPEN/);
  });

  it("a file that is no database is a DatabaseError at the first statement", async () => {
    await writeFile(db.file(), "this is not a database, whatever its name may say. ".repeat(100));
    const conn = await db.connect(db.file());
    const error = await raised(DatabaseError, () => conn.execute("SELECT * FROM sqlite_schema"));
    expect(error.code).toBe("SQLITE_NOTADB");
  });

  it.each(["http://127.0.0.1:1", "ws://127.0.0.1:1", "libsql://127.0.0.1:1?tls=0"])(
    "the URL of a server is no name of a file: %s",
    async (url) => {
      for (const database of [url, new URL(url)]) {
        const error = await raised(OperationalError, () => db.connect(database));
        expect(error).toMatchObject({ code: "CONNECTION", outcome: "not-executed" });
      }
      expect(await readdir(db.directory)).toEqual([]);
    },
  );

  it("a URL of an unknown scheme is an InterfaceError that names it", async () => {
    const error = await raised(InterfaceError, () => db.connect("postgres://localhost/a"));
    expect(error.message).toContain("postgres:");
  });
});
