import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { DataError, InterfaceError } from "../../../src/errors/tree.ts";
import { adapt, adaptResult, registerAdapter } from "../../../src/values/adapt.ts";
import { INT64_MAX, INT64_MIN, isInteger } from "../../../src/values/integers.ts";
import type { BoundValue } from "../../../src/values/types.ts";
import { memory } from "./native.ts";

const database = memory();
const select = database.prepare("SELECT ?, typeof(?)").raw().safeIntegers();
afterAll(() => database.close());

/** What SQLite makes of a bound value, a safe integer as engines bind it: as it comes back, and its storage class. */
function through(value: BoundValue): [value: unknown, type: unknown] {
  const bound = typeof value === "number" && isInteger(value) ? BigInt(value) : value;
  return select.get(bound, bound) as [unknown, unknown];
}

function caught(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new TypeError("expected an error");
}

describe("adapt", () => {
  it("binds a safe integer as INTEGER and every other number as REAL, bit for bit", () => {
    const number = fc.oneof(
      fc.double({ noNaN: true }),
      fc.integer(),
      fc.maxSafeInteger(),
      fc.constantFrom(0, -0, 2 ** 53),
    );
    fc.assert(
      fc.property(number, (value) => {
        const [back, type] = through(adapt(value, 0));
        const integer = Number.isSafeInteger(value) && !Object.is(value, -0);
        expect(type).toBe(integer ? "integer" : "real");
        expect(Object.is(integer ? Number(back) : back, value)).toBe(true);
      }),
    );
  });

  it("keeps the sign of -0", () => {
    expect(adapt(0, 0)).toBe(0);
    expect(Object.is(adapt(-0, 0), -0)).toBe(true);
    expect(through(adapt(-0, 0))[1]).toBe("real");
  });

  it("binds what is past 2^53 as REAL", () => {
    expect(through(adapt(Number.MAX_SAFE_INTEGER, 0))).toEqual([9007199254740991n, "integer"]);
    expect(through(adapt(Number.MIN_SAFE_INTEGER, 0))).toEqual([-9007199254740991n, "integer"]);
    expect(through(adapt(2 ** 53, 0))[1]).toBe("real");
    expect(adapt(2 ** 53, 0)).toBe(2 ** 53);
    expect(through(adapt(Number.POSITIVE_INFINITY, 0))).toEqual([Number.POSITIVE_INFINITY, "real"]);
    expect(through(adapt(Number.NEGATIVE_INFINITY, 0))).toEqual([Number.NEGATIVE_INFINITY, "real"]);
  });

  it("binds every bigint of int64 as INTEGER", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: INT64_MIN, max: INT64_MAX }), (value) => {
        expect(through(adapt(value, 0))).toEqual([value, "integer"]);
      }),
    );
    expect(adapt(INT64_MIN, 0)).toBe(INT64_MIN);
    expect(adapt(INT64_MAX, 0)).toBe(INT64_MAX);
  });

  it("refuses a bigint past int64", () => {
    for (const value of [INT64_MAX + 1n, INT64_MIN - 1n, 2n ** 64n, -(2n ** 1000n)]) {
      const error = caught(() => adapt(value, 0));
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toBe("Error binding parameter 1: BigInt too large to convert to SQLite INTEGER");
    }
  });

  it("binds every well-formed string as TEXT, NUL and all", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        expect(through(adapt(value, 0))).toEqual([value, "text"]);
      }),
    );
    expect(through(adapt("", 0))).toEqual(["", "text"]);
    expect(through(adapt("a\0b", 0))).toEqual(["a\0b", "text"]);
    expect(through(adapt("\uFFFD\uFEFF\uFFFF😀", 0))).toEqual(["\uFFFD\uFEFF\uFFFF😀", "text"]);
  });

  it("refuses a lone surrogate", () => {
    for (const value of ["\uD800", "a\uDC00", "\uDE00\uD83D", `${"x".repeat(1000)}\uD83D`]) {
      const error = caught(() => adapt(value, ":name"));
      expect(error).toBeInstanceOf(DataError);
      expect(error.message).toMatch(/^Error binding parameter ':name': /);
      expect(error.message.isWellFormed()).toBe(true);
    }
  });

  it("binds null as NULL and booleans as 0 and 1", () => {
    expect(through(adapt(null, 0))).toEqual([null, "null"]);
    expect(through(adapt(true, 0))).toEqual([1n, "integer"]);
    expect(through(adapt(false, 0))).toEqual([0n, "integer"]);
  });

  it("binds the bytes of a view, and only those", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(16), fc.nat(16), (bytes, before, after) => {
        const buffer = new ArrayBuffer(before + bytes.length + after);
        new Uint8Array(buffer).set(bytes, before);
        const views = [
          new Uint8Array(buffer, before, bytes.length),
          new Int8Array(buffer, before, bytes.length),
          new DataView(buffer, before, bytes.length),
          Buffer.from(buffer, before, bytes.length),
        ];
        for (const view of views) expect(through(adapt(view, 0))).toEqual([Buffer.from(bytes), "blob"]);
      }),
    );
  });

  it("binds every kind of typed array and buffer", () => {
    const wide = [Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array];
    for (const Class of [...wide, BigInt64Array, BigUint64Array]) {
      const whole = new ArrayBuffer(32);
      new Uint8Array(whole).set(Array.from({ length: 32 }, (_, i) => i));
      expect(through(adapt(new Class(whole, 8, 1), 0))[0]).toEqual(
        Buffer.from(whole, 8, Class.BYTES_PER_ELEMENT),
      );
    }
    const shared = new SharedArrayBuffer(3);
    new Uint8Array(shared).set([1, 2, 3]);
    expect(through(adapt(shared, 0))).toEqual([Buffer.from([1, 2, 3]), "blob"]);
    expect(through(adapt(new Uint8Array(shared, 1), 0))).toEqual([Buffer.from([2, 3]), "blob"]);
    expect(through(adapt(new Uint8Array([7]).buffer, 0))).toEqual([Buffer.from([7]), "blob"]);
    expect(through(adapt(new ArrayBuffer(2, { maxByteLength: 8 }), 0))).toEqual([Buffer.alloc(2), "blob"]);
  });

  it("binds zero bytes as an empty BLOB and not as NULL", () => {
    const empty = [new Uint8Array(0), Buffer.alloc(0), new ArrayBuffer(0), new DataView(new ArrayBuffer(0))];
    for (const value of [
      ...empty,
      new Float64Array(0),
      new SharedArrayBuffer(0),
      new Uint8Array(8).subarray(8),
    ]) {
      expect(through(adapt(value, 0))).toEqual([Buffer.alloc(0), "blob"]);
    }
  });

  it("copies no bytes", () => {
    const bytes = new Uint8Array(4);
    expect(adapt(bytes, 0)).toBe(bytes);
    const floats = new Float32Array(2);
    expect((adapt(floats, 0) as Uint8Array).buffer).toBe(floats.buffer);
  });

  it("refuses bytes that have been transferred away", () => {
    const buffer = new ArrayBuffer(8);
    const views = [new Uint8Array(buffer), new DataView(buffer), new Float64Array(buffer), buffer];
    structuredClone(buffer, { transfer: [buffer] });
    for (const view of views) {
      const error = caught(() => adapt(view, 2));
      expect(error).toBeInstanceOf(InterfaceError);
      expect(error.message).toBe(
        "Error binding parameter 3: bytes that have been transferred away are not supported",
      );
    }
  });

  it("binds a Date as ISO 8601 text", () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        expect(through(adapt(date, 0))).toEqual([date.toISOString(), "text"]);
      }),
    );
    expect(() => adapt(new Date(Number.NaN), 0)).toThrow(
      "Error binding parameter 1: an invalid Date is not supported",
    );
  });

  it("takes bytes and dates of another realm", () => {
    expect(adapt(runInNewContext("new Date(0)"), 0)).toBe("1970-01-01T00:00:00.000Z");
    expect(through(adapt(runInNewContext("new Uint8Array([1, 2])"), 0))).toEqual([
      Buffer.from([1, 2]),
      "blob",
    ]);
    expect(through(adapt(runInNewContext("new ArrayBuffer(2)"), 0))).toEqual([Buffer.alloc(2), "blob"]);
  });

  it("refuses NaN and says what to do", () => {
    const error = caught(() => adapt(Number.NaN, 0));
    expect(error).toBeInstanceOf(InterfaceError);
    expect(error.message).toBe("Error binding parameter 1: NaN is not supported: bind null or a number");
  });

  class Money {}
  const unsupported: readonly (readonly [type: string, value: unknown])[] = [
    ["undefined", undefined],
    ["symbol", Symbol("secret")],
    ["function", () => "secret"],
    ["function", class {}],
    ["object", {}],
    ["object", { a: "secret", toString: () => "secret", valueOf: () => 5 }],
    ["object", Object.create(null)],
    ["array", ["secret"]],
    ["Money", new Money()],
    ["Map", new Map()],
    ["Promise", Promise.resolve("secret")],
    ["Number", Object(5)],
    ["String", Object("secret")],
    ["Boolean", Object(true)],
    ["BigInt", Object(5n)],
    ["RegExp", /secret/],
    ["Error", new Error("secret")],
    ["URL", new URL("http://secret/")],
    ["Uint8Array", Object.create(Uint8Array.prototype)],
    ["Uint8Array", new Proxy(new Uint8Array(2), {})],
    ["ArrayBuffer", new Proxy(new ArrayBuffer(2), {})],
    ["Date", new Proxy(new Date(), {})],
    ["Date", Object.create(Date.prototype)],
    ["object", { [Symbol.toStringTag]: "Date" }],
    ["object", { [Symbol.toStringTag]: "ArrayBuffer", byteLength: 2 }],
    ["array", Object.assign(["secret"], { [Symbol.toStringTag]: "Date" })],
    ["object", Object.create({ constructor: 5 })],
    ["object", Object.create({ constructor: undefined })],
  ];
  for (const [type, value] of unsupported) {
    it(`refuses ${type} (${Object.prototype.toString.call(value)}) by its type alone`, () => {
      const positional = caught(() => adapt(value, 0));
      expect(positional).toBeInstanceOf(InterfaceError);
      expect(positional.message).toBe(`Error binding parameter 1: type '${type}' is not supported`);
      expect(caught(() => adapt(value, ":a")).message).toBe(
        `Error binding parameter ':a': type '${type}' is not supported`,
      );
    });
  }

  it("refuses proxies made to break it", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const endless: object = new Proxy({}, { getPrototypeOf: () => endless });
    const trapped = new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw new Error("trap");
        },
      },
    );
    registerAdapter(Money, () => 1);
    for (const value of [proxy, endless, trapped]) expect(() => adapt(value, 0)).toThrow(InterfaceError);
    registerAdapter(Money, null);
  });

  it("takes anything at all, or refuses it with an error of the tree", () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withTypedArray: true,
      withNullPrototype: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        let bound: BoundValue;
        try {
          bound = adapt(value, 0);
        } catch (error) {
          expect(error instanceof InterfaceError || error instanceof DataError).toBe(true);
          return;
        }
        through(bound);
      }),
    );
  });
});

describe("adaptResult", () => {
  it("is adapt with undefined as NULL", () => {
    expect(adaptResult(undefined, "f")).toBeNull();
    expect(adaptResult(null, "f")).toBeNull();
    expect(adaptResult(5, "f")).toBe(5);
    expect(adaptResult("s", "f")).toBe("s");
    expect(adaptResult(new Date(0), "f")).toBe("1970-01-01T00:00:00.000Z");
  });

  it("names the function in its errors", () => {
    expect(() => adaptResult({}, "result of the function f")).toThrow(
      "result of the function f: type 'object' is not supported",
    );
    expect(() => adaptResult(2n ** 63n, "f")).toThrow("f: BigInt too large to convert to SQLite INTEGER");
    expect(() => adaptResult(Promise.resolve(1), "f")).toThrow("f: type 'Promise' is not supported");
  });
});
