// Comparing a token with a keyword or a one-character symbol, without cutting it out of the text.
// Knows ASCII case folding only: SQLite has no keyword outside ASCII, so `\u212A` (Kelvin) is never a `k`.
// Tests: test/unit/sql/words.test.ts.
import type { Token } from "./tokenizer.ts";

/** Tells whether a token is the unquoted word `keyword`, which must be given in lower-case letters. */
export function isWord(sql: string, token: Token, keyword: string): boolean {
  return token.kind === "word" && isKeywordText(sql, token.start, token.end, keyword);
}

/** Tells whether a stretch of text spells a lower-case keyword, in any case. */
export function isKeywordText(sql: string, start: number, end: number, keyword: string): boolean {
  if (end - start !== keyword.length) return false;
  for (let i = 0; i < keyword.length; i++) {
    if ((sql.charCodeAt(start + i) | 0x20) !== keyword.charCodeAt(i)) return false;
  }
  return true;
}

/** Tells whether a token is the operator `symbol`, one character long. */
export function isSymbol(sql: string, token: Token, symbol: string): boolean {
  return token.kind === "operator" && token.end - token.start === 1 && sql[token.start] === symbol;
}
