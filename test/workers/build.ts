/**
 * Runs once before the tests: makes one file of each worker's sources. A worker reads 60 of them, and most tests start one,
 * so that from one file the tests take a fifth less of the processors' time. Beside them, the doors for child processes, which
 * take half of the time to start. It must not know what a worker does. Where nothing has changed, the files of the last run
 * serve.
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type InputOptions, rolldown } from "rolldown";
import type { TestProject } from "vitest/node";

const TOP = fileURLToPath(new URL("../..", import.meta.url));

/** Inside node_modules, since the workers look for better-sqlite3 from where they are; `npm ci` empties it. */
const KEPT = join(TOP, "node_modules/.cache/sqlite-dbapi-workers");

const HOUR = 3_600_000;

const WORKERS = ["host", "block-host"] as const;
/** The doors look for the workers' files beside them. */
const DOORS = ["index", "aio"] as const;

const COMMON = {
  platform: "node",
  external: [/^node:/, "better-sqlite3", "libsql", "synckit"],
  treeshake: { moduleSideEffects: false },
} as const satisfies InputOptions;

declare module "vitest" {
  interface ProvidedContext {
    /** The folder with the workers' files and the doors', as a URL that ends with a slash. */
    workers: string;
  }
}

async function built(worker: string): Promise<string> {
  const bundle = await rolldown({
    ...COMMON,
    input: join(TOP, `src/engine/thread/${worker}.ts`),
  });
  try {
    const { output } = await bundle.generate({ codeSplitting: false, comments: false });
    return output[0].code;
  } finally {
    await bundle.close();
  }
}

/** The doors' files, by name: what a door does not always need stays in files of its own. */
async function builtDoors(): Promise<readonly (readonly [name: string, text: string])[]> {
  const bundle = await rolldown({
    ...COMMON,
    input: Object.fromEntries(DOORS.map((door) => [door, join(TOP, `src/${door}.ts`)])),
  });
  try {
    const { output } = await bundle.generate({ comments: false, entryFileNames: "[name].js" });
    return output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file.code] as const] : []));
  } finally {
    await bundle.close();
  }
}

/** @returns the folder's path */
async function kept(files: ReadonlyMap<string, string>): Promise<string> {
  const hash = createHash("sha256");
  for (const [name, text] of files) hash.update(`${name}\0${text}\0`);
  const folder = join(KEPT, hash.digest("hex").slice(0, 16));
  await mkdir(KEPT, { recursive: true });
  const draft = await mkdtemp(join(KEPT, "draft-"));
  try {
    for (const [name, text] of files) await writeFile(join(draft, name), text);
    // Another run may be the first to have it there.
    await rename(draft, folder).catch((error: NodeJS.ErrnoException) => {
      if (!["ENOTEMPTY", "EEXIST", "EPERM"].includes(error.code ?? "")) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

/** Removes what no run has used for an hour. */
async function tidy(): Promise<void> {
  for (const name of await readdir(KEPT)) {
    const folder = join(KEPT, name);
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (Date.now() - mtimeMs > HOUR) await rm(folder, { recursive: true, force: true });
  }
}

async function provide(project: TestProject): Promise<void> {
  const files = new Map([["package.json", '{ "type": "module" }\n']]);
  for (const worker of WORKERS) files.set(`${worker}.js`, await built(worker));
  for (const [name, text] of await builtDoors()) files.set(name, text);
  const folder = await kept(files);
  const now = new Date();
  await utimes(folder, now, now);
  await tidy();
  project.provide("workers", pathToFileURL(`${folder}/`).href);
}

export async function setup(project: TestProject): Promise<void> {
  await provide(project);
  project.onTestsRerun(() => provide(project));
}
