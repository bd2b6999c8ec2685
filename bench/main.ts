/**
 * The bench: every driver does every trial, each driver in a process of its own, in interleaved rounds.
 * `npm run bench -- --help` tells the options.
 */
import { drivers } from "./drivers/all.ts";
import { start } from "./lib/driver-handle.ts";
import type { Facts } from "./lib/messages.ts";
import { readOptions } from "./lib/options.ts";
import { machine, report, type Setting } from "./lib/report.ts";
import { type Result, runTrial } from "./lib/rounds.ts";
import { trials } from "./trials/all.ts";

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (typeof options === "string") return console.log(options);
  const chosen = trials.filter(({ name }) => name.includes(options.only));
  if (chosen.length === 0) throw new Error(`no trial has "${options.only}" in its name`);

  const handles = drivers.map(start);
  const facts: Record<string, Facts> = {};
  const results: Result[] = [];
  try {
    for (const handle of handles) {
      facts[handle.name] = (await handle.ask({ ask: "facts" }, "facts")).facts;
    }
    for (const [at, trial] of chosen.entries()) {
      if (!options.json) console.error(`${at + 1}/${chosen.length} ${trial.name}`);
      results.push(await runTrial(trial, handles, options.rounds));
    }
  } finally {
    await Promise.all(handles.map((handle) => handle.stop()));
  }

  const setting: Setting = {
    machine: machine(),
    node: process.versions.node,
    rounds: options.rounds,
    drivers: facts,
  };
  console.log(options.json ? JSON.stringify({ setting, results }, null, 2) : report(setting, results));
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
