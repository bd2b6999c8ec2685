/**
 * The order of things: each round takes one sample of every driver, another driver first each time, so that a
 * machine that warms up or gets busy treats all alike.
 */
import type { DriverHandle } from "./driver-handle.ts";
import { type Spread, spreadOf } from "./statistics.ts";
import type { TrialFacts } from "./trial.ts";

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
  /** After which no new round begins, on the clock of a trial. */
  readonly seconds: number;
  /** Samples of each driver in any case: one tells nothing of its noise. */
  readonly least: number;
  /** Whether peers are compiled that are not yet, which takes a minute. */
  readonly mayBuild: boolean;
}

/**
 * Rounds that only warm up the compilers, in the first third of the time: a round that takes longer than that is warm
 * before it is over. No garbage collection is forced between samples: a full one makes V8 forget optimized code whose
 * objects have all died, which happens to a program now and then and not before every 20,000 calls.
 */
const warmups = 4;

/** A driver at a trial. No two lanes share a process. */
export interface Lane {
  readonly trial: TrialFacts;
  readonly driver: DriverHandle;
}

/** Runs lanes side by side; all of them must be prepared before the first round. */
export async function runLanes(lanes: readonly Lane[], effort: Effort): Promise<Result[]> {
  await Promise.all(
    lanes.map(({ trial, driver }) => driver.ask({ ask: "prepare", trial: trial.name }, "done")),
  );
  const samples = new Map(lanes.map((lane) => [lane, [] as number[]]));
  const start = performance.now();
  const isWithin = (share: number) => performance.now() - start < effort.seconds * 1000 * share;
  let rounds = 0;
  let cold = 0;
  do {
    for (const lane of rotated(lanes, rounds)) {
      const { taken } = await lane.driver.ask({ ask: "sample" }, "sample");
      const { count, quantity = "time" } = lane.trial;
      samples.get(lane)?.push((taken * measures[quantity].factor) / count);
    }
    if (rounds++ < warmups && isWithin(1 / 3)) cold = rounds;
  } while (rounds - cold < effort.least || (rounds - cold < effort.rounds && isWithin(1)));
  for (const { driver } of lanes) await driver.ask({ ask: "finish" }, "done");
  const trials = [...new Set(lanes.map(({ trial }) => trial))];
  return trials.map((trial) => ({
    trial: trial.name,
    unit: trial.unit,
    quantity: measures[trial.quantity ?? "time"].quantity,
    rounds: rounds - cold,
    drivers: Object.fromEntries(
      [...samples]
        .filter(([lane]) => lane.trial === trial)
        .map(([{ driver }, list]) => [driver.name, spreadOf(list.slice(cold))]),
    ),
  }));
}

function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}
