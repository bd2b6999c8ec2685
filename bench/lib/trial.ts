/**
 * What a trial is: some work on a driver, measured, whose result is checked off the clock. A trial is data; the runner
 * (rounds.ts) decides how often and in which order.
 */
import { deepStrictEqual } from "node:assert/strict";
import type { Library } from "./driver.ts";

/** Takes one sample: milliseconds, or what else the trial's quantity is. */
export type Sample = () => number | Promise<number>;

/** What numbers mean: milliseconds, bytes, or how many there are. */
export type Quantity = "time" | "memory" | "number";

/** Who is on trial. */
export interface Subject<Database> {
  readonly suite: string;
  readonly driver: string;
  readonly library: Library<Database>;
  /** What the library opened the database by: `":memory:"`, a path, or the URL of the suite's server. */
  readonly place: string;
}

export interface Trial<Database> {
  readonly name: string;
  /** What is counted, one of them: `row`, `call`. */
  readonly unit: string;
  /** How many of them a sample does. */
  readonly count: number;
  /** Time, unless said otherwise. */
  readonly quantity?: Quantity;
  /** Whether a single round takes so long that quick runs go without. */
  readonly isLong?: boolean;
  /** Whether the database is a file in WAL mode; else it is in memory. */
  readonly onFile?: boolean;
  /** Fills the database, prepares the statements. */
  prepare(database: Database, subject: Subject<Database>): Sample | Promise<Sample>;
}

/** @throws {AssertionError} unless the two are the same, bit for bit. */
export const same: (actual: unknown, expected: unknown) => void = deepStrictEqual;
