/**
 * What better-sqlite3 throws, told in the driver's own error tree.
 * It must not decide which class a result code has: errors/from-sqlite.ts does. Tests: test/unit/engine/sqlite/failure.test.ts.
 */
import { withoutValue } from "../../errors/bound-values.ts";
import { fromSqlite } from "../../errors/from-sqlite.ts";
import {
  DataError,
  Detailed,
  InterfaceError,
  InternalError,
  NotSupportedError,
  OperationalError,
  ProgrammingError,
} from "../../errors/tree.ts";
import { firstIllegal, lineColumn, occurrences } from "../../sql/locate.ts";
import type { NativeDatabase } from "./driver.ts";

/** Where in its life a statement failed. */
export type Phase = "open" | "prepare" | "run";

/** An exception that crossed SQLite on its way out of a user function. */
export class UserException extends Error {
  constructor(cause: unknown) {
    super("user-defined function raised exception", { cause });
  }
}

/** The error to raise for whatever came out of better-sqlite3. */
export function translate(error: unknown, phase: Phase, sql?: string, db?: NativeDatabase): Error {
  if (error instanceof UserException) {
    return new OperationalError(error.message, {
      code: "SQLITE_ERROR",
      sqliteErrorcode: 1,
      sqliteErrorname: "SQLITE_ERROR",
      cause: error.cause,
      ...(sql === undefined ? {} : { sql }),
    });
  }
  if (error instanceof Detailed) return error;
  if (!(error instanceof Error)) return new InternalError("better-sqlite3 threw no error", { cause: error });
  const { code } = error as { readonly code?: unknown };
  if (typeof code !== "string") return translateMisuse(error);
  const failed = phase === "run" && isCompileError(code, sql, db) ? "prepare" : phase;
  const syntax = failed === "prepare" && sql !== undefined && db ? locate(error.message, sql, db) : undefined;
  return fromSqlite({
    message: failed === "run" ? withoutValue(error.message, code, sql) : error.message,
    code,
    phase: failed,
    ...(sql === undefined ? {} : { sql }),
    ...(syntax === undefined ? {} : { syntax }),
  });
}

/** better-sqlite3 refuses misuse with plain errors, before SQLite is asked; they have no code to go by. */
function translateMisuse(error: Error): Error {
  const { message } = error;
  if (message.includes("is not open")) return new ProgrammingError("Cannot operate on a closed database.");
  if (message.includes("more than one statement")) {
    return new ProgrammingError("You can only execute one statement at a time.");
  }
  if (message.includes("is busy executing")) {
    return new NotSupportedError(
      "the connection is running a statement, and better-sqlite3 cannot run another one from inside a user function",
      { cause: error },
    );
  }
  if (message.includes("parameter values were provided") || message.includes("named parameter")) {
    return new InterfaceError(`Incorrect number of bindings supplied: ${message}`);
  }
  if (message.includes("is too big")) {
    return new DataError("string or blob too big", {
      code: "SQLITE_TOOBIG",
      sqliteErrorcode: 18,
      sqliteErrorname: "SQLITE_TOOBIG",
    });
  }
  if (message.includes("directory does not exist")) {
    return fromSqlite({ message: "unable to open database file", code: "SQLITE_CANTOPEN", phase: "open" });
  }
  if (message === "Out of memory") {
    return fromSqlite({ message: "out of memory", code: "SQLITE_NOMEM", phase: "run" });
  }
  return new InternalError(message, { cause: error });
}

/** A cached statement is compiled again when the schema changes, so what does not compile can show at its run. */
function isCompileError(code: string, sql: string | undefined, db: NativeDatabase | undefined): boolean {
  if (code !== "SQLITE_ERROR" || sql === undefined || db === undefined) return false;
  try {
    db.prepare(sql);
    return false;
  } catch (error) {
    return (error as { readonly code?: unknown }).code === code;
  }
}

/**
 * The place of a syntax error. SQLite names the token; which of several it is, the shortest failing prefix tells. Every
 * longer one fails in the same words, so that halving finds it: a large statement has thousands of commas.
 */
function locate(message: string, sql: string, db: NativeDatabase) {
  const at = (near: string, offset: number) => ({ near, offset, ...lineColumn(sql, offset) });
  if (message === "incomplete input") return at("", sql.length);
  if (message.startsWith("unrecognized token: ")) {
    const offset = firstIllegal(sql);
    return offset === null ? undefined : at(message.slice(21, -1), offset);
  }
  const near = /^near "(.*)": syntax error$/s.exec(message)?.[1];
  if (near === undefined) return undefined;
  const candidates = occurrences(sql, near);
  let [first, last] = [0, candidates.length];
  while (first < last) {
    const middle = (first + last) >> 1;
    const end = (candidates[middle] ?? 0) + near.length;
    if (failsAt(sql.slice(0, end), message, db)) last = middle;
    else first = middle + 1;
  }
  const offset = candidates[first];
  return offset === undefined ? undefined : at(near, offset);
}

function failsAt(prefix: string, message: string, db: NativeDatabase): boolean {
  try {
    db.prepare(prefix);
    return false;
  } catch (error) {
    return error instanceof Error && error.message === message;
  }
}
