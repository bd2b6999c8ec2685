/**
 * The order of things: each round takes one sample of every driver, another driver first each time, so that a
 * machine that warms up or gets busy treats all alike.
 */
import type { Trial } from "../trials/trial.ts";
import type { DriverHandle } from "./driver-handle.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** What a trial has measured: nanoseconds for one unit, by driver. */
export interface Result {
  readonly trial: string;
  readonly unit: string;
  readonly nanoseconds: Readonly<Record<string, Spread>>;
}

/**
 * Rounds that only warm up the compilers. No garbage collection is forced between samples: a full one makes V8 forget
 * optimized code whose objects have all died, which happens to a program now and then and not before every 20,000 calls.
 */
const warmups = 4;

/** Runs a trial on all drivers; all of them must have prepared it before the first round. */
export async function runTrial(
  trial: Trial,
  drivers: readonly DriverHandle[],
  rounds: number,
): Promise<Result> {
  const samples = new Map(drivers.map(({ name }) => [name, [] as number[]]));
  for (const driver of drivers) await driver.ask({ ask: "prepare", trial: trial.name }, "done");
  for (let round = -warmups; round < rounds; round++) {
    for (const driver of rotated(drivers, round + warmups)) {
      const { elapsed } = await driver.ask({ ask: "sample" }, "sample");
      if (round >= 0) samples.get(driver.name)?.push((elapsed * 1e6) / trial.count);
    }
  }
  for (const driver of drivers) await driver.ask({ ask: "finish" }, "done");
  const nanoseconds = Object.fromEntries([...samples].map(([name, list]) => [name, spreadOf(list)]));
  return { trial: trial.name, unit: trial.unit, nanoseconds };
}

function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
