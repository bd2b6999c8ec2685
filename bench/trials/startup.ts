/**
 * How long a program waits for its driver: import, open ":memory:", one statement, in a new process each time. The
 * process's own start is not counted.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Trial } from "./trial.ts";

const script = fileURLToPath(new URL("../lib/startup-process.ts", import.meta.url));

export const startup: Trial = {
  name: "import, open, select 1",
  unit: "process",
  count: 1,
  prepare: (_, driver) => () => {
    const output = execFileSync(process.execPath, [...process.execArgv, script, driver.name], {
      encoding: "utf8",
    });
    const { row, elapsed } = JSON.parse(output) as { row: unknown; elapsed: number };
    if (row !== 1) throw new Error(`${driver.name} read ${String(row)}, expected 1`);
    return elapsed;
  },
};
