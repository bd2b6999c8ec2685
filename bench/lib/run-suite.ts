/**
 * One suite from start to end: its drivers in processes of their own, its trials one after the other.
 */

import type { RunsOn } from "./driver.ts";
import { type DriverHandle, start } from "./driver-handle.ts";
import type { Facts } from "./messages.ts";
import { type Effort, type Result, runTrial } from "./rounds.ts";
import type { Suite } from "./suite.ts";

/** What a suite has measured. */
export interface SuiteResults {
  readonly suite: string;
  readonly about: string;
  /** By driver, the measure of the others first. */
  readonly drivers: Readonly<Record<string, Facts & { readonly runsOn: RunsOn }>>;
  /** Drivers that could not be loaded and need not be there. */
  readonly absent: readonly string[];
  /** Which driver cannot do which trial, and why. */
  readonly gaps: readonly string[];
  readonly results: readonly Result[];
}

/**
 * @param only part of the names of the trials to run; "" for all.
 * @param tell is told what is going on.
 */
export async function runSuite(
  suite: Suite,
  only: string,
  effort: Effort,
  tell: (text: string) => void,
): Promise<SuiteResults> {
  const chosen = chosenTrials(suite, only, effort);
  const drivers: Record<string, Facts & { readonly runsOn: RunsOn }> = {};
  const absent: string[] = [];
  const results: Result[] = [];
  const gaps: string[] = [];
  const started: DriverHandle[] = [];
  const server = await suite.serve?.();
  if (server === null) absent.push(...suite.drivers.map(({ name }) => name));
  try {
    for (const { name, runsOn, isOptional } of server === null ? [] : suite.drivers) {
      const handle = start(suite.name, name, server?.url ?? "");
      started.push(handle);
      try {
        drivers[name] = { ...(await handle.ask({ ask: "facts" }, "facts")).facts, runsOn };
      } catch (error) {
        if (isOptional !== true) throw error;
        absent.push(name);
      }
    }
    const present = started.filter(({ name }) => name in drivers);
    for (const [at, trial] of present.length === 0 ? [] : chosen.entries()) {
      tell(`${suite.name} ${at + 1}/${chosen.length}: ${trial.name}`);
      const whys = new Map(suite.drivers.map(({ name, without }) => [name, without?.[trial.name]]));
      for (const { name } of present)
        if (whys.get(name)) gaps.push(`${name}, ${trial.name}: ${whys.get(name)}.`);
      const able = present.filter(({ name }) => whys.get(name) === undefined);
      results.push(await runTrial(trial, able, effort));
    }
  } finally {
    await Promise.all(started.map((handle) => handle.stop()));
    await server?.stop();
  }
  return { suite: suite.name, about: suite.about, drivers, absent, gaps, results };
}

/** Its trials that have a text in their name, behind the name of the suite, and are not too long for the effort. */
export function chosenTrials(suite: Suite, only: string, { isThorough }: Effort): Suite["trials"] {
  return suite.trials.filter(
    ({ name, isLong }) => `${suite.name}: ${name}`.includes(only) && (isThorough || isLong !== true),
  );
}
