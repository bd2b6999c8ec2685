/**
 * Where the documentation is: the pages, by their paths from the top of the tree.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The top of the tree. */
export const top: string = join(dirname(fileURLToPath(import.meta.url)), "../../..");

/** The files of a folder by name, sorted. */
export function filesIn(folder: string, ending: string): string[] {
  return readdirSync(join(top, folder))
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** The pages that show nothing to run. */
const plainPages: readonly string[] = ["docs/changelog.md", "docs/reference/remote.md"];

/** The pages whose blocks are run. */
export const runnablePages: readonly string[] = [
  "README.md",
  ...filesIn("docs/guide", ".md"),
  ...filesIn("docs/reference", ".md").filter((page) => !plainPages.includes(page)),
];

/** All pages that users read. */
export const pages: readonly string[] = [...runnablePages, ...plainPages];

export function read(path: string): string {
  return readFileSync(join(top, path), "utf8");
}
