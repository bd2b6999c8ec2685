/**
 * What rows are typed as: by a type argument, by a row factory on the cursor, on the connection or at connect.
 * Nothing here runs; tsc is the judge.
 */
import { describe, expectTypeOf, it } from "vitest";
import {
  type Connection,
  type Cursor,
  classRow,
  connect,
  objectRow,
  Row,
  type RowCursor,
  type RowFactory,
  type SqlValue,
  scalarRow,
} from "../../src/index.ts";

interface City {
  readonly name: string;
  readonly population: number;
}

class Town {
  readonly name: string;
  constructor(row: { readonly name: string }) {
    this.name = row.name;
  }
}

const conn = connect(":memory:");

describe("rows without a factory", () => {
  it("are arrays of storage values", () => {
    expectTypeOf(conn).toEqualTypeOf<Connection<SqlValue[]>>();
    expectTypeOf(conn.cursor()).toEqualTypeOf<Cursor<SqlValue[]>>();
    expectTypeOf(conn.execute("SELECT 1").fetchone()).toEqualTypeOf<SqlValue[] | null>();
    expectTypeOf(conn.execute("SELECT 1").fetchall()).toEqualTypeOf<SqlValue[][]>();
    expectTypeOf<SqlValue>().toEqualTypeOf<null | number | bigint | string | Buffer>();
  });

  it("can be given a type, also a tuple with names", () => {
    const cursor = conn.execute<[id: number, name: string]>("SELECT 1, 'a'");
    expectTypeOf(cursor).toEqualTypeOf<Cursor<[id: number, name: string]>>();
    expectTypeOf(cursor.fetchone()).toEqualTypeOf<[id: number, name: string] | null>();
    expectTypeOf(cursor.fetchmany(5)).toEqualTypeOf<[id: number, name: string][]>();
    expectTypeOf(cursor.fetchall()).toEqualTypeOf<[id: number, name: string][]>();
    for (const [id, name] of cursor) {
      expectTypeOf(id).toEqualTypeOf<number>();
      expectTypeOf(name).toEqualTypeOf<string>();
    }
  });

  it("can be given a type in every call that reads", () => {
    expectTypeOf(conn.fetchall<[number]>("SELECT 1")).toEqualTypeOf<[number][]>();
    expectTypeOf(conn.fetchone<[number]>("SELECT 1")).toEqualTypeOf<[number] | null>();
    expectTypeOf(conn.sql<[number]>`SELECT ${1}`).toEqualTypeOf<Cursor<[number]>>();
    expectTypeOf(conn.fetchall("SELECT 1")).toEqualTypeOf<SqlValue[][]>();
    expectTypeOf(conn.fetchone("SELECT 1")).toEqualTypeOf<SqlValue[] | null>();
  });
});

describe("a cursor's row factory", () => {
  it("infers the rows of what is built in", () => {
    expectTypeOf(conn.cursor(objectRow)).toEqualTypeOf<Cursor<Record<string, SqlValue>>>();
    expectTypeOf(conn.cursor(objectRow<City>)).toEqualTypeOf<Cursor<City>>();
    expectTypeOf(conn.cursor(scalarRow)).toEqualTypeOf<Cursor<SqlValue>>();
    expectTypeOf(conn.cursor(scalarRow<number>)).toEqualTypeOf<Cursor<number>>();
    expectTypeOf(conn.cursor(classRow(Town))).toEqualTypeOf<Cursor<Town>>();
    expectTypeOf(conn.cursor(Row)).toEqualTypeOf<Cursor<Row>>();
    expectTypeOf(conn.cursor(null)).toEqualTypeOf<Cursor<SqlValue[]>>();
  });

  it("infers the rows of one's own", () => {
    const pair = (_: RowCursor, values: unknown[]) => ({ count: values.length, first: String(values[0]) });
    expectTypeOf(conn.cursor(pair)).toEqualTypeOf<Cursor<{ count: number; first: string }>>();
    expectTypeOf(conn.cursor(pair).execute("SELECT 1").fetchone()).toEqualTypeOf<{
      count: number;
      first: string;
    } | null>();
    expectTypeOf(
      conn
        .cursor(() => null)
        .execute("SELECT 1")
        .fetchall(),
    ).toEqualTypeOf<null[]>();
  });

  it("keeps its type through the calls that give the cursor back", () => {
    const cursor = conn.cursor(objectRow<City>);
    expectTypeOf(cursor.execute("SELECT 1")).toEqualTypeOf(cursor);
    expectTypeOf(cursor.executemany("DELETE FROM t WHERE a = ?", [[1]])).toEqualTypeOf(cursor);
    expectTypeOf(cursor.executescript("SELECT 1")).toEqualTypeOf(cursor);
    expectTypeOf(cursor.rowFactory).toEqualTypeOf<RowFactory<City> | null>();
    for (const city of cursor) expectTypeOf(city).toEqualTypeOf<City>();
    expectTypeOf([...cursor]).toEqualTypeOf<City[]>();
  });

  it("sees the description and the values", () => {
    conn.cursor((cursor, values) => {
      expectTypeOf(cursor).toEqualTypeOf<RowCursor>();
      expectTypeOf(values).toEqualTypeOf<unknown[]>();
      return cursor.description?.[0]?.[0];
    });
  });

  it("is a function or null", () => {
    // @ts-expect-error not a function
    conn.cursor("Row");
    // @ts-expect-error an object of options is none
    conn.cursor({ rowFactory: objectRow });
    // @ts-expect-error a class is not a factory: classRow makes one of it
    conn.cursor(Town);
    // @ts-expect-error not a class
    classRow(objectRow({ description: null }, []));
  });
});

