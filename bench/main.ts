/**
 * The bench: in each suite every driver does every trial, each driver in a process of its own, in interleaved rounds.
 * `npm run bench -- --help` tells the options.
 */
import { readOptions } from "./lib/options.ts";
import { report, setting } from "./lib/report.ts";
import { chosenTrials, runSuite, type SuiteResults } from "./lib/run-suite.ts";
import { suites } from "./suites.ts";

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (typeof options === "string") return console.log(options);
  const { only, effort, json } = options;
  const chosen = suites.filter((suite) => chosenTrials(suite, only, effort).length > 0);
  if (chosen.length === 0) throw new Error(`no trial has "${only}" in its name`);

  const tell = (text: string) => {
    if (!json) console.error(text);
  };
  const results: SuiteResults[] = [];
  for (const suite of chosen) results.push(await runSuite(suite, only, effort, tell));
  console.log(
    json ? JSON.stringify({ setting: setting(), suites: results }, null, 2) : report(setting(), results),
  );
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
