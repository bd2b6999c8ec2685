import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { InterfaceError, ProgrammingError } from "../../../src/errors/tree.ts";
import { describe as describeColumns } from "../../../src/values/description.ts";
import {
  classRow,
  compileRow,
  objectRow,
  Row,
  type RowCursor,
  type RowFactory,
  scalarRow,
} from "../../../src/values/rows.ts";
import type { SqlValue } from "../../../src/values/types.ts";

function cursorOf(...names: readonly string[]): RowCursor {
  const columns = names.map((name) => ({ name, type: null }));
  return { description: describeColumns(columns, 0) };
}

/** Both ways a factory is used: compiled for a statement, and called by hand. */
function both<T>(factory: RowFactory<T>, names: readonly string[], values: readonly unknown[]): [T, T] {
  const cursor = cursorOf(...names);
  return [compileRow(factory, cursor, names)([...values]), factory(cursor, [...values])];
}

/** So many names, the last of them given. */
function many(count: number, last = `c${count - 1}`): string[] {
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? last : `c${i}`));
}

describe("objectRow", () => {
  it("makes a plain object, in column order", () => {
    for (const row of both(objectRow, ["b", "a"], [1, "x"])) {
      expect(row).toStrictEqual({ b: 1, a: "x" });
      expect(inspect(row)).toBe("{ b: 1, a: 'x' }");
      expect(Object.entries(row)).toEqual([
        ["b", 1],
        ["a", "x"],
      ]);
    }
  });

  it("takes every name as a plain property", () => {
    const names = [
      "__proto__",
      "constructor",
      "length",
      "toString",
      "hasOwnProperty",
      "then",
      "",
      "0",
      "a.b",
    ];
    const values = [{ polluted: true }, ...names.slice(1).map((_, i) => i)];
    for (const row of both(objectRow, names, values)) {
      expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
      expect(Object.keys(row).sort()).toEqual([...names].sort());
      for (const [i, name] of names.entries()) {
        expect(Object.getOwnPropertyDescriptor(row, name)).toEqual({
          value: values[i],
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
    }
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("takes a name that Object.prototype has an accessor for, whoever has put it there", () => {
    const set = () => {
      throw new Error("must not be called");
    };
    Object.defineProperty(Object.prototype, "sqliteDbapiTest", { set, configurable: true });
    try {
      for (const names of [
        ["a", "sqliteDbapiTest"],
        many(30, "sqliteDbapiTest"),
        many(200, "sqliteDbapiTest"),
      ]) {
        for (const row of both(objectRow, names, names)) expect(Object.values(row)).toEqual(names);
      }
    } finally {
      Reflect.deleteProperty(Object.prototype, "sqliteDbapiTest");
    }
  });

  it("makes the same of few columns and of many", () => {
    for (let count = 0; count <= 130; count++) {
      const names = many(count);
      for (const row of both(objectRow, names, names)) {
        expect(Object.keys(row)).toEqual(names);
        expect(Object.values(row)).toEqual(names);
        expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
      }
    }
  });

  it("takes any names that differ", () => {
    const names = fc.uniqueArray(
      fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("__proto__", "valueOf")),
    );
    fc.assert(
      fc.property(names, (unique) => {
        for (const row of both(objectRow, unique, unique)) {
          expect(Object.keys(row).length).toBe(unique.length);
          for (const name of unique) expect(row[name]).toBe(name);
        }
      }),
    );
  });

  it("refuses a repeated name at the first row and not before", () => {
    const build = compileRow(objectRow, cursorOf("a", "b", "a"), ["a", "b", "a"]);
    expect(() => build([1, 2, 3])).toThrow(ProgrammingError);
    expect(() => build([1, 2, 3])).toThrow('two named "a": alias one');
    expect(() => objectRow(cursorOf("a", "a"), [1, 2])).toThrow(ProgrammingError);
    expect(both(objectRow, ["a", "A"], [1, 2])[0]).toMatchObject({ a: 1, A: 2 });
  });

  it("takes as many columns as SQLite gives", () => {
    const names = Array.from({ length: 32767 }, (_, i) => `c${i}`);
    const [row] = both(objectRow, names, names);
    expect(Object.keys(row).length).toBe(names.length);
    expect(row.c32766).toBe("c32766");
  });

  it("makes an empty object of no columns", () => {
    expect(Object.keys(objectRow({ description: null }, []))).toEqual([]);
  });

  it("makes rows that do not share anything", () => {
    const build = compileRow(objectRow, cursorOf("a"), ["a"]);
    const [one, two] = [build([1]), build([2])];
    expect([one.a, two.a]).toEqual([1, 2]);
  });
});

describe("scalarRow", () => {
  it("is the first column", () => {
    expect(both(scalarRow, ["a", "a"], [7, 8])).toEqual([7, 7]);
    expect(both(scalarRow, ["a"], [null])).toEqual([null, null]);
  });

  it("refuses a result without columns", () => {
    expect(() => scalarRow({ description: null }, [])).toThrow(ProgrammingError);
    expect(() => compileRow(scalarRow, cursorOf(), [])([])).toThrow(ProgrammingError);
  });
});

describe("classRow", () => {
  class City {
    readonly name: string;
    readonly label: string;
    constructor(row: { readonly name: string; readonly population: number }) {
      this.name = row.name;
      this.label = `${row.name} (${row.population})`;
    }
  }

  it("calls the constructor with the row as an object", () => {
    for (const city of both(classRow(City), ["name", "population"], ["Ghent", 265086])) {
      expect(city).toBeInstanceOf(City);
      expect(city.label).toBe("Ghent (265086)");
    }
  });

  it("lets what the constructor throws through", () => {
    class Picky {
      constructor() {
        throw new RangeError("no");
      }
    }
    expect(() => both(classRow(Picky), ["a"], [1])).toThrow(RangeError);
  });

  it("refuses a repeated name, and what is not a class", () => {
    expect(() => both(classRow(City), ["name", "name"], ["a", "b"])).toThrow(ProgrammingError);
    for (const value of [undefined, null, {}, "City", () => 1]) {
      expect(() => classRow(value as unknown as typeof City)).toThrow(InterfaceError);
    }
  });
});

describe("a factory of one's own", () => {
  it("gets the cursor and the values", () => {
    const cursor = cursorOf("a", "b");
    const seen: unknown[] = [];
    const build = compileRow(
      (...args) => {
        seen.push(...args);
        return null;
      },
      cursor,
      ["a", "b"],
    );
    const values = [1, 2];
    expect(build(values)).toBeNull();
    expect(seen[0]).toBe(cursor);
    expect(seen[1]).toBe(values);
  });

  it("can be built on a built-in one", () => {
    const factory: RowFactory<[SqlValue]> = (cursor, values) => [objectRow(cursor, values).a ?? 0];
    expect(both(factory, ["a"], [5])).toEqual([[5], [5]]);
  });
});

describe("the type of a row", () => {
  interface City {
    readonly name: string;
  }
  class Town {
    readonly row: City;
    constructor(row: City) {
      this.row = row;
    }
  }
  const fetch = <T>(_factory: RowFactory<T>): T | null => null;

  it("is inferred from the factory", () => {
    expectTypeOf(fetch(objectRow)).toEqualTypeOf<Record<string, SqlValue> | null>();
    expectTypeOf(fetch(objectRow<City>)).toEqualTypeOf<City | null>();
    expectTypeOf(fetch(scalarRow)).toEqualTypeOf<SqlValue | null>();
    expectTypeOf(fetch(scalarRow<number>)).toEqualTypeOf<number | null>();
    expectTypeOf(fetch(Row)).toEqualTypeOf<Row | null>();
    expectTypeOf(fetch(classRow(Town))).toEqualTypeOf<Town | null>();
    expectTypeOf(fetch((_cursor, [id]) => Number(id))).toEqualTypeOf<number | null>();
  });
});