describe("a connection's row factory", () => {
  it("makes the connection generic when it is given to connect", () => {
    expectTypeOf(connect(":memory:", { rowFactory: objectRow<City> })).toEqualTypeOf<Connection<City>>();
    expectTypeOf(connect(":memory:", { rowFactory: Row })).toEqualTypeOf<Connection<Row>>();
    expectTypeOf(connect(":memory:", { rowFactory: scalarRow<string> }).fetchall("SELECT 1")).toEqualTypeOf<
      string[]
    >();
    expectTypeOf(
      connect(":memory:", { rowFactory: classRow(Town) })
        .execute("SELECT 1")
        .fetchone(),
    ).toEqualTypeOf<Town | null>();
    expectTypeOf(connect(":memory:", { timeout: 5 })).toEqualTypeOf<Connection<SqlValue[]>>();
    expectTypeOf(connect(":memory:", { rowFactory: null })).toEqualTypeOf<Connection<SqlValue[]>>();
  });

  it("goes to its cursors, unless they have their own", () => {
    const cities = connect(":memory:", { rowFactory: objectRow<City> });
    expectTypeOf(cities.cursor()).toEqualTypeOf<Cursor<City>>();
    expectTypeOf(cities.execute("SELECT 1")).toEqualTypeOf<Cursor<City>>();
    expectTypeOf(cities.executemany("DELETE FROM t", [])).toEqualTypeOf<Cursor<City>>();
    expectTypeOf(cities.cursor(scalarRow<number>)).toEqualTypeOf<Cursor<number>>();
    expectTypeOf(cities.cursor(null)).toEqualTypeOf<Cursor<SqlValue[]>>();
    expectTypeOf(cities.rowFactory).toEqualTypeOf<RowFactory<City> | null>();
    expectTypeOf(
      cities.transaction((same) => same.execute("SELECT 1").fetchone()),
    ).toEqualTypeOf<City | null>();
  });

  it("stays of its kind when it is set", () => {
    const cities = connect(":memory:", { rowFactory: objectRow<City> });
    cities.rowFactory = objectRow<City>;
    cities.rowFactory = null;
    // @ts-expect-error rows of another kind than the connection's
    cities.rowFactory = scalarRow<number>;
  });
});

describe("Row", () => {
  it("has values by position and by name", () => {
    const row = conn.cursor(Row).execute("SELECT 1").fetchone();
    if (row === null) return;
    expectTypeOf(row[0]).toEqualTypeOf<SqlValue | undefined>();
    expectTypeOf(row.get("id")).toEqualTypeOf<SqlValue>();
    expectTypeOf(row.keys()).toEqualTypeOf<string[]>();
    expectTypeOf(row.slice(1)).toEqualTypeOf<SqlValue[]>();
    expectTypeOf(row.toObject()).toEqualTypeOf<Record<string, SqlValue>>();
    expectTypeOf([...row]).toEqualTypeOf<SqlValue[]>();
    // @ts-expect-error a row cannot be changed
    row[0] = 5;
  });
});
