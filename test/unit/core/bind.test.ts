/**
 * Tests src/core/bind.ts: what a caller passes, brought to SQLite's numbering, and every way in which it can fail to fit.
 */
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { bindValues, copyBytes, putValues } from "../../../src/core/bind.ts";
import { InterfaceError } from "../../../src/errors/tree.ts";
import { describeStatement } from "../../../src/sql/statement.ts";
import type { BoundValue, Parameters } from "../../../src/values/types.ts";

const bind = (sql: string, parameters?: unknown) =>
  bindValues(describeStatement(sql).parameters, parameters as Parameters | undefined);

describe("a sequence", () => {
  it.each<readonly [string, unknown, readonly BoundValue[]]>([
    ["SELECT ?, ?", ["a", 2], ["a", 2]],
    ["SELECT ?2, ?1", ["a", "b"], ["a", "b"]],
    ["SELECT ?3", [null, null, "c"], [null, null, "c"]],
    ["SELECT ?1, ?1", ["a"], ["a"]],
    ["SELECT 1", [], []],
    ["SELECT 1", undefined, []],
    ["SELECT ?, ?", { length: 2, 0: "a", 1: "b" }, ["a", "b"]],
    ["SELECT ?, ?", new Uint8Array([5, 6]), [5, 6]],
    ["SELECT ?, ?", Float64Array.of(1.5, 2), [1.5, 2]],
    ["SELECT ?, ?", Buffer.from([5, 6]), [5, 6]],
    ["SELECT ?", Reflect.construct(class extends Array {}, ["a"]), ["a"]],
    ["SELECT ?", runInNewContext("['a']"), ["a"]],
    ["SELECT ?", new Proxy(["a"], {}), ["a"]],
  ])("binds to %s", (sql, parameters, values) => {
    expect(bind(sql, parameters)).toEqual(values);
  });

  it("can be the arguments of a function", () => {
    function collect(..._: unknown[]): unknown {
      // biome-ignore lint/complexity/noArguments: this is what is tested
      return arguments;
    }
    expect(bind("SELECT ?, ?", collect("a", "b"))).toEqual(["a", "b"]);
  });

  it("must have as many values as there are parameters", () => {
    const message = (uses: number, supplied: number) =>
      `Incorrect number of bindings supplied. The current statement uses ${uses}, and there are ${supplied} supplied.`;
    expect(() => bind("SELECT ?, ?", ["a"])).toThrow(message(2, 1));
    expect(() => bind("SELECT ?, ?")).toThrow(message(2, 0));
    expect(() => bind("SELECT ?", ["a", "b"])).toThrow(message(1, 2));
    expect(() => bind("SELECT ?5", ["a"])).toThrow(message(5, 1));
    expect(() => bind("SELECT 1", ["a"])).toThrow(message(0, 1));
  });

  it("does not bind to names", () => {
    expect(() => bind("SELECT ?, :b", ["a", "b"])).toThrow(
      "Binding 2 (':b') is a named parameter, but you supplied a sequence which requires nominal (qmark) placeholders.",
    );
    expect(() => bind("SELECT :a", ["a"])).toThrow(InterfaceError);
    expect(() => bind("SELECT :a")).toThrow(InterfaceError);
  });

  it("must have no holes, and a value that cannot be bound is named by its number", () => {
    // biome-ignore lint/suspicious/noSparseArray: this is what is tested
    expect(() => bind("SELECT ?, ?, ?", ["a", , "c"])).toThrow(/2.*undefined/);
    expect(() => bind("SELECT ?, ?", ["a", Symbol("b")])).toThrow(/2.*symbol/);
  });

  it("is believed only as long as its length holds", () => {
    let asked = 0;
    const liar = Object.defineProperty({ 0: "a" } as object, "length", {
      get: () => (asked++ === 0 ? 1 : 1000),
    });
    expect(() => bind("SELECT ?, ?", liar)).toThrow(InterfaceError);
    const shrinking = ["a", "b"];
    Object.defineProperty(shrinking, 0, {
      get: () => {
        shrinking.length = 1;
        return "a";
      },
    });
    expect(() => bind("SELECT ?, ?", shrinking)).toThrow(InterfaceError);
  });
});

