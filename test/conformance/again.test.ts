/**
 * A query that has run before: the driver knows by then how many rows it has, and takes shorter ways to them. Whatever way that
 * is, the answer is that of the first time.
 */
import { expect, it } from "vitest";
import {
  type ConnectOptions,
  IntegrityError,
  OperationalError,
  type Parameters,
  ProgrammingError,
  type SqlValue,
} from "../../src/index.ts";
import { failing, flow } from "./flow.ts";
import { type AnyConnection, collect, conformance, raised } from "./quadrants.ts";

const TIMES = 4;

const SCRIPT = `
  CREATE TABLE t (id INTEGER PRIMARY KEY, v, "__proto__");
  INSERT INTO t VALUES
    (1, 'one', 1.5), (2, 9007199254740993, NULL), (3, '�', 'Ж'), (4, x'00ff', ''), (5, -9223372036854775807 - 1, 0);
`;

const UNIQUE = `${SCRIPT}; CREATE UNIQUE INDEX i ON t (v)`;

/** Queries of one row, of a few, and of any number; with values that need a second look, and without; with none; that fail. */
const QUERIES: readonly (readonly [sql: string, parameters?: Parameters])[] = [
  ["SELECT * FROM t WHERE id = ?", [1]],
  ["SELECT * FROM t WHERE id = ?", [2]],
  ["SELECT * FROM t WHERE id = ?", [3]],
  ["SELECT v FROM t WHERE id = :id", { id: 4 }],
  ["SELECT v FROM t WHERE id = ?", [99]],
  ["SELECT abs(v) FROM t WHERE id = ?", [5]],
  ["SELECT * FROM t WHERE id = ?", []],
  ["SELECT * FROM t WHERE id = ?", [Symbol("none") as unknown as string]],
  ["SELECT count(*), max(id), total(id) FROM t"],
  ["SELECT * FROM t ORDER BY id LIMIT 2"],
  ["SELECT * FROM t ORDER BY id LIMIT 3 OFFSET 1"],
  ["SELECT * FROM t ORDER BY id LIMIT ?", [4]],
  ["SELECT * FROM t WHERE id > 100 LIMIT 2"],
  ["SELECT abs(v) FROM t WHERE id <> 3 ORDER BY id LIMIT 5"],
  ["SELECT * FROM t ORDER BY id"],
  ["VALUES (1, 2), (3, 4)"],
  ["SELECT a.v, b.id, c.id, d.id FROM t a, t b, t c, t d ORDER BY a.id, b.id, c.id, d.id"],
  ["SELECT 1 AS a, 2 AS a"],
  ["SELECT"],
  ["-- nothing"],
];

/** What comes of a call: a value, or an error. */
async function outcome(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return [(error as Error).constructor.name, (error as Error).message];
  }
}

const WAYS: Readonly<
  Record<string, (conn: AnyConnection, sql: string, parameters?: Parameters) => Promise<unknown>>
> = {
  "conn.fetchone": (conn, sql, parameters) => outcome(() => conn.fetchone(sql, parameters)),
  "conn.fetchall": (conn, sql, parameters) => outcome(() => conn.fetchall(sql, parameters)),
  "execute and fetchone": async (conn, sql, parameters) => {
    const cursor = conn.cursor();
    const seen = [await outcome(async () => void (await cursor.execute(sql, parameters)))];
    for (let i = 0; i < 3; i++) seen.push(await outcome(() => cursor.fetchone()));
    return [...seen, cursor.description, cursor.rowcount, cursor.lastrowid];
  },
  "execute and fetchall": async (conn, sql, parameters) => {
    const cursor = conn.cursor();
    const seen = [await outcome(async () => void (await cursor.execute(sql, parameters)))];
    for (let i = 0; i < 2; i++) seen.push(await outcome(() => cursor.fetchall()));
    return seen;
  },
  "execute and fetchmany": async (conn, sql, parameters) => {
    const cursor = conn.cursor();
    const seen = [await outcome(async () => void (await cursor.execute(sql, parameters)))];
    for (let i = 0; i < 3; i++) seen.push(await outcome(() => cursor.fetchmany(3)));
    return seen;
  },
  "execute and a loop": (conn, sql, parameters) =>
    outcome(async () => collect(await conn.execute(sql, parameters))),
  "execute on a cursor with a result": async (conn, sql, parameters) => {
    const cursor = await conn.execute(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n",
    );
    const seen = [
      await cursor.fetchone(),
      await outcome(async () => void (await cursor.execute(sql, parameters))),
    ];
    seen.push(await outcome(() => cursor.fetchone()));
    await cursor.close();
    return seen;
  },
};

