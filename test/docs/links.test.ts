/**
 * Links between the pages: the file is there, and so is the heading. Links out of the tree are not followed.
 */
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";
import { anchorsOf, linksOf } from "./lib/links.ts";
import { pages, read, top } from "./lib/tree.ts";

test.for(pages)("the links of %s lead somewhere", (page) => {
  const broken = linksOf(read(page)).filter(({ target }) => !leads(page, target));
  expect(broken).toEqual([]);
});

function leads(page: string, target: string): boolean {
  if (/^https:\/\//.test(target)) return true;
  const [path = "", anchor] = target.split("#", 2);
  const file = path === "" ? page : normalize(join(dirname(page), decodeURIComponent(path)));
  if (file.startsWith("..") || !existsSync(join(top, file))) return false;
  return anchor === undefined || (file.endsWith(".md") && anchorsOf(read(file)).has(anchor));
}
