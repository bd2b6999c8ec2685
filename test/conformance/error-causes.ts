/**
 * A real cause for every class of the error table in docs/design/API.md: what errors.test.ts goes through.
 * AUTH and INTERRUPT have none here: better-sqlite3 has neither an authorizer nor an interrupt.
 */
import { writeFileSync } from "node:fs";
import * as sqlite3 from "../../src/index.ts";
import type { Capabilities } from "./capabilities.ts";
import type { AnyConnection, Fixture } from "./quadrants.ts";

type ErrorClass = typeof sqlite3.Error;

export interface Cause {
  readonly name: string;
  /** SQL that comes first. */
  readonly before?: string;
  /** What fails: SQL without parameters, or a piece of work. */
  readonly fails: string | ((conn: AnyConnection, db: Fixture) => unknown);
  readonly class: ErrorClass;
  readonly code: keyof typeof sqlite3 & `SQLITE_${string}`;
  readonly constraint?: sqlite3.Constraint;
  readonly retryable?: boolean;
  /** What a quadrant must have for it. */
  readonly needs?: keyof Capabilities;
}

const { IntegrityError, OperationalError, ProgrammingError, DataError, DatabaseError } = sqlite3;
const violated = { class: IntegrityError };
const operational = { class: OperationalError };

/** Failures that carry a `constraint`, each a statement without parameters. */
export const constraintCauses: readonly (Cause & { readonly fails: string })[] = [
  {
    name: "UNIQUE",
    before: "CREATE TABLE t (a, b, UNIQUE (a, b)); INSERT INTO t VALUES (1, 2)",
    fails: "INSERT INTO t VALUES (1, 2)",
    ...violated,
    code: "SQLITE_CONSTRAINT_UNIQUE",
    constraint: { kind: "unique", table: "t", columns: ["a", "b"] },
  },
  {
    name: "UNIQUE on an expression",
    before: "CREATE TABLE t (a); CREATE UNIQUE INDEX low ON t (lower(a)); INSERT INTO t VALUES ('a')",
    fails: "INSERT INTO t VALUES ('A')",
    ...violated,
    code: "SQLITE_CONSTRAINT_UNIQUE",
    constraint: { kind: "unique", name: "low" },
  },
  {
    name: "PRIMARY KEY",
    before: "CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)",
    fails: "INSERT INTO t VALUES (1)",
    ...violated,
    code: "SQLITE_CONSTRAINT_PRIMARYKEY",
    constraint: { kind: "primary key", table: "t", columns: ["a"] },
  },
  {
    name: "the rowid",
    before: "CREATE TABLE t (a); INSERT INTO t (rowid) VALUES (1)",
    fails: "INSERT INTO t (rowid) VALUES (1)",
    ...violated,
    code: "SQLITE_CONSTRAINT_ROWID",
    constraint: { kind: "rowid", table: "t", columns: ["rowid"] },
  },
  {
    name: "NOT NULL",
    before: "CREATE TABLE t (a NOT NULL)",
    fails: "INSERT INTO t VALUES (NULL)",
    ...violated,
    code: "SQLITE_CONSTRAINT_NOTNULL",
    constraint: { kind: "not null", table: "t", columns: ["a"] },
  },
  {
    name: "CHECK with a name",
    before: "CREATE TABLE t (a CONSTRAINT small CHECK (a < 5))",
    fails: "INSERT INTO t VALUES (6)",
    ...violated,
    code: "SQLITE_CONSTRAINT_CHECK",
    constraint: { kind: "check", name: "small" },
  },
  {
    name: "CHECK without a name",
    before: "CREATE TABLE t (a CHECK (a < 5))",
    fails: "INSERT INTO t VALUES (6)",
    ...violated,
    code: "SQLITE_CONSTRAINT_CHECK",
    constraint: { kind: "check", name: "a < 5" },
  },
  {
    name: "FOREIGN KEY",
    before: "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (p REFERENCES p)",
    fails: "INSERT INTO t VALUES (1)",
    ...violated,
    code: "SQLITE_CONSTRAINT_FOREIGNKEY",
    constraint: { kind: "foreign key" },
  },
  {
    name: "RAISE in a trigger",
    before: "CREATE TABLE t (a); CREATE TRIGGER no INSERT ON t BEGIN SELECT raise(ABORT, 'not today'); END",
    fails: "INSERT INTO t VALUES (1)",
    ...violated,
    code: "SQLITE_CONSTRAINT_TRIGGER",
    constraint: { kind: "trigger" },
  },
  {
    name: "a type of a STRICT table",
    before: "CREATE TABLE t (a INTEGER) STRICT",
    fails: "INSERT INTO t VALUES ('x')",
    ...violated,
    code: "SQLITE_CONSTRAINT_DATATYPE",
    constraint: { kind: "datatype", table: "t", columns: ["a"] },
  },
  {
    name: "a virtual table's own rule",
    before: "CREATE VIRTUAL TABLE t USING rtree (id, low, high)",
    fails: "INSERT INTO t VALUES (1, 5, 2)",
    ...violated,
    code: "SQLITE_CONSTRAINT",
    constraint: { kind: "other" },
  },
  {
    name: "MISMATCH",
    before: "CREATE TABLE t (a INTEGER PRIMARY KEY)",
    fails: "INSERT INTO t VALUES ('x')",
    ...violated,
    code: "SQLITE_MISMATCH",
    constraint: { kind: "datatype" },
  },
];

