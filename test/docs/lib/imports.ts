/**
 * The imports of all blocks of a page, merged, since a page may repeat them.
 */

/** What is imported from each module: clauses as they are written, `{ a, type B }` or `* as name` or nothing. */
export type Imports = Map<string, Set<string>>;

/** The import statements, on one line. A name that several clauses bring is imported once. */
export function importText(imports: Imports): string {
  const statements: string[] = [];
  for (const [specifier, clauses] of imports) {
    const from = JSON.stringify(specifier);
    const names = new Set<string>();
    for (const clause of clauses) {
      const list = /^(?<type>type )?\{(?<names>[^}]*)\}$/s.exec(clause)?.groups;
      if (list === undefined)
        statements.push(clause === "" ? `import ${from};` : `import ${clause} from ${from};`);
      for (const name of list?.names?.split(",") ?? []) {
        if (name.trim() !== "") names.add(`${list?.type ?? ""}${name.trim()}`);
      }
    }
    if (names.size > 0) statements.push(`import { ${[...names].join(", ")} } from ${from};`);
  }
  return statements.join(" ");
}
