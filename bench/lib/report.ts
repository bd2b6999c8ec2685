/**
 * The results for people: a table for each suite, one row a trial, one column a driver, each with its ratio to the
 * first driver.
 */
import { cpus, release, totalmem, type } from "node:os";
import Table from "cli-table3";
import type { Result } from "./rounds.ts";
import type { SuiteResults } from "./run-suite.ts";
import type { Spread } from "./statistics.ts";

/** What the numbers were taken on. */
export interface Setting {
  readonly machine: string;
  readonly node: string;
}

export function setting(): Setting {
  const memory = Math.round(totalmem() / 2 ** 30);
  const machine = `${cpus()[0]?.model.trim() ?? process.arch} × ${cpus().length}, ${memory} GiB, ${type()} ${release()}`;
  return { machine, node: process.versions.node };
}

const scales = {
  nanoseconds: [
    { from: 1e6, unit: "ms" },
    { from: 1e3, unit: "µs" },
    { from: 1, unit: "ns" },
  ],
  bytes: [
    { from: 2 ** 20, unit: "MiB" },
    { from: 2 ** 10, unit: "KiB" },
    { from: 1, unit: "B" },
  ],
  number: [
    { from: 1, unit: "" },
    { from: 1, unit: "" },
    { from: 1, unit: "" },
  ],
} as const;

/** Three digits and a unit: `0.71 µs`. */
function amount(number: number, quantity: Result["quantity"]): string {
  const scale = scales[quantity].find(({ from }) => number >= from) ?? scales[quantity][2];
  const scaled = number / scale.from;
  return `${scaled >= 1000 ? scaled.toFixed(0) : scaled.toPrecision(3)} ${scale.unit}`;
}

function cell(spread: Spread, measure: Spread | undefined, quantity: Result["quantity"]): string {
  const around = spread.median === 0 ? 0 : Math.round((100 * spread.deviation) / spread.median);
  const ratio = measure === undefined ? "" : `${(spread.median / measure.median).toFixed(2)}×  `;
  return `${ratio}${amount(spread.median, quantity).padStart(7)} ±${String(around).padStart(2)}%`;
}

function section({ suite, about, drivers, absent, gaps, results }: SuiteResults): string {
  const names = Object.keys(drivers);
  const [first = ""] = names;
  const table = new Table({
    head: ["trial", "per", ...names.map((name) => `${name}\n(${drivers[name]?.runsOn})`)],
    colAligns: ["left", "left", ...names.map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  });
  for (const { trial, unit, quantity, drivers: spreads } of results) {
    const cells = names.map((name) => {
      const spread = spreads[name];
      return spread === undefined ? "" : cell(spread, name === first ? undefined : spreads[first], quantity);
    });
    table.push([trial, unit, ...cells]);
  }
  const versions = Object.entries(drivers).map(
    ([name, { version, sqlite }]) => `${name} ${version} with SQLite ${sqlite}`,
  );
  return [
    `${suite}: ${about} × is the ratio to ${first}, below 1 is better.`,
    versions.join("; "),
    ...(absent.length === 0 ? [] : [`Left out because they could not be loaded: ${absent.join(", ")}.`]),
    table.toString(),
    ...gaps,
  ].join("\n");
}

export function report({ machine, node }: Setting, suites: readonly SuiteResults[]): string {
  const rounds = suites.flatMap(({ results }) => results.map((result) => result.rounds));
  const [fewest, most] = [Math.min(...rounds), Math.max(...rounds)];
  const samples = fewest === most ? `${most}` : `${fewest} to ${most}`;
  return [
    `${machine}, Node ${node}\nMedians of ${samples} interleaved samples ± median deviation.`,
    ...suites.map(section),
  ].join("\n\n");
}
