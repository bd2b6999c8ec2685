// Says which semicolon ends a statement, as SQLite's parser does: CREATE TRIGGER holds semicolons in its body and
// CREATE VIRTUAL TABLE may hold them between its parentheses.
// Fed with the significant tokens of one statement; must not know what the statement does. Tests: test/unit/sql/split.test.ts.
import type { Token } from "./tokenizer.ts";
import { isSymbol, isWord } from "./words.ts";

type Place =
  | "first"
  | "explain"
  | "create"
  | "plain"
  | "virtual"
  | "trigger header"
  | "trigger body"
  | "after semicolon";

/** Follows one statement to its end. */
export class StatementEnd {
  #place: Place = "first";
  #depth = 0;

  /** Takes the statement's next significant token and tells whether it is the semicolon that ends the statement. */
  isAt(sql: string, token: Token): boolean {
    if (this.#place === "plain") return token.kind === "semicolon";
    if (token.kind === "semicolon") return this.#semicolon();
    this.#place = this.#after(sql, token);
    return false;
  }

  #semicolon(): boolean {
    switch (this.#place) {
      case "trigger body":
      case "after semicolon":
        this.#place = "after semicolon";
        return false;
      case "virtual":
        return this.#depth <= 0;
      default:
        // In a trigger's header it is a syntax error, at which SQLite stops too.
        return true;
    }
  }

  #after(sql: string, token: Token): Place {
    switch (this.#place) {
      case "first":
        if (isWord(sql, token, "explain")) return "explain";
        return isWord(sql, token, "create") ? "create" : "plain";
      case "explain":
        if (isWord(sql, token, "query") || isWord(sql, token, "plan")) return "explain";
        return isWord(sql, token, "create") ? "create" : "plain";
      case "create":
        if (isWord(sql, token, "temp") || isWord(sql, token, "temporary")) return "create";
        if (isWord(sql, token, "virtual")) return "virtual";
        return isWord(sql, token, "trigger") ? "trigger header" : "plain";
      case "virtual":
        if (isSymbol(sql, token, "(")) this.#depth++;
        else if (isSymbol(sql, token, ")")) this.#depth--;
        return "virtual";
      case "trigger header":
        // A trigger may itself be named `begin`; then its body is taken to begin early, which does no harm.
        return isWord(sql, token, "begin") ? "trigger body" : "trigger header";
      case "after semicolon":
        // Only here can END be the trigger's own: the END of a CASE never follows a semicolon.
        return isWord(sql, token, "end") ? "plain" : "trigger body";
      case "trigger body":
        return "trigger body";
      case "plain":
        return "plain";
    }
  }
}
