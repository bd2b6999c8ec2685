/**
 * The checks that a page's program calls (program.ts writes the calls). They collect and never throw, because a page
 * may catch what is thrown; the report is written when the process ends, however it ends.
 * Runs in the page's process, under Node's type stripping; the tests must not import it, since it takes console.log over.
 */
import { writeFileSync } from "node:fs";
import { format } from "node:util";
import { END_OF_BLOCK, type Finding } from "./finding.ts";
import { show } from "./show.ts";

const findings: Finding[] = [];
let printed: string[] = [];

process.on("exit", () => {
  const file = process.env.DOCS_REPORT;
  if (file !== undefined) writeFileSync(file, JSON.stringify(findings));
});

/** An expected text that ends with `…` stands for everything that begins like it. */
function note(line: number, expected: string, actual: string): void {
  const isOpen = expected.endsWith("…") && actual.startsWith(expected.slice(0, -1));
  findings.push({ line, expected, actual: isOpen ? expected : actual });
}

/** A block has run to its end. @public */
export function __reached(line: number): void {
  note(line, END_OF_BLOCK, END_OF_BLOCK);
}

/** `expression; // -> text`: the value, as show() writes it. @public */
export function __value(line: number, expected: string, actual: unknown): void {
  note(line, expected, show(actual));
}

/** `statement; // throws Class: message`. @public */
export function __throws(line: number, expected: string, statement: () => unknown): void {
  try {
    statement();
    note(line, expected, "nothing is thrown");
  } catch (error) {
    note(line, expected, show(error));
  }
}

/** The same for a statement that awaits. @public */
export async function __rejects(
  line: number,
  expected: string,
  statement: () => Promise<unknown>,
): Promise<void> {
  try {
    await statement();
    note(line, expected, "nothing is thrown");
  } catch (error) {
    note(line, expected, show(error));
  }
}

/** Before a statement whose output is checked. @public */
export function __begin(): void {
  printed = [];
}

/** After it: `// -> line` for each line that it printed. @public */
export function __printed(line: number, expected: string): void {
  note(line, expected, printed.join("\n"));
}

console.log = (...args: readonly unknown[]): void => {
  printed.push(...format(...args).split("\n"));
};
