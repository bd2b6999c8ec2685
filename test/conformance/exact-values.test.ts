/**
 * What is stored is what is read, in every kind of result (read whole, limited, page by page, RETURNING): integers past
 * 2^53, text with bytes that are not UTF-8, and text with a genuine replacement character, which must not be mistaken.
 */
import { expect, it } from "vitest";
import { NotSupportedError, OperationalError, objectRow } from "../../src/index.ts";
import { type AnyConnection, collect, conformance, raised } from "./quadrants.ts";

const LARGE = [2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const REPLACED = "a\uFFFDb";
const INVALID = Buffer.from([0x61, 0xff, 0x62]);

/** Every way to read `v` of the table `t` from row `first` on; the table has 300 rows. */
const readings: readonly (readonly [
  how: string,
  read: (conn: AnyConnection, first: number) => Promise<unknown[]>,
])[] = [
  [
    "one row by key",
    async (conn, first) => [await (await conn.execute("SELECT v FROM t WHERE id = ?", [first])).fetchone()],
  ],
  [
    "conn.fetchone",
    async (conn, first) => [await conn.fetchone("SELECT v FROM t WHERE id >= ? ORDER BY id", [first])],
  ],
  [
    "conn.fetchall",
    (conn, first) => readAll(conn.fetchall("SELECT v FROM t WHERE id >= ? ORDER BY id", [first])),
  ],
  [
    "a small LIMIT",
    async (conn, first) =>
      (await conn.execute("SELECT v FROM t WHERE id >= ? ORDER BY id LIMIT 10", [first])).fetchall(),
  ],
  [
    "pages, fetchall",
    async (conn, first) =>
      (await conn.execute("SELECT v FROM t WHERE id >= ? ORDER BY id", [first])).fetchall(),
  ],
  [
    "a long result, fetchall",
    async (conn, first) => {
      const sql = `SELECT * FROM (SELECT v FROM t WHERE id >= ? ORDER BY id) UNION ALL
      SELECT * FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i FROM n)`;
      return (await (await conn.execute(sql, [first])).fetchall()).slice(0, -1000);
    },
  ],
  [
    "pages, a loop",
    async (conn, first) => collect(await conn.execute("SELECT v FROM t WHERE id >= ? ORDER BY id", [first])),
  ],
  [
    "pages, after many rows",
    async (conn, first) => {
      const sql = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
      SELECT 0 FROM n UNION ALL SELECT * FROM (SELECT v FROM t WHERE id >= ? ORDER BY id)`;
      return (await collect(await conn.execute(sql, [first]))).slice(1000);
    },
  ],
  [
    "objects, after many rows",
    async (conn, first) => {
      const sql = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
      SELECT 0 AS v FROM n UNION ALL SELECT * FROM (SELECT v FROM t WHERE id >= ? ORDER BY id)`;
      const rows = await (await conn.cursor(objectRow).execute(sql, [first])).fetchall();
      return rows.slice(1000).map(({ v }) => [v]);
    },
  ],
  [
    "named parameters",
    async (conn, first) =>
      collect(await conn.execute("SELECT v FROM t WHERE id >= :first ORDER BY id", { first })),
  ],
  [
    "VALUES",
    async (conn, first) => collect(await conn.execute("VALUES ((SELECT v FROM t WHERE id = ?))", [first])),
  ],
  [
    "WITH, comments and a semicolon",
    async (conn, first) =>
      collect(
        await conn.execute(
          "/* a */ WITH x AS (SELECT * FROM t) SELECT v FROM x WHERE id >= ? ORDER BY id; -- end",
          [first],
        ),
      ),
  ],
];
const returning = [
  "RETURNING",
  async (conn: AnyConnection, first: number) =>
    collect(await conn.execute("UPDATE t SET id = id WHERE id >= ? RETURNING v", [first])),
] as const;

const readAll = async (rows: unknown) => (await rows) as unknown[];

conformance("exact values", (db) => {
  /** A table whose rows from `first` on hold `values`. */
  const holding = async (
    conn: AnyConnection,
    first: number,
    values: readonly (bigint | string | Buffer)[],
  ) => {
    await conn.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
    await conn.executemany(
      "INSERT INTO t (id) VALUES (?)",
      Array.from({ length: first }, (_, id) => [id]),
    );
    for (const [i, value] of values.entries()) {
      const expression = Buffer.isBuffer(value) ? "CAST(? AS TEXT)" : "?";
      await conn.execute(`INSERT INTO t VALUES (?, ${expression})`, [first + i, value]);
    }
    await conn.commit();
  };

  it.each([...readings, returning])("integers past 2^53 keep every bit: %s", async (_how, read) => {
    const conn = await db.shared();
    await holding(conn, 100, LARGE);
    for (let time = 0; time < 3; time++) {
      for (const [i, value] of LARGE.entries()) expect((await read(conn, 100 + i))[0]).toEqual([value]);
      expect((await read(conn, 100)).length).toBeLessThanOrEqual(LARGE.length);
    }
  });

  it.each([...readings, returning])("a genuine U+FFFD is read as it is: %s", async (_how, read) => {
    const conn = await db.shared();
    await holding(conn, 100, [REPLACED, "\uFEFFbom", "\uFFFD"]);
    for (let time = 0; time < 3; time++) {
      expect((await read(conn, 100))[0]).toEqual([REPLACED]);
      expect((await read(conn, 101))[0]).toEqual(["\uFEFFbom"]);
      expect((await read(conn, 102))[0]).toEqual(["\uFFFD"]);
    }
  });

  const ofAnyText = it.skipIf(!db.can.anyText);

  ofAnyText.each(readings)(
    "text that is not UTF-8 is an OperationalError: %s (needs any text)",
    async (_how, read) => {
      const conn = await db.shared();
      await holding(conn, 100, [INVALID]);
      for (let time = 0; time < 3; time++) {
        const error = await raised(OperationalError, () => read(conn, 100));
        expect(error.message).toContain("UTF-8");
      }
    },
  );

  it.each(readings)('with textFactory "buffer" text is its bytes: %s', async (_how, read) => {
    const conn = await db.shared();
    const first = db.can.anyText ? INVALID : Buffer.from("naïve");
    await holding(conn, 100, [first, REPLACED, "plain", ""]);
    conn.textFactory = "buffer";
    for (let time = 0; time < 3; time++) {
      expect((await read(conn, 100))[0]).toEqual([first]);
      expect((await read(conn, 101))[0]).toEqual([Buffer.from(REPLACED)]);
      expect((await read(conn, 102))[0]).toEqual([Buffer.from("plain")]);
      expect((await read(conn, 103))[0]).toEqual([Buffer.alloc(0)]);
    }
  });

  // API.md, "Values": a statement that writes cannot run a second time, so what better-sqlite3 made of its text stands.
  ofAnyText(
    "RETURNING gives U+FFFD for bytes that are not UTF-8, and refuses to pass it off as their bytes (needs any text)",
    async () => {
      const conn = await db.shared();
      await holding(conn, 100, [INVALID, "plain"]);
      expect(String((await returning[1](conn, 100))[0])).toContain("\uFFFD");
      conn.textFactory = "buffer";
      expect(await returning[1](conn, 101)).toEqual([[Buffer.from("plain")]]);
      const error = await raised(NotSupportedError, () => returning[1](conn, 100));
      expect(error.message).toContain("RETURNING");
    },
  );

  it("values of every kind beside a doubtful text are read as they are", async () => {
    const conn = await db.shared();
    const large = db.can.infinity ? Number.POSITIVE_INFINITY : Number.MAX_VALUE;
    const sql = `SELECT 1, 2.5, -0.0, NULL, x'00ff', x'', '', 'text', 9007199254740993, '\uFFFD',
      ${db.can.infinity ? "1e999" : large}, 3.0`;
    const expected = [
      1,
      2.5,
      -0,
      null,
      Buffer.from([0, 255]),
      Buffer.alloc(0),
      "",
      "text",
      9007199254740993n,
      "\uFFFD",
      large,
      3,
    ];
    for (let time = 0; time < 3; time++) {
      expect(await (await conn.execute(sql)).fetchone()).toEqual(expected);
      expect(await conn.fetchone(sql)).toEqual(expected);
    }
  });

  it("a doubtful text does not make a result too wide", async () => {
    const conn = await db.shared();
    const columns = Array.from({ length: 1900 }, (_, i) => ["'\uFFFD'", "x'00ff'", "5", "NULL"][i % 4]);
    const sql = `SELECT ${columns}`;
    const last = ["\uFFFD", Buffer.from([0, 255]), 5, null];
    expect((await conn.fetchone(sql))?.slice(-4)).toEqual(last);
    expect((await (await conn.execute(sql)).fetchall())[0]?.slice(-4)).toEqual(last);
  });

  ofAnyText.each(["UTF-16le", "UTF-16be"])(
    "text of a database of %s is what it is (needs any text)",
    async (encoding) => {
      const conn = await db.connect();
      await conn.execute(`PRAGMA encoding = '${encoding}'`);
      await holding(conn, 100, ["first", REPLACED, "\uFEFFbom", "😀\0"]);
      for (const [i, value] of ["first", REPLACED, "\uFEFFbom", "😀\0"].entries()) {
        for (const [how, read] of readings) expect((await read(conn, 100 + i))[0], how).toEqual([value]);
      }
      conn.textFactory = "buffer";
      for (const [how, read] of readings) {
        expect((await read(conn, 100))[0], how).toEqual([Buffer.from("first")]);
        expect((await read(conn, 101))[0], how).toEqual([Buffer.from(REPLACED)]);
      }
    },
  );

  ofAnyText(
    "an invalid text and a genuine one in neighbouring rows are told apart (needs any text)",
    async () => {
      const conn = await db.shared();
      await holding(conn, 300, [REPLACED, INVALID, REPLACED]);
      const cursor = await conn.execute("SELECT v FROM t WHERE id > 10 ORDER BY id");
      expect(await cursor.fetchmany(289)).toHaveLength(289);
      expect(await cursor.fetchone()).toEqual([REPLACED]);
      await raised(OperationalError, () => cursor.fetchone());
    },
  );

  it("the text factory of a result is the one of its execute", async () => {
    const conn = await db.shared();
    await holding(conn, 1000, ["last"]);
    const cursor = await conn.execute("SELECT v FROM t ORDER BY id");
    await cursor.fetchone();
    conn.textFactory = "buffer";
    expect((await cursor.fetchall()).at(-1)).toEqual(["last"]);
    expect(await conn.fetchone("SELECT 'new'")).toEqual([Buffer.from("new")]);
  });

  it.skipIf(!db.can.userFunctions)(
    "a user function runs once for a row, also where the row has to be looked at twice (needs user functions)",
    async () => {
      const conn = await db.connect();
      for (const value of [2n ** 53n + 1n, "text", 1]) {
        let calls = 0;
        await conn.createFunction("counted", 0, () => {
          calls++;
          return value;
        });
        for (const sql of [
          "SELECT counted()",
          "SELECT counted() LIMIT 1",
          "SELECT counted() UNION ALL SELECT 1",
        ]) {
          for (let time = 0; time < 3; time++) {
            calls = 0;
            expect((await (await conn.execute(sql)).fetchall())[0], sql).toEqual([value]);
            expect(calls, `${sql} with ${typeof value}`).toBe(1);
          }
        }
      }
    },
  );

  // A second look is all that tells a genuine U+FFFD: HOUSE.md, "look before you trust".
  it.skipIf(!db.can.userFunctions)(
    "beside a doubtful text a user function runs once more for a row, and every row has a value of one run (needs user functions)",
    async () => {
      const conn = await db.connect();
      await holding(conn, 4, ["a", REPLACED, "b"]);
      let calls = 0;
      await conn.createFunction("counted", 0, () => ++calls);
      const sql = "SELECT counted(), v, counted() FROM t WHERE id > 3 ORDER BY id";
      for (let time = 0; time < 3; time++) {
        calls = 0;
        const rows = await conn.fetchall(sql);
        expect(rows.map(([, v]) => v)).toEqual(["a", REPLACED, "b"]);
        expect(rows.flatMap(([one, , other]) => [one, other])).toEqual([7, 8, 9, 10, 11, 12]);
        expect(calls).toBe(12);
      }
    },
  );
});
