/**
 * Writes what is known into the documentation: the charts, and the numbers of the pages that have markers for them.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Budget } from "../budgets/budget.ts";
import { chartsOf } from "./charts.ts";
import { pageWith } from "./pages.ts";
import type { Published } from "./results.ts";
import { blocksOf } from "./tables.ts";

const top = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(top, "docs/charts");

const pages: readonly string[] = ["README.md", "docs/guide/performance.md"];

/** The text of every file that depends on results, by its path from the top of the tree. */
export function writtenFrom(
  published: readonly Published[],
  budgets: readonly Budget[],
): Map<string, string> {
  const blocks = blocksOf(published, budgets);
  return new Map([
    ...[...chartsOf(published)].map(([name, text]) => [`docs/charts/${name}`, text] as const),
    ...pages.map((page) => [page, pageWith(readFileSync(join(top, page), "utf8"), blocks)] as const),
  ]);
}

/** Charts that nobody asks for any more are taken away. */
export function publish(published: readonly Published[], budgets: readonly Budget[]): void {
  const written = writtenFrom(published, budgets);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) if (!written.has(`docs/charts/${name}`)) rmSync(join(folder, name));
  for (const [path, text] of written) {
    const file = join(top, path);
    // A page without markers is left alone.
    if (!existsSync(file) || readFileSync(file, "utf8") !== text) writeFileSync(file, text);
  }
}
