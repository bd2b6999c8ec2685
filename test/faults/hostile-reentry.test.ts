/**
 * Code of the caller's that uses or closes the connection at the worst moment: while parameters are bound, rows made,
 * functions called, statements traced, sets yielded. Never a crash, never rows of another result, and close always works.
 */
import { describe, expect, it } from "vitest";
import {
  type Connection,
  type Cursor,
  PARSE_COLNAMES,
  ProgrammingError,
  registerConverter,
} from "../../src/index.ts";
import { LONG, open, thrown } from "./support.ts";

const CLOSED = "Cannot operate on a closed database.";
const ALL = Array.from({ length: 3000 }, (_, i) => [i + 1]);

/** An array whose second element does something when it is asked for. */
function trapped(work: () => unknown): number[] {
  return Object.defineProperty([1, 2], 1, {
    get: () => {
      work();
      return 2;
    },
  });
}

/** Closes the connection on the way to a value. */
function closing<V>(conn: Connection<unknown[]>, value: V): V {
  conn.close();
  return value;
}

const ignore = (work: () => unknown) => () => void thrown(work);

describe("closing the connection", () => {
  it.each<readonly [string, (conn: Connection<unknown[]>) => unknown]>([
    [
      "while execute binds",
      (conn) =>
        conn.execute(
          "SELECT ?, ?",
          trapped(() => conn.close()),
        ),
    ],
    [
      "while executemany binds",
      (conn) => conn.executemany("INSERT INTO t VALUES (?, ?)", [[0, 0], trapped(() => conn.close())]),
    ],
    [
      "while fetchall binds",
      (conn) =>
        conn.fetchall(
          "SELECT ?, ?",
          trapped(() => conn.close()),
        ),
    ],
    [
      "between two sets",
      (conn) =>
        conn.executemany(
          "INSERT INTO t VALUES (?, ?)",
          (function* () {
            yield [1, 1];
            conn.close();
            yield [2, 2];
          })(),
        ),
    ],
    [
      "from onProgress",
      (conn) =>
        conn.executemany(
          "INSERT INTO t VALUES (?, ?)",
          ALL.map(([n]) => [n ?? 0, 0]),
          { onProgress: () => conn.close() },
        ),
    ],
    [
      "in a loop over rows",
      (conn) => {
        for (const _ of conn.execute(LONG)) conn.close();
      },
    ],
    ["inside transaction()", (conn) => conn.transaction(() => conn.close())],
    [
      "inside transaction(), at depth",
      (conn) =>
        conn.transaction(() =>
          conn.transaction(() => conn.execute("INSERT INTO t VALUES (1, 1)").connection.close()),
        ),
    ],
    [
      "between two lines of a dump",
      (conn) => {
        for (const _ of conn.iterdump()) conn.close();
      },
    ],
  ])("is told to what goes on: %s", (_, work) => {
    const conn = open();
    conn.execute("CREATE TABLE t(a, b)");
    const error = thrown(() => work(conn));
    expect(error).toBeInstanceOf(ProgrammingError);
    expect(error).toMatchObject({ message: CLOSED });
    expect(thrown(() => conn.execute("SELECT 1"))).toMatchObject({ message: CLOSED });
    conn.close();
  });

  it("while rows are made ends the result with an error, and not before its end without one", () => {
    const conn = open();
    const close = (_: unknown, row: unknown[]) => {
      if (row[0] === 2) conn.close();
      return row;
    };
    const cursor = conn.cursor(close).execute(LONG);
    const rows: unknown[] = [];
    const error = thrown(() => {
      for (const row of cursor) rows.push(row);
    });
    expect(error).toMatchObject({ message: CLOSED });
    expect(rows).toEqual([[1], [2]]);
    const again = open();
    const size = again.cursor((_, row) => closing(again, row)).execute(LONG);
    expect(thrown(() => size.fetchmany(2000))).toBeUndefined();
    expect(thrown(() => size.fetchmany(2000))).toMatchObject({ message: CLOSED });
  });

  it("is refused inside a user function, which says so in the error's cause", () => {
    const conn = open();
    conn.createFunction("close_now", 0, () => conn.close());
    const error = thrown(() => conn.fetchall("SELECT close_now()"));
    expect(error).toBeInstanceOf(conn.OperationalError);
    expect((error as Error).cause).toBeInstanceOf(conn.NotSupportedError);
    expect(conn.fetchone("SELECT 1")).toEqual([1]);
  });

  it("in a trace callback is refused too, and swallowed", () => {
    const conn = open();
    conn.setTraceCallback(() => conn.close());
    expect(conn.fetchone("SELECT 1")).toEqual([1]);
  });

  it("in a converter leaves the row whole", () => {
    const conn = open(":memory:", { detectTypes: PARSE_COLNAMES });
    registerConverter("closing", (value) => closing(conn, value));
    expect(conn.fetchall('SELECT 5 AS "x [closing]"')).toEqual([[5]]);
    registerConverter("closing", null);
    expect(thrown(() => conn.fetchone("SELECT 1"))).toMatchObject({ message: CLOSED });
  });

  it("while a backup runs ends the backup", async () => {
    const conn = open();
    conn.execute(`CREATE TABLE t AS ${LONG}`);
    const copy = conn.backup("/dev/null/none.db");
    conn.close();
    await expect(copy).rejects.toBeInstanceOf(conn.Error);
  });
});

