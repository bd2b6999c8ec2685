/**
 * The jobs of the bench, from the options to what is printed and written.
 */
import { readFileSync } from "node:fs";
import { type Budget, readBudgets } from "./budgets/budget.ts";
import { batchesOf, judge, type Verdict } from "./budgets/check.ts";
import { verdictTable } from "./budgets/report.ts";
import { runSittings } from "./budgets/sittings.ts";
import type { Options } from "./lib/options.ts";
import { report, setting } from "./lib/report.ts";
import { chosenBatches, runSuite, type SuiteResults } from "./lib/run-suite.ts";
import { publish } from "./publish/publish.ts";
import { readResults, writeResults } from "./publish/results.ts";
import { scaleLines } from "./scale/lines.ts";
import { allSuites } from "./suites.ts";

const budgetsFile = new URL("budgets.json", import.meta.url);
const suites = await allSuites();

/** @throws {Error} when nothing is to be run, or what runs fails */
export async function run(options: Options): Promise<void> {
  if (options.job === "redraw") return publish(readResults(suites), budgets());
  if (options.job === "check") return check(options);
  if (options.job === "publish") {
    wholeSuites(options);
    // What is wrong with them is better known now than in half an hour.
    budgets();
  }
  const results = await measure(options);
  const now = setting();
  if (options.json) console.log(JSON.stringify({ setting: now, suites: results }, null, 2));
  else console.log([report(now, results), ...scaleLines(results)].join("\n\n"));
  if (options.job === "publish") publish(readResults(suites), budgets());
}

function budgets(): readonly Budget[] {
  return readBudgets(readFileSync(budgetsFile, "utf8"), suites);
}

/** On stderr, so that what is printed can be kept. */
function teller({ json }: Options): (text: string) => void {
  return (text) => {
    if (!json) console.error(text);
  };
}

async function measure(options: Options): Promise<SuiteResults[]> {
  const { only, effort, job } = options;
  const chosen = suites
    .map((suite) => ({ suite, batches: chosenBatches(suite, only) }))
    .filter(({ batches }) => batches.length > 0);
  if (chosen.length === 0) throw new Error(`no trial has "${only}" in its name`);
  const results: SuiteResults[] = [];
  for (const { suite, batches } of chosen) {
    const measured = await runSuite(suite, batches, effort, teller(options));
    results.push(measured);
    // At once: what has been measured is not lost with what comes after it.
    if (job !== "publish") continue;
    if (measured.results.length > 0) writeResults(setting(), measured);
    else console.error(`${suite.name}: nobody could run, so its results stay what they were`);
  }
  return results;
}

/** @throws {Error} unless every suite that takes part does so with all of its trials */
function wholeSuites({ only }: Options): void {
  for (const suite of suites) {
    const chosen = chosenBatches(suite, only).flatMap(({ trials }) => trials);
    if (chosen.length > 0 && chosen.length < suite.trials.length)
      throw new Error(`"${only}" names a part of the suite ${suite.name}: results are kept by suites`);
  }
}

async function check(options: Options): Promise<void> {
  const wanted = budgets().filter(({ suite, trial }) => `${suite}: ${trial}`.includes(options.only));
  if (wanted.length === 0) throw new Error(`no budget has "${options.only}" in its name`);
  const verdicts: Verdict[] = [];
  for (const suite of suites) {
    const own = wanted.filter((budget) => budget.suite === suite.name);
    if (own.length === 0) continue;
    const groups = batchesOf(suite, own);
    const batches = groups.map(({ batch }) => batch);
    const [all, results] = await runSittings(suite, batches, options.effort, teller(options));
    for (const [at, group] of groups.entries())
      for (const budget of group.budgets)
        verdicts.push(judge(budget, { ...all, results: results[at] ?? [] }));
  }
  console.log(
    options.json ? JSON.stringify({ setting: setting(), verdicts }, null, 2) : verdictTable(verdicts),
  );
  if (verdicts.some(({ outcome }) => outcome === "missed")) process.exitCode = 1;
}
