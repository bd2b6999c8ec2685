/**
 * `iterdump`: a database as the SQL that makes it again, line by line as Python's `sqlite3` writes it.
 * It must not hold more than a page of rows. Tests: test/conformance/iterdump.test.ts.
 * @see https://docs.python.org/3/library/sqlite3.html#sqlite3.Connection.iterdump
 */
import type { ExecuteRequest, Page } from "../engine/port.ts";
import { InterfaceError } from "../errors/tree.ts";
import { quoteIdentifier, quoteString } from "../sql/quote.ts";
import type { BoundValue, Reading, SqlRow } from "../values/types.ts";
import { checkCallOptions } from "./options.ts";
import { call, emit, type Operation } from "./run.ts";
import type { Session } from "./session.ts";

/** What `iterdump` accepts. */
export interface DumpOptions {
  /** A LIKE pattern for the names of the tables, indexes, triggers and views to dump. Default: all. */
  readonly filter?: string | null;
}

const PAGE = 256;
/** Columns in a group: see {@link listed}. */
const GROUP = 100;
const PLAIN: Reading = { integers: "auto", text: "string" };

export function* dump(session: Session, options: DumpOptions | undefined): Operation<void> {
  session.check();
  const { filter = null } = checkCallOptions(options);
  if (filter !== null && typeof filter !== "string")
    throw new InterfaceError("filter must be a string or null");
  const violations = yield* query(session, "PRAGMA foreign_key_check");
  const tables = yield* schema(session, "type = 'table'", filter, "ORDER BY name");
  // Python knows connections that do not enforce foreign keys. Here they are on, and tables come by name: a child may
  // come before its parent, and before the index that its key refers to.
  const refers = violations.length === 0 && (yield* anyForeignKey(session, tables));
  if (violations.length > 0 || refers) yield* emit("PRAGMA foreign_keys=OFF;");
  yield* emit("BEGIN TRANSACTION;");
  let schemaIsWritable = false;
  for (const [name, sql] of tables) {
    if (name === "sqlite_stat1") yield* emit('ANALYZE "sqlite_master";');
    else if (name.startsWith("sqlite_")) continue;
    else if (sql.startsWith("CREATE VIRTUAL TABLE")) {
      if (!schemaIsWritable) yield* emit("PRAGMA writable_schema=ON;");
      schemaIsWritable = true;
      yield* emit(virtualTable(name, sql));
    } else yield* emit(`${sql};`);
    yield* dumpRows(session, name);
  }
  for (const [, sql] of yield* schema(session, "type IN ('index', 'trigger', 'view')", filter, "")) {
    yield* emit(`${sql};`);
  }
  if (schemaIsWritable) yield* emit("PRAGMA writable_schema=OFF;");
  if (tables.some(([name]) => name === "sqlite_sequence")) yield* dumpSequences(session);
  yield* emit("COMMIT;");
  if (!refers) return;
  const [enforced] = yield* query(session, "PRAGMA foreign_keys");
  if (enforced?.[0] === 1) yield* emit("PRAGMA foreign_keys=ON;");
}

/** Name and SQL of what the schema holds. */
function* schema(
  session: Session,
  condition: string,
  filter: string | null,
  order: string,
): Operation<(readonly [name: string, sql: string])[]> {
  const named = filter === null ? "" : "AND name LIKE ?";
  const sql = `SELECT name, sql FROM sqlite_master WHERE sql NOT NULL AND ${condition} ${named} ${order}`;
  const rows = yield* query(session, sql, filter === null ? [] : [filter]);
  return rows.map(([name, text]) => [String(name), String(text)] as const);
}

function* anyForeignKey(
  session: Session,
  tables: readonly (readonly [string, string])[],
): Operation<boolean> {
  for (const [name] of tables) {
    const keys = yield* query(session, `PRAGMA foreign_key_list(${quoteIdentifier(name)})`);
    if (keys.length > 0) return true;
  }
  return false;
}

function virtualTable(name: string, sql: string): string {
  const quoted = quoteString(name);
  return (
    "INSERT INTO sqlite_master(type,name,tbl_name,rootpage,sql)" +
    `VALUES('table',${quoted},${quoted},0,${quoteString(sql)});`
  );
}

function* dumpRows(session: Session, table: string): Operation<void> {
  const name = quoteIdentifier(table);
  const columns = yield* query(session, `PRAGMA table_info(${name})`);
  if (columns.length === 0) return;
  const values = columns.map(([, column]) => literal(quoteIdentifier(String(column))));
  const prefix = quoteString(`INSERT INTO ${name} VALUES(`);
  yield* emitRows(session, `SELECT ${prefix} || ${listed(values)} || ')' FROM ${name}`);
}

/** Expressions with commas between: in groups, since SQLite takes no tree of more than a thousand levels. */
function listed(values: readonly string[]): string {
  const comma = " || ',' || ";
  const groups: string[] = [];
  for (let at = 0; at < values.length; at += GROUP)
    groups.push(`(${values.slice(at, at + GROUP).join(comma)})`);
  return groups.join(comma);
}

/**
 * SQLite's quote() of a column, save where it would not come back: text with a NUL, which quote() would cut there, and for
 * versions of SQLite that servers have, infinities, written as the name `Inf`, and the largest numbers. A NUL stands in the bytes
 * of its text, save in a database of UTF-16, whose bytes mean something else where the dump is read.
 */
function literal(column: string): string {
  return (
    `CASE WHEN typeof(${column}) = 'text' AND instr(${column}, char(0)) ` +
    `THEN CASE length(CAST('a' AS BLOB)) WHEN 1 THEN 'CAST(X''' || hex(${column}) || ''' AS TEXT)' ` +
    `ELSE 'json_extract(' || quote(json_quote(${column})) || ',''$'')' END ` +
    `WHEN typeof(${column}) = 'real' AND CAST(quote(${column}) AS REAL) <> ${column} ` +
    `THEN CASE abs(${column}) WHEN 9e999 THEN iif(${column} < 0, '-', '') || '9.0e+999' ` +
    `ELSE printf('%!.17g', ${column}) END ELSE quote(${column}) END`
  );
}

/** Values that AUTOINCREMENT goes on from. */
function* dumpSequences(session: Session): Operation<void> {
  yield* emit('DELETE FROM "sqlite_sequence";');
  yield* emitRows(
    session,
    `SELECT 'INSERT INTO "sqlite_sequence" VALUES(' || quote(name) || ',' || quote(seq) || ')' FROM sqlite_sequence`,
  );
}

/** Emits the first column of every row, page by page. */
function* emitRows(session: Session, sql: string): Operation<void> {
  let page: Page = yield* call("execute", request(session, sql, [], "page"));
  try {
    for (;;) {
      for (const [line] of page.rows) yield* emit(`${line};`);
      if (page.error !== null) throw page.error;
      if (page.reader === 0) return;
      page = yield* call("fetch", page.reader, PAGE);
    }
  } finally {
    if (page.reader !== 0) yield* call("discard", page.reader);
  }
}

function* query(session: Session, sql: string, values: readonly BoundValue[] = []): Operation<SqlRow[]> {
  const { rows, error } = yield* call("execute", request(session, sql, values, "all"));
  if (error !== null) throw error;
  return rows;
}

function request(
  session: Session,
  sql: string,
  values: readonly BoundValue[],
  rows: ExecuteRequest["rows"],
): ExecuteRequest {
  const guard = session.scopes > 0;
  return { sql, values, rows, discard: 0, begin: null, guard, reading: PLAIN, reads: true };
}
