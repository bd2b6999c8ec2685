/**
 * The command line of the bench.
 */
import { parseArgs } from "node:util";
import type { Effort } from "./rounds.ts";

/** `measure` tells what it has measured, `publish` writes that down, `check` compares it with the budgets, `redraw` measures nothing. */
export type Job = "measure" | "publish" | "check" | "redraw";

export interface Options {
  readonly job: Job;
  /** Part of the names of the trials to run; empty for all. */
  readonly only: string;
  readonly effort: Effort;
  readonly json: boolean;
  /** How many rows the tables have, where they are not full. */
  readonly rows: number | null;
}

const full: Effort = { rounds: 25, seconds: 30, least: 5, mayBuild: true };
/** All trials of all suites together are to take less than a minute. */
const quick: Effort = { rounds: 5, seconds: 0.15, least: 1, mayBuild: false };
const quickRows = 20_000;

const help = `Usage: npm run bench -- [options]

Times sqlite-dbapi beside bare better-sqlite3 and its peers: without and with promises ("synchronous", "promised"), on a
server ("remote"), what it costs before it does anything ("standing"), and what a row and a call cost as the work grows
("synchronous scale", "promised scale"). Each driver works in a process of its own, in interleaved rounds; what a trial has
read or written is checked. Peers that are not there are told with their reason; the C loop is compiled where there is a cc,
Python's sqlite3 takes part where there is a python3.

What to run
  --only <text>  the trials that have this text in their name, or in that of their suite:
                 "synchronous: …", "promised: …", "remote: …"
  --quick        up to ${quick.rounds} samples each in about ${quick.seconds} s a trial, not ${full.rounds} in ${full.seconds} s, on ${quickRows.toLocaleString("en-US")} rows instead of
                 200,000; done in under a minute, says little about speed

What to do with it
  (nothing)      print a table for each suite: medians, their spread, and the ratio to the first driver, which is the median
                 of the ratios of the rounds
  --check        run only what bench/budgets.json has aims for, in three sittings with processes of their own, and compare.
                 Ends with 1 when an aim is missed by more than the noise, the median deviation of the ratios of all rounds.
                 Takes some ten minutes
  --publish      print the same, and write bench/results/<suite>.json, the charts in docs/charts and the numbers between
                 the markers of the README and the guide. Takes half an hour. With --only, that must name whole suites:
                 "--only promised:"
  --redraw       write the charts and the numbers in the guide again, from bench/results; runs nothing
  --json         print one JSON document, all samples included (nanoseconds, bytes)
  --help         print this
`;

/**
 * @returns the options, or text to print instead of running.
 * @throws {TypeError} for an option that does not exist, and for two that do not go together.
 */
export function readOptions(args: readonly string[]): Options | string {
  const flag = { type: "boolean", default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: "" },
      quick: flag,
      check: flag,
      publish: flag,
      redraw: flag,
      json: flag,
      help: flag,
    },
  });
  if (values.help) return help;
  const jobs = (["check", "publish", "redraw"] as const).filter((job) => values[job]);
  const [job = "measure"] = jobs;
  if (jobs.length > 1) throw new TypeError(`--${jobs.join(" and --")} do not go together`);
  if (values.quick && job !== "measure")
    throw new TypeError(`--${job} needs numbers that --quick does not give`);
  const [effort, rows] = values.quick ? [quick, quickRows] : [full, null];
  return { job, only: values.only, effort, json: values.json, rows };
}
