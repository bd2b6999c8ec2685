/**
 * What only a new process can tell: runs one of the scripts beside this file for the driver on trial, and reads the number
 * that it prints. The process's own start is not counted.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Quantity, Trial } from "../lib/trial.ts";

async function numberFrom(script: string, args: readonly string[]): Promise<number> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const flags = [...process.execArgv, "--expose-gc"];
  // What a user's first start takes, who has no cache.
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, path, ...args], { env });
  return JSON.parse(stdout) as number;
}

/** @param script gets the name of the driver, and `args` */
function inProcess(
  name: string,
  unit: string,
  quantity: Quantity,
  script: string,
  ...args: string[]
): Trial<unknown> {
  return {
    name,
    unit,
    count: 1,
    quantity,
    prepare:
      (_, { driver }) =>
      () =>
        numberFrom(script, [driver, ...args]),
  };
}

export const processTrials: readonly Trial<unknown>[] = [
  inProcess("import", "process", "time", "startup-process.ts", "import"),
  inProcess("import, open, select 1", "process", "time", "startup-process.ts", "open"),
  inProcess("memory after import", "process", "memory", "memory-process.ts", "import"),
  inProcess("memory of an idle connection", "connection", "memory", "memory-process.ts", "connections"),
];
