/**
 * What a trial is: some work on a driver, measured, whose result is checked off the clock. A trial is data; the runner
 * (rounds.ts) decides how often and in which order.
 */
import { deepStrictEqual } from "node:assert/strict";
import type { Library } from "./driver.ts";

/** Takes one sample: milliseconds, or what else the trial's quantity is. */
export type Sample = () => number | Promise<number>;

/** A trial that can be sampled until it is closed. */
export interface Prepared {
  readonly sample: Sample;
  close(): Promise<void>;
}

/** What numbers mean: milliseconds, bytes, or how many there are. */
export type Quantity = "time" | "memory" | "number";

/** Who is on trial. */
export interface Subject<Database> {
  readonly suite: string;
  readonly driver: string;
  /** The package that the driver is, if npm installs it. */
  readonly package: string | null;
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
  /** Trials of one batch are measured in the same rounds, so that they can be compared with each other. */
  readonly batch?: string;
  /** Whether the database is a file in WAL mode; else it is in memory. */
  readonly onFile?: boolean;
  /** Fills the database, prepares the statements. What it has opened besides is closed with what it gives. */
  prepare(database: Database, subject: Subject<Database>): Sample | Prepared | Promise<Sample | Prepared>;
}

/** A trial as it can be told of without running it. */
export type TrialFacts = Omit<Trial<never>, "prepare">;

/** A row as an array, also where it is an object with indexes. */
export function plain(row: ArrayLike<unknown> | null | undefined): unknown {
  return row ? Array.from(row) : row;
}

/** @throws {AssertionError} unless the two are the same, bit for bit. */
export const same: (actual: unknown, expected: unknown) => void = deepStrictEqual;
