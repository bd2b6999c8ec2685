/**
 * Code of the caller's that uses the connection at the worst moment: while parameters are bound, rows made, functions
 * called, statements traced. Never a crash, never rows of another result, and no row twice.
 */
import { describe, expect, it } from "vitest";
import { type Cursor, ProgrammingError } from "../../src/index.ts";
import { LONG, open, thrown, trapped } from "./support.ts";

const ALL = Array.from({ length: 3000 }, (_, i) => [i + 1]);

const ignore = (work: () => unknown) => () => void thrown(work);

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
