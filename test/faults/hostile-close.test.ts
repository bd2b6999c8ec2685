/**
 * Code of the caller's that closes the connection at the worst moment: while parameters are bound, rows made, functions
 * called, statements traced, sets yielded. What goes on is told so, and never looks as if it had come to its end.
 */
import { describe, expect, it } from "vitest";
import { type Connection, PARSE_COLNAMES, ProgrammingError, registerConverter } from "../../src/index.ts";
import { LONG, open, thrown, trapped } from "./support.ts";

const CLOSED = "Cannot operate on a closed database.";

/** Closes the connection on the way to a value. */
function closing<V>(conn: Connection<unknown[]>, value: V): V {
  conn.close();
  return value;
}

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
        conn.executemany("INSERT INTO t VALUES (?, ?)", Array(600).fill([0, 0]), {
          onProgress: () => conn.close(),
        }),
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
