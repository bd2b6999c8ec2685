/**
 * Fetching: fetchone, fetchmany, fetchall and iteration, alone and mixed; arraysize; and what a cursor refuses once it or
 * its connection is closed. Each runs on a result that is read whole and on one that is read page by page.
 */
import { expect, it } from "vitest";
import { InterfaceError, OperationalError, ProgrammingError } from "../../src/index.ts";
import { collect, conformance, raised } from "./quadrants.ts";

const CLOSED_DATABASE = "Cannot operate on a closed database.";
const CLOSED_CURSOR = "Cannot operate on a closed cursor.";

/** The numbers from 1 to `rows`. */
const numbers = (rows: number) =>
  `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i FROM n`;

conformance("fetching", (db) => {
  for (const rows of [5, 64, 65, 1000]) {
    const expected = Array.from({ length: rows }, (_, i) => [i + 1]);

    it(`fetchone gives ${rows} rows in order, then null for ever`, async () => {
      const cursor = await (await db.shared()).execute(numbers(rows));
      for (const row of expected) expect(await cursor.fetchone()).toEqual(row);
      for (let i = 0; i < 3; i++) expect(await cursor.fetchone()).toBe(null);
    });

    it(`fetchall gives ${rows} rows, then none`, async () => {
      const cursor = await (await db.shared()).execute(numbers(rows));
      expect(await cursor.fetchall()).toEqual(expected);
      expect(await cursor.fetchall()).toEqual([]);
    });

    it(`iteration gives ${rows} rows, then none`, async () => {
      const cursor = await (await db.shared()).execute(numbers(rows));
      expect(await collect(cursor)).toEqual(expected);
      expect(await collect(cursor)).toEqual([]);
    });

    it(`fetchmany gives ${rows} rows in pieces, the last one shorter`, async () => {
      const cursor = await (await db.shared()).execute(numbers(rows));
      const pieces: unknown[][] = [];
      for (let piece = await cursor.fetchmany(3); piece.length > 0; piece = await cursor.fetchmany(3))
        pieces.push(piece);
      expect(pieces.flat()).toEqual(expected);
      expect(pieces.slice(0, -1).every((piece) => piece.length === 3)).toBe(true);
    });

    it(`mixed fetches share one position in ${rows} rows`, async () => {
      const cursor = await (await db.shared()).execute(numbers(rows));
      const all = [
        await cursor.fetchone(),
        ...(await cursor.fetchmany(2)),
        await cursor.fetchone(),
        ...(await cursor.fetchall()),
      ];
      expect(all).toEqual(expected);
    });
  }

  it("an iterator goes on where fetches have come to", async () => {
    const cursor = await (await db.shared()).execute(numbers(200));
    await cursor.fetchmany(150);
    expect((await collect(cursor))[0]).toEqual([151]);
  });

  it("the whole-result shortcuts of the connection give rows and a row", async () => {
    const conn = await db.shared();
    expect(await conn.fetchall(numbers(1000))).toHaveLength(1000);
    expect(await conn.fetchone(numbers(1000))).toEqual([1]);
    expect(await conn.fetchone("SELECT 1 WHERE 0")).toBe(null);
    expect(await conn.fetchall("-- nothing")).toEqual([]);
    expect(await conn.fetchone("")).toBe(null);
  });

  it("arraysize is 1 at first, settable, and what fetchmany takes", async () => {
    const cursor = await (await db.shared()).execute(numbers(10));
    expect(cursor.arraysize).toBe(1);
    expect(await cursor.fetchmany()).toEqual([[1]]);
    cursor.arraysize = 4;
    expect(cursor.arraysize).toBe(4);
    expect(await cursor.fetchmany()).toHaveLength(4);
    expect(await cursor.fetchmany(2)).toHaveLength(2);
    expect(await cursor.fetchmany(0)).toEqual([]);
    expect(await cursor.fetchmany(undefined)).toHaveLength(3);
    expect(await cursor.fetchmany()).toEqual([]);
  });

  it.each([-1, 1.5, Number.NaN, "3", null])(
    "an arraysize or size of %j is an InterfaceError",
    async (size) => {
      const cursor = await (await db.shared()).execute(numbers(3));
      await raised(InterfaceError, () => cursor.fetchmany(size as number));
      await raised(InterfaceError, () => {
        cursor.arraysize = size as number;
      });
      expect(await cursor.fetchone()).toEqual([1]);
    },
  );

  it("execute returns the cursor itself, and so do executemany and executescript", async () => {
    const conn = await db.shared();
    const cursor = await conn.cursor();
    expect(cursor.connection).toBe(conn);
    expect(await cursor.execute("CREATE TABLE t (a)")).toBe(cursor);
    expect(await cursor.executemany("INSERT INTO t VALUES (?)", [[1]])).toBe(cursor);
    expect(await cursor.executescript("SELECT 1")).toBe(cursor);
  });

  it("fetching before a statement gives nothing", async () => {
    const cursor = await (await db.shared()).cursor();
    expect(await cursor.fetchone()).toBe(null);
    expect(await cursor.fetchmany(2)).toEqual([]);
    expect(await cursor.fetchall()).toEqual([]);
    expect(await collect(cursor)).toEqual([]);
    expect(cursor.description).toBe(null);
  });

  it("fetching after a statement without rows gives nothing", async () => {
    const cursor = await (await db.shared()).execute("CREATE TABLE t (a)");
    expect(await cursor.fetchone()).toBe(null);
    expect(await cursor.fetchall()).toEqual([]);
  });

  it("a second execute forgets the rows of the first", async () => {
    const cursor = await (await db.shared()).execute(numbers(1000));
    await cursor.fetchone();
    await cursor.execute("SELECT 'new'");
    expect(await cursor.fetchall()).toEqual([["new"]]);
  });

  it("a statement that fails leaves the cursor usable and without the rows of the one before", async () => {
    const conn = await db.shared();
    const cursor = await conn.execute(numbers(1000));
    await cursor.fetchone();
    await raised(ProgrammingError, () => cursor.execute("SELECT * FROM nowhere"));
    expect(await cursor.fetchone()).toBe(null);
    expect(await (await cursor.execute("SELECT 1")).fetchone()).toEqual([1]);
  });

  it("setinputsizes, setoutputsize and nextset do nothing", async () => {
    const cursor = await (await db.shared()).execute(numbers(2));
    expect(await cursor.setinputsizes([1, 2])).toBeUndefined();
    expect(await cursor.setoutputsize(100)).toBeUndefined();
    expect(await cursor.setoutputsize(100, 1)).toBeUndefined();
    expect(await cursor.nextset()).toBe(null);
    expect(await cursor.fetchall()).toEqual([[1], [2]]);
  });

  it("a closed cursor refuses everything but close", async () => {
    const conn = await db.connect();
    const cursor = await conn.execute(numbers(1000));
    await cursor.close();
    await cursor.close();
    const uses = [
      () => cursor.execute("SELECT 1"),
      () => cursor.executemany("INSERT INTO t VALUES (?)", []),
      () => cursor.executescript(""),
      () => cursor.fetchone(),
      () => cursor.fetchmany(1),
      () => cursor.fetchall(),
      () => collect(cursor),
      () => cursor.setinputsizes([]),
      () => cursor.setoutputsize(1),
      () => cursor.nextset(),
    ];
    for (const use of uses) expect((await raised(ProgrammingError, use)).message).toBe(CLOSED_CURSOR);
    expect(await conn.fetchone("SELECT 1")).toEqual([1]);
  });

  it("a closed connection refuses everything but close, on every cursor", async () => {
    const conn = await db.connect();
    const cursor = await conn.execute(numbers(1000));
    const small = await conn.execute("SELECT 1");
    await conn.close();
    await conn.close();
    const uses = [
      () => conn.cursor(),
      () => conn.execute("SELECT 1"),
      () => conn.executemany("INSERT INTO t VALUES (?)", []),
      () => conn.executescript(""),
      () => conn.fetchall("SELECT 1"),
      () => conn.fetchone("SELECT 1"),
      () => conn.sql`SELECT 1`,
      () => conn.commit(),
      () => conn.rollback(),
      () => conn.transaction(() => 1),
      () => conn.totalChanges,
      () => conn.serialize(),
      () => conn.backup(db.file()),
      () => collect(conn.iterdump()),
      () => conn.createFunction("f", 0, () => 1),
      () => conn.setTraceCallback(null),
      () => cursor.execute("SELECT 1"),
      () => cursor.fetchone(),
      () => cursor.fetchall(),
      () => collect(cursor),
      () => small.fetchone(),
      () => small.fetchall(),
    ];
    for (const use of uses) {
      expect((await raised(ProgrammingError, use)).message, String(use)).toBe(CLOSED_DATABASE);
    }
    await cursor.close();
    expect(conn.inTransaction).toBe(false);
  });

  it("a loop whose connection is closed in its middle ends with a ProgrammingError", async () => {
    const conn = await db.connect();
    const cursor = await conn.execute(numbers(1000));
    const seen: unknown[] = [];
    const error = await raised(ProgrammingError, async () => {
      for await (const row of cursor) {
        seen.push(row);
        if (seen.length === 2) await conn.close();
      }
    });
    expect(error.message).toBe(CLOSED_DATABASE);
    expect(seen).toEqual([[1], [2]]);
  });

  it("leaving a loop after closing the connection in it is no error", async () => {
    const conn = await db.connect();
    const cursor = await conn.execute(numbers(1000));
    for await (const _row of cursor) {
      await conn.close();
      break;
    }
    await raised(ProgrammingError, () => cursor.fetchone());
  });

  it("a statement that fails while it runs says so at execute", async () => {
    const conn = await db.connect();
    await raised(OperationalError, () => conn.execute("SELECT abs(-9223372036854775807 - 1)"));
  });
});