describe("using the same cursor", () => {
  it.each<readonly [string, (cursor: Cursor<unknown[]>) => unknown]>([
    ["execute", (cursor) => cursor.execute("SELECT 'other'")],
    ["fetchone", (cursor) => cursor.fetchone()],
    ["fetchall", (cursor) => cursor.fetchall()],
    ["close", (cursor) => cursor.close()],
    ["executescript", (cursor) => cursor.executescript("SELECT 1")],
  ])("is refused inside a user function: %s", (_, work) => {
    const conn = open();
    const cursor = conn.cursor();
    let met: unknown;
    conn.createFunction("f", 1, (x: number) => {
      if (x === 100) met = thrown(() => work(cursor));
      return x;
    });
    cursor.execute(`SELECT f(x) FROM (${LONG})`);
    expect(cursor.fetchall()).toEqual(ALL);
    expect(met).toMatchObject({ message: "Recursive use of cursors not allowed." });
  });

  it("while its parameters are bound runs the inner call and then the outer one", () => {
    const conn = open();
    const cursor = conn.cursor();
    const seen: unknown[] = [];
    cursor.execute(
      "SELECT ?, ?",
      trapped(() => seen.push(cursor.execute(LONG).fetchone())),
    );
    expect([seen, cursor.fetchall()]).toEqual([[[1]], [[1, 2]]]);
  });

  it("in a trace callback changes nothing", () => {
    const conn = open();
    const cursor = conn.cursor();
    conn.setTraceCallback(ignore(() => cursor.execute(LONG)));
    expect(cursor.execute("SELECT 1").fetchall()).toEqual([[1]]);
    expect(cursor.execute(LONG).fetchall()).toEqual(ALL);
  });

  it("in a row factory never gives a row twice, nor one of another result under its name", () => {
    const conn = open();
    const cursor = conn.cursor((_, row) => row);
    const taken: unknown[] = [];
    let isInside = false;
    cursor.rowFactory = (_, row) => {
      if (!isInside && row[0] === 5) {
        isInside = true;
        taken.push(cursor.fetchone());
      }
      return row;
    };
    const rows = cursor.execute("VALUES (4), (5), (6), (7)").fetchall();
    expect(taken).toEqual([[6]]);
    expect(rows).toEqual([[4], [5], [7]]);
  });

  it("in a row factory to run another statement ends the first result there", () => {
    const conn = open();
    const cursor = conn.cursor();
    let isInside = false;
    cursor.rowFactory = (_, row) => {
      if (!isInside) {
        isInside = true;
        cursor.execute("SELECT 'other'");
      }
      return row;
    };
    const rows = [...cursor.execute("VALUES (1), (2), (3)").fetchmany(5)];
    expect(rows).toEqual([[1], ["other"]]);
  });
});

describe("using another cursor", () => {
  it("while parameters are bound works, for every call", () => {
    const conn = open();
    conn.execute("CREATE TABLE t(a, b)");
    const insert = () => conn.execute("INSERT INTO t VALUES ('inner', 0)");
    conn.execute("INSERT INTO t VALUES (?, ?)", trapped(insert));
    conn.executemany("INSERT INTO t VALUES (?, ?)", [[1, 1], trapped(insert), [3, 3]]);
    expect(conn.fetchall("SELECT a FROM t")).toEqual([["inner"], [1], [1], ["inner"], [1], [3]]);
  });

  it("in an adapter or a row factory works", () => {
    const conn = open();
    const cursor = conn.cursor((_, row) => [...row, conn.fetchone("SELECT 'inner'")?.[0]]);
    expect(cursor.execute("VALUES (1), (2)").fetchall()).toEqual([
      [1, "inner"],
      [2, "inner"],
    ]);
  });

  it("to drop the table that is read, between two rows, leaves the rows", () => {
    const conn = open();
    conn.execute(`CREATE TABLE t AS ${LONG}`);
    const rows: unknown[] = [];
    for (const row of conn.execute("SELECT x FROM t")) {
      if (rows.push(row) === 100) conn.execute("DROP TABLE t");
    }
    expect(rows).toEqual(ALL);
    expect(thrown(() => conn.execute("SELECT x FROM t"))).toBeInstanceOf(ProgrammingError);
  });

  it("to roll back, between two rows, leaves the rows or says why not", () => {
    const conn = open();
    conn.execute("CREATE TABLE t(x)");
    conn.commit();
    conn.execute(`INSERT INTO t ${LONG}`);
    const cursor = conn.execute("SELECT x FROM t");
    expect(cursor.fetchone()).toEqual([1]);
    conn.rollback();
    const rest: unknown[] = [];
    const error = thrown(() => {
      for (const row of cursor) rest.push(row);
    });
    expect(rest).toEqual(ALL.slice(1, rest.length + 1));
    if (error !== undefined) expect(error).toBeInstanceOf(conn.OperationalError);
    expect(conn.fetchone("SELECT count(*) FROM t")).toEqual([0]);
  });

  it("to replace the database, between two rows, is told to the reader", () => {
    const conn = open();
    const bytes = conn.serialize();
    const cursor = conn.execute(LONG);
    cursor.fetchone();
    conn.deserialize(bytes);
    const rows: unknown[] = [];
    expect(
      thrown(() => {
        for (const row of cursor) rows.push(row);
      }),
    ).toBeInstanceOf(ProgrammingError);
    expect(rows).toEqual(ALL.slice(1, rows.length + 1));
  });
});

describe("a user function that is called again for every row", () => {
  it("is called once for each, however the result is fetched", () => {
    const conn = open();
    let calls = 0;
    conn.createFunction("next", 0, () => ++calls);
    const sql = `SELECT next() FROM (${LONG})`;
    for (const fetch of [
      () => conn.fetchall(sql),
      () => conn.execute(sql).fetchall(),
      () => [...conn.execute(sql)],
      () => conn.execute(sql).fetchmany(5000),
    ]) {
      calls = 0;
      expect(fetch()).toEqual(ALL);
      expect(calls).toBe(3000);
    }
  });
});
