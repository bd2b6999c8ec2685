/**
 * The command line of the bench.
 */
import { parseArgs } from "node:util";

export interface Options {
  /** Part of the names of the trials to run; empty for all. */
  readonly only: string;
  readonly rounds: number;
  readonly json: boolean;
}

const help = `Usage: npm run bench -- [options]

Times sqlite-dbapi beside bare better-sqlite3 and node:sqlite.

  --only <text>  run the trials that have this text in their name
  --quick        5 samples each instead of 25; done in under a minute
  --json         print one JSON document, all samples included (nanoseconds)
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
  return { only: values.only, rounds: values.quick ? 5 : 25, json: values.json };
}
