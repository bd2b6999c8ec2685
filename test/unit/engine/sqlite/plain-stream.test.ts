/**
 * Tests src/engine/sqlite/reader.ts where it reads integers as numbers and looks: whatever stands in the rows, and whatever
 * the connection does between two pages, they are the rows that a reader of bigints gives.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SqliteEngine } from "../../../../src/engine/sqlite/engine.ts";
import { isRepeatable } from "../../../../src/engine/sqlite/program.ts";
import type { IntegerMode, SqlRow } from "../../../../src/values/types.ts";
import { LONG, MEMORY, memory, request } from "./support.ts";

/** Three thousand rows `t(i, r, s)`, some of which are changed by the statements. */
function openWith(...statements: readonly string[]): SqliteEngine {
  const engine = new SqliteEngine(MEMORY);
  const sql = [
    "CREATE TABLE t(i INTEGER, r REAL, s TEXT)",
    `INSERT INTO t SELECT x, x / 2.0, 'v' || x FROM (${LONG})`,
  ];
  for (const one of [...sql, "CREATE TABLE u(a)", ...statements]) engine.execute(request(one));
  return engine;
}

interface Ask {
  readonly sql: string;
  readonly integers: IntegerMode;
}

/** Reads in pages, with something done before each; what is wrong comes last. */
function read(
  engine: SqliteEngine,
  { sql, integers }: Ask,
  pages: readonly (readonly [number, string])[],
): unknown[] {
  const reading = { integers, text: "string" } as const;
  // The second use is the one that reads plainly: SQLite has been asked then.
  const first = engine.execute(request(sql, { reading }));
  engine.discard(first.reader);
  const reply = engine.execute(request(sql, { reading }));
  const seen: unknown[] = [...reply.rows];
  let { reader } = reply;
  const note = ({ error }: { readonly error: Error | null }) => error !== null && seen.push(error.message);
  note(reply);
  // A page is shorter where rows come slowly, and what happens in between is to happen at the same row every time.
  const readTo = (total: number) => {
    while (reader !== 0 && seen.length < total) {
      const page = engine.fetch(reader, Math.min(total - seen.length, 1000));
      seen.push(...page.rows);
      note(page);
      reader = page.reader;
    }
  };
  let total = 256;
  readTo(total);
  for (const [count, between] of pages) {
    if (between === "BEGIN" || between === "ROLLBACK" || between === "COMMIT")
      engine.control([{ sql: between, when: between === "BEGIN" ? "closed" : "open" }]);
    else if (between !== "") engine.execute(request(between));
    total += count;
    readTo(total);
  }
  readTo(Number.POSITIVE_INFINITY);
  return seen;
}

/** The same, with what is thrown in the place of rows. */
function attempt(...args: Parameters<typeof read>): unknown[] {
  try {
    return read(...args);
  } catch (error) {
    return [(error as Error).message];
  }
}

/** Bigints as `integers: "auto"` has them. */
const narrowed = (seen: readonly unknown[]) =>
  seen.map((row) =>
    Array.isArray(row)
      ? (row as SqlRow).map((v) => (typeof v === "bigint" && Number.isSafeInteger(Number(v)) ? Number(v) : v))
      : row,
  );

