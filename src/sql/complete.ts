// Tells whether a text is worth sending to SQLite, with the answer of sqlite3_complete() (SQLite 3.54).
// That function is not the parser and has rules of its own: any `--` comment wants its line break, a parameter's name
// counts as a word. So this file does not use the tokenizer. Tests: test/unit/sql/complete.test.ts.
import { identifierEnd } from "./chars.ts";
import { isKeywordText } from "./words.ts";

type Place = "nothing" | "start" | "statement" | "explain" | "create" | "trigger" | "semicolon" | "end";
type Sign = "semicolon" | "other" | "explain" | "create" | "temp" | "trigger" | "end";

const SIGNS: readonly (readonly [word: string, sign: Sign])[] = [
  ["explain", "explain"],
  ["create", "create"],
  ["temp", "temp"],
  ["temporary", "temp"],
  ["trigger", "trigger"],
  ["end", "end"],
];

/**
 * Tells whether a text ends with a semicolon that ends a statement: not one inside a string, a quoted name, a comment
 * or the body of a trigger. It is not checked that the statement makes sense.
 */
export function completeStatement(sql: string): boolean {
  const nul = sql.indexOf("\0");
  return endsAtStart(nul < 0 ? sql : sql.slice(0, nul));
}

function endsAtStart(sql: string): boolean {
  let place: Place = "nothing";
  let at = 0;
  while (at < sql.length) {
    const character = sql.charAt(at);
    const closer = closerAt(sql, at, character);
    if (closer !== null) {
      const from = character === "/" ? at + 2 : at + 1;
      const close = sql.indexOf(closer, from);
      if (close < 0) return false;
      at = close + closer.length;
      if (character !== "-" && character !== "/") place = step(place, "other");
    } else if (isSpace(character)) {
      at++;
    } else {
      const end = Math.max(at + 1, identifierEnd(sql, at));
      place = step(place, character === ";" ? "semicolon" : signOf(sql, at, end));
      at = end;
    }
  }
  return place === "start";
}

/** What closes the comment, string or quoted name that begins here; null when none does. */
function closerAt(sql: string, at: number, character: string): string | null {
  if (character === "'" || character === '"' || character === "`") return character;
  if (character === "[") return "]";
  if (character === "-" && sql[at + 1] === "-") return "\n";
  return character === "/" && sql[at + 1] === "*" ? "*/" : null;
}

function isSpace(character: string): boolean {
  return (
    character === " " || character === "\n" || character === "\r" || character === "\t" || character === "\f"
  );
}

function signOf(sql: string, start: number, end: number): Sign {
  for (const [word, sign] of SIGNS) if (isKeywordText(sql, start, end, word)) return sign;
  return "other";
}

function step(place: Place, sign: Sign): Place {
  switch (place) {
    case "nothing":
    case "start":
      if (sign === "semicolon") return "start";
      return sign === "explain" || sign === "create" ? sign : "statement";
    case "statement":
      return sign === "semicolon" ? "start" : "statement";
    case "explain":
      if (sign === "semicolon") return "start";
      if (sign === "other") return "explain";
      return sign === "create" ? "create" : "statement";
    case "create":
      if (sign === "semicolon") return "start";
      if (sign === "temp") return "create";
      return sign === "trigger" ? "trigger" : "statement";
    case "trigger":
      return sign === "semicolon" ? "semicolon" : "trigger";
    case "semicolon":
      if (sign === "semicolon") return "semicolon";
      return sign === "end" ? "end" : "trigger";
    case "end":
      return sign === "semicolon" ? "start" : "trigger";
  }
}
