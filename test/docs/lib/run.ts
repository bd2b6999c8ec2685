/**
 * Runs a page's program, or an example, in a Node process of its own with a temporary working directory.
 */
import { execFile } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import type { Finding } from "./finding.ts";
import { withServer } from "./page-server.ts";
import { type Program, programOf } from "./program.ts";
import { top } from "./tree.ts";

/** How a process ended, and what it said. */
export interface Outcome {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a file, with arguments, under the Node that runs the tests. At most `deadline` milliseconds. */
export function runNode(
  file: string,
  cwd: string,
  env: NodeJS.ProcessEnv = {},
  deadline = 100_000,
  args: readonly string[] = [],
): Promise<Outcome> {
  const options = { cwd, timeout: deadline, env: { ...process.env, ...env } };
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? null), stdout, stderr });
    });
  });
}

/** A temporary directory that is gone when the work is done. What is in it may import the packages of the project. */
export async function inTemporaryDirectory<R>(work: (directory: string) => Promise<R>): Promise<R> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "sqlite-dbapi-docs-")));
  try {
    symlinkSync(join(top, "node_modules"), join(directory, "node_modules"), "junction");
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The program of a page that will stand in `directory`. */
export function programIn(directory: string, markdown: string): Program | undefined {
  const to = (path: string) => relative(directory, join(top, path)).split(sep).join("/");
  return programOf(markdown, {
    "sqlite-dbapi": to("src/index.ts"),
    "sqlite-dbapi/aio": to("src/aio.ts"),
    "sqlite-dbapi/client": to("src/client.ts"),
    check: to("test/docs/lib/check.ts"),
  });
}

/** Runs the blocks of a page. */
export function runPage(markdown: string): Promise<Outcome & { readonly findings: readonly Finding[] }> {
  return inTemporaryDirectory(async (directory) => {
    const program = programIn(directory, markdown);
    if (program === undefined) throw new Error("this page has no block to run");
    const file = join(directory, "page.mts");
    const report = join(directory, "report.json");
    writeFileSync(file, program.code);
    const outcome = await withServer(markdown, (environment) =>
      runNode(file, directory, { ...environment, DOCS_REPORT: report }),
    );
    const findings = existsSync(report) ? (JSON.parse(readFileSync(report, "utf8")) as Finding[]) : [];
    return { ...outcome, findings };
  });
}
