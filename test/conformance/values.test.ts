/**
 * Every row of the table of values in docs/design/API.md: what JavaScript's values are bound as, and what SQLite's are
 * read as. That nothing is lost on any way through is values.property.test.ts.
 */
import { describe, expect, it } from "vitest";
import { DataError, InterfaceError, OperationalError, type Parameter } from "../../src/index.ts";
import { type AnyConnection, conformance, raised } from "./quadrants.ts";

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

conformance("values", (db) => {
  /** A value's storage class in SQLite, and what comes back. */
  async function through(conn: AnyConnection, value: Parameter): Promise<unknown[]> {
    const row = await conn.fetchone("SELECT typeof(?1), ?1", [value]);
    return row ?? [];
  }

  const cases: readonly (readonly [name: string, value: Parameter, type: string, back: unknown])[] = [
    ["null", null, "null", null],
    ["0", 0, "integer", 0],
    ["1", 1, "integer", 1],
    ["-1", -1, "integer", -1],
    ["2^53 - 1", Number.MAX_SAFE_INTEGER, "integer", Number.MAX_SAFE_INTEGER],
    ["-(2^53 - 1)", Number.MIN_SAFE_INTEGER, "integer", Number.MIN_SAFE_INTEGER],
    ["the number 2^53", 2 ** 53, "real", 2 ** 53],
    ["1.5", 1.5, "real", 1.5],
    ["-0", -0, "real", -0],
    ["the smallest number", Number.MIN_VALUE, "real", Number.MIN_VALUE],
    ["the largest number", Number.MAX_VALUE, "real", Number.MAX_VALUE],
    ["Infinity", Number.POSITIVE_INFINITY, "real", Number.POSITIVE_INFINITY],
    ["-Infinity", Number.NEGATIVE_INFINITY, "real", Number.NEGATIVE_INFINITY],
    ["1n", 1n, "integer", 1],
    ["2^53 as a bigint", 2n ** 53n, "integer", 2n ** 53n],
    ["2^53 + 1", 2n ** 53n + 1n, "integer", 2n ** 53n + 1n],
    ["-(2^53 + 1)", -(2n ** 53n + 1n), "integer", -(2n ** 53n + 1n)],
    ["the largest int64", MAX, "integer", MAX],
    ["the largest int64 - 1", MAX - 1n, "integer", MAX - 1n],
    ["the smallest int64", MIN, "integer", MIN],
    ["the smallest int64 + 1", MIN + 1n, "integer", MIN + 1n],
    ["true", true, "integer", 1],
    ["false", false, "integer", 0],
    ["empty text", "", "text", ""],
    ["text", "Zürich 東京 😀", "text", "Zürich 東京 😀"],
    ["text with NUL", "a\0b\0", "text", "a\0b\0"],
    ["NUL alone", "\0", "text", "\0"],
    ["a replacement character", "\uFFFD", "text", "\uFFFD"],
    ["a byte order mark", "\uFEFFx", "text", "\uFEFFx"],
    ["a noncharacter", "\uFFFE\u{10FFFF}", "text", "\uFFFE\u{10FFFF}"],
    ["an empty blob", new Uint8Array(), "blob", Buffer.alloc(0)],
    ["an empty ArrayBuffer", new ArrayBuffer(0), "blob", Buffer.alloc(0)],
    ["a Buffer", Buffer.from("\0\xff", "latin1"), "blob", Buffer.of(0, 255)],
    ["a view over a larger buffer", new Uint8Array([9, 1, 2, 9]).subarray(1, 3), "blob", Buffer.of(1, 2)],
    ["a Uint16Array", new Uint16Array([0x0201]), "blob", Buffer.of(1, 2)],
    [
      "a Float64Array's part",
      new Float64Array([0, 1]).subarray(1),
      "blob",
      Buffer.of(0, 0, 0, 0, 0, 0, 0xf0, 0x3f),
    ],
    ["a DataView", new DataView(Uint8Array.of(9, 1, 2, 9).buffer, 1, 2), "blob", Buffer.of(1, 2)],
    ["an ArrayBuffer", Uint8Array.of(1, 2).buffer, "blob", Buffer.of(1, 2)],
    ["a SharedArrayBuffer", new SharedArrayBuffer(2), "blob", Buffer.of(0, 0)],
    ["a Date", new Date(0), "text", "1970-01-01T00:00:00.000Z"],
    ["a Date past 9999", new Date(8.64e15), "text", "+275760-09-13T00:00:00.000Z"],
  ];

  for (const [name, value, type, back] of cases) {
    const isInfinite = typeof value === "number" && !Number.isFinite(value);
    it.skipIf(isInfinite && !db.can.infinity)(
      `${name} is bound and read as it should be stored`,
      async () => {
        const conn = await db.shared();
        const [storage, read] = await through(conn, value);
        expect(storage).toBe(type);
        expect(read).toStrictEqual(back);
        expect(Object.is(read, -0)).toBe(Object.is(back, -0));
      },
    );
  }

  it("a blob comes back as a Buffer of its own", async () => {
    const conn = await db.shared();
    const bytes = Buffer.of(1, 2, 3);
    const cursor = await conn.execute("SELECT ?1, ?1", [bytes]);
    bytes[0] = 99;
    const [one, two] = (await cursor.fetchone()) as [Buffer, Buffer];
    expect(Buffer.isBuffer(one)).toBe(true);
    expect([...one]).toEqual([1, 2, 3]);
    one[0] = 7;
    expect(two[0]).toBe(1);
  });

  const refused: readonly (readonly [
    name: string,
    value: unknown,
    Class: typeof DataError | typeof InterfaceError,
  ])[] = [
    ["undefined", undefined, InterfaceError],
    ["NaN", Number.NaN, InterfaceError],
    ["a symbol", Symbol("canary"), InterfaceError],
    ["a function", function canary() {}, InterfaceError],
    ["a plain object", { canary: "canary" }, InterfaceError],
    ["an object without prototype", Object.assign(Object.create(null), { a: "canary" }), InterfaceError],
    ["an array", ["canary"], InterfaceError],
    ["a Map", new Map([["canary", 1]]), InterfaceError],
    ["a RegExp", /canary/, InterfaceError],
    ["an invalid Date", new Date(Number.NaN), InterfaceError],
    ["a boxed string", Object("canary"), InterfaceError],
    ["the largest int64 + 1", MAX + 1n, DataError],
    ["the smallest int64 - 1", MIN - 1n, DataError],
    ["a lone high surrogate", "canary\ud800", DataError],
    ["a lone low surrogate", "\udc00canary", DataError],
  ];

  describe.each(refused)("%s", (_name, value, Class) => {
    it("is refused with the number or the name of the parameter, and without the value", async () => {
      const conn = await db.shared();
      await conn.execute("CREATE TABLE t (a, b)");
      const byNumber: (() => unknown)[] = [() => conn.execute("SELECT ?, ?", [1, value] as never)];
      byNumber.push(() => conn.executemany("INSERT INTO t VALUES (?, ?)", [[1, value]] as never));
      for (const attempt of byNumber) {
        const { message } = await raised(Class, attempt);
        expect(message).toContain("parameter 2");
        expect(message).not.toMatch(/canary|9223372036854775/);
      }
      const error = await raised(Class, () =>
        conn.execute("SELECT :one, :two", { one: 1, two: value } as never),
      );
      expect(error.message).toContain("':two'");
      expect(conn.inTransaction).toBe(true);
      expect(await conn.fetchall("SELECT * FROM t")).toEqual([]);
    });
  });

  describe("integers", () => {
    const sql = "SELECT 1, 9007199254740991, -9007199254740991";
    const large = ["9007199254740992", "-9007199254740992", "9223372036854775807", "-9223372036854775808"];

    it("auto reads a number where it is safe and a bigint where it is not", async () => {
      const conn = await db.shared();
      expect(await conn.fetchone(sql)).toEqual([1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);
      for (const text of large) expect(await conn.fetchone(`SELECT ${text}`)).toEqual([BigInt(text)]);
    });

    it("bigint reads every INTEGER as a bigint, and nothing else", async () => {
      const conn = await db.shared({ integers: "bigint" });
      expect(await conn.fetchone("SELECT 1, 1.0, '1', NULL")).toEqual([1n, 1, "1", null]);
      for (const text of large) expect(await conn.fetchone(`SELECT ${text}`)).toEqual([BigInt(text)]);
      const cursor = await conn.execute("CREATE TABLE t (a)");
      await cursor.execute("INSERT INTO t VALUES (5)");
      expect(cursor.lastrowid).toBe(1n);
      expect(await conn.fetchall("INSERT INTO t VALUES (6) RETURNING a")).toEqual([[6n]]);
    });

    it("number reads numbers, and a DataError where one would lose a bit", async () => {
      const conn = await db.shared({ integers: "number" });
      expect(await conn.fetchone(sql)).toEqual([1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]);
      for (const text of large) {
        await raised(DataError, () => conn.fetchone(`SELECT ${text}`));
        await raised(DataError, async () => (await conn.execute(`SELECT ${text}`)).fetchone());
      }
    });

    it("number does not swallow the rows before the one that fails", async () => {
      const conn = await db.shared({ integers: "number" });
      const cursor = await conn.execute("SELECT 1 UNION ALL SELECT 9007199254740993 UNION ALL SELECT 3");
      expect(await cursor.fetchone()).toEqual([1]);
      await raised(DataError, () => cursor.fetchone());
    });
  });

  describe("textFactory", () => {
    const INVALID = "SELECT 'ok', CAST(X'61FF62' AS TEXT)";

    it.skipIf(!db.can.anyText)(
      "is string, and text that is not UTF-8 an OperationalError that names the column (needs any text)",
      async () => {
        const conn = await db.shared();
        expect(conn.textFactory).toBe("string");
        const error = await raised(OperationalError, () => conn.fetchone(`${INVALID} AS name`));
        expect(error.message).toContain("'name'");
      },
    );

    it.skipIf(!db.can.anyText)(
      "buffer gives bytes that are not UTF-8 as they are stored (needs any text)",
      async () => {
        const conn = await db.shared();
        conn.textFactory = "buffer";
        expect(await conn.fetchone(INVALID)).toEqual([Buffer.from("ok"), Buffer.of(0x61, 0xff, 0x62)]);
      },
    );

    it("buffer gives the bytes of text, and leaves the rest alone", async () => {
      const conn = await db.shared();
      conn.textFactory = "buffer";
      expect(await conn.fetchone("SELECT 'ö', 1, NULL, x'61'")).toEqual([
        Buffer.from("ö"),
        1,
        null,
        Buffer.from("a"),
      ]);
      conn.textFactory = "string";
      expect(await conn.fetchone("SELECT 'ok'")).toEqual(["ok"]);
    });

    it("takes nothing else", async () => {
      const conn = await db.shared();
      for (const factory of ["bytes", null, String]) {
        await raised(InterfaceError, () => {
          conn.textFactory = factory as never;
        });
      }
    });

    it.skipIf(!db.can.anyText)(
      "does not swallow the rows before the one that cannot be read (needs any text)",
      async () => {
        const conn = await db.shared();
        const sql = "SELECT 'a' UNION ALL SELECT CAST(X'FF' AS TEXT) UNION ALL SELECT 'c'";
        const cursor = await conn.execute(sql);
        expect(await cursor.fetchone()).toEqual(["a"]);
        await raised(OperationalError, () => cursor.fetchone());
      },
    );
  });

  it("a number keeps SQL's integer arithmetic", async () => {
    const conn = await db.shared();
    expect(await conn.fetchone("SELECT 5 / ?, typeof(? + 1)", [2, 1])).toEqual([2, "integer"]);
  });
});
