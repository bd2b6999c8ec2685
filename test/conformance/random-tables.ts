/**
 * Random tables, statements and parameter sets for the differential test of `executemany`: small domains, so that rows
 * collide, and every kind of constraint, conflict clause and trigger that could tell many rows in one statement from one.
 */
import fc from "fast-check";
import type { Parameter } from "../../src/index.ts";

/** A database and what is run on it. */
export interface Scenario {
  /** Makes the tables. */
  readonly schema: readonly string[];
  readonly mode: "legacy" | "autocommit" | "open" | "explicit";
  readonly runs: readonly Run[];
}

export interface Run {
  readonly sql: string;
  readonly sets: readonly (readonly Parameter[])[];
}

const COLUMNS = ["a", "b", "c"] as const;

const maybe = (text: string | fc.Arbitrary<string>, weight = 1): fc.Arbitrary<string> =>
  fc.oneof(
    { arbitrary: fc.constant(""), weight: 3 },
    { arbitrary: typeof text === "string" ? fc.constant(text) : text, weight },
  );

const conflict = maybe(
  fc.constantFrom(...["ABORT", "FAIL", "IGNORE", "REPLACE", "ROLLBACK"].map((c) => ` ON CONFLICT ${c}`)),
);

const foreignKey = fc
  .tuple(
    fc.constantFrom("p (k)", "t (a)"),
    fc.constantFrom("", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON DELETE RESTRICT"),
    fc.constantFrom("", " DEFERRABLE INITIALLY DEFERRED"),
  )
  .map(([parent, action, deferred]) => ` REFERENCES ${parent}${action}${deferred}`);

const column = (name: string): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom("INTEGER", "TEXT", "REAL", "BLOB", "INT"),
      maybe(conflict.map((clause) => ` NOT NULL${clause}`)),
      maybe(conflict.map((clause) => ` UNIQUE${clause}`)),
      maybe(fc.constantFrom(" DEFAULT 1", " DEFAULT (abs(-2))", " DEFAULT 'd'", " DEFAULT (changes())")),
      maybe(
        fc.constantFrom(
          ` CHECK (${name} <> 7)`,
          ` CHECK (typeof(${name}) <> 'text')`,
          " CHECK (a IS NULL OR a < 11)",
        ),
      ),
      maybe(foreignKey),
    )
    .map((parts) => `${name} ${parts.join("")}`);

const table = fc
  .record({
    columns: fc.tuple(column("a"), column("b"), column("c")),
    key: fc.constantFrom(
      "",
      "id INTEGER PRIMARY KEY",
      "id INTEGER PRIMARY KEY AUTOINCREMENT",
      "PRIMARY KEY (a, b)",
      "without",
    ),
    generated: maybe(
      fc.constantFrom(
        "g AS (a + b)",
        "g AS (a * 2) STORED",
        "g AS (ifnull(a, 0)) UNIQUE",
        "g AS (b) NOT NULL",
      ),
    ),
    strict: fc.boolean(),
  })
  .map(({ columns, key, generated, strict }) => {
    const typed = (text: string) => (strict && generated !== "" ? text.replace(/^g /, "g ANY ") : text);
    const isWithout = key === "without";
    const first = key.startsWith("id") ? [key] : [];
    const last = isWithout ? ["PRIMARY KEY (a)"] : key.startsWith("PRIMARY") ? [key] : [];
    const parts = [...first, ...columns, ...(generated === "" ? [] : [typed(generated)]), ...last];
    const options = [...(isWithout ? ["WITHOUT ROWID"] : []), ...(strict ? ["STRICT"] : [])];
    return `CREATE TABLE t (${parts.join(", ")}) ${options.join(", ")}`;
  });

const index = fc.constantFrom(
  "CREATE UNIQUE INDEX i1 ON t (a, c)",
  "CREATE UNIQUE INDEX i1 ON t (b) WHERE c > 3",
  "CREATE UNIQUE INDEX i1 ON t (abs(c))",
  "CREATE INDEX i1 ON t (c)",
);

