/**
 * What full runs have measured, kept in bench/results, a file a suite: all samples, and what they were taken on. Charts and
 * the numbers of the guide come from there.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Setting } from "../lib/report.ts";
import type { SuiteResults } from "../lib/run-suite.ts";
import { spreadOf } from "../lib/statistics.ts";

const folder = fileURLToPath(new URL("../results", import.meta.url));

/** A suite's results and when and where they came to be. */
export interface Published extends SuiteResults {
  readonly setting: Setting;
  /** `2026-11-20` */
  readonly date: string;
}

const fileOf = (suite: string) => join(folder, `${suite.replaceAll(" ", "-")}.json`);

/** Four digits are more than any machine repeats. */
const rounded = (sample: number) => Number(sample.toPrecision(4));

/** The text of a file. Lists of numbers take a line each, so that a diff can be read. */
export function serialized(setting: Setting, suite: SuiteResults, date: string): string {
  const results = suite.results.map(({ drivers, ...result }) => ({
    ...result,
    drivers: Object.fromEntries(
      Object.entries(drivers).map(([name, { samples }]) => [name, samples.map(rounded)]),
    ),
  }));
  const text = JSON.stringify({ date, setting, ...suite, results }, null, 2);
  return `${text.replace(/\[[-\d.e+,\s]+\]/g, (list) => list.replace(/\s+/g, " "))}\n`;
}

/** @throws {Error} when it is none of `serialized` */
export function deserialized(text: string): Published {
  const stored = JSON.parse(text) as Omit<Published, "results"> & {
    readonly results: readonly (Omit<Published["results"][number], "drivers"> & {
      readonly drivers: Readonly<Record<string, readonly number[]>>;
    })[];
  };
  const results = stored.results.map(({ drivers, ...result }) => ({
    ...result,
    drivers: Object.fromEntries(Object.entries(drivers).map(([name, samples]) => [name, spreadOf(samples)])),
  }));
  return { ...stored, results };
}

export function writeResults(setting: Setting, suite: SuiteResults): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(suite.suite), serialized(setting, suite, new Date().toISOString().slice(0, 10)));
}

/** What is kept of suites, in their order. */
export function readResults(suites: readonly { readonly name: string }[]): Published[] {
  return suites
    .map(({ name }) => fileOf(name))
    .filter((file) => existsSync(file))
    .map((file) => deserialized(readFileSync(file, "utf8")));
}
