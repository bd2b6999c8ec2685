/**
 * Rule 9: a row that fails (an integer that is no number, text that is not UTF-8, a user function that throws) does not
 * swallow the rows before it, wherever it stands and however the rows are fetched; it is raised once, and ends the result.
 */
import { describe, expect, it } from "vitest";
import { type ConnectOptions, DataError, OperationalError } from "../../src/index.ts";
import { type AnyConnection, type AnyCursor, conformance, raised } from "./quadrants.ts";

const ROWS = 400;

/** Where the row that fails stands: around the sizes of pages. */
const PLACES = [0, 1, 5, 63, 64, 65, 127, 128, 199];

/** Fewer, since each query is a round trip, and the pages are other ones. */
const PLACES_ELSEWHERE = [0, 1, 64, 199];

interface Failure {
  readonly what: string;
  readonly options: ConnectOptions<never>;
  readonly Class: typeof DataError | typeof OperationalError;
  /** What is read from the table. */
  readonly expression: string;
  /** Spoils a row. */
  readonly spoil: string;
}

const failures: readonly Failure[] = [
  {
    what: 'an integer past 2^53 with integers: "number"',
    options: { integers: "number" },
    Class: DataError,
    expression: "v",
    spoil: "UPDATE t SET v = 9007199254740993 WHERE id = ?",
  },
  {
    what: "text that is not UTF-8 (needs any text)",
    options: {},
    Class: OperationalError,
    expression: "v",
    spoil: "UPDATE t SET v = CAST(x'61ff62' AS TEXT) WHERE id = ?",
  },
  {
    what: "an arithmetic error of SQLite's",
    options: {},
    Class: OperationalError,
    expression: "abs(v)",
    spoil: "UPDATE t SET v = -9223372036854775807 - 1 WHERE id = ?",
  },
  {
    what: "a user function that throws (needs user functions)",
    options: {},
    Class: OperationalError,
    expression: "failing(v)",
    spoil: "UPDATE t SET v = 'spoilt' WHERE id = ?",
  },
];

/** What came out of a result before it failed, and the failure. */
interface Outcome {
  readonly rows: unknown[];
  readonly error: unknown;
}

const styles: readonly (readonly [
  style: string,
  read: (cursor: AnyCursor, rows: unknown[]) => Promise<void>,
])[] = [
  [
    "fetchone",
    async (cursor, rows) => {
      for (let row = await cursor.fetchone(); row !== null; row = await cursor.fetchone()) rows.push(row);
    },
  ],
  [
    "fetchmany(7)",
    async (cursor, rows) => {
      for (let page = await cursor.fetchmany(7); page.length > 0; page = await cursor.fetchmany(7))
        rows.push(...page);
    },
  ],
  [
    "fetchmany(1000)",
    async (cursor, rows) => {
      for (let page = await cursor.fetchmany(1000); page.length > 0; page = await cursor.fetchmany(1000))
        rows.push(...page);
    },
  ],
  [
    "iteration",
    async (cursor, rows) => {
      for await (const row of cursor) rows.push(row);
    },
  ],
];

const queries: readonly (readonly [kind: string, tail: string, parameters: readonly number[]])[] = [
  ["a result read page by page", "", []],
  ["a result with a literal LIMIT", "LIMIT 200", []],
  ["a result with a bound LIMIT", "LIMIT ?", [200]],
  ["a result with a large LIMIT", "LIMIT 300", []],
];

