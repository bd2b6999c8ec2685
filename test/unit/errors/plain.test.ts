import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromPlain, toPlain } from "../../../src/errors/plain.ts";
import * as tree from "../../../src/errors/tree.ts";

/** There and back, the way a message goes. */
function sent(thrown: unknown): globalThis.Error {
  return fromPlain(structuredClone(toPlain(thrown)));
}

const details: fc.Arbitrary<tree.ErrorDetails> = fc.record(
  {
    sqliteErrorcode: fc.nat(),
    sqliteErrorname: fc.string(),
    code: fc.string(),
    sql: fc.string({ unit: "binary" }),
    constraint: fc.constant({ kind: "unique", table: "t", columns: ["a", "b"] } as const),
    syntax: fc.record({ near: fc.string(), offset: fc.nat(), line: fc.nat(), column: fc.nat() }),
    retryable: fc.boolean(),
    outcome: fc.constantFrom("not-executed", "rolled-back", "unknown"),
    index: fc.nat(),
  },
  { requiredKeys: [] },
);

describe("an error sent as plain data", () => {
  it("comes back with class, message, stack and every field", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(tree.EXCEPTIONS)),
        fc.string({ unit: "binary" }),
        details,
        fc.option(details, { nil: undefined }),
        (Class, message, given, inner) => {
          const cause = inner === undefined ? undefined : new tree.DataError("inner", inner);
          const error = new Class(message, { ...given, cause });
          const back = sent(error);
          expect(Object.getPrototypeOf(back)).toBe(Class.prototype);
          expect(back.message).toBe(message);
          expect(back.stack).toBe(error.stack);
          expect({ ...back }).toEqual({ ...error });
          expect(Object.keys(back)).toEqual(Object.keys(error));
          if (cause === undefined) expect("cause" in back).toBe(false);
          else {
            expect(back.cause).toBeInstanceOf(tree.DataError);
            expect({ ...(back.cause as object) }).toEqual({ ...cause });
          }
        },
      ),
    );
  });

  it("keeps JavaScript's own classes", () => {
    for (const Class of [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError]) {
      const back = sent(new Class("words", { cause: 5 }));
      expect(Object.getPrototypeOf(back)).toBe(Class.prototype);
      expect(back).toMatchObject({ message: "words", cause: 5, name: Class.name });
      expect(Object.keys(back)).toEqual([]);
      expect(Object.keys(back)).not.toContain("cause");
    }
  });

  it("tells the tree's Error from JavaScript's", () => {
    expect(sent(new Error("x"))).not.toBeInstanceOf(tree.Error);
    expect(sent(new tree.Error("x"))).toBeInstanceOf(tree.Error);
  });

  it("keeps what an AggregateError holds", () => {
    const back = sent(new AggregateError([new tree.DataError("a"), "b", new TypeError("c")], "many"));
    expect(back).toBeInstanceOf(AggregateError);
    const { errors } = back as AggregateError;
    expect(errors[0]).toBeInstanceOf(tree.DataError);
    expect(errors[1]).toBe("b");
    expect(errors[2]).toBeInstanceOf(TypeError);
  });

  it("keeps what a SuppressedError holds", () => {
    if (Reflect.get(globalThis, "SuppressedError") === undefined) return;
    const back = sent(new SuppressedError(new tree.DataError("a"), new TypeError("b"), "both"));
    expect(back).toBeInstanceOf(SuppressedError);
    expect((back as SuppressedError).error).toBeInstanceOf(tree.DataError);
    expect((back as SuppressedError).suppressed).toBeInstanceOf(TypeError);
    expect(back.message).toBe("both");
  });

  it("keeps an AbortError", () => {
    const back = sent(AbortSignal.abort().reason);
    expect(back).toBeInstanceOf(DOMException);
    expect(back.name).toBe("AbortError");
    expect((back as DOMException).code).toBe(DOMException.ABORT_ERR);
  });

  it("comes back as the nearest known class under its own name", () => {
    class Refused extends tree.IntegrityError {
      override name = "Refused";
      readonly amount = 5n;
    }
    const back = sent(new Refused("no", { index: 1 }));
    expect(Object.getPrototypeOf(back)).toBe(tree.IntegrityError.prototype);
    expect(back).toMatchObject({ name: "Refused", message: "no", index: 1, amount: 5n });
    class Odd extends TypeError {}
    expect(sent(new Odd("x"))).toBeInstanceOf(TypeError);
  });

  it("survives another realm", () => {
    const back = sent(runInNewContext("new RangeError('far')"));
    expect(back).toBeInstanceOf(RangeError);
    expect(back.message).toBe("far");
  });

  it("keeps a circle of causes a circle", () => {
    const a = new tree.DataError("a");
    const b = new TypeError("b", { cause: a });
    Object.defineProperty(a, "cause", { value: b });
    const back = sent(a);
    expect(back.cause).toBeInstanceOf(TypeError);
    expect((back.cause as Error).cause).toBe(back);
    const self = new Error("self");
    self.cause = self;
    expect(sent(self).cause).toBeInstanceOf(Error);
  });

  it("survives a very long chain of causes", () => {
    let error = new Error("last");
    for (let i = 0; i < 5000; i++) error = new Error(String(i), { cause: error });
    expect((sent(error).cause as Error).message).toBe("4998");
  });

  it("describes what cannot be cloned", () => {
    const error = Object.assign(new tree.OperationalError("x", { cause: Symbol("s") }), {
      fn: () => 1,
      promise: Promise.resolve(),
      map: new Map([["k", 1]]),
      bytes: Buffer.from("abc"),
      weak: new WeakMap(),
      nested: { deep: [() => 1] },
    });
    const back = sent(error);
    expect(back).toMatchObject({
      fn: "[function]",
      promise: "[object]",
      weak: "[object]",
      nested: "[object]",
    });
    expect(back).toMatchObject({ map: new Map([["k", 1]]), cause: "[symbol]" });
    expect(Reflect.get(back, "bytes")).toEqual(new Uint8Array([97, 98, 99]));
  });

  it("wraps what is not an error", () => {
    for (const thrown of ["text", 5, 5n, null, undefined, true, { a: [1] }]) {
      const back = sent(thrown);
      expect(back).toBeInstanceOf(Error);
      expect(back.message).toMatch(/^expected an error to be thrown, got /);
      expect(back.cause).toEqual(thrown);
    }
    expect(sent(() => 1).cause).toBe("[function]");
    expect(sent(Symbol("x")).cause).toBe("[symbol]");
  });

  it("survives errors made to break it", () => {
    const { proxy, revoke } = Proxy.revocable(new Error("x"), {});
    revoke();
    const endless: object = new Proxy({}, { getPrototypeOf: () => endless });
    const traps = new Proxy(new Error("x"), {
      get: () => {
        throw new Error("get");
      },
      ownKeys: () => {
        throw new Error("keys");
      },
    });
    const getters = Object.defineProperties(new Error("x"), {
      message: {
        get: () => {
          throw new Error("message");
        },
      },
      stack: { get: () => 5 },
      name: { value: 5 },
      boom: {
        enumerable: true,
        get: () => {
          throw new Error("boom");
        },
      },
    });
    const odd = Object.defineProperty(new Error("x"), "__proto__", { value: 7, enumerable: true });
    for (const thrown of [
      proxy,
      endless,
      traps,
      getters,
      odd,
      Object.create(Error.prototype),
      Object.create(null),
    ]) {
      expect(sent(thrown)).toBeInstanceOf(Error);
    }
    expect(Object.getOwnPropertyDescriptor(sent(odd), "__proto__")?.value).toBe(7);
    expect(sent({ [Symbol.toStringTag]: "Error" })).toBeInstanceOf(Error);
  });

  it("takes anything at all", () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
        (thrown) => {
          expect(sent(thrown)).toBeInstanceOf(Error);
        },
      ),
    );
  });

  it("is rebuilt as a plain Error when its class is not known here", () => {
    const plain = { name: "Future", message: "m", stack: null, fields: [] };
    for (const family of ["dbapi", "native"] as const) {
      const back = fromPlain({ ...plain, family, type: "Future" });
      expect(Object.getPrototypeOf(back)).toBe(Error.prototype);
      expect(back.name).toBe("Future");
    }
    expect(fromPlain({ ...plain, family: "native", type: "Function" })).toBeInstanceOf(Error);
  });
});
