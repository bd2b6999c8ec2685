/**
 * Other forms of a query. The exact one: TEXT as its bytes, and beside every value the type that SQLite has for it.
 * The bounded one: so many rows and no more. Writes SQL only; it must not run it. Tests: test/unit/engine/sqlite/exact.test.ts.
 */
import { tokens } from "./tokenizer.ts";

/** No table can have these names, so that the statement cannot mean one by them. */
const NAME = "sqlite_exact";
const ONCE = "sqlite_once";

/** A result has so many columns at most. */
const MOST_COLUMNS = 2000;

/**
 * Wraps a SELECT or VALUES of `width` columns. Parameters keep their numbers, rows their order. Where there is no room for the
 * types beside the values, it does without: TEXT comes as a BLOB, and a BLOB as its digits. Each value is computed once, and not
 * for each time that it is named, since random() would be another each time: SQLite flattens no query with a LIMIT into one
 * with a WHERE.
 * @example exactQuery("SELECT name FROM t;", 1)
 * // WITH sqlite_exact(c0) AS (SELECT name FROM t), sqlite_once AS (SELECT * FROM sqlite_exact LIMIT -1)
 * // SELECT CASE typeof(c0) WHEN 'text' THEN CAST(c0 AS BLOB) ELSE c0 END, typeof(c0) FROM sqlite_once WHERE true
 */
export function exactQuery(sql: string, width: number): string {
  const names = Array.from({ length: width }, (_, index) => `c${index}`);
  const isWide = 2 * width > MOST_COLUMNS;
  const values = names.map((name) => {
    const blob = isWide ? `WHEN 'blob' THEN hex(${name}) ` : "";
    return `CASE typeof(${name}) WHEN 'text' THEN CAST(${name} AS BLOB) ${blob}ELSE ${name} END`;
  });
  const types = isWide ? [] : names.map((name) => `typeof(${name})`);
  const rows = `WITH ${NAME}(${names}) AS (${statementAlone(sql)})`;
  const once = `${ONCE} AS (SELECT * FROM ${NAME} LIMIT -1)`;
  return `${rows}, ${once} SELECT ${[...values, ...types]} FROM ${ONCE} WHERE true`;
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
