/**
 * SQLite itself, from C: as fast as any driver could be. Compiled from the sources that better-sqlite3 brings, with its own
 * settings, so that it is the same SQLite; kept in node_modules/.cache, since that takes a minute.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { cache } from "../lib/cache.ts";
import type { Program } from "../lib/driver.ts";
import { words } from "./words.ts";

const run = promisify(execFile);
const source = fileURLToPath(new URL("floor.c", import.meta.url));
const deps = join(dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json")), "deps");

/** The settings that better-sqlite3 compiles SQLite with, as options for a compiler. */
async function settings(): Promise<string[]> {
  const text = await readFile(join(deps, "defines.gypi"), "utf8");
  return [...text.matchAll(/^ *'([A-Z]\w*(?:=[\w-]+)?)',$/gm)].map(([, define]) => `-D${define}`);
}

async function hasCompiler(): Promise<boolean> {
  return run("cc", ["--version"]).then(
    () => true,
    () => false,
  );
}

/** Where the program of these sources and settings is, or would be. */
async function placeOf(options: readonly string[]): Promise<string> {
  const hash = createHash("sha256");
  for (const path of [source, join(deps, "sqlite3/sqlite3.h")]) hash.update(await readFile(path));
  return fileURLToPath(new URL(`floor-${hash.update(options.join(" ")).digest("hex").slice(0, 16)}`, cache));
}

async function build(options: readonly string[], place: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const scratch = `${place}.${process.pid}`;
  const sqlite = join(deps, "sqlite3");
  try {
    await run("cc", [
      ...["-O3", "-DNDEBUG", ...options, `-I${sqlite}`, "-o", scratch],
      ...[source, join(sqlite, "sqlite3.c"), "-lm", "-lpthread", "-ldl"],
    ]);
    await rename(scratch, place);
  } finally {
    await rm(scratch, { force: true });
  }
}

export const cFloor: Program = {
  name: "C",
  runsOn: "no Node",
  isOptional: true,
  trials: words,
  async command(mayBuild) {
    if (process.platform === "win32") throw new Error("the compiler's options differ");
    const options = await settings();
    const place = await placeOf(options);
    if (!existsSync(place)) {
      if (!(await hasCompiler())) throw new Error("there is no C compiler");
      if (!mayBuild) throw new Error("not compiled yet, which takes a minute: a full run does");
      await build(options, place);
    }
    return [place];
  },
};
