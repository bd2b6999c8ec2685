/**
 * Makes one program of the `ts` blocks of a page. It must not run it (run.ts does).
 *
 * The convention, for whoever writes a page:
 * - The blocks of a page are one program, in order, in one scope: what a block declares the later ones can use.
 * - `import … from "sqlite-dbapi"` is src/index.ts, `"sqlite-dbapi/aio"` is src/aio.ts, `"sqlite-dbapi/client"` is src/client.ts; imports may be repeated from block to block.
 * - `expression; // -> text` and `const name = expression; // -> text`: the value, as show.ts writes it.
 * - Any other statement, such as `console.log(…)` or a loop: `// -> text` is what it prints, one comment for each line
 *   (at the end of its last line, or on lines of their own below it).
 * - `statement; // throws Class: message`: the statement throws that.
 * - A text that ends with `…` stands for everything that begins like it.
 * - A page that reads `process.env.DATABASE_URL` finds a libSQL server there, for it alone, and `DATABASE_TOKEN`.
 * - A block without any marker must run to its end. What does not run has another language tag: sh, text, python, sql.
 *
 * Lines keep their numbers, so that an error of Node or of tsc names the line of the page.
 */
import ts from "typescript";
import type * as checks from "./check.ts";
import { type Fence, fencesOf, isProgram } from "./fences.ts";
import { END_OF_BLOCK } from "./finding.ts";
import { type Imports, importText } from "./imports.ts";

/** What a page promises at one line. */
export interface Promised {
  readonly line: number;
  readonly expected: string;
}

/** A block and its promises. */
export interface Block {
  readonly line: number;
  readonly promised: readonly Promised[];
}

export interface Program {
  readonly code: string;
  readonly blocks: readonly Block[];
}

/** A piece of text to put in at a position of a block. */
interface Insertion {
  readonly at: number;
  readonly text: string;
}

interface Marker {
  readonly kind: "->" | "throws";
  readonly expected: string;
  /** Where the comment begins in the block, and where its line ends. */
  readonly start: number;
  readonly end: number;
}

const MARKER = /\/\/ (?<kind>->|throws) (?<expected>.*)$/gm;
const CHECKS: readonly (keyof typeof checks)[] = [
  "__value",
  "__throws",
  "__rejects",
  "__begin",
  "__printed",
  "__reached",
];

/** What to import for the names of the doors, and for check.ts. */
export interface Libraries {
  readonly "sqlite-dbapi": string;
  readonly "sqlite-dbapi/aio": string;
  readonly "sqlite-dbapi/client": string;
  readonly check: string;
}

/**
 * @param libraries what stands for them
 * @returns the program; undefined for a page without a block to run
 */
export function programOf(markdown: string, libraries: Libraries): Program | undefined {
  const fences = fencesOf(markdown).filter(isProgram);
  if (fences.length === 0) return undefined;
  const lines = markdown.split("\n").fill("");
  const imports: Imports = new Map([[libraries.check, new Set([`{ ${CHECKS.join(", ")} }`])]]);
  const blocks = fences.map((fence) => {
    const { text, block } = instrument(fence, (specifier, clause) => {
      const target = libraries[specifier as keyof Libraries] ?? specifier;
      const clauses = imports.get(target) ?? new Set();
      imports.set(target, clauses.add(clause));
    });
    for (const [i, line] of text.split("\n").entries()) lines[fence.line - 1 + i] = line;
    return block;
  });
  lines[0] = importText(imports);
  return { code: lines.join("\n"), blocks };
}

function instrument(
  fence: Fence,
  addImport: (specifier: string, clause: string) => void,
): { text: string; block: Block } {
  const { code } = fence;
  const file = ts.createSourceFile("block.ts", code, ts.ScriptTarget.Latest, true);
  const insertions: Insertion[] = [];
  const blanks: ts.TextRange[] = [];
  const promised: Promised[] = [];
  const lineOf = (position: number): number => fence.line + file.getLineAndCharacterOfPosition(position).line;

  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const { importClause, moduleSpecifier } = statement;
    addImport((moduleSpecifier as ts.StringLiteral).text, importClause?.getText(file) ?? "");
    blanks.push({ pos: statement.getStart(file), end: statement.end });
  }
  for (const markers of groupsOf(code)) {
    const [first] = markers as [Marker, ...Marker[]];
    const line = lineOf(first.start);
    const statement = statementBefore(file, first.start);
    if (statement === undefined) throw new Error(`line ${line}: no statement ends before this marker`);
    const expected = markers.map((marker) => marker.expected).join("\n");
    promised.push({ line, expected });
    insertions.push(...checkOf(statement, file, first.kind, line, expected));
  }
  const last = lineOf(code.length);
  insertions.push({ at: code.length, text: `\n__reached(${last});` });
  promised.push({ line: last, expected: END_OF_BLOCK });
  return { text: edit(code, blanks, insertions), block: { line: fence.line, promised } };
}

/** Markers that follow one another with nothing but white space between them belong to one statement. */
function groupsOf(code: string): Marker[][] {
  const groups: Marker[][] = [];
  let end = -1;
  for (const match of code.matchAll(MARKER)) {
    const { kind, expected } = match.groups as { kind: Marker["kind"]; expected: string };
    const marker = {
      kind,
      expected: expected.trim(),
      start: match.index,
      end: match.index + match[0].length,
    };
    const group = groups.at(-1);
    if (group !== undefined && code.slice(end, marker.start).trim() === "") group.push(marker);
    else groups.push([marker]);
    end = marker.end;
  }
  return groups;
}

/** The statement of a block of statements that ends right before a position. */
function statementBefore(file: ts.SourceFile, position: number): ts.Statement | undefined {
  let found: ts.Statement | undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isSourceFile(node) || ts.isBlock(node) || ts.isCaseOrDefaultClause(node)) {
      for (const statement of node.statements) {
        if (statement.end > position || file.text.slice(statement.end, position).trim() !== "") continue;
        found = statement;
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function checkOf(
  statement: ts.Statement,
  file: ts.SourceFile,
  kind: Marker["kind"],
  line: number,
  expected: string,
): Insertion[] {
  const start = statement.getStart(file);
  const args = `${line}, ${JSON.stringify(expected)}`;
  if (kind === "throws") {
    const [check, fn] = /\bawait\b/.test(statement.getText(file))
      ? ["await __rejects", "async () => "]
      : ["__throws", "() => "];
    return [
      { at: start, text: `${check}(${args}, ${fn}{ ` },
      { at: statement.end, text: " });" },
    ];
  }
  if (ts.isExpressionStatement(statement) && !statement.expression.getText(file).startsWith("console.")) {
    return [
      { at: start, text: `__value(${args}, (` },
      { at: statement.expression.end, text: "))" },
    ];
  }
  if (ts.isVariableStatement(statement)) {
    const name = statement.declarationList.declarations.at(-1)?.name.getText(file) ?? "";
    return [{ at: statement.end, text: ` __value(${args}, ${name});` }];
  }
  return [
    { at: start, text: "__begin(); " },
    { at: statement.end, text: ` __printed(${args});` },
  ];
}

/** Blanks ranges and puts texts in, from the end to the beginning. */
function edit(code: string, blanks: readonly ts.TextRange[], insertions: readonly Insertion[]): string {
  let text = code;
  for (const { pos, end } of blanks) {
    text = text.slice(0, pos) + text.slice(pos, end).replace(/[^\n]/g, " ") + text.slice(end);
  }
  for (const { at, text: piece } of [...insertions].sort((a, b) => b.at - a.at)) {
    text = text.slice(0, at) + piece + text.slice(at);
  }
  return text;
}
