/**
 * Tests that rows which are asked for by the group (src/sql/grouped.ts, src/engine/hrana/{cursors,results,grouped-rows,tail}.ts) are
 * what they are when asked for plainly, on a real sqld: every value, order, name and error. How it is chosen: grouped-choice.test.ts.
 */
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { HranaEngine } from "../../../../src/engine/hrana/engine.ts";
import type { ExecuteRequest } from "../../../../src/engine/port.ts";
import type { BoundValue } from "../../../../src/values/types.ts";
import { type Sqld, startSqld } from "../../../servers/sqld.ts";
import { bothWays, expectSame, takeAllForLong, type Watch, watch } from "./grouped-support.ts";
import { by, open, request, run, WAYS } from "./support.ts";

let server: Sqld;
let state: Watch;

beforeAll(async () => {
  server = await startSqld();
});

afterAll(() => server.stop());

beforeEach(() => {
  state = watch();
  takeAllForLong();
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Numbers whose digits are easily lost. */
const HARD = [
  0.1,
  1 / 3,
  5e-324,
  2.2250738585072014e-308,
  2.225073858507201e-308,
  1.7976931348623157e308,
  4.35,
  2 ** 53,
  2 ** 63,
  1e21,
  1e22,
  1e23,
  123456789012345680,
  0.30000000000000004,
  1 + 2 ** -52,
  1 - 2 ** -53,
  5e-5,
  1e16,
];

const TEXTS = [
  "",
  "\u007f",
  "\u007fr1.5",
  "\u007f\u007f",
  "a\u007f",
  "nul\0inside",
  "\0",
  "\"quoted\" \\ 'x'",
  "\u0001\u001f\b\f\n\r\t\v\u0085",
  "\u{1f680}",
  "naïve \u2028\u2029 \ufeff\uffff",
  "0",
  "-0",
  "1e5",
  "null",
  "[1]",
  "{}",
  "]",
  ",",
  "\u00e9".repeat(999),
  "b".repeat(1000),
];

const BLOBS = [Buffer.alloc(0), Buffer.from([0]), Buffer.from([0x7f, 0x72, 0xff]), Buffer.alloc(1000, 0xab)];

const INTEGERS = [
  0n,
  1n,
  -1n,
  2n ** 53n - 1n,
  2n ** 53n,
  -(2n ** 53n),
  -(2n ** 53n) + 1n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
];

const VALUES: readonly BoundValue[] = [
  null,
  -0,
  1.5,
  ...HARD,
  ...HARD.map((value) => -value),
  ...TEXTS,
  ...BLOBS,
  ...INTEGERS,
];

/** A table with `rows`, and as many columns as these have. */
async function fill(
  engine: HranaEngine,
  name: string,
  rows: readonly (readonly BoundValue[])[],
): Promise<void> {
  const width = rows[0]?.length ?? 1;
  const columns = Array.from({ length: width }, (_, i) => `v${i}`);
  await run(engine, `DROP TABLE IF EXISTS ${name}; CREATE TABLE ${name}(id INTEGER PRIMARY KEY, ${columns})`);
  const sql = `INSERT INTO ${name}(${columns}) VALUES (${columns.map(() => "?")})`;
  const { error } = await engine.executemany({
    sql,
    width,
    count: rows.length,
    values: rows.flat(),
    begin: "BEGIN",
    guard: false,
  });
  await engine.control([{ sql: "COMMIT", when: "open" }]);
  expect(error).toBeNull();
}

const numbers = (count: number) => Array.from({ length: count }, (_, i): BoundValue[] => [i]);

describe.each(WAYS)("rows by the group, by %s", (way) => {
  let engine: HranaEngine;
  /** The table of the test. */
  const t = `t_${way}`;

  beforeEach(async () => {
    engine = await open(by(way, server));
  });

  /** The rows of a query, which came by the group each time, and are the same plainly. */
  async function same(sql: string, more: Partial<ExecuteRequest> = {}) {
    const { plain, grouped, tried } = await bothWays(engine, state, sql, more);
    expectSame(grouped, plain);
    expect(tried, sql).toBe(3);
    expect(new Set(plain.map(({ rows }) => rows.length)).size, sql).toBe(1);
    return plain[0]?.rows ?? [];
  }

  it("hold every value as it is, in every way to read it", async () => {
    await fill(
      engine,
      t,
      VALUES.map((value, i) => [value, VALUES[(i * 7) % VALUES.length] ?? null]),
    );
    const rows = await same(`SELECT v0, v1, v0 FROM ${t} ORDER BY id`);
    expect(rows.map(([value]) => value)).toEqual(
      VALUES.map((value) =>
        typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value,
      ),
    );
    await same(`SELECT v0, v1 FROM ${t}`, { reading: { integers: "bigint", text: "buffer" } });
    const safe = { integers: "number", text: "string" } as const;
    await same(`SELECT v0 FROM ${t} WHERE typeof(v0) <> 'integer' OR v0 BETWEEN -1e15 AND 1e15`, {
      reading: safe,
    });
  });

  it("hold any REAL to its last bit", async () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true });
    const values = [...fc.sample(double, 3000), ...fc.sample(fc.bigInt(0n, 2n ** 63n), 3000).map(asDouble)];
    await fill(
      engine,
      t,
      values.filter(Number.isFinite).map((value) => [value]),
    );
    expect((await same(`SELECT v0 FROM ${t}`)).length).toBeGreaterThan(5000);
  });

  it("hold what functions of JSON give as the text that it is", async () => {
    await fill(engine, t, numbers(70));
    const json =
      "json_array(v0, 'x'), json_object('a', v0), json('[1, 2]'), json_quote('q'), json_group_array(v0) OVER (ORDER BY id)";
    await same(`SELECT ${json}, '{"a":1}' -> 'a', '[1]' ->> 0, jsonb('[1]') FROM ${t}`);
  });

  it("may be of any number", async () => {
    const sql =
      "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r WHERE x < ?1) SELECT x FROM r WHERE x <= ?1";
    for (const count of [0, 1, 31, 32, 33, 64, 511, 512, 513, 1024]) {
      const { plain, grouped, tried } = await bothWays(engine, state, sql, { values: [count] });
      expectSame(grouped, plain);
      expect(tried).toBe(3);
      expect(plain[0]?.rows).toHaveLength(count);
    }
  });

  it("may be NULL alone, or as wide as a group is long; wider ones are asked for plainly", async () => {
    await fill(engine, t, numbers(100));
    await same(`SELECT NULL FROM ${t}`);
    await same(
      `SELECT ${Array.from({ length: 32 }, (_, i) => (i % 3 === 0 ? "NULL" : `v0 AS x${i}`))} FROM ${t}`,
    );
    const wide = await bothWays(engine, state, `SELECT ${Array.from({ length: 33 }, () => "v0")} FROM ${t}`);
    expect(wide).toMatchObject({ grouped: wide.plain, tried: 0 });
  });

  const long = (i: number): BoundValue =>
    i % 2 === 0 ? "\u00e9".repeat(1001 + i) : Buffer.alloc(1001 + i, i);
  it.each<[string, (i: number) => boolean]>([
    ["the first of a group", (i) => i % 32 === 0],
    ["the last of a group", (i) => i % 32 === 31],
    ["both", (i) => i % 32 === 0 || i % 32 === 31],
    ["several in one group", (i) => i > 40 && i < 60 && i % 3 === 0],
    ["neighbours across groups", (i) => i > 28 && i < 36],
    ["the very last", (i) => i === 99],
    ["all", () => true],
  ])("may be long: %s", async (_, isLong) => {
    await fill(
      engine,
      t,
      Array.from({ length: 100 }, (_, i) => [i, isLong(i) ? long(i) : `short ${i}`, -0]),
    );
    await same(`SELECT v0, v1, v2 FROM ${t} ORDER BY id`);
    await same(`SELECT v1 FROM ${t} ORDER BY id LIMIT 64`);
  });

  it("may have many megabytes among them", async () => {
    await fill(
      engine,
      t,
      Array.from({ length: 40 }, (_, i) => [
        i,
        i === 7 ? '"'.repeat(1 << 20) : i === 33 ? Buffer.alloc(1 << 20, 1) : "x",
      ]),
    );
    await same(`SELECT v0, v1 FROM ${t}`);
  });

  it.each([
    "SELECT v0, v1 FROM $ ORDER BY v1, id DESC",
    "SELECT v1 FROM $ ORDER BY v1 DESC",
    "SELECT v0 FROM $ ORDER BY v0 % 5",
    "SELECT v0 FROM $ ORDER BY 1 DESC LIMIT 100 OFFSET 7",
    "SELECT v1, count(*), max(v0), group_concat(v0) FROM $ GROUP BY v1 HAVING count(*) > 1",
    "SELECT DISTINCT v1 FROM $",
    "SELECT v0 FROM $ UNION SELECT -v0 FROM $ ORDER BY 1",
    "SELECT v0 FROM $ UNION ALL SELECT v1 FROM $",
    "SELECT v0 FROM $ EXCEPT SELECT v0 + 3 FROM $",
    "VALUES (1, 'a'), (2, x'00'), (NULL, 0.5)",
    "WITH RECURSIVE r(x) AS (VALUES (1) UNION ALL SELECT x + 1 FROM r LIMIT 99) SELECT x, x * 0.5 FROM r",
    "WITH sqlite_rows(x) AS (SELECT v0 FROM $), sqlite_groups AS (SELECT * FROM sqlite_rows) SELECT x, n FROM sqlite_groups, (SELECT 5 AS n)",
    "SELECT v0, (SELECT count(*) FROM $ AS o WHERE o.v0 < $.v0) FROM $",
    "SELECT v0, row_number() OVER (PARTITION BY v1 ORDER BY v0 DESC), sum(v0) OVER (ORDER BY id) FROM $",
    "SELECT a.v0, b.v0 FROM $ AS a LEFT JOIN $ AS b ON b.id = a.id + 50",
    "SELECT v0, v0, v1 AS v0, V0, V1, ID FROM $",
    "SELECT $.*, id AS oid, v0+1, count(*) OVER (), 'x' || v1 FROM $",
    "SELECT n, x, g, c0, c1 FROM (SELECT v0 AS n, v1 AS x, 1 AS g, 2 AS c0, 3 AS c1 FROM $)",
    "SELECT name, type FROM pragma_table_info('$')",
    "SELECT value, key, atom FROM json_each('[1, 2.5, \"a\", null, [1]]')",
    "SELECT v1 FROM $ WHERE v1 LIKE 'TEXT 1%' COLLATE NOCASE ORDER BY v1 COLLATE NOCASE",
    "SELECT v0 FROM $; -- the end",
    " /* before */ SELECT v0 /* inside */ FROM $ -- the end, without a line break",
    "SELECT CASE WHEN random() % 2 THEN 'x' ELSE 'x' END, v0 FROM $",
  ])("come of any query: %s", async (sql) => {
    await fill(
      engine,
      t,
      Array.from({ length: 100 }, (_, i) => [i, `text ${i % 7}`]),
    );
    await same(sql.replaceAll("$", t));
  });

  it.each<[string, readonly BoundValue[]]>([
    ["SELECT ?, v0 FROM $ WHERE v0 > ?", ["a ? :b", 5]],
    ["SELECT ?3, v0, '?' FROM $ WHERE v0 > ?1 OR v0 = ?", [5, null, -0, 7]],
    ["SELECT :name, v0 FROM $ WHERE v0 > @low AND v0 < $high", [Buffer.from("x"), 5, 90n]],
    ["SELECT :name, ?, v0, ?1 FROM $", [2n ** 60n, 1.5]],
    ["SELECT v0 FROM $ ORDER BY id LIMIT ?1 OFFSET ?2", [50, 3]],
  ])("come of parameters: %s", async (sql, values) => {
    await fill(engine, t, numbers(100));
    await same(sql.replaceAll("FROM $", `FROM ${t}`), { values });
  });

  it("are worked out once, not once for every look at them", async () => {
    await fill(engine, t, numbers(1000));
    const sql = `SELECT CASE WHEN random() % 2 THEN 1 WHEN random() % 2 THEN 'a' ELSE 0.5 END FROM ${t}`;
    for (let time = 0; time < 3; time++) {
      const rows = await bothWays(engine, state, sql);
      const values = rows.grouped.flatMap((outcome) => outcome.rows.flat());
      expect(new Set(values)).toEqual(new Set([1, "a", 0.5]));
    }
  });

  it("come of full-text search with its own functions", async () => {
    await run(engine, `DROP TABLE IF EXISTS f${t}; CREATE VIRTUAL TABLE f${t} USING fts5(body)`);
    await run(
      engine,
      `INSERT INTO f${t} SELECT 'word ' || value || ' and word' FROM json_each('[1,2,3,4,5,6,7,8,9]')`,
    );
    const columns = `rowid, rank, bm25(f${t}), snippet(f${t}, 0, '[', ']', '…', 3), highlight(f${t}, 0, '<', '>'), body`;
    const { plain, grouped } = await bothWays(
      engine,
      state,
      `SELECT ${columns} FROM f${t} WHERE f${t} MATCH 'word' ORDER BY rank`,
    );
    expectSame(grouped, plain);
    expect(plain[0]?.rows).toHaveLength(9);
  });

  const failing = (place: number) =>
    `WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 1200) SELECT x, abs(CASE x WHEN ${place} THEN -9223372036854775807 - 1 ELSE x END) FROM r`;
  it.each([1, 33, 64, 257, 513, 700, 1023, 1024, 1025, 1200])(
    "end at the row that fails, row %i",
    async (place) => {
      const { plain, grouped } = await bothWays(engine, state, failing(place));
      expectSame(grouped, plain);
      for (const { rows, error } of grouped) {
        expect(rows).toHaveLength(place - 1);
        expect(error).toMatchObject({ kind: "OperationalError", message: "integer overflow" });
      }
    },
  );

  it.each([600, 1000])("end at the row that fails inside of a transaction too, row %i", async (place) => {
    await engine.execute(request(failing(5000)));
    await bothWays(engine, state, failing(place));
    await fill(engine, t, numbers(3));
    await engine.execute(request(`INSERT INTO ${t}(v0) VALUES (1)`, { begin: "BEGIN" }));
    const { plain, grouped } = await bothWays(engine, state, failing(place), { guard: true });
    expectSame(grouped, plain);
    expect(grouped[0]?.rows).toHaveLength(place - 1);
    expect(engine.inTransaction).toBe(true);
  });

  it.each<[string, ExecuteRequest["reading"]["integers"], string]>([
    ["an infinity", "auto", "9e999"],
    ["an infinity below zero", "bigint", "-9e999"],
    ["an integer past 2^53", "number", "9007199254740993"],
  ])("end at a value that cannot be told: %s", async (_, integers, value) => {
    for (const place of [1, 33, 300, 1000]) {
      const cells = `x, CASE x WHEN ${place} THEN ${value} ELSE 0.5 END`;
      const sql = `WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 1100) SELECT ${cells} FROM r`;
      const { plain, grouped } = await bothWays(engine, state, sql, {
        reading: { integers, text: "string" },
      });
      expectSame(grouped, plain);
      expect(grouped[0]).toMatchObject({ error: { kind: "DataError" } });
      expect(grouped[0]?.rows).toHaveLength(place - 1);
    }
  });

  it("are those of any table and any query (random ones)", async () => {
    await fc.assert(
      fc.asyncProperty(tables, queries, async (rows, sql) => {
        await fill(engine, t, rows);
        const { plain, grouped } = await bothWays(engine, state, sql.replaceAll("$", t));
        expectSame(grouped, plain);
      }),
      { numRuns: 12 },
    );
  });
});

