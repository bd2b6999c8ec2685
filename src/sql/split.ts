// Splits a script into the statements that SQLite would prepare one after the other.
// Reads the text only; nothing is run or checked. Tests: test/unit/sql/split.test.ts.
import { StatementEnd } from "./statement-end.ts";
import { Scanner } from "./tokenizer.ts";

export { completeStatement } from "./complete.ts";

/** One statement of a script: its text, from its first token, and where that text stands (UTF-16 offsets). */
export interface ScriptPiece {
  readonly sql: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Splits a script into its statements. A piece includes the semicolon that ends it. The last one, where it has none, runs
 * to the end of the text, because SQLite stores a trailing comment along with a view or an index. Spaces, comments and
 * semicolons between the statements belong to no piece.
 */
export function splitScript(sql: string): ScriptPiece[] {
  const pieces: ScriptPiece[] = [];
  const scanner = new Scanner(sql);
  while (scanner.nextStatement()) {
    const start = scanner.start;
    const end = statementEnd(sql, scanner);
    pieces.push({ sql: sql.slice(start, end), start, end });
  }
  return pieces;
}

function statementEnd(sql: string, scanner: Scanner): number {
  const end = new StatementEnd();
  do {
    if (end.isAt(sql, scanner)) return scanner.end;
  } while (scanner.nextSignificant());
  return sql.length;
}
