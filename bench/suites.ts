/**
 * Everything that the bench runs, in the order of its report.
 */
import { aio } from "./aio/suite.ts";
import type { Suite } from "./lib/suite.ts";
import { remote } from "./remote/suite.ts";
import { sync } from "./sync/suite.ts";

export const suites: readonly Suite[] = [sync, aio, remote];

/** @throws {Error} when there is none of that name */
export function suiteNamed(name: string): Suite {
  const suite = suites.find((one) => one.name === name);
  if (suite === undefined) throw new Error(`no suite is called ${name}`);
  return suite;
}
