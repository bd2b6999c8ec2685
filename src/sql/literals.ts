// Where literals, comments and quoted names end. Each function takes the offset of the first character of such a token.
// The answer is the offset after the token, negative when SQLite calls the token unrecognized.
// Knows one token at a time, never a statement. Tests: test/unit/sql/tokenizer.test.ts.
import { digitsEnd, hexEnd, identifierEnd, isDigitAt, isHexAt } from "./chars.ts";

const UNDERSCORE = 0x5f;
const APOSTROPHE = 0x27;

/** Ends `'…'`, `"…"` or a backtick name, in which the quote itself is written twice. */
export function quotedEnd(sql: string, start: number, quote: string): number {
  let at = sql.indexOf(quote, start + 1);
  while (at >= 0) {
    if (sql[at + 1] !== quote) return at + 1;
    at = sql.indexOf(quote, at + 2);
  }
  return -sql.length;
}

/** Ends `[…]`, in which `]` cannot be written at all. */
export function bracketEnd(sql: string, start: number): number {
  const at = sql.indexOf("]", start + 1);
  return at < 0 ? -sql.length : at + 1;
}

/** Ends `-- …` before its line break. */
export function lineCommentEnd(sql: string, start: number): number {
  const at = sql.indexOf("\n", start + 2);
  return at < 0 ? sql.length : at;
}

/** Ends a block comment; an unclosed one runs to the end of the text and is legal. */
export function blockCommentEnd(sql: string, start: number): number {
  const at = sql.indexOf("*/", start + 2);
  return at < 0 ? sql.length : at + 2;
}

/** Ends `x'…'`. An odd digit or a stranger makes it illegal up to the next apostrophe. */
export function blobEnd(sql: string, start: number): number {
  const at = hexEnd(sql, start + 2);
  if (sql.charCodeAt(at) === APOSTROPHE && (at - start) % 2 === 0) return at + 1;
  const close = sql.indexOf("'", at);
  return close < 0 ? -sql.length : -(close + 1);
}

/** Ends a number that begins with a digit, or with a point and a digit. */
export function numberEnd(sql: string, start: number): number {
  const hex =
    sql[start] === "0" && (sql[start + 1] === "x" || sql[start + 1] === "X") && isHexAt(sql, start + 2);
  const body = hex ? separatedEnd(sql, start + 2, hexEnd) : decimalEnd(sql, start);
  const end = identifierEnd(sql, body);
  if (end > body) return -end;
  return separatorsAreBetweenDigits(sql, start, end, hex ? isHexAt : isDigitAt) ? end : -end;
}

function decimalEnd(sql: string, start: number): number {
  let at = separatedEnd(sql, start, digitsEnd);
  if (sql[at] === ".") at = separatedEnd(sql, at + 1, digitsEnd);
  if (sql[at] === "e" || sql[at] === "E") {
    const sign = sql[at + 1] === "+" || sql[at + 1] === "-" ? 1 : 0;
    if (isDigitAt(sql, at + 1 + sign)) at = separatedEnd(sql, at + 1 + sign, digitsEnd);
  }
  return at;
}

function separatedEnd(sql: string, start: number, runEnd: (sql: string, at: number) => number): number {
  let at = runEnd(sql, start);
  while (sql.charCodeAt(at) === UNDERSCORE) at = runEnd(sql, at + 1);
  return at;
}

// SQLite lets its tokenizer pass `1__0` and refuses it one step later, in the same words as an illegal token.
function separatorsAreBetweenDigits(
  sql: string,
  start: number,
  end: number,
  isDigit: (sql: string, at: number) => boolean,
): boolean {
  for (let at = start; at < end; at++) {
    if (sql.charCodeAt(at) === UNDERSCORE && !(isDigit(sql, at - 1) && isDigit(sql, at + 1))) return false;
  }
  return true;
}
