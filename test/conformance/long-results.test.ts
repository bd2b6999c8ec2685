/**
 * A long result is the same however often and however it is read: servers are asked for it in other ways once it is known to be long
 * (docs/design/REMOTE.md). What is right is what SQLite gives on the synchronous face, in this process.
 */
import { isDeepStrictEqual } from "node:util";
import { expect, it } from "vitest";
import { connect, type Parameter, type Parameters, type SqlValue } from "../../src/index.ts";
import { type AnyConnection, collect, conformance } from "./quadrants.ts";

/** Values of every kind, some of them long, in no order. */
const rows: readonly Parameter[][] = Array.from({ length: 1800 }, (_, i) => [
  (i * 7919) % 1800,
  [
    null,
    i,
    i / 7,
    -0,
    `row "${i}"`,
    Buffer.from([i % 256]),
    "\u007fr1.5",
    2n ** 60n + BigInt(i),
    "a\0b",
    "[1]",
  ][i % 10] ?? null,
  i % 500 === 31 ? "\u{1f680}".repeat(400 + i) : i % 701 === 0 ? Buffer.alloc(1500, i % 256) : "short",
]);

const QUERIES: readonly (readonly [sql: string, values: Parameters])[] = [
  ["SELECT id, v, long FROM t ORDER BY id", []],
  ["SELECT v, id, v FROM t WHERE id >= ? ORDER BY id DESC; -- the end", [100]],
  ["SELECT long, count(*) OVER (), id FROM t WHERE id <> :id ORDER BY typeof(v), id", { id: 5 }],
  [
    "WITH RECURSIVE r(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM r WHERE x < ?1) SELECT x, x * 0.1, ?1 FROM r",
    [1600],
  ],
];

/** Reads a result in every way there is, one after the other. */
const readings: readonly ((conn: AnyConnection, sql: string, values: Parameters) => Promise<SqlValue[][]>)[] =
  [
    async (conn, sql, values) => collect(await conn.execute(sql, values)) as Promise<SqlValue[][]>,
    async (conn, sql, values) => (await conn.execute(sql, values)).fetchall(),
    async (conn, sql, values) => conn.fetchall(sql, values),
    async (conn, sql, values) => {
      const cursor = await conn.execute(sql, values);
      const read: SqlValue[][] = [];
      for (let page = await cursor.fetchmany(700); page.length > 0; page = await cursor.fetchmany(700))
        read.push(...page);
      return read;
    },
    async (conn, sql, values) => {
      const cursor = await conn.execute(sql, values);
      const first = await cursor.fetchone();
      return first === null ? [] : [first, ...(await cursor.fetchall())];
    },
  ];

conformance("a long result", (db) => {
  async function fill(conn: AnyConnection): Promise<AnyConnection> {
    await conn.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v, long)");
    await conn.executemany("INSERT INTO t VALUES (?, ?, ?)", rows);
    await conn.commit();
    return conn;
  }

  it("is what SQLite gives, each time, in every way to read it, in a transaction and outside", async () => {
    const local = await fill(connect(":memory:") as unknown as AnyConnection);
    const conn = await fill(await db.connect());
    for (const [sql, values] of QUERIES) {
      const expected = await local.fetchall(sql, values);
      const { description } = await local.execute(sql, values);
      expect(expected.length).toBeGreaterThan(1000);
      for (const inTransaction of [false, true]) {
        if (inTransaction) await conn.execute("UPDATE t SET id = id WHERE id = 1");
        for (const read of readings) {
          for (let time = 0; time < 2; time++) {
            const result = await read(conn, sql, values);
            // To have it compared and shown takes much longer, and there are many.
            if (!isDeepStrictEqual(result, expected)) expect(result, sql).toStrictEqual(expected);
          }
        }
        expect((await conn.execute(sql, values)).description).toEqual(description);
        await conn.rollback();
      }
    }
    await local.close();
  });
});
