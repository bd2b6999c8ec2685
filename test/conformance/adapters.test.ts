/**
 * Adapters and converters seen from a connection. Both registries belong to the module, so every test takes away what it
 * registered. The rules of the registries themselves are in test/unit/values.
 */
import { afterEach, describe, expect, it } from "vitest";
import {
  InterfaceError,
  OperationalError,
  objectRow,
  PARSE_COLNAMES,
  PARSE_DECLTYPES,
  registerAdapter,
  registerConverter,
} from "../../src/index.ts";
import { collect, conformance, raised } from "./quadrants.ts";

class Point {
  readonly x: number;
  readonly y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
}
class Point3 extends Point {}

const write = ({ x, y }: Point) => `${x};${y}`;
const read = (stored: unknown) => new Point(...(String(stored).split(";").map(Number) as [number, number]));

afterEach(() => {
  for (const type of [Point, Date]) registerAdapter<Point | Date>(type, null);
  registerConverter("point", null);
  registerConverter("loud", null);
});

conformance("adapters", (db) => {
  it("bind the instances of a class and of its subclasses, by number and by name", async () => {
    const conn = await db.connect();
    await raised(InterfaceError, () => conn.execute("SELECT ?", [new Point(1, 2)]));
    registerAdapter(Point, write);
    expect(await conn.fetchone("SELECT ?", [new Point(1, 2)])).toEqual(["1;2"]);
    expect(await conn.fetchone("SELECT :p", { p: new Point3(3, 4) })).toEqual(["3;4"]);
    expect(await conn.fetchone("SELECT ?", [Object.create(Point.prototype)])).toEqual([
      "undefined;undefined",
    ]);
  });

  it("are used by executemany, in bulk too", async () => {
    const conn = await db.connect();
    await conn.execute("CREATE TABLE t (p)");
    registerAdapter(Point, write);
    await conn.executemany(
      "INSERT INTO t VALUES (?)",
      Array.from({ length: 100 }, (_, i) => [new Point(i, i)]),
    );
    expect(await conn.fetchone("SELECT count(*), min(p) FROM t")).toEqual([100, "0;0"]);
  });

  it("take the place of what is built in, until they are taken away", async () => {
    const conn = await db.connect();
    registerAdapter(Date, (date) => date.getTime());
    expect(await conn.fetchone("SELECT ?", [new Date(5)])).toEqual([5]);
    registerAdapter(Date, null);
    expect(await conn.fetchone("SELECT ?", [new Date(5)])).toEqual(["1970-01-01T00:00:00.005Z"]);
  });

  it("may hand over to another adapter", async () => {
    const conn = await db.connect();
    registerAdapter(Point, ({ x }) => new Date(x));
    expect(await conn.fetchone("SELECT ?", [new Point(0, 0)])).toEqual(["1970-01-01T00:00:00.000Z"]);
  });

  it("that throw, or give what does not bind, are InterfaceErrors that name the parameter", async () => {
    const conn = await db.connect();
    const oops = new Error("no");
    registerAdapter(Point, () => {
      throw oops;
    });
    const error = await raised(InterfaceError, () => conn.execute("SELECT ?, ?", [1, new Point(1, 2)]));
    expect(error.cause).toBe(oops);
    expect(error.message).toContain("parameter 2");
    registerAdapter(Point, () => undefined);
    expect(
      (await raised(InterfaceError, () => conn.execute("SELECT ?", [new Point(1, 2)]))).message,
    ).toContain("parameter 1");
    expect(conn.inTransaction).toBe(false);
  });

  it("that throw in executemany leave the sets before them in the open transaction", async () => {
    const conn = await db.connect();
    await conn.execute("CREATE TABLE t (p)");
    registerAdapter(Point, (point) => {
      if (point.x === 5) throw new Error("no");
      return point.x;
    });
    const sets = Array.from({ length: 10 }, (_, i) => [new Point(i, 0)]);
    const error = await raised(InterfaceError, () => conn.executemany("INSERT INTO t VALUES (?)", sets));
    expect(error.index).toBe(5);
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([5]);
  });
});

