/**
 * SQLite's own limits, reached and passed: parameters, columns, expressions, compound selects, names. At the limit it works,
 * past it there is an error of the tree, and the connection works on. Also two tasks on one connection.
 */
import { afterEach, describe, expect, it } from "vitest";
import {
  type Connection,
  DataError,
  InterfaceError,
  objectRow,
  ProgrammingError,
  Row,
} from "../../src/index.ts";
import { LONG, open, thrown } from "./support.ts";

let conn: Connection<unknown[]>;
afterEach(() => expect(conn.fetchone("SELECT 'usable'")).toEqual(["usable"]));

const list = (count: number, item: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => item(i)).join(", ");

describe("parameters", () => {
  it("are at most 32766", () => {
    conn = open();
    const values = Array.from({ length: 32_766 }, (_, i) => i);
    const sum = (32_765 * 32_766) / 2;
    expect(conn.fetchone(`SELECT sum(column1) FROM (VALUES ${list(32_766, () => "(?)")})`, values)).toEqual([
      sum,
    ]);
    const names = Object.fromEntries(values.map((value) => [`n${value}`, value]));
    expect(
      conn.fetchone(`SELECT sum(column1) FROM (VALUES ${list(32_766, (i) => `(:n${i})`)})`, names),
    ).toEqual([sum]);
    expect(conn.fetchone("SELECT ?32766", values)).toEqual([32_765]);
    const more = `SELECT sum(column1) FROM (VALUES ${list(32_767, () => "(?)")})`;
    expect(thrown(() => conn.execute(more, [...values, 0]))).toBeInstanceOf(ProgrammingError);
    for (const name of ["?32767", "?0", "?99999999999"]) {
      const error = thrown(() => conn.execute(`SELECT ${name}`, [1]));
      expect(error instanceof ProgrammingError || error instanceof InterfaceError).toBe(true);
    }
  });

  it("of executemany make fewer rows a statement when they are many", () => {
    conn = open();
    conn.execute(`CREATE TABLE t(${list(2000, (i) => `c${i}`)})`);
    const rows = Array.from({ length: 20 }, (_, r) => Array.from({ length: 2000 }, (_, c) => r * 2000 + c));
    conn.executemany(`INSERT INTO t VALUES (${list(2000, () => "?")})`, rows);
    expect(conn.fetchall("SELECT * FROM t")).toEqual(rows);
  });
});

describe("columns", () => {
  it("are at most 2000, in rows of every kind", () => {
    conn = open();
    const sql = `SELECT ${list(2000, (i) => `${i} AS c${i}`)}`;
    const values = Array.from({ length: 2000 }, (_, i) => i);
    expect(conn.execute(sql).fetchall()).toEqual([values]);
    expect(Object.values(conn.cursor(objectRow).execute(sql).fetchone() ?? {})).toEqual(values);
    expect([...(conn.cursor(Row).execute(sql).fetchone() ?? [])]).toEqual(values);
    expect(conn.execute(sql).description?.length).toBe(2000);
    expect(thrown(() => conn.execute(`SELECT ${list(2001, String)}`))).toBeInstanceOf(ProgrammingError);
  });

  it("with text that must be looked at twice may be as many", () => {
    conn = open();
    const row = conn.fetchone(`SELECT ${list(1000, () => "'\uFFFD'")}`);
    expect(row).toEqual(Array(1000).fill("\uFFFD"));
  });

  it("with text that must be looked at twice, past half of the limit, are an error and not other text", () => {
    conn = open();
    let row: unknown;
    const error = thrown(() => {
      row = conn.fetchone(`SELECT ${list(2000, () => "'\uFFFD'")}`);
    });
    if (error === undefined) expect(row).toEqual(Array(2000).fill("\uFFFD"));
    else expect(error).toBeInstanceOf(conn.DatabaseError);
  });
});

describe("expressions", () => {
  it.each<readonly [string, (depth: number) => string]>([
    ["parentheses", (depth) => `SELECT ${"(".repeat(depth)}1${")".repeat(depth)}`],
    ["additions", (depth) => `SELECT ${"1+".repeat(depth)}1`],
    ["negations", (depth) => `SELECT ${"- ".repeat(depth)}1`],
    ["subqueries", (depth) => `SELECT ${"(SELECT ".repeat(depth)}1${")".repeat(depth)}`],
    [
      "subqueries in FROM",
      (depth) => `SELECT * FROM ${"(SELECT * FROM ".repeat(depth)}(SELECT 1)${")".repeat(depth)}`,
    ],
    ["cases", (depth) => `SELECT ${"CASE 1 WHEN 1 THEN ".repeat(depth)}1${" END".repeat(depth)}`],
    ["comments and spaces", (depth) => `SELECT ${"/*(*/ -- (\n".repeat(depth)}1`],
    ["CTEs", (depth) => `${"WITH x AS (".repeat(depth)}SELECT 1${") SELECT * FROM x".repeat(depth)}`],
  ])("are taken or refused at any depth: %s", (_, sql) => {
    conn = open();
    expect(conn.fetchone(sql(5))?.map(Math.abs as never)).toEqual([sql(5).includes("1+") ? 6 : 1]);
    for (const depth of [50, 500, 5000, 100_000]) {
      const error = thrown(() => conn.fetchone(sql(depth)));
      if (error !== undefined) expect(error).toBeInstanceOf(conn.DatabaseError);
    }
  });

  it("in a JSON text or a LIKE pattern are taken or refused as well", () => {
    conn = open();
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    for (const [sql, value] of [
      ["SELECT json(?)", deep],
      ["SELECT count(*) FROM json_tree(?)", deep],
      ["SELECT ? LIKE '%a'", "x".repeat(100_000)],
      ["SELECT 'x' LIKE ?", "%_".repeat(50_000)],
      ["SELECT 'x' GLOB ?", "[".repeat(40_000)],
    ] as const) {
      const error = thrown(() => conn.fetchone(sql, [value]));
      if (error !== undefined) expect(error).toBeInstanceOf(conn.DatabaseError);
    }
  });
});