conformance("a failing row", (db) => {
  const open = async ({ options, spoil }: Failure, place: number, isShared = false) => {
    const conn: AnyConnection = await (isShared ? db.shared(options) : db.connect(":memory:", options));
    if (db.can.userFunctions) {
      await conn.createFunction("failing", 1, (value: unknown) => {
        if (value === "spoilt") throw new RangeError("mine");
        return value;
      });
    }
    await conn.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
    await conn.executemany(
      "INSERT INTO t VALUES (?, ?)",
      Array.from({ length: ROWS }, (_, i) => [i, i]),
    );
    await conn.execute(spoil, [place]);
    await conn.commit();
    return conn;
  };

  /** The same with the failure in another place: a database for each where that is cheap, else the one of before. */
  const reopen = async (conn: AnyConnection | null, failure: Failure, place: number) => {
    // Each text of a query is one test's, so that one of before has taught a shared connection nothing of it.
    if (conn === null) return open(failure, place, !db.can.userFunctions);
    if (db.can.inProcess) {
      await db.release(conn);
      return open(failure, place);
    }
    await conn.execute("UPDATE t SET v = id");
    await conn.execute(failure.spoil, [place]);
    await conn.commit();
    return conn;
  };

  for (const failure of failures) {
    const needsFunctions = failure.expression.startsWith("failing");
    const needsText = failure.spoil.includes("AS TEXT");
    const cannot = (needsFunctions && !db.can.userFunctions) || (needsText && !db.can.anyText);
    describe.skipIf(cannot)(failure.what, () => {
      it.each(queries)("%s keeps the rows before it", async (_kind, tail, parameters) => {
        let conn: AnyConnection | null = null;
        for (const place of db.can.userFunctions ? PLACES : PLACES_ELSEWHERE) {
          conn = await reopen(conn, failure, place);
          // A text of its own, since an engine learns from each what to look for.
          const sql = `SELECT ${failure.expression} FROM t /* ${place} */ ORDER BY id ${tail}`;
          // The third time the statement comes from the cache, with all that is known of it.
          for (let time = 0; time < 3; time++) {
            for (const [style, read] of styles) {
              const outcome: Outcome = await attempt(conn, sql, parameters, read);
              const context = `row ${place}, ${style}, run ${time + 1}`;
              expect(outcome.rows, context).toEqual(Array.from({ length: place }, (_, i) => [i]));
              expect(outcome.error, context).toBeInstanceOf(failure.Class);
            }
          }
        }
      });

      it("is raised by fetchall, and by the shortcuts of the connection", async () => {
        const conn = await open(failure, 100);
        const sql = `SELECT ${failure.expression} FROM t ORDER BY id`;
        for (let time = 0; time < 3; time++) {
          await raised(failure.Class, async () => (await conn.execute(sql)).fetchall());
          await raised(failure.Class, () => conn.fetchall(sql));
          expect(await conn.fetchone(sql)).toEqual([0]);
          await raised(failure.Class, () =>
            conn.fetchone(`SELECT ${failure.expression} FROM t WHERE id = 100`),
          );
        }
      });

      it("ends the result once it has been raised, and the cursor can be used again", async () => {
        const conn = await open(failure, 100);
        const cursor = await conn.execute(`SELECT ${failure.expression} FROM t ORDER BY id`);
        expect(await cursor.fetchmany(1000)).toHaveLength(100);
        await raised(failure.Class, () => cursor.fetchmany(1000));
        expect(await cursor.fetchone()).toBe(null);
        expect(await cursor.fetchmany(5)).toEqual([]);
        expect(await cursor.fetchall()).toEqual([]);
        await cursor.execute("SELECT 'again'");
        expect(await cursor.fetchone()).toEqual(["again"]);
      });
    });
  }

  it("in a RETURNING does not undo the statement, nor swallow the rows before it", async () => {
    const conn = await db.connect(":memory:", { integers: "number" });
    await conn.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)");
    const cursor = await conn.execute(
      "INSERT INTO t (v) VALUES (1), (2), (9007199254740993), (4) RETURNING v",
    );
    expect(cursor.rowcount).toBe(4);
    expect(await cursor.fetchone()).toEqual([1]);
    expect(await cursor.fetchone()).toEqual([2]);
    await raised(DataError, () => cursor.fetchone());
    expect(await cursor.fetchone()).toBe(null);
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([4]);
  });

  it("made by a row factory that throws is raised in its place, and the rows around it are kept", async () => {
    const conn = await db.connect();
    const cursor = await conn.cursor((_cursor, [value]) => {
      if (value === 3) throw new RangeError("mine");
      return value;
    });
    await cursor.execute("VALUES (1), (2), (3), (4)");
    expect(await cursor.fetchmany(10)).toEqual([1, 2]);
    await raised(RangeError, () => cursor.fetchone());
    expect(await cursor.fetchone()).toBe(4);
  });
});

async function attempt(
  conn: AnyConnection,
  sql: string,
  parameters: readonly number[],
  read: (cursor: AnyCursor, rows: unknown[]) => Promise<void>,
): Promise<Outcome> {
  const rows: unknown[] = [];
  try {
    await read(await conn.execute(sql, parameters), rows);
    return { rows, error: null };
  } catch (error) {
    return { rows, error };
  }
}
