/**
 * Row factories on connections and cursors: the built-in ones with the names that trip JavaScript up, and ones of the
 * caller's own that return null or throw.
 */
import { describe, expect, it } from "vitest";
import {
  classRow,
  InterfaceError,
  objectRow,
  PARSE_COLNAMES,
  ProgrammingError,
  Row,
  type RowFactory,
  scalarRow,
} from "../../src/index.ts";
import { collect, conformance, raised } from "./quadrants.ts";

const AWKWARD = [
  "__proto__",
  "constructor",
  "length",
  "toString",
  "hasOwnProperty",
  "0",
  "",
  "then",
  "keys",
  "get",
];
const awkward = (names: readonly string[]) =>
  `SELECT ${names.map((name, i) => `${i + 1} AS "${name}"`).join(", ")}`;

class Told {
  readonly told: Record<string, unknown>;
  constructor(row: Record<string, unknown>) {
    this.told = row;
  }
}

conformance("row factories", (db) => {
  describe.each(AWKWARD)("a column named %j", (name) => {
    const sql = awkward(["a", name]);

    it("is a property like any other of objectRow", async () => {
      const conn = await db.connect(":memory:", { rowFactory: objectRow });
      const row = await conn.fetchone<Record<string, unknown>>(sql);
      expect(Object.keys(row ?? {}).sort()).toEqual(["a", name].sort());
      expect(Object.getOwnPropertyDescriptor(row, name)?.value).toBe(2);
      expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    });

    it("is found in a Row by name and by position", async () => {
      const conn = await db.connect(":memory:", { rowFactory: Row });
      const row = (await conn.fetchone<Row>(sql)) as Row;
      expect(row).toBeInstanceOf(Row);
      expect([row.get(name), row.get(name.toUpperCase()), row[1], row.at(-1), row.length]).toEqual([
        2, 2, 2, 2, 2,
      ]);
      expect(row.keys()).toEqual(["a", name]);
      expect(Object.getOwnPropertyDescriptor(row.toObject(), name)?.value).toBe(2);
      expect([...row]).toEqual([1, 2]);
      expect(row.slice(1)).toEqual([2]);
    });

    it("reaches the constructor of classRow, and the column of scalarRow", async () => {
      const conn = await db.shared();
      const told = conn.cursor(classRow(Told));
      await told.execute(sql);
      const row = await told.fetchone();
      expect(row).toBeInstanceOf(Told);
      expect(Object.getOwnPropertyDescriptor(row?.told, name)?.value).toBe(2);
      const scalar = conn.cursor(scalarRow);
      await scalar.execute(awkward([name, "a"]));
      expect(await scalar.fetchall()).toEqual([1]);
    });
  });

  describe("a repeated name", () => {
    const sql = "SELECT 1 AS a, 2 AS a, 3 AS b";

    it("is an error of objectRow and classRow that names it, at the first row", async () => {
      const conn = await db.shared();
      for (const factory of [objectRow as RowFactory<unknown>, classRow(Told)]) {
        const cursor = conn.cursor(factory);
        await cursor.execute(sql);
        expect(cursor.description).toHaveLength(3);
        const { message } = await raised(ProgrammingError, () => cursor.fetchone());
        expect(message).toContain('"a"');
        await cursor.execute(`${sql} LIMIT 0`);
        expect(await cursor.fetchall()).toEqual([]);
      }
    });

    it("gives the first in a Row, and is no matter to arrays and scalars", async () => {
      const conn = await db.shared();
      const row = conn.cursor(Row);
      await row.execute(sql);
      expect((await row.fetchone())?.get("A")).toBe(1);
      expect(await conn.fetchone(sql)).toEqual([1, 2, 3]);
    });
  });

  it("a Row knows no other names, and cannot be changed", async () => {
    const conn = await db.connect(":memory:", { rowFactory: Row });
    const row = (await conn.fetchone<Row>("SELECT 1 AS a")) as Row;
    await raised(InterfaceError, () => row.get("b"));
    expect(() => Object.assign(row, { 0: 2 })).toThrow(TypeError);
    expect(row[0]).toBe(1);
  });

  it("the cursor's wins over the connection's, and null gives arrays", async () => {
    const conn = await db.connect(":memory:", { rowFactory: objectRow });
    const sql = "SELECT 1 AS a";
    expect(await (await conn.cursor().execute(sql)).fetchone()).toStrictEqual({ a: 1 });
    expect(await (await conn.cursor(scalarRow).execute(sql)).fetchone()).toBe(1);
    expect(await (await conn.cursor(null).execute(sql)).fetchone()).toEqual([1]);
  });

  it("set on a connection it holds for cursors to come, set on a cursor for its rows to come", async () => {
    const conn = await db.shared();
    const sql = "SELECT 1 AS a UNION ALL SELECT 2";
    const before = await conn.execute(sql);
    conn.rowFactory = scalarRow as never;
    expect(await before.fetchone()).toEqual([1]);
    before.rowFactory = ((_cursor: unknown, values: unknown[]) => ({ values })) as never;
    expect(await before.fetchone()).toEqual({ values: [2] });
    expect(await conn.fetchall(sql)).toEqual([1, 2]);
    expect(await conn.fetchone(sql)).toBe(1);
    conn.rowFactory = null;
    expect(await conn.fetchone(sql)).toEqual([1]);
  });

  it("a factory of one's own sees the cursor and the values", async () => {
    const conn = await db.shared();
    const factory = (cursor: { description: unknown }, values: unknown[]) => ({
      names: (cursor.description as [string][]).map(([name]) => name),
      values,
    });
    const cursor = conn.cursor(factory);
    await cursor.execute("SELECT 1 AS a, 'x' AS b");
    expect(await cursor.fetchone()).toEqual({ names: ["a", "b"], values: [1, "x"] });
    conn.rowFactory = factory as never;
    expect(await conn.fetchall("SELECT 1 AS a")).toEqual([{ names: ["a"], values: [1] }]);
  });

  it.each([null, undefined, false, 0, ""])(
    "a factory that returns %j does not end iteration",
    async (nothing) => {
      const conn = await db.shared();
      const sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 600) SELECT i FROM n";
      const cursor = conn.cursor(() => nothing);
      expect(await collect(await cursor.execute(sql))).toHaveLength(600);
      expect(await (await cursor.execute(sql)).fetchall()).toHaveLength(600);
      expect(await (await cursor.execute(sql)).fetchmany(600)).toHaveLength(600);
    },
  );

  it("what a factory throws comes out as it is, and the row is not lost", async () => {
    const conn = await db.shared();
    const oops = new RangeError("no");
    let fails = true;
    const cursor = conn.cursor((_cursor, [value]) => {
      if (value === 2 && fails) throw oops;
      return value;
    });
    const sql = "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3";
    await cursor.execute(sql);
    expect(await cursor.fetchone()).toBe(1);
    expect(await raised(RangeError, () => cursor.fetchone())).toBe(oops);
    expect(await cursor.fetchone()).toBe(3);
    await cursor.execute(sql);
    expect(await cursor.fetchmany(5)).toEqual([1]);
    expect(await raised(RangeError, () => cursor.fetchmany(5))).toBe(oops);
    fails = false;
    await cursor.execute(sql);
    expect(await cursor.fetchall()).toEqual([1, 2, 3]);
  });

  describe("a long result", () => {
    const long = (columns: string) =>
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) SELECT ${columns} FROM n`;

    it.each([
      [
        "four columns",
        "i AS id, 'name ' || i AS name, i + 0.5 AS score, CASE i % 4 WHEN 0 THEN NULL ELSE x'00ff' END AS note",
      ],
      ["names that others have", AWKWARD.map((name, i) => `i + ${i} AS "${name}"`).join(", ")],
      ["thirty columns", Array.from({ length: 30 }, (_, at) => `i + ${at} AS c${at}`).join(", ")],
    ])("of %s is the same as objects as in arrays", async (_, columns) => {
      const conn = await db.shared();
      const arrays = await conn.fetchall<unknown[]>(long(columns));
      const cursor = conn.cursor(objectRow);
      for (let use = 0; use < 3; use++) {
        await cursor.execute(long(columns));
        const names = cursor.description?.map(([name]) => name) ?? [];
        const objects = await cursor.fetchall();
        expect(objects).toHaveLength(1500);
        expect(await cursor.fetchone()).toBe(null);
        conn.rowFactory = objectRow as never;
        expect(await conn.fetchall(long(columns))).toStrictEqual(objects);
        for (const [at, row] of objects.entries()) {
          expect(names.map((name) => Object.getOwnPropertyDescriptor(row, name)?.value)).toEqual(arrays[at]);
          expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
        }
      }
    });

    it("of which a row has been fetched gives the others", async () => {
      const conn = await db.shared();
      const cursor = await conn.cursor(objectRow).execute(long("i"));
      expect(await cursor.fetchone()).toStrictEqual({ i: 1 });
      const others = await cursor.fetchall();
      expect([others.length, others[0], others.at(-1)]).toStrictEqual([1499, { i: 2 }, { i: 1500 }]);
    });

    it("with a repeated name is an error", async () => {
      const conn = await db.shared();
      const cursor = await conn.cursor(objectRow).execute(long("i AS a, i AS a"));
      await raised(ProgrammingError, () => cursor.fetchall());
    });

    it("is that of its snapshot, whatever is written beside it", async () => {
      const conn = await db.shared();
      await conn.execute("CREATE TABLE t (a)");
      await conn.execute(`INSERT INTO t ${long("i")}`);
      const cursor = await conn.cursor(objectRow).execute("SELECT a FROM t");
      await conn.execute("UPDATE t SET a = -1 WHERE rowid > 1400");
      expect(await cursor.fetchall()).toHaveLength(1500);
    });

    it("has its converters called", async () => {
      const conn = await db.connect(":memory:", { detectTypes: PARSE_COLNAMES });
      const cursor = await conn.cursor(objectRow).execute(long(`'2026-01-02' AS "day [date]"`));
      expect((await cursor.fetchall())[1400]).toHaveProperty("day", new Date("2026-01-02T00:00:00Z"));
    });

    it("that fails in the middle is an error", async () => {
      const conn = await db.shared();
      const cursor = await conn
        .cursor(objectRow)
        .execute(long("CASE i WHEN 1400 THEN abs(-9223372036854775807 - 1) ELSE i END AS a"));
      await raised(Error, () => cursor.fetchall());
    });
  });

  it("a throwing factory in a loop leaves nothing locked", async () => {
    const conn = await db.shared();
    await conn.execute("CREATE TABLE t (a)");
    await conn.executemany(
      "INSERT INTO t VALUES (?)",
      Array.from({ length: 1000 }, (_, i) => [i]),
    );
    await conn.commit();
    const cursor = conn.cursor(() => {
      throw new RangeError("no");
    });
    await cursor.execute("SELECT a FROM t");
    await raised(RangeError, () => collect(cursor));
    await conn.execute("DROP TABLE t");
  });

  it("anything but a function or null is refused", async () => {
    const conn = await db.shared();
    const cursor = conn.cursor();
    for (const factory of [{}, "objectRow", 1, undefined]) {
      const set = [
        () => {
          conn.rowFactory = factory as never;
        },
        () => {
          cursor.rowFactory = factory as never;
        },
      ];
      for (const attempt of set) await raised(InterfaceError, attempt);
      if (factory !== undefined) {
        await raised(InterfaceError, () => conn.cursor(factory as never));
        await raised(InterfaceError, () => db.connect(":memory:", { rowFactory: factory as never }));
      }
    }
  });
});
