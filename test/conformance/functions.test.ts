/**
 * Functions of the caller's in SQL: arguments, results, what they throw, and what they may not do. Aggregates and window
 * functions are aggregates.test.ts.
 */
import { describe, expect, it } from "vitest";
import {
  DataError,
  InterfaceError,
  NotSupportedError,
  OperationalError,
  ProgrammingError,
  type SqlFunction,
} from "../../src/index.ts";
import { type AnyConnection, type AnyCursor, conformanceWith, raised } from "./quadrants.ts";

conformanceWith("userFunctions", "createFunction", (db) => {
  /** A connection with the function `f` of any number of arguments. */
  async function connectWith(fn: SqlFunction, nArgs = -1): Promise<AnyConnection> {
    const conn = await db.connect();
    await conn.createFunction("f", nArgs, fn);
    return conn;
  }

  describe("arguments", () => {
    it("come as they would be read", async () => {
      const seen: unknown[] = [];
      const conn = await connectWith((...args: unknown[]) => seen.push(...args));
      await conn.fetchone("SELECT f(NULL, 1, 1.5, ?, X'00ff', 9007199254740993, ?, '')", ["é\0", -0]);
      const [blob] = seen.splice(4, 1);
      expect(blob).toEqual(Buffer.of(0, 255));
      expect(seen).toEqual([null, 1, 1.5, "é\0", 9007199254740993n, -0, ""]);
    });

    it("past 2^53 keep every bit", async () => {
      const conn = await connectWith((value: bigint) => value + 1n, 1);
      expect(await conn.fetchone("SELECT f(9007199254740993), f(-9223372036854775808)")).toEqual([
        9007199254740994n,
        -9223372036854775807n,
      ]);
    });

    it("follow the connection's integers", async () => {
      for (const [integers, type] of [
        ["bigint", "bigint"],
        ["number", "number"],
      ] as const) {
        const conn = await db.connect(":memory:", { integers });
        await conn.createFunction("f", 1, (value) => typeof value);
        expect(await conn.fetchone("SELECT f(1)")).toEqual([type]);
      }
    });

    it("are as many as the call has when nArgs is -1, and exactly nArgs when it is not", async () => {
      const conn = await connectWith((...args: unknown[]) => args.length);
      expect(await conn.fetchone("SELECT f(), f(1), f(1, 2, 3)")).toEqual([0, 1, 3]);
      await conn.createFunction("two", 2, (a: number, b: number) => a + b);
      expect(await conn.fetchone("SELECT two(1, 2)")).toEqual([3]);
      const error = await raised(ProgrammingError, () => conn.fetchone("SELECT two(1)"));
      expect(error.message).toBe("wrong number of arguments to function two()");
      await conn.createFunction("none", 0, (...args: unknown[]) => args.length);
      expect(await conn.fetchone("SELECT none()")).toEqual([0]);
    });

    it("may select one of several functions of a name", async () => {
      const conn = await connectWith(() => "one", 1);
      await conn.createFunction("F", 2, () => "two");
      expect(await conn.fetchone("SELECT f(1), f(1, 2)")).toEqual(["one", "two"]);
    });

    it("are 100 at most", async () => {
      const conn = await connectWith((...args: unknown[]) => args.length, 100);
      expect(await conn.fetchone(`SELECT f(${Array(100).fill(1)})`)).toEqual([100]);
    });
  });

  describe("results", () => {
    it.each([
      ["null", null, null],
      ["undefined", undefined, null],
      ["a number", 1.5, 1.5],
      ["a safe integer", 7, 7],
      ["a bigint past 2^53", 9007199254740993n, 9007199254740993n],
      ["true", true, 1],
      ["text with NUL", "a\0é", "a\0é"],
      ["bytes", new Uint8Array([1, 2, 3]).subarray(1), Buffer.of(2, 3)],
      ["no bytes", new Uint8Array(), Buffer.alloc(0)],
      ["a Date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ])("%s is stored as a parameter would be", async (_name, result, back) => {
      const conn = await connectWith(() => result, 0);
      expect(await conn.fetchone("SELECT f()")).toStrictEqual([back]);
    });

    it("an integer is INTEGER", async () => {
      const conn = await connectWith(() => 5, 0);
      expect(await conn.fetchone("SELECT typeof(f()), f() / 2")).toEqual(["integer", 2]);
    });

    it.each([
      ["NaN", Number.NaN, InterfaceError],
      ["a plain object", { canary: 1 }, InterfaceError],
      ["a symbol", Symbol("canary"), InterfaceError],
      ["a promise of such a thing", Promise.resolve({ canary: 1 }), InterfaceError],
      ["a lone surrogate", "canary\ud800", DataError],
      ["past int64", 2n ** 63n, DataError],
    ] as const)("%s is an OperationalError whose cause names the function", async (_name, result, Class) => {
      const conn = await connectWith(() => result, 0);
      const error = await raised(OperationalError, () => conn.fetchone("SELECT f()"));
      expect(error.message).toBe("user-defined function raised exception");
      const cause = await raised(Class, () => {
        throw error.cause;
      });
      expect(cause.message).toContain("function f");
      expect(cause.message).not.toContain("canary");
      expect(await conn.fetchone("SELECT 1")).toEqual([1]);
    });
  });

  describe("an exception inside", () => {
    const oops = new RangeError("no");
    const throwing = () => {
      throw oops;
    };

    it("surfaces as OperationalError with the original as its cause", async () => {
      const conn = await connectWith(throwing, 0);
      const sql = "SELECT f()";
      const error = await raised(OperationalError, () => conn.fetchone(sql));
      expect(error.cause).toBe(oops);
      expect(error).toMatchObject({
        message: "user-defined function raised exception",
        sql,
        code: "SQLITE_ERROR",
      });
    });

    it("may be anything that can be thrown", async () => {
      for (const thrown of ["text", null, undefined, 5]) {
        const conn = await connectWith(() => {
          throw thrown;
        }, 0);
        const error = await raised(OperationalError, () => conn.fetchone("SELECT f()"));
        expect(error.cause).toBe(thrown);
      }
    });

    it("comes from every way to run SQL, and leaves the connection usable", async () => {
      const conn = await connectWith((value: unknown) => (value === 2 ? throwing() : value), 1);
      await conn.execute("CREATE TABLE t (a)");
      const ways = [
        () => conn.execute("INSERT INTO t VALUES (f(2))"),
        () => conn.executemany("INSERT INTO t VALUES (f(?))", [[1], [2]]),
        () => conn.executescript("SELECT f(1); SELECT f(2);"),
        () => conn.fetchall("SELECT f(column1) FROM (VALUES (1), (2))"),
        () => conn.transaction(() => conn.execute("SELECT f(2)")),
      ];
      for (const way of ways) {
        expect((await raised(OperationalError, way)).cause).toBe(oops);
        await conn.rollback();
        expect(await conn.fetchone("SELECT f(1)")).toEqual([1]);
      }
      expect(await conn.fetchall("SELECT * FROM t")).toEqual([]);
    });

    it("does not swallow the rows before it", async () => {
      const conn = await connectWith((value: unknown) => (value === 3 ? throwing() : value), 1);
      const cursor = await conn.execute("SELECT f(column1) FROM (VALUES (1), (2), (3), (4))");
      expect([await cursor.fetchone(), await cursor.fetchone()]).toEqual([[1], [2]]);
      expect((await raised(OperationalError, () => cursor.fetchone())).cause).toBe(oops);
      expect(await cursor.fetchone()).toBe(null);
    });
  });

  it("deterministic functions may be used in an index, others not", async () => {
    const conn = await db.connect();
    await conn.execute("CREATE TABLE t (a)");
    await conn.createFunction("pure", 1, (value: string) => value.toUpperCase(), { deterministic: true });
    await conn.createFunction("impure", 1, (value: string) => value.toUpperCase());
    await conn.execute("CREATE INDEX i ON t (pure(a))");
    await conn.execute("INSERT INTO t VALUES ('x')");
    expect(await conn.fetchall("SELECT a FROM t INDEXED BY i WHERE pure(a) = 'X'")).toEqual([["x"]]);
    await raised(ProgrammingError, () => conn.execute("CREATE INDEX j ON t (impure(a))"));
  });

  it("directOnly functions cannot be called from a view or a trigger", async () => {
    const conn = await db.connect();
    await conn.createFunction("f", 0, () => 1, { directOnly: true });
    await conn.execute("CREATE VIEW v AS SELECT f() AS a");
    expect(await conn.fetchone("SELECT f()")).toEqual([1]);
    const error = await raised(ProgrammingError, () => conn.fetchone("SELECT a FROM v"));
    expect(error.message).toBe("unsafe use of f()");
  });

  describe("from inside a function", () => {
    /** Runs a function that uses the connection. Where calls promise, it is the promise that is refused. */
    async function refusedInside<E extends Error>(
      conn: AnyConnection,
      cursor: AnyCursor,
      Class: abstract new (...args: never[]) => E,
      use: () => unknown,
    ): Promise<E> {
      let refusal: Promise<E> | null = null;
      await conn.createFunction("f", 0, () => {
        refusal = raised(Class, use);
        if (db.isSynchronous) use();
      });
      if (db.isSynchronous) {
        const error = await raised(OperationalError, () => cursor.execute("SELECT f()"));
        expect(error.cause).toBeInstanceOf(Class);
      } else await cursor.execute("SELECT f()");
      if (refusal === null) throw new Error("the function was not called");
      return refusal;
    }

    it("the same cursor is refused: Recursive use of cursors not allowed.", async () => {
      const conn = await db.connect();
      const cursor = conn.cursor();
      const refusal = await refusedInside(conn, cursor, ProgrammingError, () => cursor.fetchone());
      expect(refusal.message).toBe("Recursive use of cursors not allowed.");
    });

    it("another cursor and the connection are NotSupportedErrors, and all is well afterwards", async () => {
      const conn = await db.connect();
      const other = conn.cursor();
      const uses: readonly (() => unknown)[] = [
        () => other.execute("SELECT 1"),
        () => conn.execute("SELECT 1"),
        () => conn.fetchall("SELECT 1"),
        () => conn.executescript("SELECT 1"),
        () => conn.commit(),
        () => conn.rollback(),
        () => conn.transaction(() => 1),
        () => conn.createFunction("g", 0, () => 1),
        () => conn.totalChanges,
        () => conn.serialize(),
        () => conn.close(),
      ];
      for (const use of uses) {
        await refusedInside(conn, conn.cursor(), NotSupportedError, use);
        expect(await conn.fetchone("SELECT 1")).toEqual([1]);
      }
    });
  });

  it("a function can be defined and redefined while a cursor is half read", async () => {
    const conn = await db.connect();
    await conn.createFunction("f", 1, (value: number) => value);
    const sql =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) SELECT f(i) FROM n";
    const cursor = await conn.execute(sql);
    expect(await cursor.fetchone()).toEqual([1]);
    await conn.createFunction("f", 1, (value: number) => -value);
    await conn.createFunction("g", 0, () => "g");
    const rest = await cursor.fetchall();
    expect(rest).toHaveLength(999);
    expect(rest[0]).toEqual([2]);
    expect(await conn.fetchone("SELECT f(1), g()")).toEqual([-1, "g"]);
    expect((await conn.fetchall(sql))[0]).toEqual([-1]);
  });

  it("wrong definitions are refused", async () => {
    const conn = await db.connect();
    const fn = () => 1;
    const wrong: readonly (readonly unknown[])[] = [
      ["", 0, fn],
      [5, 0, fn],
      ["f", -2, fn],
      ["f", 101, fn],
      ["f", 1.5, fn],
      ["f", "1", fn],
      ["f", 0, "fn"],
      ["f", 0, null],
      ["f", 0, fn, { deterministic: 1 }],
      ["f", 0, fn, { directOnly: "yes" }],
    ];
    for (const args of wrong) {
      await raised(InterfaceError, () =>
        conn.createFunction(...(args as Parameters<typeof conn.createFunction>)),
      );
    }
    await raised(ProgrammingError, () => conn.createFunction("f\0g", 0, fn));
    await raised(ProgrammingError, () => conn.fetchone("SELECT f()"));
  });
});
