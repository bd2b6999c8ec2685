/**
 * Rule 5, what goes wrong: a set that fails, wherever it stands, leaves the state of a run row by row and an error that
 * says which it was; an iterable that throws; a callback that throws. Iterables that use the connection themselves are
 * in executemany-inside.test.ts.
 */
import { expect, it } from "vitest";
import {
  DataError,
  IntegrityError,
  InterfaceError,
  OperationalError,
  type Parameters,
} from "../../src/index.ts";
import { type AnyConnection, conformance, raised } from "./quadrants.ts";

/** Around the sizes of chunks and statements. */
const PLACES = [0, 1, 7, 8, 63, 64, 65, 127, 255, 256, 257, 511, 1000, 1099];
const COUNT = 1100;

conformance("executemany that fails", (db) => {
  const table = async (sql = "CREATE TABLE t (a UNIQUE, b)") => {
    const conn = await db.shared();
    await conn.executescript(sql);
    return conn;
  };
  const INSERT = "INSERT INTO t VALUES (?, ?)";
  const count = async (conn: AnyConnection) => (await conn.fetchone("SELECT count(*) FROM t"))?.[0];

  /** Sets 0 to 1099, with another one in the place of one. */
  const withBad = (place: number, bad: unknown): Parameters[] =>
    Array.from({ length: COUNT }, (_, i) => (i === place ? (bad as Parameters) : [i, "x"]));

  it.each(PLACES)(
    "set %i breaks a constraint: those before it stay, in the open transaction",
    async (place) => {
      const conn = await table();
      await conn.execute("INSERT INTO t VALUES ('taken', 0)");
      await conn.commit();
      const cursor = await conn.cursor();
      const error = await raised(IntegrityError, () =>
        cursor.executemany(INSERT, withBad(place, ["taken", "y"])),
      );
      expect(error.index).toBe(place);
      expect(error.code).toBe("SQLITE_CONSTRAINT_UNIQUE");
      expect(error.constraint).toEqual({ kind: "unique", table: "t", columns: ["a"] });
      expect(error.sql).toBe(INSERT);
      expect(conn.inTransaction).toBe(true);
      expect(await conn.fetchall("SELECT a FROM t WHERE b = 'x' ORDER BY rowid")).toEqual(
        Array.from({ length: place }, (_, i) => [i]),
      );
      await conn.rollback();
      expect(await count(conn)).toBe(1);
    },
  );

  it.each(PLACES)("set %i collides with one before it in the same run", async (place) => {
    if (place === 0) return;
    const conn = await table();
    const error = await raised(IntegrityError, () =>
      conn.executemany(INSERT, withBad(place, [place - 1, "y"])),
    );
    expect(error.index).toBe(place);
    expect(await count(conn)).toBe(place);
  });

  it.each([0, 64, 256, 1000])("an UPDATE whose set %i fails", async (place) => {
    const conn = await table("CREATE TABLE t (a INTEGER PRIMARY KEY, b CHECK (b >= 0))");
    await conn.executemany(
      INSERT,
      Array.from({ length: COUNT }, (_, i) => [i, 0]),
    );
    await conn.commit();
    const sets = Array.from({ length: COUNT }, (_, i) => [i === place ? -1 : 1, i]);
    const error = await raised(IntegrityError, () =>
      conn.executemany("UPDATE t SET b = ? WHERE a = ?", sets),
    );
    expect(error.index).toBe(place);
    expect(
      await conn.fetchone("SELECT sum(b), count(*) FILTER (WHERE a < ? AND b = 1) FROM t", [place]),
    ).toEqual(place === 0 ? [0, 0] : [place, place]);
  });

  const bad: readonly [what: string, set: unknown, Class: typeof InterfaceError | typeof DataError][] = [
    ["too few values", [1], InterfaceError],
    ["too many values", [1, 2, 3], InterfaceError],
    ["an object for ?", { a: 1, b: 2 }, InterfaceError],
    ["undefined", undefined, InterfaceError],
    ["null", null, InterfaceError],
    ["a number", 5, InterfaceError],
    ["a string", "ab", InterfaceError],
    ["a NaN", [1, Number.NaN], InterfaceError],
    ["a symbol", [1, Symbol("s")], InterfaceError],
    ["a bigint past int64", [1, 2n ** 63n], DataError],
    ["a lone surrogate", [1, "\ud800"], DataError],
  ];
  it.each(bad)(
    "a set that does not bind, %s: those before it stay, and index says which",
    async (_what, set, Class) => {
      const conn = await table();
      for (const place of [0, 1, 63, 64, 256, 300]) {
        const error = await raised(Class, () => conn.executemany(INSERT, withBad(place, set)));
        expect(error.index).toBe(place);
        expect(await count(conn)).toBe(place);
        expect(conn.inTransaction).toBe(true);
        await conn.rollback();
      }
    },
  );

  it.each([0, 1, 64, 255, 256, 700])(
    "a generator that throws after %i sets: those stay, and its own error comes out",
    async (place) => {
      const conn = await table();
      const reason = new RangeError("mine");
      let isClosed = false;
      function* sets() {
        try {
          for (let i = 0; ; i++) {
            if (i === place) throw reason;
            yield [i, "x"];
          }
        } finally {
          isClosed = true;
        }
      }
      expect(await raised(RangeError, () => conn.executemany(INSERT, sets()))).toBe(reason);
      expect(isClosed).toBe(true);
      expect(await count(conn)).toBe(place);
      expect(conn.inTransaction).toBe(true);
    },
  );

  it("a generator is closed when a set fails", async () => {
    const conn = await table();
    let isClosed = false;
    function* sets() {
      try {
        for (;;) yield [1, "the same"];
      } finally {
        isClosed = true;
      }
    }
    const error = await raised(IntegrityError, () => conn.executemany(INSERT, sets()));
    expect(error.index).toBe(1);
    expect(isClosed).toBe(true);
  });

  it("the cursor is usable after a failure, and shows no rowcount of it", async () => {
    const conn = await table();
    const cursor = await conn.cursor();
    await raised(InterfaceError, () => cursor.executemany(INSERT, [[1, 2], [1]]));
    expect(cursor.rowcount).toBe(-1);
    expect((await cursor.executemany(INSERT, [[2, 3]])).rowcount).toBe(1);
    expect(await (await cursor.execute("SELECT a FROM t")).fetchall()).toEqual([[1], [2]]);
  });

  it.each(["ROLLBACK", "FAIL", "IGNORE", "REPLACE"])("INSERT OR %s does what it says", async (conflict) => {
    const conn = await table();
    await conn.execute("INSERT INTO t VALUES ('before', 'z')");
    const sets = withBad(300, [5, "again"]);
    const run = () => conn.executemany(`INSERT OR ${conflict} INTO t VALUES (?, ?)`, sets);
    if (conflict === "ROLLBACK" || conflict === "FAIL") {
      const error = await raised(IntegrityError, run);
      expect(error.index).toBe(300);
      expect(conn.inTransaction).toBe(conflict === "FAIL");
      expect(await count(conn)).toBe(conflict === "FAIL" ? 301 : 0);
    } else {
      expect((await run()).rowcount).toBe(conflict === "IGNORE" ? COUNT - 1 : COUNT);
      expect(await conn.fetchone("SELECT b FROM t WHERE a = 5")).toEqual([
        conflict === "IGNORE" ? "x" : "again",
      ]);
    }
  });

  it("onProgress that throws stops the run and keeps what is done", async () => {
    const conn = await table();
    const reason = new RangeError("stop");
    let done = 0;
    const error = await raised(RangeError, () =>
      conn.executemany(INSERT, withBad(-1, null), {
        onProgress: (count) => {
          done = count;
          throw reason;
        },
      }),
    );
    expect(error).toBe(reason);
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(COUNT);
    expect(await count(conn)).toBe(done);
    expect(conn.inTransaction).toBe(true);
  });

  it.skipIf(!db.can.files)(
    "a lock that somebody else holds is raised, with nothing done (needs files)",
    async () => {
      const conn = await db.connect(db.file(), { timeout: 0 });
      const other = await db.connect(db.file());
      await conn.execute("CREATE TABLE t (a, b)");
      await other.execute("BEGIN IMMEDIATE");
      const error = await raised(OperationalError, () => conn.executemany(INSERT, withBad(-1, null)));
      expect(error.code).toBe("SQLITE_BUSY");
      await other.rollback();
      await conn.rollback();
      expect((await conn.executemany(INSERT, withBad(-1, null))).rowcount).toBe(COUNT);
    },
  );
});
