/**
 * Chooses the error for a failure that SQLite reported, from a table of result codes and never from message text.
 * Must not know which engine it came from: whatever speaks SQLite's codes can use it.
 * Tests: test/unit/errors/from-sqlite.test.ts.
 */
import * as codes from "./codes.ts";
import { constraintOf } from "./constraint.ts";
import {
  DatabaseError,
  DataError,
  type Error as DbError,
  type ErrorDetails,
  IntegrityError,
  InterfaceError,
  InternalError,
  OperationalError,
  ProgrammingError,
  type SyntaxPosition,
} from "./tree.ts";

/** What an engine knows about a failure. */
export interface SqliteFailure {
  /** SQLite's message, as it is. */
  readonly message: string;
  /** The result code by name: `"SQLITE_CONSTRAINT_UNIQUE"`, or better-sqlite3's `"UNKNOWN_SQLITE_ERROR_<n>"`. */
  readonly code: string;
  /** What was going on: SQLITE_ERROR means another thing while preparing than while running. */
  readonly phase: "open" | "prepare" | "run";
  readonly sql?: string | undefined;
  readonly cause?: unknown;
  readonly syntax?: SyntaxPosition | undefined;
  readonly index?: number | undefined;
}

type DbErrorClass = new (message: string, details?: ErrorDetails) => DbError;

/** By primary code. What is not here is a DatabaseError. */
const CLASSES: ReadonlyMap<number, DbErrorClass> = new Map<number, DbErrorClass>([
  [codes.SQLITE_ERROR, OperationalError],
  [codes.SQLITE_INTERNAL, InternalError],
  [codes.SQLITE_PERM, OperationalError],
  [codes.SQLITE_ABORT, OperationalError],
  [codes.SQLITE_BUSY, OperationalError],
  [codes.SQLITE_LOCKED, OperationalError],
  [codes.SQLITE_NOMEM, OperationalError],
  [codes.SQLITE_READONLY, OperationalError],
  [codes.SQLITE_INTERRUPT, OperationalError],
  [codes.SQLITE_IOERR, OperationalError],
  [codes.SQLITE_NOTFOUND, InternalError],
  [codes.SQLITE_FULL, OperationalError],
  [codes.SQLITE_CANTOPEN, OperationalError],
  [codes.SQLITE_PROTOCOL, OperationalError],
  [codes.SQLITE_EMPTY, OperationalError],
  [codes.SQLITE_SCHEMA, OperationalError],
  [codes.SQLITE_TOOBIG, DataError],
  [codes.SQLITE_CONSTRAINT, IntegrityError],
  [codes.SQLITE_MISMATCH, IntegrityError],
  [codes.SQLITE_MISUSE, InterfaceError],
  [codes.SQLITE_RANGE, InterfaceError],
]);

/**
 * Primary codes after which the whole transaction, run again, can succeed: what stood in the way was somebody else
 * at work. That holds for every kind of BUSY: a stale snapshot (BUSY_SNAPSHOT, which no waiting cures, only a new
 * transaction), and another process that is still recovering a WAL (BUSY_RECOVERY). SCHEMA and PROTOCOL are races
 * that SQLite itself has run again and given up. Not here: INTERRUPT (somebody asked for it), ABORT_ROLLBACK (the
 * consequence of an own ROLLBACK), FULL, NOMEM and IOERR (the world has to change first).
 */
const RETRYABLE: ReadonlySet<number> = new Set([
  codes.SQLITE_BUSY,
  codes.SQLITE_LOCKED,
  codes.SQLITE_SCHEMA,
  codes.SQLITE_PROTOCOL,
]);

/**
 * Makes the error of the tree for a failure that SQLite reported. The message is SQLite's own.
 * @returns an error of the class that the result code stands for, with code, name and constraint filled in
 * @see https://sqlite.org/rescode.html
 */
export function fromSqlite(failure: SqliteFailure): DbError {
  const code = resolve(failure.code);
  const primary = code === undefined ? undefined : code & 0xff;
  const name = failure.code.startsWith("SQLITE_") ? failure.code : (codes.nameOf(code ?? -1) ?? failure.code);
  const Class = classOf(primary, failure.phase);
  return new Class(failure.message, {
    sqliteErrorcode: code,
    sqliteErrorname: code === undefined ? undefined : name,
    code: name,
    sql: failure.sql,
    constraint: constraintOf(name, failure.message),
    syntax: failure.syntax,
    retryable: primary !== undefined && RETRYABLE.has(primary) ? true : undefined,
    index: failure.index,
    cause: failure.cause,
  });
}

function classOf(primary: number | undefined, phase: SqliteFailure["phase"]): DbErrorClass {
  if (primary === undefined) return DatabaseError;
  if (primary === codes.SQLITE_ERROR && phase === "prepare") return ProgrammingError;
  return CLASSES.get(primary) ?? DatabaseError;
}

/** The code for a name; for an extended name that is newer than our list, that of the part that is known. */
function resolve(name: string): number | undefined {
  for (let known = name; known !== ""; known = known.slice(0, Math.max(known.lastIndexOf("_"), 0))) {
    const code = codes.codeOf(known);
    if (code !== undefined) return code;
  }
  return undefined;
}
