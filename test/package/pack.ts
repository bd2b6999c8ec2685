/**
 * Begins once before the package tests, and goes on beside the others: builds and packs a copy of this tree in a temporary
 * folder, and installs the tarball into an empty project beside it, as a user would. `packed.ts` waits for it.
 */
import { cp, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { npm, top } from "./shell.ts";

/** The packed library and a project that has it installed. */
export interface Packed {
  /** The tarball's path. */
  readonly tarball: string;
  /** Folder of the project with the tarball installed. */
  readonly consumer: string;
  /** The unpacked tarball. */
  readonly unpacked: string;
}

/** How the packing has ended. */
export type Answer = { readonly packed: Packed } | { readonly failure: string };

/** The file in the folder of the packing that has the answer. */
export const ANSWER = "packed.json";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder where the packing goes on. */
    packing: string;
  }
}

/** What the package is made of. A copy of it is built, so that dist/ stays as it is while other tests run. */
const SOURCES = [
  "package.json",
  "LICENSE",
  "README.md",
  "docs/changelog.md",
  "rolldown.config.ts",
  "tsconfig.json",
  "src",
];

async function pack(folder: string): Promise<Answer> {
  const tree = join(folder, "tree");
  for (const name of SOURCES) await cp(join(top, name), join(tree, name), { recursive: true });
  await symlink(join(top, "node_modules"), join(tree, "node_modules"), "junction");
  await npm(["pack", "--pack-destination", folder], tree);
  const [name] = (await readdir(folder)).filter((entry) => entry.endsWith(".tgz"));
  if (name === undefined) throw new Error("npm pack wrote no tarball");
  const tarball = join(folder, name);
  const consumer = join(folder, "consumer");
  await mkdir(consumer);
  await writeFile(join(consumer, "package.json"), '{ "private": true }\n');
  await npm(["install", tarball], consumer);
  return { packed: { tarball, consumer, unpacked: join(consumer, "node_modules/sqlite-dbapi") } };
}

async function answer(folder: string): Promise<void> {
  const found = await pack(folder).catch((error: unknown): Answer => ({ failure: String(error) }));
  // Whoever looks for it finds it whole.
  await writeFile(join(folder, "draft"), JSON.stringify(found));
  await rename(join(folder, "draft"), join(folder, ANSWER));
}

/** @returns the clean-up, for vitest to call when the tests are over. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "sqlite-dbapi-package-"));
  project.provide("packing", folder);
  const packing = answer(folder);
  return async () => {
    await packing.catch(() => {});
    await rm(folder, { recursive: true, force: true });
  };
}
