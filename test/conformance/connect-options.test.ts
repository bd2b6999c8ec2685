/**
 * The options of `connect`: every good value opens, every wrong one is an InterfaceError that names the option, and each
 * option does what it says.
 */
import { readdir } from "node:fs/promises";
import { expect, it } from "vitest";
import {
  type ConnectOptions,
  InterfaceError,
  LEGACY_TRANSACTION_CONTROL,
  OperationalError,
  objectRow,
  PARSE_COLNAMES,
  PARSE_DECLTYPES,
  ProgrammingError,
} from "../../src/index.ts";
import { conformanceWith, raised } from "./quadrants.ts";

conformanceWith("files", "connect options", (db) => {
  const good: readonly ConnectOptions[] = [
    {},
    { timeout: 0 },
    { timeout: 2147483647 },
    { isolationLevel: "" },
    { isolationLevel: "DEFERRED" },
    { isolationLevel: "immediate" },
    { isolationLevel: "exclusive" },
    { isolationLevel: null },
    { autocommit: true },
    { autocommit: false },
    { autocommit: LEGACY_TRANSACTION_CONTROL },
    { detectTypes: 0 },
    { detectTypes: PARSE_DECLTYPES | PARSE_COLNAMES },
    { cachedStatements: 0 },
    { cachedStatements: 100_000 },
    { readonly: false, fileMustExist: false },
    { integers: "auto" },
    { integers: "bigint" },
    { integers: "number" },
    { rowFactory: null },
    { rowFactory: objectRow },
  ];
  it.each(good)("%o opens", async (options) => {
    const conn = await db.connect(":memory:", options);
    expect(await conn.execute("SELECT 1")).toBeDefined();
  });

  it("an option that is undefined has its default", async () => {
    const conn = await db.connect(":memory:", {
      timeout: undefined,
      isolationLevel: undefined,
      autocommit: undefined,
    } as unknown as ConnectOptions);
    expect(conn.isolationLevel).toBe("");
    expect(conn.autocommit).toBe(LEGACY_TRANSACTION_CONTROL);
  });

  it.each([
    ["timeout", -1],
    ["timeout", 1.5],
    ["timeout", Number.NaN],
    ["timeout", Number.POSITIVE_INFINITY],
    ["timeout", 2147483648],
    ["timeout", "5000"],
    ["timeout", 5n],
    ["timeout", null],
    ["isolationLevel", "SERIALIZABLE"],
    ["isolationLevel", "DEFERRED; DROP TABLE t"],
    ["isolationLevel", 1],
    ["isolationLevel", true],
    ["autocommit", 0],
    ["autocommit", 1],
    ["autocommit", "true"],
    ["autocommit", null],
    ["detectTypes", 4],
    ["detectTypes", -1],
    ["detectTypes", "1"],
    ["cachedStatements", -1],
    ["cachedStatements", 0.5],
    ["cachedStatements", null],
    ["readonly", 1],
    ["readonly", "false"],
    ["fileMustExist", 0],
    ["integers", "Auto"],
    ["integers", "safe"],
    ["integers", null],
    ["rowFactory", {}],
    ["rowFactory", "object"],
  ] as const)("%s: %s is an InterfaceError that names the option", async (name, value) => {
    const options = { [name]: value } as unknown as ConnectOptions;
    const error = await raised(InterfaceError, () => db.connect(db.file(), options));
    expect(error.message).toContain(name);
    expect(await readdir(db.directory)).toEqual([]);
  });

  it.each([
    "isolation_level",
    "readOnly",
    "check_same_thread",
    "uri",
    "constructor",
    "__proto__x",
    "toString",
  ])("the unknown option %s is an InterfaceError that names it", async (name) => {
    const options = { [name]: true } as unknown as ConnectOptions;
    const error = await raised(InterfaceError, () => db.connect(":memory:", options));
    expect(error.message).toContain(name);
  });

  it.each([null, 5, "timeout", true, () => 1])(
    "options that are no object are an InterfaceError",
    async (options) => {
      await raised(InterfaceError, () => db.connect(":memory:", options as unknown as ConnectOptions));
    },
  );

  it("readonly refuses every write, and lets reads through", async () => {
    const writer = await db.connect(db.file());
    await writer.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1);");
    const conn = await db.connect(db.file(), { readonly: true });
    expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
    for (const sql of ["INSERT INTO t VALUES (2)", "CREATE TABLE u (a)", "DROP TABLE t", "VACUUM"]) {
      await conn.rollback();
      expect((await raised(OperationalError, () => conn.execute(sql))).code).toBe("SQLITE_READONLY");
    }
  });

  it("readonly does not create a file", async () => {
    const error = await raised(OperationalError, () => db.connect(db.file(), { readonly: true }));
    expect(error.code).toBe("SQLITE_CANTOPEN");
    expect(await readdir(db.directory)).toEqual([]);
  });

  it.each([":memory:", ""])("readonly holds for a private database too: %j", async (name) => {
    const conn = await db.connect(name, { readonly: true });
    expect((await raised(OperationalError, () => conn.execute("CREATE TABLE t (a)"))).code).toBe(
      "SQLITE_READONLY",
    );
  });

  it("fileMustExist refuses to create, and opens what is there", async () => {
    const error = await raised(OperationalError, () => db.connect(db.file(), { fileMustExist: true }));
    expect(error.code).toBe("SQLITE_CANTOPEN");
    expect(await readdir(db.directory)).toEqual([]);
    await (await db.connect(db.file())).execute("CREATE TABLE t (a)");
    const conn = await db.connect(db.file(), { fileMustExist: true });
    await conn.execute("INSERT INTO t VALUES (1)");
  });

  it("synchronous is FULL in every journal mode, as SQLite documents it", async () => {
    const conn = await db.connect(db.file());
    const FULL = 2;
    expect(await conn.fetchone("PRAGMA synchronous")).toEqual([FULL]);
    await conn.execute("PRAGMA journal_mode = WAL");
    expect(await conn.fetchone("PRAGMA synchronous")).toEqual([FULL]);
    await conn.close();
    const again = await db.connect(db.file());
    expect(await again.fetchone("PRAGMA synchronous")).toEqual([FULL]);
    await again.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1);");
    expect(await again.fetchone("PRAGMA synchronous")).toEqual([FULL]);
    expect(await again.fetchone("PRAGMA journal_mode")).toEqual(["wal"]);
  });

  it("the timeout is SQLite's busy timeout", async () => {
    expect(await (await db.connect(db.file())).fetchone("PRAGMA busy_timeout")).toEqual([5000]);
    expect(await (await db.connect(db.file(), { timeout: 0 })).fetchone("PRAGMA busy_timeout")).toEqual([0]);
  });

  it("isolationLevel and autocommit are what the connection shows", async () => {
    expect((await db.connect(":memory:", { isolationLevel: "immediate" })).isolationLevel).toBe("IMMEDIATE");
    expect((await db.connect(":memory:", { isolationLevel: null })).isolationLevel).toBe(null);
    const conn = await db.connect(":memory:", { autocommit: false });
    expect(conn.autocommit).toBe(false);
    expect(conn.inTransaction).toBe(true);
  });

  it("cachedStatements of 0 keeps no statement and changes no result", async () => {
    const conn = await db.connect(":memory:", { cachedStatements: 0 });
    for (let i = 0; i < 3; i++) expect(await conn.fetchone("SELECT ?", [i])).toEqual([i]);
    expect(await (await conn.execute("VALUES (1), (2)")).fetchall()).toEqual([[1], [2]]);
  });

  it("a connection works with `using`: it is closed, and open work is rolled back", async () => {
    const other = await db.connect(db.file());
    await other.execute("CREATE TABLE t (a)");
    let leaked: unknown;
    {
      await using conn = await db.connect(db.file());
      await conn.execute("INSERT INTO t VALUES (1)");
      leaked = conn;
    }
    expect(await other.fetchall("SELECT * FROM t")).toEqual([]);
    await raised(ProgrammingError, () => (leaked as typeof other).execute("SELECT 1"));
  });
});
