/**
 * Tests takesReals of src/engine/sqlite/program.ts, and what bulk.ts and prepared.ts make of it: where it says that a REAL does
 * as well as an INTEGER, rows leave the same file, byte for byte, whichever of the two is bound.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyMany, BulkInsert } from "../../../../src/engine/sqlite/bulk.ts";
import type { NativeDatabase } from "../../../../src/engine/sqlite/driver.ts";
import { Prepared } from "../../../../src/engine/sqlite/prepared.ts";
import { takesReals } from "../../../../src/engine/sqlite/program.ts";
import { Statement } from "../../../../src/engine/sqlite/statement.ts";
import type { BoundValue } from "../../../../src/values/types.ts";
import { memory } from "./support.ts";

function found(schema: string, sql: string): boolean[] | null {
  return takesReals(memory(schema).explain(sql), [...sql].filter((c) => c === "?").length);
}

describe("takesReals", () => {
  it.each<readonly [string, string, readonly boolean[] | null]>([
    [
      "CREATE TABLE t(a INTEGER, b REAL, c NUMERIC, d)",
      "INSERT INTO t VALUES (?, ?, ?, ?)",
      [true, true, true, false],
    ],
    ["CREATE TABLE t(a TEXT, b BLOB, c)", "INSERT INTO t VALUES (?, ?, ?)", null],
    [
      "CREATE TABLE t(a INT, b VARCHAR(5), c FLOAT)",
      "INSERT INTO t(c, b, a) VALUES (?, ?, ?)",
      [true, false, true],
    ],
    ["CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT)", "INSERT INTO t VALUES (?, ?)", [true, false]],
    ["CREATE TABLE t(a TEXT)", "INSERT INTO t(a, rowid) VALUES (?, ?)", [false, true]],
    [
      "CREATE TABLE t(a INT, b TEXT, PRIMARY KEY (b, a)) WITHOUT ROWID",
      "INSERT INTO t VALUES (?, ?)",
      [true, false],
    ],
    ["CREATE TABLE t(a INT, g AS (a || 'x'), b)", "INSERT INTO t VALUES (?, ?)", [true, false]],
    ["CREATE TABLE t(a ANY, b INT)", "INSERT INTO t VALUES (?, ?)", [true, true]],
    ["CREATE TABLE t(a ANY, b INT) STRICT", "INSERT INTO t VALUES (?, ?)", null],
    [
      "CREATE VIEW t AS SELECT 1 AS a; CREATE TRIGGER g INSTEAD OF INSERT ON t BEGIN SELECT 1; END",
      "INSERT INTO t VALUES (?)",
      null,
    ],
    [
      "CREATE TABLE t(a INT); CREATE TRIGGER g BEFORE INSERT ON t BEGIN SELECT 1; END",
      "INSERT INTO t VALUES (?)",
      null,
    ],
  ])("%s: %s", (schema, sql, expected) => {
    expect(found(schema, sql)).toEqual(expected);
  });
});

const limits = [31, 32, 47, 48, 51, 52, 53].flatMap((bits) => [2 ** bits - 1, 2 ** bits, 2 ** bits + 1]);
const integer = fc.oneof(
  fc.integer({ min: -5, max: 300 }),
  fc.maxSafeInteger(),
  fc.constantFrom(...limits, ...limits.map((limit) => -limit)),
);
const value: fc.Arbitrary<BoundValue> = fc.oneof(
  { arbitrary: integer, weight: 8 },
  { arbitrary: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), weight: 1 },
  { arbitrary: fc.double({ noNaN: true }), weight: 1 },
  {
    arbitrary: fc.constantFrom<BoundValue>(
      null,
      -0,
      0,
      0.5,
      1e300,
      "7",
      "7.0",
      "x",
      "",
      Buffer.from("7"),
      2 ** 63,
    ),
    weight: 2,
  },
);

/** What a column can be, and what can look at it. `x` stands for its name. */
const TYPES = [
  "",
  "INTEGER",
  "INT",
  "REAL",
  "FLOAT",
  "NUMERIC",
  "DECIMAL(10, 2)",
  "DATE",
  "TEXT",
  "VARCHAR(9)",
  "BLOB",
  "ANY",
];
const LOOKS = [
  "typeof(x)",
  "quote(x)",
  "x || ''",
  "x / 2",
  "x % 7",
  "CAST(x AS TEXT)",
  "hex(x)",
  "x = 5",
  "x = '5'",
  "printf('%s', x)",
];
const looking = (column: string) => fc.constantFrom(...LOOKS).map((look) => look.replace(/\bx\b/g, column));
const columnOf = (name: string) =>
  fc
    .tuple(
      fc.constantFrom(...TYPES),
      fc.constantFrom(
        "",
        "",
        "",
        "UNIQUE",
        "NOT NULL",
        "CHECK (typeof(x) <> 'text')",
        "CHECK (x IS NULL OR quote(x) NOT LIKE '%.%')",
      ),
    )
    .map(([type, rule]) => `${name} ${type} ${rule.replace(/\bx\b/g, name)}`);

