/**
 * Values and containers made to do harm: throwing getters and traps, lying lengths, prototypes to pollute. What is thrown is
 * an error, the connection works on, nothing is stored that was not said, and no prototype changes.
 */
import { afterEach, describe, expect, it } from "vitest";
import { classRow, DataError, InterfaceError, objectRow, type Parameters, Row } from "../../src/index.ts";
import { open, thrown } from "./support.ts";

const MINE = new RangeError("mine");
const fail = (): never => {
  throw MINE;
};
class NameThrows {}
Object.defineProperty(NameThrows, "name", { get: fail });
const endless = (target: object): object => new Proxy(target, { getPrototypeOf: () => endless({}) });

afterEach(() => {
  expect(Reflect.ownKeys(Object.prototype).filter((key) => String(key).startsWith("polluted"))).toEqual([]);
  expect(Reflect.get({}, "polluted")).toBeUndefined();
  expect(Reflect.get([], "polluted")).toBeUndefined();
});

/** Tries hostile parameters in every way there is to pass them. */
function attack(sql: string, parameters: unknown): unknown[] {
  const conn = open();
  conn.execute("CREATE TABLE t(a, b)");
  conn.execute("INSERT INTO t VALUES (0, 'before')");
  const hostile = parameters as Parameters;
  const errors = [
    thrown(() => conn.execute(sql, hostile)),
    thrown(() => conn.executemany(sql, [hostile])),
    thrown(() => conn.fetchall(sql, hostile)),
    thrown(() => conn.fetchone(sql, hostile)),
  ];
  conn.execute("INSERT INTO t VALUES (1, 'after')");
  expect(conn.fetchall("SELECT * FROM t")).toEqual([
    [0, "before"],
    [1, "after"],
  ]);
  return errors;
}

const INSERT = "INSERT INTO t VALUES (?, ?)";
const NAMED = "INSERT INTO t VALUES (:a, :b)";

