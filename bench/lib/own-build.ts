/**
 * Which build of this library is measured: the built one when it is newer than its source, else the source itself, so
 * that a stale build is never measured. Decided when this is imported, before any clock runs.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const top = fileURLToPath(new URL("../..", import.meta.url));

/** `dist` when it has been built after the last change of src, else `src`. */
function freshBuild(): "dist" | "src" {
  const built = statSync(join(top, "dist/index.js"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const source = readdirSync(join(top, "src"), { recursive: true, encoding: "utf8" });
  return source.every((name) => statSync(join(top, "src", name)).mtimeMs < built) ? "dist" : "src";
}

export const build = freshBuild();

/** Where to import one of its doors from: `index`, `aio`. */
export function doorOf(name: string): string {
  return new URL(`../../${build}/${name}.${build === "dist" ? "js" : "ts"}`, import.meta.url).href;
}
