/**
 * The results for people: one row a trial, one column a driver, each with its ratio to the first driver.
 */
import { cpus, release, totalmem, type } from "node:os";
import Table from "cli-table3";
import type { Facts } from "./messages.ts";
import type { Result } from "./rounds.ts";
import type { Spread } from "./statistics.ts";

/** What the numbers were taken on. */
export interface Setting {
  readonly machine: string;
  readonly node: string;
  readonly rounds: number;
  /** By driver, the measure of the others first. */
  readonly drivers: Readonly<Record<string, Facts>>;
}

export function machine(): string {
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus()[0]?.model.trim() ?? process.arch} × ${cpus().length}, ${memory} GiB, ${type()} ${release()}`;
}

const scales = [
  { from: 1e6, unit: "ms" },
  { from: 1e3, unit: "µs" },
  { from: 0, unit: "ns" },
] as const;

/** Three digits and a unit: `0.71 µs`. */
function duration(nanoseconds: number): string {
  const scale = scales.find(({ from }) => nanoseconds >= from) ?? scales[2];
  return `${(nanoseconds / (scale.from || 1)).toPrecision(3)} ${scale.unit}`;
}

function cell(spread: Spread, measure: Spread | undefined): string {
  const around = Math.round((100 * spread.deviation) / spread.median);
  const ratio = measure === undefined ? "" : `${(spread.median / measure.median).toFixed(2)}×  `;
  return `${ratio}${duration(spread.median).padStart(7)} ±${String(around).padStart(2)}%`;
}

export function report(setting: Setting, results: readonly Result[]): string {
  const names = Object.keys(setting.drivers);
  const [first = ""] = names;
  const table = new Table({
    head: ["trial", "per", ...names],
    colAligns: ["left", "left", ...names.map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  });
  for (const { trial, unit, nanoseconds } of results) {
    const cells = names.map((name) => {
      const spread = nanoseconds[name];
      return spread === undefined ? "" : cell(spread, name === first ? undefined : nanoseconds[first]);
    });
    table.push([trial, unit, ...cells]);
  }
  const versions = Object.entries(setting.drivers).map(
    ([name, { version, sqlite }]) => `${name} ${version} with SQLite ${sqlite}`,
  );
  return [
    `${setting.machine}, Node ${setting.node}`,
    versions.join("; "),
    `Median of ${setting.rounds} samples ± median deviation; × is the ratio to ${first}, below 1 is faster.`,
    table.toString(),
  ].join("\n");
}
