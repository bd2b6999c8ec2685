// Numbers the parameters of a statement as SQLite does, from their tokens in the order of the text.
// Knows parameters only; binding values to them is not its business. Tests: test/unit/sql/parameters.test.ts.
import { isDigitAt } from "./chars.ts";
import type { Token } from "./tokenizer.ts";

/** The parameters of a statement. */
export interface ParameterList {
  /** The highest number in use: how many values SQLite takes by position. */
  readonly count: number;
  /** `positional` is `?` and `?NNN`, `named` is `:a`, `@a`, `$a` and `#a`, `mixed` is both. */
  readonly style: "none" | "positional" | "named" | "mixed";
  /** The name of parameter i + 1 with its prefix (`":a"`, `"?3"`), or null where it has none. */
  readonly names: readonly (string | null)[];
}

/** SQLite's largest parameter number. A number outside 1…32766 does not compile, so it is left out here. */
export const MAX_PARAMETER = 32766;

const NO_PARAMETERS: ParameterList = Object.freeze({ count: 0, style: "none", names: Object.freeze([]) });

/** Counts along: give it every parameter token of one statement, first to last. */
export class ParameterNumbers {
  readonly #names: (string | null)[] = [];
  #numbers: Map<string, number> | undefined;
  #positional = false;
  #named = false;

  /** Takes the next parameter token and gives its number; 0 for one that SQLite refuses. */
  add(sql: string, token: Token): number {
    if (sql[token.start] !== "?") return this.#addNamed(sql, token);
    this.#positional = true;
    if (token.end - token.start === 1) return this.#names.push(null);
    const name = sql.slice(token.start, token.end);
    const number = Number(name.slice(1));
    if (number < 1 || number > MAX_PARAMETER) return 0;
    while (this.#names.length < number) this.#names.push(null);
    this.#names[number - 1] ??= name;
    return number;
  }

  #addNamed(sql: string, token: Token): number {
    // `#1` is a register of SQLite's own nested statements and does not compile elsewhere.
    if (sql[token.start] === "#" && isDigitAt(sql, token.start + 1)) return 0;
    this.#named = true;
    const name = sql.slice(token.start, token.end);
    this.#numbers ??= new Map();
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#names.push(name);
    this.#numbers.set(name, number);
    return number;
  }

  /** Gives what has been counted. */
  list(): ParameterList {
    if (!this.#positional && !this.#named) return NO_PARAMETERS;
    const style = !this.#named ? "positional" : this.#positional ? "mixed" : "named";
    return { count: this.#names.length, style, names: this.#names };
  }
}
