// What the tests of the room sql share: SQLite itself, as the judge of what the room reads.
// The room never opens a database; its tests do. Not a test file.
import { createRequire } from "node:module";

/** The part of better-sqlite3 that these tests use. */
export interface Statement {
  readonly reader: boolean;
  readonly readonly: boolean;
  all(...values: unknown[]): unknown[];
  run(...values: unknown[]): unknown;
  raw(): Statement;
  pluck(): Statement;
  columns(): { readonly name: string }[];
}

export interface Database {
  prepare(sql: string): Statement;
  exec(sql: string): void;
  close(): void;
}

const Sqlite = createRequire(import.meta.url)("better-sqlite3") as new (path: string) => Database;

/** Opens an empty database in memory and runs a script in it. */
export function openDatabase(script = ""): Database {
  const database = new Sqlite(":memory:");
  database.exec(script);
  return database;
}

/** Gives the message with which a statement is refused; null when SQLite compiles it. */
export function refusal(database: Database, sql: string): string | null {
  try {
    database.prepare(sql);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Gives everything a database holds: schema and rows. */
export function contents(database: Database): unknown {
  const schema = database
    .prepare("select type, name, tbl_name, sql from sqlite_schema order by rowid")
    .raw()
    .all();
  const temporary = database
    .prepare("select type, name, sql from sqlite_temp_schema order by rowid")
    .raw()
    .all();
  const names = database
    .prepare("select name from sqlite_schema where type = 'table' order by name")
    .pluck()
    .all();
  const rows = names.map((name) => {
    const quoted = String(name).replaceAll('"', '""');
    return [name, database.prepare(`select * from "${quoted}"`).raw().all()];
  });
  return { schema, temporary, rows };
}