function asDouble(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

const value: fc.Arbitrary<BoundValue> = fc.oneof(
  fc.constantFrom(...VALUES),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.integer({ min: 990, max: 1010 }).map((length) => "l".repeat(length)),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
);

const tables = fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 400 });

const expression = fc.constantFrom(
  "v0",
  "v1",
  "v2",
  "id",
  "NULL",
  "typeof(v0)",
  "quote(v0) || typeof(v1)",
  "v1 + v2",
  "length(v0)",
  "count(*) OVER ()",
  "quote(v1)",
  "random() IS NULL",
  "CAST(v2 AS BLOB)",
  "json_quote(typeof(v2))",
  "nullif(v0, v1)",
  "max(id, v0)",
);

const queries = fc
  .record({
    columns: fc.array(expression, { minLength: 1, maxLength: 6 }),
    distinct: fc.constantFrom("", "DISTINCT "),
    where: fc.constantFrom("", " WHERE id % 3 > 0", " WHERE v0 > v1", " WHERE v2 IS NOT NULL"),
    order: fc.constantFrom(
      "",
      " ORDER BY id",
      " ORDER BY v0, id DESC",
      " ORDER BY typeof(v1) DESC",
      " ORDER BY 1",
    ),
    limit: fc.constantFrom("", " LIMIT 64", " LIMIT 100 OFFSET 3"),
    end: fc.constantFrom("", ";", " -- end"),
  })
  .map(
    ({ columns, distinct, where, order, limit, end }) =>
      `SELECT ${distinct}${columns} FROM $${where}${order}${limit}${end}`,
  );
