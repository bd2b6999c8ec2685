// Cuts SQL text into the tokens that SQLite's own tokenizer would see (SQLite 3.54 without Tcl variables).
// Knows characters and tokens, not statements. Offsets are UTF-16 units.
// A NUL ends SQL text for SQLite; here it is an illegal token of its own, or an ordinary character inside quotes and comments.
// Tests: test/unit/sql/tokenizer.test.ts.
import { digitsEnd, identifierEnd, isDigitAt, spaceEnd } from "./chars.ts";
import { blobEnd, blockCommentEnd, bracketEnd, lineCommentEnd, numberEnd, quotedEnd } from "./literals.ts";

/** What a token is. `quoted` is a quoted name; `illegal` is what SQLite calls an unrecognized token. */
export type TokenKind =
  | "space"
  | "comment"
  | "word"
  | "quoted"
  | "string"
  | "number"
  | "blob"
  | "parameter"
  | "semicolon"
  | "operator"
  | "illegal";

/** One token: its kind, the offset of its first character and the offset after its last one. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

/** Walks over SQL text token by token and is itself the token that it stands on: nothing is allocated. */
export class Scanner implements Token {
  kind: TokenKind = "space";
  start: number;
  end: number;
  readonly #sql: string;

  /** Begins before the token at `from`, which must be a place where a token begins. */
  constructor(sql: string, from = 0) {
    this.#sql = sql;
    this.start = from;
    this.end = from;
  }

  /** Steps onto the next token; false at the end of the text. */
  next(): boolean {
    const start = this.end;
    if (start >= this.#sql.length) return false;
    this.start = start;
    return this.#read(this.#sql, start, this.#sql.charCodeAt(start));
  }

  /** Steps onto the next token that is neither space nor comment; false at the end of the text. */
  nextSignificant(): boolean {
    while (this.next()) if (this.kind !== "space" && this.kind !== "comment") return true;
    return false;
  }

  /** Steps onto the first token of the next statement, over spaces, comments and empty statements. */
  nextStatement(): boolean {
    while (this.nextSignificant()) if (this.kind !== "semicolon") return true;
    return false;
  }

  #read(sql: string, start: number, code: number): true {
    if (code > 127) {
      // A byte order mark counts as a space, but only where a token begins.
      return code === 0xfeff ? this.#is("space", start + 1) : this.#is("word", identifierEnd(sql, start + 1));
    }
    switch (code) {
      case 0x20:
      case 0x09:
      case 0x0a:
      case 0x0c:
      case 0x0d:
        return this.#is("space", spaceEnd(sql, start + 1));
      case 0x22: // "
        return this.#is("quoted", quotedEnd(sql, start, '"'));
      case 0x60: // `
        return this.#is("quoted", quotedEnd(sql, start, "`"));
      case 0x27: // '
        return this.#is("string", quotedEnd(sql, start, "'"));
      case 0x5b: // [
        return this.#is("quoted", bracketEnd(sql, start));
      case 0x3b: // ;
        return this.#is("semicolon", start + 1);
      case 0x3f: // ?
        return this.#is("parameter", digitsEnd(sql, start + 1));
      case 0x23: // #
      case 0x24: // $
      case 0x3a: // :
      case 0x40: /* @ */ {
        const end = identifierEnd(sql, start + 1);
        return this.#is(end > start + 1 ? "parameter" : "illegal", end);
      }
      case 0x58: // X
      case 0x78: // x
        if (sql.charCodeAt(start + 1) === 0x27) return this.#is("blob", blobEnd(sql, start));
        return this.#is("word", identifierEnd(sql, start + 1));
      case 0x28: // (
      case 0x29: // )
      case 0x2a: // *
      case 0x2b: // +
      case 0x2c: // ,
      case 0x25: // %
      case 0x26: // &
      case 0x7e: // ~
        return this.#is("operator", start + 1);
      case 0x2d: // -
        return this.#minus(sql, start);
      case 0x2e: // .
        if (isDigitAt(sql, start + 1)) return this.#is("number", numberEnd(sql, start));
        return this.#is("operator", start + 1);
      case 0x2f: // /
        // An opener that ends the text is no comment.
        if (sql[start + 1] === "*" && start + 2 < sql.length)
          return this.#is("comment", blockCommentEnd(sql, start));
        return this.#is("operator", start + 1);
      case 0x21: // !
        if (sql[start + 1] === "=") return this.#is("operator", start + 2);
        return this.#is("illegal", start + 1);
      case 0x3c: // <
        return this.#is("operator", start + (oneOf("=><", sql[start + 1]) ? 2 : 1));
      case 0x3e: // >
        return this.#is("operator", start + (oneOf("=>", sql[start + 1]) ? 2 : 1));
      case 0x3d: // =
        return this.#is("operator", start + (sql[start + 1] === "=" ? 2 : 1));
      case 0x7c: // |
        return this.#is("operator", start + (sql[start + 1] === "|" ? 2 : 1));
    }
    if (code >= 0x30 && code <= 0x39) return this.#is("number", numberEnd(sql, start));
    const end = identifierEnd(sql, start);
    return end > start ? this.#is("word", end) : this.#is("illegal", start + 1);
  }

  #minus(sql: string, start: number): true {
    const second = sql[start + 1];
    if (second === "-") return this.#is("comment", lineCommentEnd(sql, start));
    if (second !== ">") return this.#is("operator", start + 1);
    return this.#is("operator", start + (sql[start + 2] === ">" ? 3 : 2));
  }

  /** Becomes the token that ends at `end`; a negative end means that it is broken. */
  #is(kind: TokenKind, end: number): true {
    this.kind = end < 0 ? "illegal" : kind;
    this.end = end < 0 ? -end : end;
    return true;
  }
}

function oneOf(choices: string, character: string | undefined): boolean {
  return character !== undefined && choices.includes(character);
}

/**
 * Reads the token that begins at an offset.
 *
 * @param offset where a token begins; at or past the end of the text the answer is an empty `space`
 */
export function tokenAt(sql: string, offset: number): Token {
  const scanner = new Scanner(sql, offset);
  scanner.next();
  return { kind: scanner.kind, start: scanner.start, end: scanner.end };
}

/**
 * Yields every token from an offset to the end of the text; together they cover it without gaps.
 *
 * @param from where a token begins
 */
export function* tokens(sql: string, from = 0): Generator<Token, void, undefined> {
  const scanner = new Scanner(sql, from);
  while (scanner.next()) yield { kind: scanner.kind, start: scanner.start, end: scanner.end };
}
