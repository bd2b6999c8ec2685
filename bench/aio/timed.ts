/**
 * The clocks of promised work: how long it takes, how long the event loop is busy meanwhile, and the longest time for
 * which it stands still.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Sample } from "../lib/trial.ts";

/** Runs work, and tells the milliseconds that it measures. */
export type Clock = <Found>(
  work: () => Promise<Found>,
) => Promise<{ readonly found: Found; readonly elapsed: number }>;

/** From the call until the promise is settled. */
export const total: Clock = async (work) => {
  const start = performance.now();
  const found = await work();
  return { found, elapsed: performance.now() - start };
};

/** As much of that as the event loop did not wait: for a driver that blocks the loop, all of it. */
export const busy: Clock = async (work) => {
  const before = performance.eventLoopUtilization();
  const found = await work();
  return { found, elapsed: performance.eventLoopUtilization(before).active };
};

/** How late a timer of a millisecond comes at worst, that millisecond included. */
export const stall: Clock = async (work) => {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  // Its first timer only begins the count.
  await sleep(10);
  const found = await work();
  // Late timers fire now.
  await sleep(10);
  delays.disable();
  return { found, elapsed: delays.max / 1e6 };
};

/**
 * A sample of promised work.
 *
 * @param work what the clock runs; returns what it found.
 * @param check throws when that is wrong.
 * @param reset puts the database back, if the work has changed it.
 */
export function timed<Found>(
  clock: Clock,
  work: () => Promise<Found>,
  check: (found: Found) => unknown,
  reset?: () => Promise<unknown>,
): Sample {
  return async () => {
    const { found, elapsed } = await clock(work);
    await check(found);
    await reset?.();
    return elapsed;
  };
}
