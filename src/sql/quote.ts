// Writes names and strings into SQL text safely, and reads quoted names back.
// Knows text only: which names exist, and what a value is bound as, is said elsewhere. Tests: test/unit/sql/quote.test.ts.
import { DataError, InterfaceError, ProgrammingError } from "../errors/tree.ts";

/**
 * Quotes a name for use in SQL text. It is always put in double quotes, so no name can be taken for a keyword.
 *
 * @param name the name of a table, column, index, schema, …, without quotes
 * @throws {InterfaceError} when `name` is not a string
 * @throws {ProgrammingError} when it contains a NUL, at which SQLite would cut the text short
 * @throws {DataError} when it contains a lone surrogate, which SQLite would store as another character
 */
export function quoteIdentifier(name: string): string {
  return `"${checked(name, "name").replaceAll('"', '""')}"`;
}

/**
 * Writes a text as an SQL string literal. Prefer binding a parameter wherever SQL allows one.
 *
 * @throws {InterfaceError} when `text` is not a string
 * @throws {ProgrammingError} when it contains a NUL
 * @throws {DataError} when it contains a lone surrogate
 */
export function quoteString(text: string): string {
  return `'${checked(text, "string").replaceAll("'", "''")}'`;
}

/** Gives the name that a token of SQL text means: quotes are taken off, a bare word stays as it is. */
export function unquoteIdentifier(token: string): string {
  const quote = token.charAt(0);
  if (quote === "[") return token.slice(1, -1);
  if (quote !== '"' && quote !== "`" && quote !== "'") return token;
  return token.slice(1, -1).replaceAll(quote + quote, quote);
}

function checked(text: string, what: string): string {
  if (typeof text !== "string") throw new InterfaceError(`expected a string to quote, got ${kindOf(text)}`);
  if (text.includes("\0"))
    throw new ProgrammingError(`a ${what} in SQL text must not contain a NUL character`);
  if (!text.isWellFormed()) throw new DataError(`a ${what} in SQL text must not contain a lone surrogate`);
  return text;
}

function kindOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}