conformance("a query that has run before", (db) => {
  for (const [way, run] of Object.entries(WAYS)) {
    it(`answers as the first time: ${way}`, async () => {
      const conn = await db.connect();
      await conn.executescript(SCRIPT);
      for (const [sql, parameters] of QUERIES) {
        const first = await run(conn, sql, parameters);
        for (let time = 1; time < TIMES; time++)
          expect([sql, time, await run(conn, sql, parameters)]).toEqual([sql, time, first]);
      }
    });
  }

  it("answers whole, whatever part of it was wanted the last time", async () => {
    const conn = await db.connect();
    const long =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n";
    const rows = (count: number) => Array.from({ length: count }, (_, i) => [i + 1]);
    for (const count of [700, 700, 3, 700, 0, 300, 300]) {
      expect(await (await conn.execute(long, [count])).fetchall()).toEqual(rows(Math.max(count, 1)));
    }
    const begun = await conn.execute(long, [700]);
    expect(await begun.fetchone()).toEqual([1]);
    expect(await begun.fetchall()).toEqual(rows(700).slice(1));
    expect(await collect(await conn.execute(long, [700]))).toEqual(rows(700));
    expect(await (await conn.execute(long, [700])).fetchmany(690)).toEqual(rows(690));
    expect(await (await conn.execute(long, [700])).fetchall()).toEqual(rows(700));
  });

  /** A connection on which this query has run a few times. */
  async function knows(
    sql: string,
    script = SCRIPT,
    options: ConnectOptions<SqlValue[]> = {},
  ): Promise<AnyConnection> {
    const conn = await db.connect(":memory:", options);
    await conn.executescript(script);
    // The schema is committed: a rollback does not make the driver forget what it knows.
    await conn.execute("UPDATE t SET id = id WHERE id = 0");
    await conn.commit();
    for (let time = 0; time < TIMES; time++) await (await conn.execute(sql)).fetchall();
    return conn;
  }

  const ONE = "SELECT v FROM t WHERE id = 1";

  it("sees what has been written since", async () => {
    const conn = await knows(ONE);
    await conn.execute("UPDATE t SET v = 'other' WHERE id = 1");
    expect([await conn.fetchone(ONE), await (await conn.execute(ONE)).fetchone()]).toEqual([
      ["other"],
      ["other"],
    ]);
    await conn.rollback();
    expect([await conn.fetchone(ONE), await (await conn.execute(ONE)).fetchone()]).toEqual([
      ["one"],
      ["one"],
    ]);
  });

  it("has a result of its own each time: leaving a loop over one does not end the next", async () => {
    const few = "SELECT id FROM t ORDER BY id LIMIT 4";
    const conn = await knows(few);
    const cursor = await conn.execute(few);
    for await (const row of cursor) {
      expect(row).toEqual([1]);
      await cursor.execute(few);
      break;
    }
    expect(await cursor.fetchall()).toEqual([[1], [2], [3], [4]]);
  });

  it("has the columns of today, also where its table has been made anew", async () => {
    const all = "SELECT * FROM t WHERE rowid = 1";
    const conn = await knows(all);
    await conn.executescript("DROP TABLE t; CREATE TABLE t (a, b, c, d); INSERT INTO t VALUES (1, 2, 3, 4)");
    expect(await conn.fetchone(all)).toEqual([1, 2, 3, 4]);
    expect((await conn.execute(all)).description?.map(([name]) => name)).toEqual(["a", "b", "c", "d"]);
    await conn.executescript("DROP TABLE t");
    await raised(ProgrammingError, () => conn.fetchone(all));
    await raised(ProgrammingError, () => conn.execute(all));
  });

  it("begins a transaction where autocommit: false has lost its own", async () => {
    const conn = await knows(ONE, UNIQUE, { autocommit: false });
    for (const read of [() => conn.fetchone(ONE), () => conn.execute(ONE)]) {
      await raised(IntegrityError, () => conn.execute("INSERT OR ROLLBACK INTO t (v) VALUES ('one')"));
      expect(conn.inTransaction).toBe(false);
      await read();
      expect(conn.inTransaction).toBe(true);
    }
  });

  it("is refused in a transaction() that is lost", async () => {
    const conn = await knows(ONE, UNIQUE);
    for (const read of [() => conn.fetchone(ONE), () => conn.execute(ONE)]) {
      const work = flow(function* () {
        yield* failing(IntegrityError, () => conn.execute("INSERT OR ROLLBACK INTO t (v) VALUES ('one')"));
        const error = yield* failing(OperationalError, read);
        expect(error.message).toContain("transaction has been lost");
      });
      await raised(OperationalError, () => conn.transaction(work));
    }
  });

  it("is refused on a closed cursor and a closed connection", async () => {
    const conn = await knows(ONE);
    const cursor = conn.cursor();
    await cursor.close();
    await raised(ProgrammingError, () => cursor.execute(ONE));
    await conn.close();
    await raised(ProgrammingError, () => conn.fetchone(ONE));
  });

  it("is shown to a trace callback", async () => {
    const conn = await knows(ONE);
    const seen: string[] = [];
    await conn.setTraceCallback((sql) => seen.push(sql));
    await conn.fetchone(ONE);
    await (await conn.execute(ONE)).fetchone();
    await conn.setTraceCallback(null);
    expect(seen).toEqual([ONE, ONE]);
  });
});
