/**
 * What a trial is: some work on a driver, timed, whose result is checked off the clock. A trial is data; the runner
 * (lib/) decides how often and in which order.
 */
import { deepStrictEqual } from "node:assert/strict";
import type { Database, Driver } from "../drivers/driver.ts";

/** Takes one sample and returns its milliseconds. */
export type Sample = () => number | Promise<number>;

export interface Trial {
  readonly name: string;
  /** What is counted, one of them: `row`, `call`. */
  readonly unit: string;
  /** How many of them a sample does. */
  readonly count: number;
  /** Whether the database is a file in WAL mode; else it is in memory. */
  readonly onFile?: boolean;
  /** Fills the database, prepares the statements. */
  prepare(database: Database, driver: Driver): Sample;
}

/**
 * A sample of synchronous work.
 *
 * @param work what the clock runs; returns what it found.
 * @param check throws when that is wrong.
 * @param reset puts the database back, if the work has changed it.
 */
export function timed<Found>(work: () => Found, check: (found: Found) => void, reset?: () => void): Sample {
  return () => {
    const start = performance.now();
    const found = work();
    const elapsed = performance.now() - start;
    check(found);
    reset?.();
    return elapsed;
  };
}

/** @throws {AssertionError} unless the two are the same, bit for bit. */
export const same: (actual: unknown, expected: unknown) => void = deepStrictEqual;