const queries = [
  "SELECT i, r, s FROM t",
  "SELECT * FROM t ORDER BY s DESC",
  "SELECT i, s FROM t WHERE r > 100",
  "SELECT i FROM t UNION ALL SELECT r FROM t",
  "SELECT t.i, u.a FROM t LEFT JOIN u ON u.a = t.i",
  "SELECT count(*), i FROM t GROUP BY i",
  "SELECT i, abs(i) FROM t WHERE s LIKE 'v%'",
];
const change = fc.oneof(
  fc.integer({ min: 1, max: 3000 }).map((i) => `UPDATE t SET i = 9007199254740993 + i WHERE rowid = ${i}`),
  fc.integer({ min: 1, max: 3000 }).map((i) => `UPDATE t SET i = -9223372036854775807 WHERE rowid = ${i}`),
  fc.integer({ min: 1, max: 3000 }).map((i) => `UPDATE t SET r = 1e300 WHERE rowid = ${i}`),
  fc.integer({ min: 1, max: 3000 }).map((i) => `UPDATE t SET s = '\uFFFD' WHERE rowid = ${i}`),
  fc.integer({ min: 1, max: 3000 }).map((i) => `UPDATE t SET s = CAST(x'76ff' AS TEXT) WHERE rowid = ${i}`),
);
const between = fc.oneof(
  { arbitrary: fc.constant(""), weight: 6 },
  {
    arbitrary: fc.constantFrom(
      "BEGIN",
      "ROLLBACK",
      "COMMIT",
      "SAVEPOINT s",
      "INSERT INTO u VALUES (1)",
      "INSERT INTO u VALUES (2) RETURNING a",
      "DELETE FROM t WHERE rowid % 7 = 0",
      "UPDATE t SET i = 9007199254740995 WHERE rowid > 2000",
      "INSERT INTO t SELECT 9007199254740993, 1, 'new' FROM t LIMIT 20",
      "PRAGMA reverse_unordered_selects = ON",
      "CREATE INDEX IF NOT EXISTS ix ON t(r, i)",
      "ANALYZE",
      "SELECT count(*) FROM t",
    ),
    weight: 1,
  },
);
const pages = fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), between), { maxLength: 8 });

describe("a result read plainly", () => {
  it("is the one that a reader of bigints gives, whatever stands in it and happens beside it", () => {
    let large = 0;
    const scenario = fc.record({
      query: fc.constantFrom(...queries),
      changes: fc.array(change, { maxLength: 3 }),
      pages,
    });
    fc.assert(
      fc.property(scenario, ({ query, changes, pages }) => {
        const [plain, exact] = (["auto", "bigint"] as const).map((integers) => {
          const engine = openWith(...changes);
          try {
            return narrowed(attempt(engine, { sql: query, integers }, pages));
          } finally {
            engine.close();
          }
        });
        expect(plain).toEqual(exact);
        if (exact?.some((row) => Array.isArray(row) && row.some((v) => typeof v === "bigint"))) large++;
      }),
      { numRuns: Number(process.env.STREAM_RUNS ?? 60) },
    );
    expect(large).toBeGreaterThan(5);
  });

  it("goes over to bigints at the row that needs them", () => {
    const engine = openWith("UPDATE t SET i = 9007199254740993 WHERE rowid IN (700, 2900)");
    const seen = read(engine, { sql: "SELECT i FROM t", integers: "auto" }, [[100, ""]]).filter(
      Array.isArray,
    );
    expect([seen.length, seen[698], seen[699], seen[700]]).toEqual([3000, [699], [9007199254740993n], [701]]);
    expect(seen[2899]).toEqual([9007199254740993n]);
    engine.close();
  });

  it("is a DataError at the row that does not fit, where numbers are asked for", () => {
    const engine = openWith("UPDATE t SET i = 9007199254740993 WHERE rowid = 700");
    const seen = read(engine, { sql: "SELECT i FROM t", integers: "number" }, [[1000, ""]]);
    expect(seen.filter(Array.isArray).length).toBe(699);
    expect(seen.at(-1)).toContain("got one past 2^53");
    engine.close();
  });
});

describe("isRepeatable", () => {
  const schema =
    "CREATE TABLE t(a, b, g AS (abs(a))); CREATE VIRTUAL TABLE f USING fts5(x); CREATE VIEW v AS SELECT random() AS n FROM t";
  it.each([
    ["SELECT * FROM t ORDER BY random()", false],
    ["SELECT n FROM v", false],
    ["SELECT g FROM t", false],
    ["SELECT a, current_timestamp FROM t", false],
    ["SELECT a, date('now') FROM t", false],
    ["SELECT a, changes() FROM t", false],
    ["SELECT sum(a) FROM t GROUP BY b", false],
    ["SELECT row_number() OVER () FROM t", false],
    ["SELECT x FROM f", false],
    ["SELECT value FROM json_each('[1, 2]')", false],
    ["SELECT a, b FROM t", true],
    ["SELECT a FROM t JOIN (SELECT a, b FROM t ORDER BY b) USING (a) WHERE a > ?", true],
  ] as const)("%s: %s", (sql, expected) => {
    expect(isRepeatable(memory(schema).explain(sql))).toBe(expected);
  });
});
