/**
 * Other forms of a query. The exact one: TEXT as its bytes, and beside every value the type that SQLite has for it.
 * The bounded one: so many rows and no more. Writes SQL only; it must not run it. Tests: test/unit/engine/sqlite/exact.test.ts.
 */
import { tokens } from "./tokenizer.ts";

/** No table can have this name, so that the statement cannot mean one by it. */
const NAME = "sqlite_exact";

/**
 * Wraps a SELECT or VALUES of `width` columns. Parameters keep their numbers, rows their order.
 * @example exactQuery("SELECT name FROM t;", 1)
 * // WITH sqlite_exact(c0) AS (SELECT name FROM t)
// SELECT CASE typeof(c0) WHEN 'text' THEN CAST(c0 AS BLOB) ELSE c0 END, typeof(c0) FROM sqlite_exact
 */
export function exactQuery(sql: string, width: number): string {
  const names = Array.from({ length: width }, (_, index) => `c${index}`);
  const values = names.map(
    (name) => `CASE typeof(${name}) WHEN 'text' THEN CAST(${name} AS BLOB) ELSE ${name} END`,
  );
  const types = names.map((name) => `typeof(${name})`);
  return `WITH ${NAME}(${names}) AS (${statementAlone(sql)}) SELECT ${[...values, ...types]} FROM ${NAME}`;
}

/** The rows of a SELECT or VALUES behind the first `left`, `most` of them at most. Parameters keep their numbers, rows their order. */
export function boundedQuery(sql: string, most: number, left = 0): string {
  const offset = left === 0 ? "" : ` OFFSET ${left}`;
  return `WITH ${NAME} AS (${statementAlone(sql)}) SELECT * FROM ${NAME} LIMIT ${most}${offset}`;
}

/** The statement without the semicolons and comments around it, so that it can stand in parentheses. */
export function statementAlone(sql: string): string {
  let start = -1;
  let end = 0;
  for (const token of tokens(sql)) {
    if (token.kind === "space" || token.kind === "comment") continue;
    if (token.kind !== "semicolon") {
      if (start < 0) start = token.start;
      end = token.end;
    } else if (start >= 0) break;
  }
  return sql.slice(Math.max(start, 0), end);
}
