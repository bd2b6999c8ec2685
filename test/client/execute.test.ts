/**
 * `execute`: the forms of a statement, what is bound and what is read.
 */
import { expect, it } from "vitest";
import { LibsqlError } from "../../src/client.ts";
import { codeOf, everyForm, raised, valueOf } from "./forms.ts";

everyForm("a statement", (db) => {
  it("comes as text, as an object or as a pair", async () => {
    const client = db.create();
    const results = [
      await client.execute("SELECT 7 AS n"),
      await client.execute("SELECT ? AS n", [7]),
      await client.execute({ sql: "SELECT 7 AS n" }),
      await client.execute({ sql: "SELECT ? AS n", args: [7] }),
      await client.execute(["SELECT 7 AS n"]),
      await client.execute(["SELECT ? AS n", [7]]),
    ];
    for (const { rows } of results) expect(rows).toEqual([{ n: 7 }]);
  });

  it.each([
    [":a, @b, $c", { a: 1, b: 2, c: 3 }],
    [":a, @b, $c", { ":a": 1, "@b": 2, $c: 3 }],
    [":a, @b, $c", { "@a": 1, $b: 2, ":c": 3 }],
    [":a, :b, :c", { a: 1, b: 2, c: 3, unused: 4 }],
    ["?, ?, ?", [1, 2, 3]],
    ["?1, ?2, ?3", [1, 2, 3]],
  ])("binds %s to %o", async (list, args) => {
    const { rows } = await db.shared().execute(`SELECT ${list}`, args);
    expect(Array.from(rows[0] as ArrayLike<unknown>)).toEqual([1, 2, 3]);
  });

  it.each([
    ["?, ?", [1]],
    ["?", [1, 2]],
    ["?", []],
    [":a, :b", { a: 1 }],
    [":a", [1]],
    ["?", { a: 1 }],
  ])("refuses %s with %o", async (list, args) => {
    expect(await codeOf(() => db.shared().execute(`SELECT ${list}`, args))).toBe("ARGS_INVALID");
  });

  it.each([[undefined], [null], [5], [{}], [{ sql: 5 }], [{ sql: "SELECT 1", args: "x" }], [[5]]])(
    "that is %o is refused",
    async (statement) => {
      await raised(TypeError, () => db.shared().execute(statement as never));
    },
  );

  it("that is empty, or only a comment, does nothing", async () => {
    const client = db.create();
    for (const sql of ["", "  ", "-- nothing", ";"]) {
      const { columns, rows, rowsAffected } = await client.execute(sql);
      expect({ columns, rows, rowsAffected }).toEqual({ columns: [], rows: [], rowsAffected: 0 });
    }
  });

  it("is one statement", async () => {
    const client = db.create();
    expect(await codeOf(() => client.execute("CREATE TABLE t (a); DROP TABLE t"))).toBe(
      "SQL_MANY_STATEMENTS",
    );
    expect(await valueOf(client, "SELECT count(*) FROM sqlite_schema")).toBe(0);
    expect(await valueOf(client, "SELECT 1; -- and no more")).toBe(1);
  });

  it.each(["BEGIN", "begin immediate", "/* a */ -- b\n BEGIN", "; SAVEPOINT s"])(
    "leaves no transaction behind: %s",
    async (sql) => {
      const client = db.create();
      await client.execute("CREATE TABLE t (a)");
      await client.execute(sql);
      await client.execute("INSERT INTO t VALUES (1)");
      expect(await codeOf(() => client.execute("COMMIT"))).toBe("SQLITE_ERROR");
      expect(await valueOf(client, "SELECT count(*) FROM t")).toBe(1);
    },
  );
});

