/**
 * Which parameters compile: everything that binds, and nothing that cannot by its type. Nothing here runs.
 */
import { describe, expectTypeOf, it } from "vitest";
import {
  connect,
  type Parameter,
  type Parameters,
  registerAdapter,
  registerConverter,
  type SqlInput,
} from "../../src/index.ts";

const conn = connect(":memory:");
const SQL = "SELECT ?";

class Point {
  readonly x = 1;
}

interface Named {
  readonly id: number;
  readonly name: string | null;
}

describe("parameters", () => {
  it("take every storage class and what becomes one", () => {
    conn.execute(SQL, [null]);
    conn.execute(SQL, [1, 1.5, 1n, "a", true]);
    conn.execute(SQL, [
      new Date(),
      Buffer.alloc(1),
      new Uint8Array(1),
      new Float32Array(1),
      new DataView(new ArrayBuffer(1)),
      new ArrayBuffer(1),
    ]);
    conn.execute(SQL, [new Point()]);
    conn.execute(SQL);
    conn.execute(SQL, []);
  });

  it("take sequences of every kind", () => {
    conn.execute(SQL, [1, "a"] as const);
    conn.execute(SQL, [1, "a"] as readonly (string | number)[]);
    conn.execute(SQL, { length: 1, 0: "a" });
    conn.execute(SQL, new Uint8Array(4));
    conn.execute(SQL, ["a", 1] as [name: string, id: number]);
  });

  it("take objects by name, also of an interface and also frozen", () => {
    const named: Named = { id: 1, name: null };
    conn.execute(SQL, { id: 1, name: "a" });
    conn.execute(SQL, { ...named });
    conn.execute(SQL, Object.freeze({ id: 1 }));
    conn.execute(SQL, {} as Record<string, string>);
  });

  it("take nothing that cannot be bound", () => {
    // @ts-expect-error undefined
    conn.execute(SQL, [undefined]);
    // @ts-expect-error a symbol
    conn.execute(SQL, [Symbol("a")]);
    // @ts-expect-error undefined by name
    conn.execute(SQL, { a: undefined });
    // @ts-expect-error a symbol by name
    conn.execute(SQL, { a: Symbol("a") });
    // @ts-expect-error values that may be missing
    conn.execute(SQL, [] as (string | undefined)[]);
    // @ts-expect-error a single value without an array
    conn.execute(SQL, 5);
    // @ts-expect-error null in the place of all parameters
    conn.execute(SQL, null);
    // @ts-expect-error values side by side
    conn.execute(SQL, 1, 2);
    // @ts-expect-error no SQL
    conn.execute(5);
  });

  it("are the same for every call that takes them", () => {
    conn.cursor().execute(SQL, ["a"]);
    conn.fetchall(SQL, { a: 1 });
    conn.fetchone(SQL, [1n]);
    conn.sql`SELECT ${1}, ${"a"}, ${null}, ${Buffer.alloc(1)}`;
    // @ts-expect-error undefined
    conn.fetchall(SQL, [undefined]);
    // @ts-expect-error undefined
    conn.fetchone(SQL, [undefined]);
    // @ts-expect-error undefined
    conn.sql`SELECT ${undefined}`;
  });

  it("have names that can be written down", () => {
    expectTypeOf<SqlInput>().toExtend<Parameter>();
    expectTypeOf<readonly Parameter[]>().toExtend<Parameters>();
    expectTypeOf<undefined>().not.toExtend<Parameter>();
    expectTypeOf<symbol>().not.toExtend<Parameter>();
  });
});

describe("executemany", () => {
  it("takes any iterable of sets", () => {
    conn.executemany(SQL, [[1], [2]]);
    conn.executemany(SQL, [{ a: 1 }, { a: 2 }]);
    conn.executemany(SQL, new Set([[1], [2]]));
    conn.executemany(SQL, new Map([["a", 1]]));
    conn.executemany(
      SQL,
      (function* () {
        yield [1];
        yield { a: 1 };
      })(),
      { onProgress: (done: number, total: number | null) => done === total },
    );
  });

  it("takes nothing else", () => {
    // @ts-expect-error one value in the place of a set
    conn.executemany(SQL, [1, 2]);
    // @ts-expect-error not iterable
    conn.executemany(SQL, { a: 1 });
    // @ts-expect-error undefined in a set
    conn.executemany(SQL, [[undefined]]);
    // @ts-expect-error an async iterable needs the aio face
    conn.executemany(SQL, {} as AsyncGenerator<[number]>);
    // @ts-expect-error an option that there is not
    conn.executemany(SQL, [], { progress: () => {} });
  });
});

describe("adapters and converters", () => {
  it("know the class and the value", () => {
    registerAdapter(Point, (point) => {
      expectTypeOf(point).toEqualTypeOf<Point>();
      return point.x;
    });
    registerAdapter(Date, (date) => date.getTime());
    registerAdapter(Point, null);
    registerConverter("point", (value) => {
      expectTypeOf(value).toEqualTypeOf<number | bigint | string | Buffer>();
      return new Point();
    });
    registerConverter("point", null);
    // @ts-expect-error an instance is no class
    registerAdapter(new Point(), () => 1);
    // @ts-expect-error not a function
    registerConverter("point", Point.name);
  });
});
