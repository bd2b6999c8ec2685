/**
 * Scripts in another process, with its own copy of SQLite: what a fixture's `secondProcess` runs. Not a test file.
 */
import { execFile, execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { inject } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** How long a child process, and a test that gives it much to do, may take, milliseconds: a deadline, not a measurement. */
export const CHILD_DEADLINE = 120_000;
const CHILD = { cwd: ROOT, timeout: CHILD_DEADLINE, maxBuffer: 1 << 26, encoding: "utf8" } as const;

/** The door that a child process imports `connect` from. */
export type Door = "index" | "aio";

/** A script for a child process: it sees `Database`, `sqlite3`, `connect` and `args`. */
export interface Script {
  readonly door: Door;
  readonly text: string;
  readonly args: readonly unknown[];
}

export async function runScript<R>(script: Script, flags: readonly string[]): Promise<R> {
  const { stdout } = await run(process.execPath, [...flags, ...command(script)], CHILD);
  return answerOf<R>(stdout);
}

export function runScriptSync<R>(script: Script): R {
  return answerOf<R>(execFileSync(process.execPath, command(script), CHILD));
}

function command({ door, text, args }: Script): string[] {
  const program = `
      import Database from "better-sqlite3";
      import * as sqlite3 from ${JSON.stringify(pathOf(door))};
      const { connect } = sqlite3;
      const args = JSON.parse(process.argv.at(-1));
      const answer = await (async () => {${text}
      })();
      process.stdout.write("\\n" + JSON.stringify(answer ?? null));`;
  return ["--input-type=module-typescript", "--eval", program, "--", JSON.stringify(args)];
}

/** A built door, which starts in half of the time; the source where there is none: with coverage. */
function pathOf(door: Door): string {
  // Said to be there always, for the workers.
  const folder: string | undefined = inject("workers");
  return folder === undefined ? `./src/${door}.ts` : new URL(`${door}.js`, folder).href;
}

/** What a child process wrote last. */
function answerOf<R>(stdout: string): R {
  return JSON.parse(stdout.slice(stdout.lastIndexOf("\n"))) as R;
}
