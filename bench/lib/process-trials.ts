/**
 * What only a new process can tell, the same for every suite: how long a program waits for its driver, and how much memory
 * a connection takes. The process's own start is not counted.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Trial } from "./trial.ts";

/** Runs one of the scripts beside this file for the driver on trial, and reads the number that it prints. */
async function numberFrom(
  script: string,
  suite: string,
  driver: string,
  flags: string[] = [],
): Promise<number> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...process.execArgv,
    ...flags,
    path,
    suite,
    driver,
  ]);
  return JSON.parse(stdout) as number;
}

export const startup: Trial<unknown> = {
  name: "import, open, select 1",
  unit: "process",
  count: 1,
  prepare:
    (_, { suite, driver }) =>
    () =>
      numberFrom("startup-process.ts", suite, driver),
};

export const idleMemory: Trial<unknown> = {
  name: "memory of an idle connection",
  unit: "connection",
  count: 1,
  quantity: "memory",
  prepare:
    (_, { suite, driver }) =>
    () =>
      numberFrom("memory-process.ts", suite, driver, ["--expose-gc"]),
};