/** The rest of the table. */
export const otherCauses: readonly Cause[] = [
  ...["SELECT FROM", "SELECT * FROM nowhere", "SELECT missing", "SELECT missing()", "SELECT abs(1, 2)"].map(
    (sql): Cause => ({ name: sql, fails: sql, class: ProgrammingError, code: "SQLITE_ERROR" }),
  ),
  {
    name: "an overflow",
    fails: "SELECT abs(-9223372036854775807 - 1)",
    ...operational,
    code: "SQLITE_ERROR",
  },
  {
    name: "bad JSON",
    fails: (c) => c.fetchone("SELECT json(?)", ["{"]),
    ...operational,
    code: "SQLITE_ERROR",
  },
  { name: "TOOBIG", fails: "SELECT zeroblob(2000000000)", class: DataError, code: "SQLITE_TOOBIG" },
  {
    name: "FULL",
    needs: "maintenance",
    before: "CREATE TABLE t (a); PRAGMA max_page_count = 5",
    fails: (c) => c.executemany("INSERT INTO t VALUES (?)", Array(100).fill([Buffer.alloc(4000)])),
    ...operational,
    code: "SQLITE_FULL",
  },
  {
    name: "LOCKED",
    needs: "maintenance",
    before: "PRAGMA journal_mode = WAL; CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1)",
    fails: "PRAGMA wal_checkpoint",
    ...operational,
    code: "SQLITE_LOCKED",
    retryable: true,
  },
  {
    name: "BUSY",
    needs: "busyTimeout",
    before: "CREATE TABLE t (a); BEGIN IMMEDIATE",
    fails: async (_, db) => (await db.connect(db.file(), { timeout: 0 })).execute("INSERT INTO t VALUES (1)"),
    ...operational,
    code: "SQLITE_BUSY",
    retryable: true,
  },
  {
    name: "ABORT",
    needs: "files",
    before: `CREATE TABLE t (a);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9999) INSERT INTO t SELECT i FROM n;
             BEGIN; CREATE TABLE u (a)`,
    fails: async (conn) => {
      const cursor = await conn.execute("SELECT a FROM t");
      await cursor.fetchone();
      await conn.rollback();
      await cursor.fetchall();
    },
    ...operational,
    code: "SQLITE_ABORT_ROLLBACK",
  },
  {
    name: "READONLY",
    needs: "files",
    before: "CREATE TABLE t (a)",
    fails: async (_, db) =>
      (await db.connect(db.file(), { readonly: true })).execute("INSERT INTO t VALUES (1)"),
    ...operational,
    code: "SQLITE_READONLY",
  },
  {
    name: "READONLY in memory",
    needs: "files",
    fails: async (_, db) => (await db.connect(":memory:", { readonly: true })).execute("CREATE TABLE t (a)"),
    ...operational,
    code: "SQLITE_READONLY",
  },
  {
    name: "CANTOPEN: no such directory",
    needs: "files",
    fails: async (_, db) => (await db.connect(db.file("no/where.db"))).execute("CREATE TABLE t (a)"),
    ...operational,
    code: "SQLITE_CANTOPEN",
  },
  {
    name: "CANTOPEN: a directory",
    needs: "files",
    fails: async (_, db) => (await db.connect(db.directory)).execute("CREATE TABLE t (a)"),
    ...operational,
    code: "SQLITE_CANTOPEN",
  },
  {
    name: "NOTADB",
    needs: "files",
    fails: async (_, db) => {
      writeFileSync(db.file("letter.txt"), "Dear Sir or Madam, ".repeat(100));
      await (await db.connect(db.file("letter.txt"))).fetchall("SELECT * FROM sqlite_schema");
    },
    class: DatabaseError,
    code: "SQLITE_NOTADB",
  },
  {
    name: "CORRUPT",
    needs: "files",
    fails: async (_, db) => {
      // In another process: a file of this one must not be touched behind SQLite's back.
      const script = `
        const { openSync, writeSync } = await import("node:fs");
        const db = new Database(args[0]);
        db.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
        db.close();
        writeSync(openSync(args[0], "r+"), Buffer.alloc(4096, 0xff), 0, 4096, 4096);`;
      await db.secondProcess(script, [db.file("broken.db")]);
      await (await db.connect(db.file("broken.db"))).fetchall("SELECT * FROM t");
    },
    class: DatabaseError,
    code: "SQLITE_CORRUPT",
  },
];
