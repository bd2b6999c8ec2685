/**
 * How quicSQL runs a statement: what it takes for a query by its first word or the word RETURNING gives rows and no counts, all
 * else counts and no rows. Must not know a protocol.
 */
import { createRequire } from "node:module";

export type Value = null | bigint | number | string | Buffer;

interface NativeStatement {
  readonly reader: boolean;
  readonly readonly: boolean;
  raw(on: true): this;
  safeIntegers(on: true): this;
  run(...args: readonly unknown[]): unknown;
  get(...args: readonly unknown[]): unknown;
  all(...args: readonly unknown[]): unknown[];
  columns(): readonly { readonly name: string; readonly type: string | null }[];
}

/** What is used of better-sqlite3. */
export interface NativeDatabase {
  readonly inTransaction: boolean;
  prepare(sql: string): NativeStatement;
  exec(sql: string): void;
  pragma(sql: string): unknown;
  close(): void;
}

const Database = createRequire(import.meta.url)("better-sqlite3") as new (
  path: string,
  options: { readonly timeout: number },
) => NativeDatabase;

export interface Result {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];
  readonly changes: number;
  readonly lastrowid: bigint;
  readonly truncated: boolean;
}

/** SQLite's extended codes by name, as far as the tests come to them. */
const CODES: Readonly<Record<string, number>> = {
  SQLITE_ERROR: 1,
  SQLITE_BUSY: 5,
  SQLITE_READONLY: 8,
  SQLITE_TOOBIG: 18,
  SQLITE_MISMATCH: 20,
  SQLITE_CONSTRAINT_CHECK: 275,
  SQLITE_CONSTRAINT_FOREIGNKEY: 787,
  SQLITE_CONSTRAINT_NOTNULL: 1299,
  SQLITE_CONSTRAINT_PRIMARYKEY: 1555,
  SQLITE_CONSTRAINT_TRIGGER: 1811,
  SQLITE_CONSTRAINT_UNIQUE: 2067,
};

/** A failure of SQLite's, with its extended code as a number and by name. */
export interface SqlFailure {
  readonly message: string;
  readonly name: string | null;
  readonly code: number | null;
}

export function failureOf(error: unknown): SqlFailure {
  const { message, code: name } = error as { readonly message: string; readonly code?: string };
  const code = name === undefined ? undefined : CODES[name];
  // What is not SQLite's own is nobody's business.
  return name === undefined || code === undefined
    ? { message: "internal error", name: null, code: null }
    : { message, name, code };
}

export function open(path: string): NativeDatabase {
  // Waiting for a lock here would keep the one who holds it from letting go.
  const db = new Database(path, { timeout: 0 });
  db.pragma("journal_mode = WAL");
  return db;
}

/** The first word behind white space and comments. */
function firstWord(sql: string): string {
  return (/^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*([^\s(]*)/.exec(sql)?.[1] ?? "").toUpperCase();
}

export type Binding = readonly Value[] | Readonly<Record<string, Value>>;

export function run(db: NativeDatabase, sql: string, binding: Binding, maxRows: number): Result {
  const isQuery =
    ["SELECT", "WITH", "EXPLAIN", "VALUES", "PRAGMA"].includes(firstWord(sql)) || /\breturning\b/i.test(sql);
  const statement = db.prepare(sql);
  const args = isPositional(binding) && !/\?\d/.test(sql) ? [...binding] : [{ ...numbered(binding) }];
  if (!statement.reader || !isQuery) {
    if (statement.reader) statement.all(...args);
    else statement.run(...args);
    const [changes, lastrowid] = counters(db);
    return {
      columns: [],
      rows: [],
      changes: isQuery ? 0 : changes,
      lastrowid: isQuery ? 0n : lastrowid,
      truncated: false,
    };
  }
  const rows = statement
    .raw(true)
    .safeIntegers(true)
    .all(...args) as Value[][];
  return {
    columns: statement.columns().map(({ name }) => name),
    rows: rows.slice(0, maxRows),
    changes: 0,
    lastrowid: 0n,
    truncated: rows.length > maxRows,
  };
}

function isPositional(binding: Binding): binding is readonly Value[] {
  return Array.isArray(binding);
}

/** By number, or by name without its prefix: what better-sqlite3 takes for `?1` and `:a`. */
function numbered(binding: Binding): Readonly<Record<string, Value>> {
  if (!isPositional(binding)) return binding;
  return Object.fromEntries(binding.map((value, i) => [String(i + 1), value]));
}

function counters(db: NativeDatabase): readonly [changes: number, lastrowid: bigint] {
  const [changes, lastrowid] = db
    .prepare("SELECT changes(), last_insert_rowid()")
    .raw(true)
    .safeIntegers(true)
    .get() as [bigint, bigint];
  return [Number(changes), lastrowid];
}