everyForm("a value", (db) => {
  it.each([
    [1, "integer", 1],
    [-5, "integer", -5],
    [Number.MAX_SAFE_INTEGER, "integer", Number.MAX_SAFE_INTEGER],
    [1.5, "real", 1.5],
    [2n, "integer", 2],
    [true, "integer", 1],
    [false, "integer", 0],
    [null, "null", null],
    ["text", "text", "text"],
    [new Date(5), "integer", 5],
  ])("%o is stored as %s", async (value, type, read) => {
    const { rows } = await db.shared().execute("SELECT typeof(?1) AS type, ?1 AS value", [value]);
    expect(rows).toEqual([{ type, value: read }]);
  });

  it.each([
    ["an ArrayBuffer", Uint8Array.of(1, 2, 3).buffer],
    ["a Uint8Array", Uint8Array.of(1, 2, 3)],
    ["a part of one", Uint8Array.of(0, 1, 2, 3, 4).subarray(1, 4)],
    ["a pooled Buffer", Buffer.from([1, 2, 3])],
    ["another view", new DataView(Uint8Array.of(0, 1, 2, 3).buffer, 1)],
  ])("%s is a blob, read as an ArrayBuffer of its own", async (_, value) => {
    const { rows } = await db
      .shared()
      .execute("SELECT ?1 AS blob, length(?1) AS size", [value as Uint8Array]);
    expect(rows[0]?.size).toBe(3);
    expect(rows[0]?.blob).toBeInstanceOf(ArrayBuffer);
    expect([...new Uint8Array(rows[0]?.blob as unknown as ArrayBuffer)]).toEqual([1, 2, 3]);
  });

  it("of no bytes stays a blob", async () => {
    const { rows } = await db
      .shared()
      .execute("SELECT typeof(?1) AS type, ?1 AS blob, x'' AS other", [new Uint8Array()]);
    expect(rows).toEqual([{ type: "blob", blob: new ArrayBuffer(0), other: new ArrayBuffer(0) }]);
  });

  it("is taken when the call is made", async () => {
    const client = db.create();
    const bytes = Uint8Array.of(1, 2, 3);
    const [args, named] = [[bytes, 1], { a: 1 }];
    const work = [client.execute("SELECT ?, ?", args), client.execute("SELECT :a", named)];
    bytes.fill(9);
    args[1] = 2;
    named.a = 2;
    const [first, second] = await Promise.all(work);
    expect([...new Uint8Array(first?.rows[0]?.[0] as unknown as ArrayBuffer)]).toEqual([1, 2, 3]);
    expect([first?.rows[0]?.[1], second?.rows[0]?.[0]]).toEqual([1, 1]);
  });

  it.each([
    ["NaN", Number.NaN, RangeError],
    ["Infinity", Number.POSITIVE_INFINITY, RangeError],
    ["a bigint of 64 bits", 2n ** 63n, RangeError],
    ["an invalid Date", new Date(Number.NaN), RangeError],
    ["undefined", undefined, TypeError],
    ["a symbol", Symbol("secret"), LibsqlError],
    ["a function", () => "secret", LibsqlError],
    ["an object", { secret: 1 }, LibsqlError],
    ["an array", ["secret"], LibsqlError],
    ["a lone surrogate", "secret\ud800", LibsqlError],
  ])("that is %s is refused, and not shown", async (_, value, Class) => {
    const client = db.shared();
    for (const args of [[value], { a: value }]) {
      const sql = Array.isArray(args) ? "SELECT ?" : "SELECT :a";
      const error = await raised(Class as typeof Error, () => client.execute(sql, args as never));
      expect(error.message).not.toContain("secret");
      if (error instanceof LibsqlError) expect(error.code).toBe("ARGS_INVALID");
    }
  });

  it("in a hole of the arguments is undefined", async () => {
    // biome-ignore lint/suspicious/noSparseArray: that is what is tested
    await raised(TypeError, () => db.shared().execute("SELECT ?, ?", [, 1] as never));
  });

  it.each([
    ["number", 1, 1.5],
    ["bigint", 1n, 1.5],
    ["string", "1", 1.5],
  ] as const)("is read by intMode %s", async (intMode, integer, real) => {
    const client = db.create({ intMode });
    await client.execute("CREATE TABLE t (a)");
    const { lastInsertRowid } = await client.execute("INSERT INTO t VALUES (?)", [true]);
    expect(lastInsertRowid).toBe(1n);
    const { rows } = await client.execute("SELECT a, 1.5 AS real, typeof(a) AS type, 'x' AS text FROM t");
    expect(rows).toEqual([{ a: integer, real, type: "integer", text: "x" }]);
  });

  it("that a number cannot hold is refused, or read by another intMode", async () => {
    const sql = "SELECT 9007199254740993 AS big, -9223372036854775808 AS least";
    const error = await raised(RangeError, () => db.shared().execute(sql));
    expect(error.message).not.toContain("9007199254740993");
    expect((await db.create({ intMode: "bigint" }).execute(sql)).rows).toEqual([
      { big: 9007199254740993n, least: -(2n ** 63n) },
    ]);
    expect((await db.create({ intMode: "string" }).execute(sql)).rows).toEqual([
      { big: "9007199254740993", least: "-9223372036854775808" },
    ]);
  });
});

everyForm("a failure", (db) => {
  it("has SQLite's codes, the driver's error as its cause, and no values", async () => {
    const client = db.create();
    await client.execute("CREATE TABLE t (a UNIQUE, b NOT NULL CHECK (b <> 'secret'))");
    await client.execute("INSERT INTO t VALUES ('secret', 1)");
    const error = await raised(LibsqlError, () =>
      client.execute("INSERT INTO t VALUES (?, ?)", ["secret", 2]),
    );
    expect(error).toMatchObject({
      name: "LibsqlError",
      message: "SQLITE_CONSTRAINT: UNIQUE constraint failed: t.a",
      code: "SQLITE_CONSTRAINT",
      extendedCode: "SQLITE_CONSTRAINT_UNIQUE",
      rawCode: 2067,
      cause: { constraint: { kind: "unique", table: "t", columns: ["a"] } },
    });
    expect(error.stack).toContain("execute.test.ts");
  });

  it.each([
    ["SELEC 1", "SQLITE_ERROR"],
    ["SELECT * FROM nowhere", "SQLITE_ERROR"],
    ["SELECT 1 \0", "SQL_INPUT_ERROR"],
    ["SELECT abs(-9223372036854775808)", "SQLITE_ERROR"],
    ["PRAGMA journal_mode=", "SQLITE_ERROR"],
  ])("of %s has a code", async (sql, code) => {
    expect(await codeOf(() => db.shared().execute(sql))).toBe(code);
  });
});
