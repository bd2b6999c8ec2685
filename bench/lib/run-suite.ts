/**
 * One suite from start to end: its drivers in processes of their own, its trials one batch after the other.
 */
import type { RunsOn } from "./driver.ts";
import type { DriverHandle } from "./driver-handle.ts";
import type { Facts } from "./messages.ts";
import { Processes } from "./processes.ts";
import { type Effort, type Lane, type Result, runLanes } from "./rounds.ts";
import { type Suite, whyNot } from "./suite.ts";
import type { TrialFacts } from "./trial.ts";

/** What a suite has measured. */
export interface SuiteResults {
  readonly suite: string;
  readonly about: string;
  /** By driver, the measure of the others first. */
  readonly drivers: Readonly<Record<string, Facts & { readonly runsOn: RunsOn }>>;
  /** Drivers that could not be loaded and need not be there, and why. */
  readonly absent: Readonly<Record<string, string>>;
  /** Which driver cannot do which trial, and why. */
  readonly gaps: readonly string[];
  readonly results: readonly Result[];
}

/** Trials that are measured in the same rounds, by the drivers that are named or by all. */
export interface Batch {
  readonly trials: readonly TrialFacts[];
  readonly drivers?: ReadonlySet<string>;
}

/** The trials of a suite that have a text in their name, behind the name of the suite, in batches. */
export function chosenBatches(suite: Suite, only: string): Batch[] {
  const chosen = suite.trials.filter(({ name }) => `${suite.name}: ${name}`.includes(only));
  return [...Map.groupBy(chosen, ({ batch, name }) => batch ?? name).values()].map((trials) => ({ trials }));
}

/** All batches of a suite. @param tell is told what is going on. */
export async function runSuite(
  suite: Suite,
  batches: readonly Batch[],
  effort: Effort,
  tell: (text: string) => void,
): Promise<SuiteResults> {
  const [all, results] = await runBatches(suite, batches, effort, tell);
  return { ...all, results: results.flat() };
}

/** The same, with the results of each batch by themselves: a trial may be in several. */
export async function runBatches(
  suite: Suite,
  batches: readonly Batch[],
  effort: Effort,
  tell: (text: string) => void,
): Promise<[Omit<SuiteResults, "results">, Result[][]]> {
  const results: Result[][] = [];
  const processes = new Processes(suite, effort.mayBuild);
  const { present, facts, absent } = processes;
  try {
    await processes.begin((name) => batches.some((batch) => takesPart(name, batch)));
    for (const [at, batch] of present.size === 0 ? [] : batches.entries()) {
      tell(`${suite.name} ${at + 1}/${batches.length}: ${batch.trials.map(({ name }) => name).join("; ")}`);
      results.push(await runBatch(suite, batch, processes, effort));
    }
  } finally {
    await processes.stop();
  }
  const gaps = gapsOf(suite, batches, [...present.keys()]);
  return [{ suite: suite.name, about: suite.about, drivers: facts, absent, gaps }, results];
}

const takesPart = (name: string, { drivers }: Batch) => drivers?.has(name) ?? true;

/** The first trial of a batch runs in the processes that are there; each other one needs its own. */
async function runBatch(suite: Suite, batch: Batch, processes: Processes, effort: Effort): Promise<Result[]> {
  const lanes: Lane[] = [];
  const others: DriverHandle[] = [];
  for (const [at, trial] of batch.trials.entries()) {
    for (const [name, first] of processes.present) {
      if (!takesPart(name, batch) || whyNot(suite, name, trial.name) !== null) continue;
      const driver = at === 0 ? first : await processes.another(name);
      if (driver !== first) others.push(driver);
      lanes.push({ trial, driver });
    }
  }
  const results = await runLanes(lanes, effort);
  await Promise.all(others.map((driver) => driver.stop()));
  return results;
}

function gapsOf(suite: Suite, batches: readonly Batch[], drivers: readonly string[]): string[] {
  const trials = new Set(batches.flatMap((batch) => batch.trials.map(({ name }) => name)));
  return [...trials].flatMap((trial) =>
    drivers.flatMap((name) => {
      const why = whyNot(suite, name, trial);
      return why ? [`${name}, ${trial}: ${why}.`] : [];
    }),
  );
}
