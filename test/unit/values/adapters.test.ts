import { afterEach, describe, expect, it } from "vitest";
import { InterfaceError } from "../../../src/errors/tree.ts";
import { type AdaptableClass, adapt, registerAdapter } from "../../../src/values/adapt.ts";

const registered = new Set<AdaptableClass<object>>();
function register<T extends object>(type: AdaptableClass<T>, fn: (value: T) => unknown): void {
  registered.add(type);
  registerAdapter(type, fn);
}
afterEach(() => {
  for (const type of registered) registerAdapter(type, null);
  registered.clear();
});

function caught(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new TypeError("expected an error");
}

describe("a registered adapter", () => {
  class Point {
    readonly x: number;
    readonly y: number;
    constructor(x = 1, y = 2) {
      this.x = x;
      this.y = y;
    }
  }
  class Point3 extends Point {}

  it("binds instances of its class and of its subclasses", () => {
    register(Point, ({ x, y }) => `${x};${y}`);
    expect(adapt(new Point(3, 4), 0)).toBe("3;4");
    expect(adapt(new Point3(5, 6), 0)).toBe("5;6");
    expect(() => adapt({ x: 1, y: 2 }, 0)).toThrow(InterfaceError);
  });

  it("gives way to that of a nearer class", () => {
    register(Point, () => "point");
    register(Point3, () => "point3");
    expect(adapt(new Point3(), 0)).toBe("point3");
    expect(adapt(new Point(), 0)).toBe("point");
  });

  it("may give anything that can be adapted again", () => {
    register(Point, ({ x }) => new Date(x));
    expect(adapt(new Point(0), 0)).toBe("1970-01-01T00:00:00.000Z");
    register(Point, () => true);
    expect(adapt(new Point(), 0)).toBe(1);
    register(Point3, () => new Point());
    expect(adapt(new Point3(), 0)).toBe(1);
  });

  it("takes the place of what is built in, and gives it back", () => {
    register(Date, (date) => date.getTime());
    expect(adapt(new Date(5), 0)).toBe(5);
    registerAdapter(Date, null);
    expect(adapt(new Date(5), 0)).toBe("1970-01-01T00:00:00.005Z");
    register(Float32Array, (floats) => JSON.stringify([...floats]));
    expect(adapt(new Float32Array([1, 2]), 0)).toBe("[1,2]");
    expect(adapt(new Float64Array(1), 0)).toEqual(new Uint8Array(8));
    register(Uint8Array, (bytes) => bytes.length);
    expect(adapt(Buffer.from("abc"), 0)).toBe(3);
  });

  it("is asked last when it is registered for Object", () => {
    register(Object, (value) => JSON.stringify(value));
    expect(adapt({ a: 1 }, 0)).toBe('{"a":1}');
    expect(adapt([1, 2], 0)).toBe("[1,2]");
    expect(adapt(new Date(0), 0)).toBe("1970-01-01T00:00:00.000Z");
    expect(adapt(Buffer.from("x"), 0)).toEqual(Buffer.from("x"));
    register(Point, () => 1);
    expect(adapt(new Point(), 0)).toBe(1);
  });

  it("is never asked for primitives", () => {
    register(Number, () => "no");
    register(String, () => "no");
    expect(adapt(1, 0)).toBe(1);
    expect(adapt("s", 0)).toBe("s");
    expect(adapt(Object(1), 0)).toBe("no");
  });

  it("that throws becomes an InterfaceError with the cause", () => {
    const cause = new TypeError("secret");
    register(Point, () => {
      throw cause;
    });
    const error = caught(() => adapt(new Point(), ":p"));
    expect(error).toBeInstanceOf(InterfaceError);
    expect(error.message).toBe(
      "Error binding parameter ':p': the adapter of type 'Point' raised an exception",
    );
    expect(error.cause).toBe(cause);
  });

  it("that gives what cannot be bound is told as such", () => {
    register(Point, () => undefined);
    expect(() => adapt(new Point(), 0)).toThrow(
      "Error binding parameter 1: type 'undefined' is not supported",
    );
    register(Point, () => Number.NaN);
    expect(() => adapt(new Point(), 0)).toThrow("NaN");
  });

  it("that goes round in circles is stopped", () => {
    register(Point, (point) => point);
    expect(() => adapt(new Point(), 0)).toThrow("the adapter of type 'Point' leads to no value");
  });

  it("must be a function, for a class", () => {
    for (const type of [undefined, null, 5, "Date", {}, () => 1, Symbol.iterator]) {
      expect(() => registerAdapter(type as unknown as typeof Date, () => 1)).toThrow(InterfaceError);
    }
    for (const fn of [undefined, 5, "fn", {}]) {
      expect(() => registerAdapter(Point, fn as unknown as null)).toThrow(InterfaceError);
    }
  });
});
