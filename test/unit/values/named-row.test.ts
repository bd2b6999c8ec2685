import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { InterfaceError } from "../../../src/errors/tree.ts";
import { describe as describeColumns } from "../../../src/values/description.ts";
import { compileRow, Row, type RowCursor } from "../../../src/values/rows.ts";

function cursorOf(names: readonly string[]): RowCursor {
  return {
    description: describeColumns(
      names.map((name) => ({ name, type: null })),
      0,
    ),
  };
}

function make(values: Readonly<Record<string, unknown>>): Row {
  const names = Object.keys(values);
  return compileRow(Row, cursorOf(names), names)(Object.values(values));
}

function makeOf(names: readonly string[], values: readonly unknown[]): Row {
  return Row(cursorOf(names), [...values]);
}

describe("Row", () => {
  it("is read by position", () => {
    const row = make({ id: 1, name: "x", none: null });
    expect([row[0], row[1], row[2], row[3], row.length]).toEqual([1, "x", null, undefined, 3]);
    expect([row.at(0), row.at(-1), row.at(-3), row.at(-4)]).toEqual([1, null, 1, undefined]);
    const [id, name] = row;
    expect([id, name]).toEqual([1, "x"]);
    expect([...row]).toEqual([1, "x", null]);
  });

  it("is read in slices, which are plain arrays", () => {
    const row = make({ a: 1, b: 2, c: 3 });
    expect(row.slice(0, 2)).toEqual([1, 2]);
    expect(row.slice(-1)).toEqual([3]);
    expect(Object.getPrototypeOf(row.slice())).toBe(Array.prototype);
    const more = row.slice();
    more.push(4);
    expect(row.length).toBe(3);
  });

  it("is read by name, in any case of ASCII letters", () => {
    const row = make({ Id: 1, größe: 2, "two words": 3 });
    expect([row.get("Id"), row.get("id"), row.get("ID"), row.get("TWO WORDS")]).toEqual([1, 1, 1, 3]);
    expect(row.get("GRößE")).toBe(2);
    expect(() => row.get("GRÖßE")).toThrow(InterfaceError);
  });

  it("lets the first of several equal names win", () => {
    const row = makeOf(["a", "A", "b", "a"], [1, 2, 3, 4]);
    expect([row.get("a"), row.get("A"), row.get("b")]).toEqual([1, 1, 3]);
    expect(row.keys()).toEqual(["a", "A", "b", "a"]);
    expect(row.toObject()).toEqual({ a: 1, A: 2, b: 3 });
  });

  it("does not know other names, nor those of Object.prototype", () => {
    const row = make({ a: 1 });
    for (const name of ["b", "", "constructor", "__proto__", "length", "0", "ä"]) {
      expect(() => row.get(name)).toThrow("No item with that key");
    }
  });

  it("takes columns of any name", () => {
    const names = ["__proto__", "constructor", "length", "toString", "get", "0", ""];
    const row = makeOf(names, names);
    for (const name of names) expect(row.get(name)).toBe(name);
    expect(row.length).toBe(names.length);
    expect(row.keys()).toEqual(names);
    expect(Object.keys(row.toObject()).sort()).toEqual([...names].sort());
    expect(Object.getPrototypeOf(row.toObject())).toBe(Object.prototype);
    expect(JSON.parse(JSON.stringify(row))).toEqual(row.toObject());
  });

  it("cannot be changed", () => {
    const row = make({ a: 1 }) as unknown as Record<string, unknown>;
    expect(() => {
      row["0"] = 2;
    }).toThrow(TypeError);
    expect(() => {
      row.b = 2;
    }).toThrow(TypeError);
    expect(() => Array.prototype.push.call(row, 1)).toThrow(TypeError);
    expect(() => Array.prototype.sort.call(makeOf(["a", "b"], [2, 1]))).toThrow(TypeError);
    expect(row["0"]).toBe(1);
    const keys = make({ a: 1 });
    keys.keys().push("b");
    expect(keys.keys()).toEqual(["a"]);
  });

  it("equals a row of the same names and values", () => {
    const one = { a: 1, b: Buffer.from("x"), c: new Date(5), d: Number.NaN, e: null };
    expect(make(one).equals(make({ ...one, b: Buffer.from("x"), c: new Date(5) }))).toBe(true);
    for (const other of [
      { ...one, a: 2 },
      { ...one, b: Buffer.from("y") },
      { ...one, c: new Date(6) },
      { a: 1 },
    ]) {
      expect(make(one).equals(make(other))).toBe(false);
    }
    expect(make({ a: 1 }).equals(make({ A: 1 }))).toBe(false);
    expect(make({ a: 1 }).equals(make({ a: "1" }))).toBe(false);
    expect(make({ a: 1 }).equals(make({ a: 1n }))).toBe(false);
    expect(make({ a: 1 }).equals([1])).toBe(false);
    expect(make({ a: 1 }).equals(null)).toBe(false);
    expect(makeOf([], []).equals(makeOf([], []))).toBe(true);
  });

  it("is written as an object", () => {
    const row = make({ id: 1, name: "x" });
    expect(JSON.stringify(row)).toBe('{"id":1,"name":"x"}');
    expect(JSON.stringify({ rows: [row] })).toBe('{"rows":[{"id":1,"name":"x"}]}');
    expect(inspect(row)).toBe("Row { id: 1, name: 'x' }");
    expect(inspect({ rows: [row] }, { depth: 5 })).toBe("{ rows: [ Row { id: 1, name: 'x' } ] }");
    expect(inspect(makeOf(["__proto__"], [1]))).toBe("Row { ['__proto__']: 1 }");
  });

  it("crosses to another thread as an array", () => {
    expect(structuredClone(make({ a: 1, b: "x" }))).toEqual([1, "x"]);
  });

  it("is a factory and a class under one name", () => {
    const cursor = cursorOf(["a"]);
    for (const row of [Row(cursor, [1]), new Row(cursor, [1]), make({ a: 1 })]) {
      expect(row).toBeInstanceOf(Row);
      expect(row.constructor).toBe(Row);
      expect(row.get("a")).toBe(1);
    }
    expect(Row.name).toBe("Row");
    expect([1]).not.toBeInstanceOf(Row);
    expect(Row({ description: null }, []).length).toBe(0);
  });

  it("does not change with the array it was made of", () => {
    const values = [1, 2];
    const row = Row(cursorOf(["a", "b"]), values);
    values[0] = 9;
    expect(row[0]).toBe(1);
  });
});
