// Finds the place in a text that an error of SQLite speaks of.
// Knows the text and its tokens, not the error. Tests: test/unit/sql/locate.test.ts.
import { Scanner } from "./tokenizer.ts";

/**
 * Turns an offset into a line and a column, both from 1. `\n` and `\r\n` break lines.
 *
 * @param offset in UTF-16 units, as the column is; taken as the nearest one inside the text
 */
export function lineColumn(sql: string, offset: number): { readonly line: number; readonly column: number } {
  const target = Math.min(Math.max(offset, 0), sql.length);
  let line = 1;
  let lineStart = 0;
  let at = sql.indexOf("\n");
  while (at >= 0 && at < target) {
    line++;
    lineStart = at + 1;
    at = sql.indexOf("\n", lineStart);
  }
  return { line, column: target - lineStart + 1 };
}

/**
 * Finds the tokens that read exactly like `near`, the text that SQLite shows in `near "…": syntax error`.
 *
 * @returns the offsets at which they begin, in order
 */
export function occurrences(sql: string, near: string): number[] {
  const found: number[] = [];
  const scanner = new Scanner(sql);
  while (scanner.next()) {
    if (scanner.end - scanner.start === near.length && sql.startsWith(near, scanner.start))
      found.push(scanner.start);
  }
  return found;
}

/** Finds the first token that SQLite does not recognize: the offset at which it begins, or null. */
export function firstIllegal(sql: string): number | null {
  const scanner = new Scanner(sql);
  while (scanner.next()) if (scanner.kind === "illegal") return scanner.start;
  return null;
}
