// Finds out what kind of statement a text is, from its first word, or behind WITH from the verb after the CTE list.
// Fed with the significant tokens of one statement; must not know parameters or where the statement ends.
// Tests: test/unit/sql/statement.test.ts.
import type { Token } from "./tokenizer.ts";
import { isKeywordText, isSymbol, isWord } from "./words.ts";

/** What a statement does. `commit` is COMMIT and END, `ddl` everything that changes the schema or the set of files. */
export type StatementKind =
  | "insert"
  | "update"
  | "delete"
  | "replace"
  | "select"
  | "values"
  | "pragma"
  | "explain"
  | "begin"
  | "commit"
  | "rollback"
  | "savepoint"
  | "release"
  | "ddl"
  | "other"
  | "empty";

type Verbs = readonly (readonly [word: string, kind: StatementKind])[];

const AFTER_WITH: Verbs = [
  ["select", "select"],
  ["insert", "insert"],
  ["update", "update"],
  ["delete", "delete"],
  ["replace", "replace"],
  ["values", "values"],
];

const FIRST: Verbs = [
  ...AFTER_WITH,
  ["begin", "begin"],
  ["commit", "commit"],
  ["end", "commit"],
  ["rollback", "rollback"],
  ["savepoint", "savepoint"],
  ["release", "release"],
  ["pragma", "pragma"],
  ["explain", "explain"],
  ["create", "ddl"],
  ["drop", "ddl"],
  ["alter", "ddl"],
  ["reindex", "ddl"],
  ["analyze", "ddl"],
  ["vacuum", "ddl"],
  ["attach", "ddl"],
  ["detach", "ddl"],
];

type Place = "first" | "with" | "name" | "after name" | "columns" | "before body" | "body" | "after body";

/** Reads a statement's tokens until its kind is known. */
export class Verb {
  #kind: StatementKind | null = null;
  #place: Place = "first";
  #depth = 0;

  /** The kind, null while undecided. */
  get kind(): StatementKind | null {
    return this.#kind;
  }

  /** Takes the next significant token. Call it only while {@link kind} is null. */
  take(sql: string, token: Token): void {
    switch (this.#place) {
      case "first":
        if (isWord(sql, token, "with")) this.#place = "with";
        else this.#kind = lookUp(FIRST, sql, token);
        return;
      case "with":
        // SQLite never takes this word for a name in this place.
        this.#place = isWord(sql, token, "recursive") ? "name" : "after name";
        return;
      case "name":
        this.#place = "after name";
        return;
      case "after name":
        if (isWord(sql, token, "as")) this.#place = "before body";
        else this.#open(sql, token, "columns");
        return;
      case "before body":
        if (isWord(sql, token, "not") || isWord(sql, token, "materialized")) return;
        this.#open(sql, token, "body");
        return;
      case "columns":
        if (this.#closes(sql, token)) this.#place = "after name";
        return;
      case "body":
        if (this.#closes(sql, token)) this.#place = "after body";
        return;
      case "after body":
        if (isSymbol(sql, token, ",")) this.#place = "name";
        else this.#kind = lookUp(AFTER_WITH, sql, token);
        return;
    }
  }

  #open(sql: string, token: Token, place: Place): void {
    this.#depth = 1;
    if (isSymbol(sql, token, "(")) this.#place = place;
    else this.#kind = "other";
  }

  #closes(sql: string, token: Token): boolean {
    if (isSymbol(sql, token, "(")) this.#depth++;
    else if (isSymbol(sql, token, ")")) this.#depth--;
    return this.#depth === 0;
  }
}

function lookUp(verbs: Verbs, sql: string, token: Token): StatementKind {
  if (token.kind !== "word") return "other";
  for (const [word, kind] of verbs) if (isKeywordText(sql, token.start, token.end, word)) return kind;
  return "other";
}