describe("statements", () => {
  it("of several megabytes are taken", () => {
    conn = open();
    const text = "x".repeat(5_000_000);
    expect(conn.fetchone(`SELECT length('${text}')`)).toEqual([5_000_000]);
    expect(conn.fetchone(`SELECT 1 /* ${text} */`)).toEqual([1]);
  });

  it("of several hundred parts are taken or refused", () => {
    conn = open();
    expect(conn.fetchall(list(500, (i) => `SELECT ${i}`).replaceAll(",", " UNION ALL")).length).toBe(500);
    expect(
      thrown(() => conn.fetchall(list(501, (i) => `SELECT ${i}`).replaceAll(",", " UNION ALL"))),
    ).toBeInstanceOf(ProgrammingError);
    expect(conn.fetchall(`VALUES ${list(50_000, (i) => `(${i})`)}`).length).toBe(50_000);
  });

  it("of ten thousand in one script run, and the last can fail", () => {
    conn = open();
    const script = `CREATE TABLE t(a);\n${"INSERT INTO t VALUES (1);\n".repeat(10_000)}`;
    conn.executescript(script);
    expect(conn.fetchone("SELECT count(*) FROM t")).toEqual([10_000]);
    expect(thrown(() => conn.executescript(`${script.slice(19)}INSERT INTO u VALUES (1)`))).toMatchObject({
      index: 10_000,
      syntax: { line: 10_001 },
    });
  });
});

describe("names", () => {
  it("may be long, strange and empty", () => {
    conn = open();
    for (const name of ["x".repeat(100_000), "é😀 \n\t'\"[]`;--/*", "", " ", "\uFFFD", "1", "?"]) {
      const quoted = `"${name.replaceAll('"', '""')}"`;
      expect(conn.execute(`SELECT 1 AS ${quoted}`).description?.[0]?.[0]).toBe(name);
    }
    expect(thrown(() => conn.createFunction("f".repeat(300), 0, () => 1))).toBeInstanceOf(conn.Error);
  });
});

describe("integers", () => {
  it("past int64 are a DataError wherever they come from", () => {
    conn = open();
    for (const value of [2n ** 63n, -(2n ** 63n) - 1n, 10n ** 30n]) {
      expect(thrown(() => conn.execute("SELECT ?", [value]))).toBeInstanceOf(DataError);
    }
    expect(conn.fetchone("SELECT ?, ?", [2n ** 63n - 1n, -(2n ** 63n)])).toEqual([
      2n ** 63n - 1n,
      -(2n ** 63n),
    ]);
  });
});

describe("two tasks on one connection", () => {
  it("each get their own rows, whatever the order of their steps", () => {
    conn = open();
    conn.execute("CREATE TABLE log(who, x)");
    const task = function* (who: string, sql: string): Generator<undefined, number> {
      let seen = 0;
      for (const [x] of conn.execute(sql)) {
        expect(x).toBe(++seen);
        if (seen % 10 === 0) conn.execute("INSERT INTO log VALUES (?, ?)", [who, seen]);
        if (seen % 500 === 0) conn.commit();
        yield;
      }
      return seen;
    };
    const tasks = [task("a", LONG), task("b", LONG), task("c", `${LONG} WHERE x <= 1000`)];
    const results: number[] = [];
    for (let step = 0; results.length < tasks.length; step++) {
      const chosen = tasks[(step * 7 + ((step / 13) | 0)) % tasks.length];
      const { done, value } = chosen?.next() ?? { done: false, value: undefined };
      if (done && value !== undefined) results.push(value);
    }
    expect(results.sort()).toEqual([1000, 3000, 3000]);
    expect(conn.fetchall("SELECT who, count(*), max(x) FROM log GROUP BY who")).toEqual([
      ["a", 300, 3000],
      ["b", 300, 3000],
      ["c", 100, 1000],
    ]);
  });
});
