// What single characters mean to SQLite's tokenizer: one table lookup instead of chains of comparisons.
// Knows characters only, no tokens. Every character outside ASCII may stand in an identifier, as in SQLite.
// Tests: test/unit/sql/tokenizer.test.ts.

const ID = 1;
const DIGIT = 2;
const HEX = 4;
const SPACE = 8;

/** One byte of flags for each ASCII character. */
const FLAGS = flagTable();

function flagTable(): Uint8Array {
  const table = new Uint8Array(128);
  const mark = (characters: string, flags: number): void => {
    for (let i = 0; i < characters.length; i++) {
      const code = characters.charCodeAt(i);
      table[code] = (table[code] ?? 0) | flags;
    }
  };
  mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$", ID);
  mark("0123456789", ID | DIGIT | HEX);
  mark("abcdefABCDEF", HEX);
  // The vertical tab continues a run of spaces but cannot begin one: SQLite's two tables disagree about it.
  mark(" \t\n\v\f\r", SPACE);
  return table;
}

/** Tells whether a character may continue an identifier: letters, digits, `_`, `$`, anything outside ASCII. */
function isIdentifierCode(code: number): boolean {
  return code > 127 || ((FLAGS[code] ?? 0) & ID) !== 0;
}

/** Tells whether there is an ASCII digit at an offset; false past the end. */
export function isDigitAt(sql: string, at: number): boolean {
  return at < sql.length && ((FLAGS[sql.charCodeAt(at)] ?? 0) & DIGIT) !== 0;
}

/** Tells whether there is a hexadecimal digit at an offset; false past the end. */
export function isHexAt(sql: string, at: number): boolean {
  return at < sql.length && ((FLAGS[sql.charCodeAt(at)] ?? 0) & HEX) !== 0;
}

/** Gives the offset of the first character at or after `at` that cannot continue an identifier. */
export function identifierEnd(sql: string, at: number): number {
  let end = at;
  while (end < sql.length && isIdentifierCode(sql.charCodeAt(end))) end++;
  return end;
}

/** Gives the offset of the first character at or after `at` that cannot continue a run of spaces. */
export function spaceEnd(sql: string, at: number): number {
  let end = at;
  while (end < sql.length && ((FLAGS[sql.charCodeAt(end)] ?? 0) & SPACE) !== 0) end++;
  return end;
}

/** Gives the offset of the first character at or after `at` that is not an ASCII digit. */
export function digitsEnd(sql: string, at: number): number {
  let end = at;
  while (isDigitAt(sql, end)) end++;
  return end;
}

/** Gives the offset of the first character at or after `at` that is not a hexadecimal digit. */
export function hexEnd(sql: string, at: number): number {
  let end = at;
  while (isHexAt(sql, end)) end++;
  return end;
}
