// Finds how many rows a SELECT may return by its own LIMIT, where the text says it plainly.
// Only the outermost LIMIT counts: LIMIT is a reserved word, and outside parentheses a statement has one at most.
// Tests: test/unit/sql/limit.test.ts.
import { ParameterNumbers } from "./parameters.ts";
import { StatementEnd } from "./statement-end.ts";
import { Scanner } from "./tokenizer.ts";
import { Verb } from "./verb.ts";
import { isKeywordText } from "./words.ts";

/** A row limit: its value, or the number (from 1) of the parameter that will hold it. */
export type TopLevelLimit =
  | { readonly kind: "literal"; readonly value: number }
  | { readonly kind: "parameter"; readonly index: number };

/**
 * Finds the LIMIT of the first statement of a text, a SELECT or VALUES, also behind WITH. Null where there is none or it is
 * more than one unsigned decimal integer or one parameter. The OFFSET may be anything.
 */
export function topLevelLimit(sql: string): TopLevelLimit | null {
  const scanner = new Scanner(sql);
  if (!scanner.nextStatement()) return null;
  const end = new StatementEnd();
  const verb = new Verb();
  const numbers = new ParameterNumbers();
  const clause = new LimitClause();
  let depth = 0;
  do {
    if (end.isAt(sql, scanner)) break;
    const { kind, start } = scanner;
    const number = kind === "parameter" ? numbers.add(sql, scanner) : 0;
    if (kind === "operator" && sql[start] === ")") depth--;
    clause.take(sql, scanner, depth, number);
    if (kind === "operator" && sql[start] === "(") depth++;
    if (verb.kind === null) verb.take(sql, scanner);
  } while (scanner.nextSignificant());
  return verb.kind === "select" || verb.kind === "values" ? clause.limit : null;
}

/** Collects the row count of `LIMIT count [OFFSET skip]` or `LIMIT skip, count`. */
class LimitClause {
  #place: "before" | "inside" | "after" = "before";
  #tokens = 0;
  #limit: TopLevelLimit | null = null;

  get limit(): TopLevelLimit | null {
    return this.#tokens === 1 ? this.#limit : null;
  }

  /** Takes any token of the statement, the depth of parentheses around it and, for a parameter, its number. */
  take(sql: string, { kind, start, end }: Scanner, depth: number, number: number): void {
    const isTop = depth === 0;
    if (this.#place === "before") {
      if (isTop && kind === "word" && isKeywordText(sql, start, end, "limit")) this.#place = "inside";
    } else if (isTop && kind === "operator" && sql[start] === ",") {
      this.#place = "inside";
      this.#tokens = 0;
    } else if (isTop && kind === "word" && isKeywordText(sql, start, end, "offset")) {
      this.#place = "after";
    } else if (this.#place === "inside") {
      this.#tokens++;
      this.#limit = number > 0 ? { kind: "parameter", index: number } : literal(sql, kind, start, end);
    }
  }
}

function literal(sql: string, kind: Scanner["kind"], start: number, end: number): TopLevelLimit | null {
  if (kind !== "number") return null;
  for (let at = start; at < end; at++) {
    const code = sql.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return null;
  }
  const value = Number(sql.slice(start, end));
  return Number.isSafeInteger(value) ? { kind: "literal", value } : null;
}
