/**
 * How the package tests run other programs: npm, a Node of some version, a command of node_modules/.bin.
 * Every run has a deadline and reports what the program said.
 */
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The top of the tree. */
export const top: string = join(dirname(fileURLToPath(import.meta.url)), "../..");

/** What a program said and how it ended. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** Its exit code, or null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
}

/** Runs a program to its end, however it ends. At most `deadline` milliseconds. */
export function run(
  file: string,
  args: readonly string[],
  cwd: string,
  deadline = 100_000,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    execFile(file, args, { cwd, timeout: deadline, encoding: "utf8" }, (error, stdout, stderr) => {
      if (typeof error?.code === "string") reject(error);
      else resolve({ stdout, stderr, code: error ? (error.code ?? null) : 0, signal: error?.signal ?? null });
    });
  });
}

/**
 * Runs npm: the one that runs these tests, or the one on the PATH.
 * @throws {Error} when npm fails, with all it said.
 */
export async function npm(args: readonly string[], cwd: string): Promise<void> {
  const script = process.env.npm_execpath;
  const quiet = [...args, "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  const { code, stdout, stderr } =
    script === undefined
      ? await run("npm", quiet, cwd, 280_000)
      : await run(process.execPath, [script, ...quiet], cwd, 280_000);
  if (code !== 0) throw new Error(`npm ${args.join(" ")} failed in ${cwd}:\n${stdout}${stderr}`);
}
