/**
 * Runs once before the package tests: builds and packs this tree into a temporary folder, and installs the tarball
 * into an empty project beside it, as a user would.
 */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
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

declare module "vitest" {
  interface ProvidedContext {
    packed: Packed;
  }
}

/** @returns the clean-up, for vitest to call when the tests are over. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "sqlite-dbapi-package-"));
  const consumer = join(folder, "consumer");
  try {
    await npm(["pack", "--pack-destination", folder], top);
    const [name] = (await readdir(folder)).filter((entry) => entry.endsWith(".tgz"));
    if (name === undefined) throw new Error("npm pack wrote no tarball");
    const tarball = join(folder, name);
    await mkdir(consumer);
    await writeFile(join(consumer, "package.json"), '{ "private": true }\n');
    await npm(["install", tarball], consumer);
    project.provide("packed", { tarball, consumer, unpacked: join(consumer, "node_modules/sqlite-dbapi") });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return () => rm(folder, { recursive: true, force: true });
}
