/**
 * The exact form of a query: TEXT as its bytes, and beside every value the type that SQLite has for it.
 * Writes SQL only; it must not run it. Tests: test/unit/engine/sqlite/exact.test.ts.
 */
import { tokens } from "../../sql/tokenizer.ts";

/**
 * Wraps a SELECT or VALUES of `width` columns. Parameters keep their numbers, rows their order.
 * @example exactQuery("SELECT name FROM t;", 1)
 * // WITH exact(c0) AS (SELECT name FROM t) SELECT CASE typeof(c0) WHEN 'text' THEN CAST(c0 AS BLOB) ELSE c0 END, typeof(c0) …
 */
export function exactQuery(sql: string, width: number): string {
  const names = Array.from({ length: width }, (_, index) => `c${index}`);
  const values = names.map(
    (name) => `CASE typeof(${name}) WHEN 'text' THEN CAST(${name} AS BLOB) ELSE ${name} END`,
  );
  const types = names.map((name) => `typeof(${name})`);
  return `WITH exact(${names}) AS (${withoutEnd(sql)}\n) SELECT ${[...values, ...types]} FROM exact`;
}

/** The statement without semicolons around it, so that it can stand in parentheses. */
function withoutEnd(sql: string): string {
  let start = 0;
  let end = sql.length;
  let begun = false;
  for (const token of tokens(sql)) {
    if (token.kind === "space" || token.kind === "comment") continue;
    if (token.kind !== "semicolon") {
      begun = true;
    } else if (begun) {
      end = token.start;
      break;
    } else {
      start = token.end;
    }
  }
  return sql.slice(start, end);
}