const table = fc
  .record({
    columns: fc.tuple(columnOf("a"), columnOf("b"), columnOf("c")),
    key: fc.constantFrom(
      "",
      "id INTEGER PRIMARY KEY",
      "id INTEGER PRIMARY KEY AUTOINCREMENT",
      "WITHOUT ROWID",
    ),
    generated: fc.option(
      fc.tuple(fc.constantFrom("a", "b", "id").chain(looking), fc.constantFrom("VIRTUAL", "STORED")),
    ),
    index: fc.option(fc.constantFrom("a", "b", "c").chain(looking)),
    partial: fc.option(fc.constantFrom("a", "b").chain(looking)),
    unique: fc.boolean(),
  })
  .map(({ columns, key, generated, index, partial, unique }) => {
    const withId = key.startsWith("id");
    const look =
      generated === null
        ? []
        : [`g AS (${withId ? generated[0] : generated[0].replaceAll("id", "a")}) ${generated[1]}`];
    const parts = [
      ...(withId ? [key] : []),
      ...columns,
      ...look,
      ...(key === "WITHOUT ROWID" ? ["PRIMARY KEY (a, b)"] : []),
    ];
    const schema = [`CREATE TABLE t(${parts.join(", ")}) ${key === "WITHOUT ROWID" ? key : ""}`];
    if (index !== null) schema.push(`CREATE ${unique ? "UNIQUE" : ""} INDEX i1 ON t(${index}, c)`);
    if (partial !== null) schema.push(`CREATE INDEX i2 ON t(b) WHERE ${partial}`);
    return { schema: schema.join("; "), withId };
  });

describe("a bulk insert", () => {
  it("leaves the same bytes as single rows do, whatever looks at the values on their way", () => {
    const row = fc.array(value, { minLength: 4, maxLength: 4 });
    const rows = fc.array(row, { minLength: 20, maxLength: 90 });
    let [compared, reals] = [0, 0];
    const scenario = fc.record({
      table,
      rows,
      verb: fc.constantFrom("INSERT", "INSERT OR IGNORE", "REPLACE"),
    });
    fc.assert(
      fc.property(scenario, ({ table: { schema, withId }, rows, verb }) => {
        const sql = withId
          ? `${verb} INTO t(id, a, b, c) VALUES (?, ?, ?, ?)`
          : `${verb} INTO t(a, b, c) VALUES (?, ?, ?)`;
        const width = withId ? 4 : 3;
        const values = rows.flatMap((row) => row.slice(0, width));
        const [fast, slow] = [true, false].map((isFast) => {
          const db = memory(schema);
          const prepared = new Prepared(db, sql, 0);
          const insert = isFast ? BulkInsert.of(db, sql) : null;
          if (isFast && insert !== null && takesReals(db.explain(sql), width) !== null) reals++;
          db.exec("BEGIN");
          const { changes, index, error } = applyMany(db, prepared, insert, {
            width,
            count: rows.length,
            values,
          });
          db.exec("COMMIT");
          const seen = db
            .prepare("SELECT *, typeof(a), typeof(b), typeof(c) FROM t")
            .raw()
            .safeIntegers()
            .all();
          return { seen, changes, index, error: error?.message, bytes: db.serialize({ attached: "main" }) };
        });
        expect(fast).toEqual(slow);
        compared++;
      }),
      { numRuns: Number(process.env.BULK_RUNS ?? 300) },
    );
    // The comparison says nothing where nothing is bound otherwise.
    expect(reals).toBeGreaterThan(compared / 2);
  });
});