const trigger = fc.constantFrom(
  "CREATE TRIGGER g1 AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a, (SELECT count(*) FROM t)); END",
  "CREATE TRIGGER g1 BEFORE INSERT ON t BEGIN INSERT INTO log VALUES (new.b, changes()); END",
  "CREATE TRIGGER g1 AFTER INSERT ON t WHEN new.a = 5 BEGIN UPDATE t SET c = 9 WHERE a = 3; END",
  "CREATE TRIGGER g1 AFTER INSERT ON t WHEN new.b = 4 BEGIN DELETE FROM t WHERE a = 2; END",
  "CREATE TRIGGER g1 AFTER INSERT ON t WHEN new.a = 6 BEGIN SELECT RAISE(ABORT, 'abort'); END",
  "CREATE TRIGGER g1 AFTER INSERT ON t WHEN new.a = 6 BEGIN SELECT RAISE(FAIL, 'fail'); END",
  "CREATE TRIGGER g1 AFTER INSERT ON t WHEN new.a = 6 BEGIN SELECT RAISE(ROLLBACK, 'rollback'); END",
  "CREATE TRIGGER g1 BEFORE INSERT ON t WHEN new.a = 6 BEGIN SELECT RAISE(IGNORE); END",
  "CREATE TEMP TRIGGER g1 AFTER INSERT ON main.t BEGIN INSERT INTO log VALUES (new.c, last_insert_rowid()); END",
  "CREATE TRIGGER g1 AFTER DELETE ON t BEGIN INSERT INTO log VALUES (old.a, 'gone'); END",
  "CREATE TRIGGER g1 AFTER UPDATE ON t BEGIN INSERT INTO log VALUES (new.a, 'changed'); END",
);

const value: fc.Arbitrary<Parameter> = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 60 }), weight: 12 },
  { arbitrary: fc.integer({ min: 100, max: 100_000 }), weight: 12 },
  { arbitrary: fc.constantFrom<Parameter>(null, "x", "12", 2.5, Buffer.from([1]), true, -3n), weight: 1 },
);

const rows = (width: number) =>
  fc.oneof(
    fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 0, maxLength: 20 }),
    fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 60, maxLength: 150 }),
  );

const orClause = maybe(
  fc.constantFrom(...["ABORT", "FAIL", "IGNORE", "REPLACE", "ROLLBACK"].map((c) => ` OR ${c}`)),
  3,
);

const insert = fc
  .record({
    verb: fc.oneof(
      orClause.map((or) => `INSERT${or}`),
      fc.constant("REPLACE"),
    ),
    schema: maybe("main."),
    columns: fc.subarray([...COLUMNS], { minLength: 1 }),
    literal: maybe(fc.constantFrom("7", "NULL", "-1", "'lit'", "x'ff'", "TRUE")),
    tail: maybe(fc.constantFrom(" ON CONFLICT DO NOTHING", " RETURNING a", ";", " -- end")),
    source: fc.oneof(
      { arbitrary: fc.constant("VALUES"), weight: 8 },
      { arbitrary: fc.constant("SELECT"), weight: 1 },
    ),
  })
  .chain(({ verb, schema, columns, literal, tail, source }) => {
    const items = columns.map((_, i) =>
      literal !== "" && i === columns.length - 1 && i > 0 ? literal : "?",
    );
    const width = items.filter((item) => item === "?").length;
    const body = source === "VALUES" ? `VALUES (${items})` : `SELECT ${items} WHERE true`;
    const sql = `${verb} INTO ${schema}t (${columns}) ${body}${tail}`;
    return rows(width).map((sets): Run => ({ sql, sets }));
  });

const other = fc
  .constantFrom(
    "UPDATE t SET b = ? WHERE a = ?",
    "UPDATE OR IGNORE t SET a = ? WHERE b = ?",
    "DELETE FROM t WHERE a = ? OR b = ?",
  )
  .chain((sql) => rows(2).map((sets): Run => ({ sql, sets })));

/** Everything together. */
export const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    table,
    index: maybe(index),
    trigger: maybe(trigger),
    pragma: maybe("PRAGMA recursive_triggers = ON"),
    mode: fc.constantFrom("legacy" as const, "autocommit" as const, "open" as const, "explicit" as const),
    runs: fc.array(fc.oneof({ arbitrary: insert, weight: 8 }, { arbitrary: other, weight: 1 }), {
      minLength: 1,
      maxLength: 3,
    }),
  })
  .map(({ table, index, trigger, pragma, mode, runs }) => ({
    schema: [
      "CREATE TABLE p (k INTEGER PRIMARY KEY)",
      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO p SELECT i FROM n",
      "CREATE TABLE log (x, y)",
      table,
      index,
      trigger,
      pragma,
    ].filter((sql) => sql !== ""),
    mode,
    runs,
  }));