conformance("converters", (db) => {
  describe("PARSE_DECLTYPES", () => {
    const options = { detectTypes: PARSE_DECLTYPES };

    it("converts by the first word of the declared type, in any case", async () => {
      const conn = await db.connect(":memory:", options);
      registerConverter("Point", read);
      await conn.execute("CREATE TABLE t (a POINT, b point(10), c 'point of view', d viewpoint)");
      await conn.execute("INSERT INTO t VALUES ('1;2', '1;2', '1;2', '1;2')");
      const [a, b, c, d] = (await conn.fetchone("SELECT * FROM t")) ?? [];
      for (const converted of [a, b, c]) expect(converted).toEqual(new Point(1, 2));
      expect(d).toBe("1;2");
    });

    it("makes Dates of what is declared date or timestamp", async () => {
      const conn = await db.connect(":memory:", options);
      await conn.execute("CREATE TABLE t (d date, t timestamp)");
      const moment = new Date("2024-02-29T12:34:56.789Z");
      await conn.execute("INSERT INTO t VALUES ('2024-02-29', ?)", [moment]);
      expect(await conn.fetchone("SELECT * FROM t")).toEqual([new Date("2024-02-29T00:00:00Z"), moment]);
    });

    it("leaves NULL and expressions alone", async () => {
      const conn = await db.connect(":memory:", options);
      let calls = 0;
      registerConverter("point", () => calls++);
      await conn.execute("CREATE TABLE t (p point)");
      await conn.execute("INSERT INTO t VALUES (NULL)");
      expect(await conn.fetchall("SELECT p, p || '1;2' FROM t")).toEqual([[null, null]]);
      expect(await conn.fetchall("SELECT '1;2'")).toEqual([["1;2"]]);
      expect(calls).toBe(0);
    });

    it("works for every way to read, and before the row factory", async () => {
      const conn = await db.connect(":memory:", options);
      registerConverter("point", read);
      await conn.execute("CREATE TABLE t (p point)");
      await conn.executemany(
        "INSERT INTO t VALUES (?)",
        Array.from({ length: 500 }, () => ["1;2"]),
      );
      const point = new Point(1, 2);
      expect(await conn.fetchone("SELECT p FROM t")).toEqual([point]);
      expect((await conn.fetchall("SELECT p FROM t"))[499]).toEqual([point]);
      expect((await collect(await conn.execute("SELECT p FROM t")))[499]).toEqual([point]);
      expect(await (await conn.execute("SELECT p FROM t")).fetchmany(2)).toEqual([[point], [point]]);
      expect(await conn.fetchall("INSERT INTO t VALUES ('3;4') RETURNING p")).toEqual([[new Point(3, 4)]]);
      const cursor = conn.cursor(objectRow);
      await cursor.execute("SELECT p FROM t");
      expect(await cursor.fetchone()).toMatchObject({ p: point });
    });

    it("does nothing unless it is asked for", async () => {
      const conn = await db.connect();
      registerConverter("point", read);
      await conn.execute("CREATE TABLE t (p point, d date)");
      await conn.execute("INSERT INTO t VALUES ('1;2', '2024-01-01')");
      expect(await conn.fetchone("SELECT * FROM t")).toEqual(["1;2", "2024-01-01"]);
      const byName = await db.connect(":memory:", { detectTypes: PARSE_COLNAMES });
      await byName.execute("CREATE TABLE t (p point)");
      await byName.execute("INSERT INTO t VALUES ('1;2')");
      expect(await byName.fetchone("SELECT * FROM t")).toEqual(["1;2"]);
    });
  });

  describe("PARSE_COLNAMES", () => {
    it("converts by the name in brackets, which is not a part of the description", async () => {
      const conn = await db.connect(":memory:", { detectTypes: PARSE_COLNAMES });
      registerConverter("point", read);
      const cursor = await conn.execute(`SELECT '1;2' AS "where [point]", '1;2' AS "at [nowhere]"`);
      expect(cursor.description?.map(([name]) => name)).toEqual(["where", "at"]);
      expect(await cursor.fetchone()).toEqual([new Point(1, 2), "1;2"]);
    });

    it("wins over the declared type when both are asked for", async () => {
      const conn = await db.connect(":memory:", { detectTypes: PARSE_DECLTYPES | PARSE_COLNAMES });
      registerConverter("point", read);
      registerConverter("loud", (stored) => String(stored).toUpperCase());
      await conn.execute("CREATE TABLE t (p point)");
      await conn.execute("INSERT INTO t VALUES ('1;2a')");
      expect(await conn.fetchone(`SELECT p AS "p [loud]", p AS "p [none]" FROM t`)).toEqual([
        "1;2A",
        new Point(1, Number.NaN),
      ]);
    });
  });

  it("get the stored value", async () => {
    const conn = await db.connect(":memory:", { detectTypes: PARSE_COLNAMES });
    const seen: unknown[] = [];
    registerConverter("loud", (stored) => seen.push(stored));
    await conn.fetchone(`SELECT 1 "a[loud]", 1.5 "b[loud]", X'00' "c[loud]", 9007199254740993 "d[loud]"`);
    expect(seen).toEqual([1, 1.5, Buffer.of(0), 9007199254740993n]);
  });

  it("that throw surface as OperationalError with the cause, and the row before is not lost", async () => {
    const conn = await db.connect(":memory:", { detectTypes: PARSE_COLNAMES });
    const oops = new Error("no");
    registerConverter("loud", (stored) => {
      if (stored === 2) throw oops;
      return stored;
    });
    const sql = `SELECT 1 AS "a [loud]" UNION ALL SELECT 2 UNION ALL SELECT 3`;
    const cursor = await conn.execute(sql);
    expect(await cursor.fetchone()).toEqual([1]);
    expect((await raised(OperationalError, () => cursor.fetchone())).cause).toBe(oops);
    expect(await cursor.fetchone()).toEqual([3]);
    const many = await conn.execute(sql);
    expect(await many.fetchmany(3)).toEqual([[1]]);
    await raised(OperationalError, () => conn.fetchall(sql));
  });

  it("are taken away by null", async () => {
    const conn = await db.connect(":memory:", { detectTypes: PARSE_COLNAMES });
    registerConverter("loud", () => "converted");
    expect(await conn.fetchone('SELECT 1 "a[loud]"')).toEqual(["converted"]);
    registerConverter("LOUD", null);
    expect(await conn.fetchone('SELECT 1 "a[loud]"')).toEqual([1]);
  });
});
