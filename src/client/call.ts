/**
 * The arguments of the calls of a client, told apart. It must not know what is called. Tests: test/client/execute.test.ts.
 */
import { type Statement, toStatement } from "./statement.ts";
import type { CallLimits, InArgs, InStatement, StatementPair } from "./types.ts";

/** A call of `execute`. */
export interface ExecuteCall {
  readonly statement: Statement;
  readonly limits: CallLimits | undefined;
}

/**
 * SQL is followed by its values and limits, a statement that has its values by limits.
 * @throws {TypeError | RangeError} for what is no statement, or no value
 */
export function readExecute(
  first: InStatement | StatementPair,
  second?: InArgs | CallLimits,
  third?: CallLimits,
): ExecuteCall {
  if (typeof first === "string") return { statement: toStatement(first, second as InArgs), limits: third };
  return { statement: toStatement(first), limits: second as CallLimits | undefined };
}

/** @throws {TypeError | RangeError} for what is no list of statements, or no value */
export function readStatements(statements: readonly (InStatement | StatementPair)[]): Statement[] {
  if (!Array.isArray(statements)) throw new TypeError("a batch must be an array of statements");
  return Array.from(statements as readonly (InStatement | StatementPair)[], (one) => toStatement(one));
}

/** @throws {TypeError} for what is no script */
export function readScript(sql: string): string {
  if (typeof sql === "string") return sql;
  throw new TypeError(`a script must be a string, not ${typeof sql}`);
}
