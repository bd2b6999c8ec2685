/**
 * The errors of statements, made of a server's words: those that SQLite itself would have given, and what only servers do.
 * It must not ask the server anything. Tests: test/unit/engine/hrana/engine.test.ts, test/unit/engine/quicsql.
 */
import { withoutValue } from "../../errors/bound-values.ts";
import { fromSqlite } from "../../errors/from-sqlite.ts";
import { OperationalError } from "../../errors/tree.ts";
import { syntaxOf, type Told } from "./messages.ts";

/** A statement that does not compile. */
export function compileError(told: Told, sql: string): Error {
  const syntax = syntaxOf(told, sql);
  return fromSqlite({ message: told.message, code: "SQLITE_ERROR", phase: "prepare", sql, syntax });
}

/** A statement that fails while it runs; `code` is the result code by name. */
export function runError(code: string, { message }: Told, sql: string): Error {
  return fromSqlite({ message: withoutValue(message, code, sql), code, phase: "run", sql });
}

/** What stands behind the last row of a result that the server did not send to its end, as quicSQL does past its limits. */
export function cutOff(rows: number): OperationalError {
  return new OperationalError(
    `the server sent ${rows} rows and cut the rest off (its limit on rows or bytes): ask for fewer, with LIMIT, or raise it`,
    { code: "RESULT_TRUNCATED" },
  );
}
