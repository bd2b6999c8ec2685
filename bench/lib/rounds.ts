/**
 * The order of things: each round takes one sample of every driver, another driver first each time, so that a
 * machine that warms up or gets busy treats all alike.
 */
import type { DriverHandle } from "./driver-handle.ts";
import { type Spread, spreadOf } from "./statistics.ts";
import type { Suite } from "./suite.ts";

/** What a trial has measured for one unit, by driver. */
export interface Result {
  readonly trial: string;
  readonly unit: string;
  readonly quantity: (typeof measures)[keyof typeof measures]["quantity"];
  readonly rounds: number;
  readonly drivers: Readonly<Record<string, Spread>>;
}

/** What a sample is multiplied with, and what it is then. */
const measures = {
  time: { factor: 1e6, quantity: "nanoseconds" },
  memory: { factor: 1, quantity: "bytes" },
  number: { factor: 1, quantity: "number" },
} as const;

/** How long to go on. */
export interface Effort {
  /** Samples of each driver, at most. */
  readonly rounds: number;
  /** After which no new round begins, on the clock of a trial. One round is measured in any case. */
  readonly seconds: number;
  /** Whether trials of which a single round takes long are run too. */
  readonly isThorough: boolean;
}

/**
 * Rounds that only warm up the compilers, in the first third of the time: a round that takes longer than that is warm
 * before it is over. No garbage collection is forced between samples: a full one makes V8 forget optimized code whose
 * objects have all died, which happens to a program now and then and not before every 20,000 calls.
 */
const warmups = 4;

/** Runs a trial on all drivers; all of them must have prepared it before the first round. */
export async function runTrial(
  { name: trial, unit, count, quantity = "time" }: Suite["trials"][number],
  drivers: readonly DriverHandle[],
  effort: Effort,
): Promise<Result> {
  await Promise.all(drivers.map((driver) => driver.ask({ ask: "prepare", trial }, "done")));
  const samples = new Map(drivers.map(({ name }) => [name, [] as number[]]));
  const measure = measures[quantity];
  const factor = measure.factor / count;
  const start = performance.now();
  const isWithin = (share: number) => performance.now() - start < effort.seconds * 1000 * share;
  let rounds = 0;
  let cold = 0;
  do {
    for (const driver of rotated(drivers, rounds)) {
      const { taken } = await driver.ask({ ask: "sample" }, "sample");
      samples.get(driver.name)?.push(taken * factor);
    }
    if (rounds++ < warmups && isWithin(1 / 3)) cold = rounds;
  } while (rounds - cold < effort.rounds && isWithin(1));
  for (const driver of drivers) await driver.ask({ ask: "finish" }, "done");
  const spreads = [...samples].map(([name, list]) => [name, spreadOf(list.slice(cold))] as const);
  return {
    trial,
    unit,
    quantity: measure.quantity,
    rounds: rounds - cold,
    drivers: Object.fromEntries(spreads),
  };
}

function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