describe("an object", () => {
  it.each<readonly [string, unknown, readonly BoundValue[]]>([
    ["SELECT :a, @b, $c", { a: 1, b: 2, c: 3 }, [1, 2, 3]],
    ["SELECT :b, :a, :b", { a: "a", b: "b" }, ["b", "a"]],
    ["SELECT :a, @a, $a", { a: "a" }, ["a", "a", "a"]],
    ["SELECT :a", { a: "a", unused: Symbol("any") }, ["a"]],
    ["SELECT :length", { length: 1, 0: "a" }, [1]],
    ["SELECT :a", Object.assign(Object.create(null), { a: "a" }), ["a"]],
    ["SELECT :a", runInNewContext("({ a: 'a' })"), ["a"]],
    ["SELECT :__proto__, :constructor", JSON.parse('{"__proto__": 1, "constructor": 2}'), [1, 2]],
    ["SELECT 1", { a: "a" }, []],
  ])("binds to %s", (sql, parameters, values) => {
    expect(bind(sql, parameters)).toEqual(values);
  });

  it("counts only with what it has itself", () => {
    const message = (name: string) => `You did not supply a value for binding parameter ${name}.`;
    expect(() => bind("SELECT :a, :b", { a: 1 })).toThrow(message(":b"));
    expect(() => bind("SELECT :toString", {})).toThrow(message(":toString"));
    expect(() => bind("SELECT :__proto__", {})).toThrow(message(":__proto__"));
    expect(() => bind("SELECT $a", { A: 1 })).toThrow(message("$a"));
  });

  it("does not bind to question marks, and a value that cannot be bound is named", () => {
    expect(() => bind("SELECT ?", { a: 1 })).toThrow(
      "Binding 1 has no name, but you supplied an object (which has only names).",
    );
    expect(() => bind("SELECT :a, ?", { a: 1 })).toThrow("Binding 2 has no name");
    expect(() => bind("SELECT :a, ?2", { a: 1 })).toThrow(InterfaceError);
    expect(() => bind("SELECT :who", { who: undefined })).toThrow(/:who.*undefined/);
  });
});

describe("anything else", () => {
  it.each<readonly [string, unknown]>([
    ["a string", "a"],
    ["a number", 1],
    ["a bigint", 1n],
    ["a boolean", true],
    ["a function", () => ["a"]],
    ["a symbol", Symbol("a")],
    ["null", null],
    ["an instance of Map", new Map([["a", 1]])],
    ["an instance of Set", new Set(["a"])],
    ["an instance of Date", new Date(0)],
    ["an instance of Promise", Promise.resolve(["a"])],
  ])("is refused and named: %s", (kind, parameters) => {
    expect(() => bind("SELECT ?", parameters)).toThrow(
      `parameters must be an array or a plain object, not ${kind}`,
    );
  });

  it("comes through as it is when the caller's own object throws", () => {
    const mine = new RangeError("mine");
    const fail = () => {
      throw mine;
    };
    const traps = [{ has: fail }, { getPrototypeOf: fail }];
    for (const handler of traps) expect(() => bind("SELECT ?", new Proxy({}, handler))).toThrow(mine);
    expect(() =>
      bind("SELECT :a", {
        get a() {
          return fail();
        },
      }),
    ).toThrow(mine);
  });
});

describe("putValues", () => {
  it("leaves what is there", () => {
    const values: BoundValue[] = ["before", "room", "for", "after"];
    putValues(values, 1, describeStatement("SELECT ?, ?").parameters, [1, "b"]);
    expect(values).toEqual(["before", 1, "b", "after"]);
    putValues(values, 2, describeStatement("SELECT :a, :b").parameters, { b: 3, a: 2 });
    expect(values).toEqual(["before", 1, 2, 3]);
  });
});

describe("copyBytes", () => {
  it("takes bytes out of the caller's hands, from one value on and up to another", () => {
    const buffers = [Buffer.from("a"), Buffer.from("b"), Buffer.from("c")] as const;
    const values: BoundValue[] = [buffers[0], "text", buffers[1], buffers[2]];
    copyBytes(values, 1, 3);
    for (const buffer of buffers) buffer.fill("z");
    expect(values.map(String)).toEqual(["z", "text", "98", "z"]);
    expect(values[2]).toEqual(new Uint8Array([98]));
  });
});
