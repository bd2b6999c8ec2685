/**
 * The results for people: a table for each suite, one row a trial, one column a driver, each with its ratio to the
 * first driver.
 */
import { cpus, release, totalmem, type } from "node:os";
import Table from "cli-table3";
import type { Result } from "./rounds.ts";
import type { SuiteResults } from "./run-suite.ts";
import { pairedRatio, type Spread } from "./statistics.ts";

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

type Scale = readonly { readonly from: number; readonly unit: string }[];

/** By what is measured, the largest first. */
const scales: Readonly<Record<Result["quantity"], Scale>> = {
  nanoseconds: [
    { from: 1e9, unit: "s" },
    { from: 1e6, unit: "ms" },
    { from: 1e3, unit: "µs" },
    { from: 1, unit: "ns" },
  ],
  bytes: [
    { from: 2 ** 20, unit: "MiB" },
    { from: 2 ** 10, unit: "KiB" },
    { from: 1, unit: "B" },
  ],
  number: [{ from: 1, unit: "" }],
};

/** Three digits and a unit: `0.71 µs`. */
export function amount(number: number, quantity: Result["quantity"]): string {
  const known = scales[quantity];
  const { from, unit } = known.find((scale) => Math.abs(number) >= scale.from) ??
    known.at(-1) ?? { from: 1, unit: "" };
  return spelledAmount(number / from, unit);
}

/** Three digits and a unit, which is `×` for ratios. */
export function spelledAmount(number: number, unit: string): string {
  if (unit === "×") return `${number < 0.1 ? number.toPrecision(2) : number.toFixed(2)}×`;
  const digits = Math.abs(number) >= 100 ? number.toFixed(0) : number.toPrecision(3);
  return `${digits} ${unit}`.trim();
}

/** How far samples lie apart: `± 0.02×`. */
export function spelledNoise(number: number, unit: string): string {
  return `± ${unit === "×" ? `${number.toFixed(2)}×` : spelledAmount(number, unit)}`;
}

/** What one is to the measure of the others, where that is more than nothing. */
export function ratioOf(spread: Spread, measure: Spread): string {
  const { median } = pairedRatio(spread, [measure]);
  return measure.median > 0 && Number.isFinite(median) ? spelledAmount(median, "×") : "";
}

function cell(spread: Spread, measure: Spread | undefined, quantity: Result["quantity"]): string {
  const around = spread.median === 0 ? 0 : Math.round((100 * spread.deviation) / spread.median);
  const ratio = measure === undefined ? "" : `${ratioOf(spread, measure)}  `;
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
    ...Object.entries(absent).map(([name, why]) => `Left out: ${name}, ${why}.`),
    table.toString(),
    ...gaps,
  ].join("\n");
}

export function report({ machine, node }: Setting, suites: readonly SuiteResults[]): string {
  const rounds = suites.flatMap(({ results }) => results.map((result) => result.rounds));
  const ends = new Set([Math.min(...rounds), Math.max(...rounds)].filter(Number.isFinite));
  const samples = [...ends].join(" to ") || "no";
  return [
    `${machine}, Node ${node}\nMedians of ${samples} interleaved samples ± median deviation.`,
    ...suites.map(section),
  ].join("\n\n");
}
