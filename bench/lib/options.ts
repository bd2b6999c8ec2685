/**
 * The command line of the bench.
 */
import { parseArgs } from "node:util";
import type { Effort } from "./rounds.ts";

export interface Options {
  /** Part of the names of the trials to run; empty for all. */
  readonly only: string;
  readonly effort: Effort;
  readonly json: boolean;
}

const full: Effort = { rounds: 25, seconds: 60, isThorough: true };
/** All trials of all suites together are to take less than a minute. */
const quick: Effort = { rounds: 5, seconds: 0.75, isThorough: false };

const help = `Usage: npm run bench -- [options]

Times sqlite-dbapi beside bare better-sqlite3 and its peers, without and with promises, and on a server.

  --only <text>  run the trials that have this text in their name, or in that of their suite:
                 "synchronous: …", "promised: …", "remote: …"
  --quick        ${quick.rounds} samples each in about ${quick.seconds} s a trial, instead of ${full.rounds} in ${full.seconds} s, without the long trials;
                 done in under a minute
  --json         print one JSON document, all samples included (nanoseconds, bytes)
  --help         print this
`;

/**
 * @returns the options, or text to print instead of running.
 * @throws {TypeError} for an option that does not exist.
 */
export function readOptions(args: readonly string[]): Options | string {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: "" },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return help;
  return { only: values.only, effort: values.quick ? quick : full, json: values.json };
}
