/**
 * What the members of a pool take and give. Nothing here runs.
 */
import { describe, expectTypeOf, it } from "vitest";
import {
  type AsyncConnection,
  createPool,
  type Description,
  objectRow,
  type Pool,
  type PooledConnection,
  type PoolResult,
  type PoolStats,
  type Row,
  type SqlValue,
} from "../../src/aio.ts";

type City = [id: number, name: string];

describe("a pool", () => {
  const pool = {} as Pool;

  it("is promised, with rows as its row factory makes them", () => {
    expectTypeOf(createPool("a.db")).toEqualTypeOf<Promise<Pool>>();
    expectTypeOf(createPool(new URL("file:a.db"), { readers: 2, timeout: 1 })).toEqualTypeOf<Promise<Pool>>();
    expectTypeOf(createPool("a.db", { rowFactory: (_, values) => values.length })).toEqualTypeOf<
      Promise<Pool<number>>
    >();
    // @ts-expect-error there is no such option
    void createPool("a.db", { reader: 1 });
  });

  it("gives a setup function the connection and what it is for", () => {
    void createPool("a.db", {
      rowFactory: objectRow,
      setup: async (conn, role) => {
        expectTypeOf(role.readonly).toEqualTypeOf<boolean>();
        expectTypeOf(conn.execute).toBeFunction();
      },
    });
  });

  it("gives rows, typed where they are asked for", () => {
    expectTypeOf(pool.fetchall("")).toEqualTypeOf<Promise<SqlValue[][]>>();
    expectTypeOf(pool.fetchall<City>("")).toEqualTypeOf<Promise<City[]>>();
    expectTypeOf(pool.fetchone<City>("", { id: 1 })).toEqualTypeOf<Promise<City | null>>();
    expectTypeOf(pool.execute<City>("", [1], { timeout: 5 })).toEqualTypeOf<Promise<PoolResult<City>>>();
    expectTypeOf<PoolResult<City>["description"]>().toEqualTypeOf<Description | null>();
    expectTypeOf(({} as Pool<Row>).fetchone("")).toEqualTypeOf<Promise<Row | null>>();
    expectTypeOf(pool.batch<City>(["", ["", [1]]], { mode: "DEFERRED", timeout: 5 })).toEqualTypeOf<
      Promise<PoolResult<City>[]>
    >();
    // @ts-expect-error a pool keeps no transaction open
    void pool.batch([], { commit: false });
    expectTypeOf(pool.executemany("", [[1]], { onProgress: () => {} })).toEqualTypeOf<
      Promise<PoolResult<SqlValue[]>>
    >();
  });

  it("gives what its functions resolve to", () => {
    expectTypeOf(pool.read((conn) => conn.fetchone<City>(""))).toEqualTypeOf<Promise<City | null>>();
    expectTypeOf(pool.transaction(() => 1, { mode: "DEFERRED", retries: 1 })).toEqualTypeOf<
      Promise<number>
    >();
    void pool.transaction((tx) => {
      expectTypeOf(tx).toEqualTypeOf<AsyncConnection>();
    });
    // @ts-expect-error there is no such mode
    void pool.transaction(() => 1, { mode: "LATER" });
  });

  it("lends connections that are connections", () => {
    expectTypeOf(pool.connection({ readonly: true })).toEqualTypeOf<Promise<PooledConnection>>();
    expectTypeOf<PooledConnection>().toExtend<AsyncConnection>();
    expectTypeOf<PooledConnection["release"]>().toEqualTypeOf<() => Promise<void>>();
  });

  it("tells numbers, and closes", () => {
    expectTypeOf(pool.stats()).toEqualTypeOf<PoolStats>();
    expectTypeOf(pool.close({ timeout: 1 })).toEqualTypeOf<Promise<void>>();
    expectTypeOf<Pool>().toExtend<AsyncDisposable>();
  });
});
