/**
 * Reads TypeScript without running it: the modules that a file names, and what in a file is logic.
 * Knows nothing of rooms; the law is in architecture.test.ts.
 */
import { posix } from "node:path";
import ts from "typescript";

/** How one module names another. */
export type Kind = "static" | "types" | "dynamic" | "require";

export interface Import {
  readonly from: string;
  /** A path from the top of the tree, or the name of something outside: `node:fs`, a package. */
  readonly to: string;
  readonly kind: Kind;
}

export interface Graph {
  readonly files: readonly string[];
  readonly imports: readonly Import[];
}

/** The module name that a node imports, if it is an import with a literal name. */
function specifier(node: ts.Node): { readonly name: string; readonly kind: Kind } | undefined {
  const literal = (one: ts.Node | undefined, kind: Kind) =>
    one !== undefined && ts.isStringLiteralLike(one) ? { name: one.text, kind } : undefined;
  if (ts.isImportDeclaration(node)) {
    const types = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return literal(node.moduleSpecifier, types ? "types" : "static");
  }
  if (ts.isExportDeclaration(node))
    return literal(node.moduleSpecifier, node.isTypeOnly ? "types" : "static");
  if (ts.isImportTypeNode(node)) {
    return literal(ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, "types");
  }
  if (ts.isCallExpression(node)) {
    const callee = node.expression;
    if (callee.kind === ts.SyntaxKind.ImportKeyword) return literal(node.arguments[0], "dynamic");
    if (ts.isIdentifier(callee) && callee.text === "require") return literal(node.arguments[0], "require");
    if (ts.isPropertyAccessExpression(callee) && callee.name.text === "getBuiltinModule")
      return literal(node.arguments[0], "require");
  }
  return undefined;
}

const parse = (file: string, text: string): ts.SourceFile =>
  ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);

export function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const walk = (node: ts.Node): void => {
    const one = specifier(node);
    if (one !== undefined) {
      const to = one.name.startsWith(".") ? posix.join(posix.dirname(file), one.name) : one.name;
      found.push({ from: file, to, kind: one.kind });
    }
    ts.forEachChild(node, walk);
  };
  walk(parse(file, text));
  return found;
}

/** What in the text of a door is neither an import, an export of names nor a constant spelt out. */
export function logicIn(text: string): string[] {
  const source = parse("index.ts", text);
  const isPlain = (node: ts.Expression | undefined): boolean => {
    if (node === undefined) return false;
    if (ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return isPlain(node.expression);
    if (ts.isPrefixUnaryExpression(node)) return isPlain(node.operand);
    if (ts.isArrayLiteralExpression(node)) return node.elements.every(isPlain);
    if (ts.isPropertyAccessExpression(node)) return isPlain(node.expression);
    return ts.isLiteralExpression(node) || ts.isIdentifier(node);
  };
  const isDoorwork = (node: ts.Statement): boolean =>
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    (ts.isVariableStatement(node) &&
      (node.declarationList.flags & ts.NodeFlags.Const) !== 0 &&
      node.declarationList.declarations.every((one) => isPlain(one.initializer)));
  return source.statements.filter((node) => !isDoorwork(node)).map((node) => node.getText(source));
}

/** Circles of imports that run, each told once: `a.ts -> b.ts -> a.ts`. */
export function cycles(graph: Graph): string[] {
  const edges = new Map<string, string[]>();
  for (const { from, to, kind } of graph.imports) {
    if (kind !== "types") edges.set(from, [...(edges.get(from) ?? []), to]);
  }
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) found.push([...path.slice(start), file].join(" -> "));
    if (start >= 0 || done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return found;
}
