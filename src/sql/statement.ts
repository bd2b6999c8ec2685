// Says in one pass what a statement is: its kind, its parameters, whether more follows it.
// Reads the text only: it must not know the schema, the database or any value. A text that does not compile gets some
// answer too; SQLite has the last word on it. Tests: test/unit/sql/statement.test.ts.
import { type ParameterList, ParameterNumbers } from "./parameters.ts";
import { StatementEnd } from "./statement-end.ts";
import { Scanner } from "./tokenizer.ts";
import { type StatementKind, Verb } from "./verb.ts";
import { isKeywordText } from "./words.ts";

export type { ParameterList } from "./parameters.ts";
export type { StatementKind } from "./verb.ts";

/** What can be known of a statement from its text alone. Everything but `count` is about the first statement. */
export interface StatementText {
  readonly sql: string;
  readonly kind: StatementKind;
  /** INSERT, UPDATE, DELETE or REPLACE, also behind WITH, but not behind EXPLAIN. */
  readonly isDml: boolean;
  /** INSERT or REPLACE, also behind WITH. */
  readonly isInsert: boolean;
  /** SELECT or VALUES, also behind WITH, or EXPLAIN. */
  readonly isQuery: boolean;
  /** `many` as soon as anything but space and comments, a lone semicolon too, follows the first statement. */
  readonly count: "none" | "one" | "many";
  readonly parameters: ParameterList;
  /** Whether a DML statement has a RETURNING clause. */
  readonly hasReturning: boolean;
}

/** Describes the first statement of a text, and tells whether there is more. */
export function describeStatement(sql: string): StatementText {
  const scanner = new Scanner(sql);
  const parameters = new ParameterNumbers();
  if (!scanner.nextStatement()) return describe(sql, "empty", "none", parameters, false);
  const end = new StatementEnd();
  const verb = new Verb();
  let depth = 0;
  let hasReturning = false;
  let count: "one" | "many" = "one";
  do {
    if (end.isAt(sql, scanner)) {
      if (scanner.nextSignificant()) count = "many";
      break;
    }
    const kind = scanner.kind;
    if (kind === "parameter") parameters.add(sql, scanner);
    else if (kind === "operator") depth += parenthesis(sql, scanner.start);
    else if (kind === "word" && depth === 0 && isKeywordText(sql, scanner.start, scanner.end, "returning")) {
      hasReturning = true;
    }
    if (verb.kind === null) verb.take(sql, scanner);
  } while (scanner.nextSignificant());
  return describe(sql, verb.kind ?? "other", count, parameters, hasReturning);
}

function describe(
  sql: string,
  kind: StatementKind,
  count: StatementText["count"],
  parameters: ParameterNumbers,
  hasReturning: boolean,
): StatementText {
  const isInsert = kind === "insert" || kind === "replace";
  const isDml = isInsert || kind === "update" || kind === "delete";
  return {
    sql,
    kind,
    isDml,
    isInsert,
    isQuery: kind === "select" || kind === "values" || kind === "explain",
    count,
    parameters: parameters.list(),
    hasReturning: hasReturning && isDml,
  };
}

/** Gives 1 for an opening parenthesis, -1 for a closing one, 0 for any other operator. */
function parenthesis(sql: string, at: number): number {
  const code = sql.charCodeAt(at);
  return code === 0x28 ? 1 : code === 0x29 ? -1 : 0;
}
