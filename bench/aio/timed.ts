/**
 * The clocks of promised work: how long it takes, how long the calling thread works meanwhile, and the longest time for
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

/** What the calling thread works for that, in the kernel too: what it cannot do for others. It is deaf to busy neighbours. */
export const cpu: Clock = async (work) => {
  const before = process.threadCpuUsage();
  const found = await work();
  const { user, system } = process.threadCpuUsage(before);
  return { found, elapsed: (user + system) / 1000 };
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