describe("parameters that throw", () => {
  it.each<readonly [string, string, unknown]>([
    ["a getter of an array", INSERT, Object.defineProperty([1, 2], 1, { get: fail })],
    ["a getter of an object", NAMED, Object.defineProperty({ a: 1 }, "b", { get: fail, enumerable: true })],
    ["a length", INSERT, Object.defineProperty({ 0: 1, 1: 2 }, "length", { get: fail })],
    ["a proxy's get", INSERT, new Proxy([1, 2], { get: fail })],
    ["a proxy's has", INSERT, new Proxy({}, { has: fail, getPrototypeOf: () => Array.prototype })],
    [
      "a proxy's getOwnPropertyDescriptor",
      NAMED,
      new Proxy({ a: 1, b: 2 }, { getOwnPropertyDescriptor: fail }),
    ],
    ["a proxy's getPrototypeOf", INSERT, new Proxy({}, { getPrototypeOf: fail })],
  ])("let the error through as it is: %s", (_, sql, parameters) => {
    expect(attack(sql, parameters)).toEqual([MINE, MINE, MINE, MINE]);
  });

  it.each<readonly [string, unknown]>([
    ["toString", { toString: fail }],
    ["valueOf", { valueOf: fail }],
    ["Symbol.toPrimitive", { [Symbol.toPrimitive]: fail }],
    ["toJSON", { toJSON: fail }],
    ["a proxy of everything", new Proxy({}, { get: fail, getPrototypeOf: fail, has: fail, ownKeys: fail })],
    ["an endless chain of prototypes", endless({})],
    ["a Date with a throwing toISOString", Object.assign(new Date(Number.NaN), { toISOString: fail })],
    ["a revoked proxy", revoked()],
    ["a class that throws for its name", new NameThrows()],
  ])("bind nothing: a value with %s", (_, value) => {
    for (const error of attack(INSERT, [1, value])) expect(error).toBeInstanceOf(Error);
    for (const error of attack(NAMED, { a: 1, b: value })) expect(error).toBeInstanceOf(Error);
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe("containers that lie", () => {
  it.each<readonly [string, unknown]>([
    [
      "a hole",
      (() => {
        const list: unknown[] = [1];
        list.length = 2;
        return list;
      })(),
    ],
    ["a length that is too large", { length: 2, 0: 1 }],
    ["a length of NaN", { length: Number.NaN, 0: 1, 1: 2 }],
    ["a length of 1.5", { length: 1.5, 0: 1, 1: 2 }],
    ["a negative length", { length: -2 }],
    ["a length that is a string", { length: "2", 0: 1, 1: 2 }],
    ["an infinite length", { length: Number.POSITIVE_INFINITY }],
    [
      "an array that shrinks",
      Object.defineProperty([1, 2], 0, {
        get(this: number[]) {
          this.length = 1;
          return 1;
        },
      }),
    ],
    ["a string", "ab"],
    [
      "a Map",
      new Map([
        [0, 1],
        [1, 2],
      ]),
    ],
    ["an iterator", [1, 2].values()],
    ["a function with a length", (_a: number, _b: number) => 0],
  ])("are refused: %s", (_, parameters) => {
    for (const error of attack(INSERT, parameters)) expect(error).toBeInstanceOf(InterfaceError);
  });

  it("bind what they are when they grow on the way", () => {
    const conn = open();
    const growing = Object.defineProperty([1, 2], 0, {
      get(this: number[]) {
        this.push(9);
        return 1;
      },
    });
    expect(conn.fetchone("SELECT ?, ?", growing)).toEqual([1, 2]);
  });
});

describe("names of prototypes", () => {
  const NAMES = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "polluted"];

  it("are parameters like any other, and only the caller's own", () => {
    const conn = open();
    for (const name of NAMES) {
      const own: unknown = JSON.parse(`{${JSON.stringify(name)}: 5}`);
      expect(conn.fetchone(`SELECT :${name}`, own as Parameters)).toEqual([5]);
      expect(thrown(() => conn.fetchone(`SELECT :${name}`, {}))).toBeInstanceOf(InterfaceError);
    }
    const inherited: unknown = Object.create({ a: 5 });
    expect(thrown(() => conn.fetchone("SELECT :a", inherited as Parameters))).toBeInstanceOf(InterfaceError);
  });

  it("are columns like any other, in every kind of row", () => {
    class Holder {
      readonly row: Record<string, unknown>;
      constructor(row: Record<string, unknown>) {
        this.row = row;
      }
    }
    const conn = open();
    const sql = `SELECT ${NAMES.map((name, i) => `${i} AS "${name}"`).join(", ")}`;
    const values = NAMES.map((_, i) => i);
    const object = conn.cursor(objectRow).execute(sql).fetchone();
    const row = conn.cursor(Row).execute(sql).fetchone();
    const { row: held } = conn.cursor(classRow(Holder)).execute(sql).fetchone() ?? { row: {} };
    for (const some of [object ?? {}, row?.toObject() ?? {}, held]) {
      expect(Object.getPrototypeOf(some)).toBe(Object.prototype);
      expect(NAMES.map((name) => some[name])).toEqual(values);
    }
    expect(NAMES.map((name) => row?.get(name))).toEqual(values);
  });

  it("are options, modes and functions to nobody", () => {
    const conn = open();
    expect(
      thrown(() => open(":memory:", JSON.parse('{"__proto__": {"readonly": true}, "constructor": 1}'))),
    ).toBeInstanceOf(InterfaceError);
    for (const name of NAMES) {
      conn.createFunction(name, 0, () => name);
      expect(conn.fetchone(`SELECT "${name}"()`)).toEqual([name]);
    }
  });
});

describe("bytes that change or vanish", () => {
  it("are what they were when the call was made", () => {
    const conn = open();
    conn.execute("CREATE TABLE t(a)");
    const buffer = Buffer.from("first");
    conn.execute("INSERT INTO t VALUES (?)", [buffer]);
    buffer.fill("x");
    const sets = function* () {
      for (const text of ["one", "two", "six"]) {
        buffer.write(text);
        yield [buffer.subarray(0, 3)];
      }
      buffer.fill("z");
    };
    conn.executemany("INSERT INTO t VALUES (?)", sets());
    expect(conn.fetchall("SELECT CAST(a AS TEXT) FROM t")).toEqual([["first"], ["one"], ["two"], ["six"]]);
  });

  it("are refused when they have been transferred away", () => {
    const conn = open();
    const bytes = new Uint8Array(8);
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    expect(thrown(() => conn.execute("SELECT ?", [bytes]))).toBeInstanceOf(InterfaceError);
    expect(thrown(() => conn.execute("SELECT ?", [bytes.buffer]))).toBeInstanceOf(InterfaceError);
  });

  it("are the reader's own when they come out", () => {
    const conn = open();
    conn.execute("CREATE TABLE t(a)");
    conn.execute("INSERT INTO t VALUES (?)", [Buffer.from("same")]);
    const [first] = conn.fetchone("SELECT a FROM t") ?? [];
    (first as Buffer).fill("x");
    expect(conn.fetchone("SELECT a FROM t")).toEqual([Buffer.from("same")]);
  });
});

describe("values that cannot be read as they are asked for", () => {
  const HUGE = 2n ** 60n;

  it("are an error of every call that reads, and never no row", () => {
    const conn = open(":memory:", { integers: "number" });
    conn.execute("CREATE TABLE t(a)");
    for (const sql of [
      `SELECT ${HUGE}`,
      `INSERT INTO t VALUES (${HUGE}) RETURNING a`,
      `VALUES (${HUGE}), (1)`,
    ]) {
      for (const read of [
        () => conn.fetchone(sql),
        () => conn.fetchall(sql),
        () => conn.execute(sql).fetchone(),
        () => conn.execute(sql).fetchmany(5),
        () => conn.execute(sql).fetchall(),
        () => [...conn.execute(sql)],
      ]) {
        expect(thrown(read)).toBeInstanceOf(DataError);
      }
    }
    expect(conn.fetchone("SELECT count(*) FROM t")).toEqual([6]);
  });

  it("in a row behind the first one are no business of fetchone", () => {
    const conn = open(":memory:", { integers: "number" });
    expect(conn.fetchone(`VALUES (1), (${HUGE})`)).toEqual([1]);
    expect(conn.execute(`VALUES (1), (${HUGE})`).fetchone()).toEqual([1]);
  });
});

describe("results of user functions", () => {
  it.each<readonly [string, unknown]>([
    ["an object", {}],
    ["a symbol", Symbol("a")],
    ["a promise", Promise.resolve(1)],
    ["a proxy that throws", new Proxy({}, { get: fail, getPrototypeOf: fail })],
    ["NaN", Number.NaN],
    ["an integer past int64", 2n ** 64n],
    ["a lone surrogate", "\ud800"],
  ])("that cannot be stored are an OperationalError with the reason as its cause: %s", (_, result) => {
    const conn = open();
    conn.createFunction("f", 0, () => result);
    const error = thrown(() => conn.fetchone("SELECT f()"));
    expect(error).toBeInstanceOf(conn.OperationalError);
    expect((error as Error).cause).toBeInstanceOf(conn.Error);
    expect(conn.fetchone("SELECT 1")).toEqual([1]);
  });
});