describe("an INSERT that runs often", () => {
  const INSERT = "INSERT INTO t(a, b, c) VALUES (?, ?, ?)";
  /** A statement that has run so often that it has been planned. */
  const often = (db: NativeDatabase, isPrivate = true) => {
    const prepared = new Prepared(db, INSERT, 0, false, isPrivate);
    for (let use = 0; use < 40; use++) prepared.plan([]);
    return prepared.statement;
  };

  it("leaves the same bytes as one that runs once", () => {
    let reals = 0;
    const rows = fc.array(fc.tuple(value, value, value), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(table, rows, ({ schema }, rows) => {
        const [fast, slow] = [true, false].map((isFast) => {
          const db = memory(schema);
          const statement = isFast ? often(db) : new Statement(db, INSERT, []);
          if (isFast && takesReals(db.explain(INSERT), 3) !== null) reals++;
          const errors = rows.map((row) => {
            try {
              return statement.run(row).lastInsertRowid;
            } catch (error) {
              return (error as Error).message;
            }
          });
          return { errors, bytes: db.serialize({ attached: "main" }) };
        });
        expect(fast).toEqual(slow);
      }),
      { numRuns: 200 },
    );
    expect(reals).toBeGreaterThan(50);
  });

  it("binds a REAL where a column makes an INTEGER of it, in a private database only", () => {
    const bound = (schema: string, isPrivate = true) => often(memory(schema), isPrivate).expanded([1, 1, 1]);
    expect(bound("CREATE TABLE t(a INT, b TEXT, c)")).toBe("INSERT INTO t(a, b, c) VALUES (1.0, 1, 1)");
    expect(bound("CREATE TABLE t(a INT, b TEXT, c)", false)).toBe("INSERT INTO t(a, b, c) VALUES (1, 1, 1)");
    expect(bound("CREATE TABLE t(a INT, b INT, c ANY) STRICT")).toBe(
      "INSERT INTO t(a, b, c) VALUES (1, 1, 1)",
    );
  });

  it("is not noticed by a trigger or a default that asks for changes()", () => {
    for (const schema of [
      "CREATE TABLE t(a, b, c, n DEFAULT (changes()))",
      "CREATE TABLE n(n); CREATE TABLE t(a INT, b, c); CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO n VALUES (changes()); END",
    ]) {
      const db = memory(schema);
      const prepared = new Prepared(db, INSERT, 0, false, true);
      for (let use = 0; use < 40; use++) {
        prepared.plan([]);
        prepared.statement.run([1, 2, 3]);
      }
      const seen = db
        .prepare(`SELECT n FROM ${schema.includes("TRIGGER") ? "n" : "t"}`)
        .raw()
        .all();
      const other = memory(schema);
      const statement = new Statement(other, INSERT, []);
      for (let use = 0; use < 40; use++) statement.run([1, 2, 3]);
      expect(seen).toEqual(
        other
          .prepare(`SELECT n FROM ${schema.includes("TRIGGER") ? "n" : "t"}`)
          .raw()
          .all(),
      );
    }
  });
});
