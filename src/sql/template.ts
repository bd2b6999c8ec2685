// Turns the literal parts of a tagged template into SQL text with one `?` for each value.
// Never sees the values, so none can reach the text. Tests: test/unit/sql/template.test.ts.
import { InterfaceError } from "../errors/tree.ts";
import { Scanner, type Token } from "./tokenizer.ts";

// A call site of a template hands over the same strings array every time.
const texts = new WeakMap<TemplateStringsArray, string>();
/** The latest of them: a loop comes with the same one, and to compare it costs a tenth of looking it up. */
let last: { readonly strings: TemplateStringsArray; readonly text: string } | null = null;

/**
 * Gives the SQL text of a tagged template: its parts with `?` between them.
 *
 * @param strings the first argument that JavaScript passes to a tag
 * @throws {InterfaceError} when it is not that, when a value stands inside a string, a quoted name or a comment,
 * or when the text has parameters of its own
 */
export function templateText(strings: TemplateStringsArray): string {
  if (last !== null && last.strings === strings) return last.text;
  let text = texts.get(strings);
  if (text === undefined) {
    text = joinParts(strings);
    texts.set(strings, text);
  }
  last = { strings, text };
  return text;
}

function joinParts(strings: TemplateStringsArray): string {
  if (!isTemplateStrings(strings)) {
    throw new InterfaceError("sql is a template tag: write sql`SELECT …`, without parentheses");
  }
  const places: number[] = [];
  let text = "";
  for (const [index, part] of strings.entries()) {
    if (typeof part !== "string")
      throw new InterfaceError(`part ${index + 1} of the template has an invalid escape`);
    if (index > 0) {
      places.push(text.length);
      text += "?";
    }
    text += part;
  }
  checkPlaces(text, places);
  return text;
}

function isTemplateStrings(strings: unknown): boolean {
  if (!Array.isArray(strings) || !("raw" in strings)) return false;
  return Array.isArray(strings.raw) && strings.raw.length === strings.length && strings.length > 0;
}

/** Sees to it that the parameters SQLite will find are the template's values, and nothing else. */
function checkPlaces(text: string, places: readonly number[]): void {
  const scanner = new Scanner(text);
  let index = 0;
  while (scanner.next()) {
    const place = places[index];
    if (scanner.kind === "parameter") {
      if (scanner.start !== place || scanner.end !== place + 1) throw ownParameter(text, scanner);
      index++;
    } else if (place !== undefined && place < scanner.end) {
      throw new InterfaceError(`value ${index + 1} of the template stands inside ${nameOf(text, scanner)}`);
    }
  }
}

function ownParameter(text: string, token: Token): InterfaceError {
  const name = text.slice(token.start, token.end);
  return new InterfaceError(
    `expected a template without parameters of its own, got ${name}: write \${value} instead`,
  );
}

function nameOf(text: string, token: Token): string {
  if (token.kind === "comment") return "a comment";
  return '"`['.includes(text.charAt(token.start)) ? "a quoted name" : "a string";
}
