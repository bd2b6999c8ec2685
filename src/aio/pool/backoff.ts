/**
 * Trying again: how long to wait, longer every time and never as long as others do. It must not know what is tried.
 * Tests: test/unit/aio/pool-backoff.test.ts.
 */
import { Detailed } from "../../errors/tree.ts";
import type { Limits } from "./limits.ts";

/** The first wait and the longest, in milliseconds. */
const FIRST = 20;
const LONGEST = 2000;

/** Milliseconds to wait after so many failures, from 0: half of it for certain, the other half by chance. */
export function backoff(failures: number, random: () => number = Math.random): number {
  const whole = Math.min(LONGEST, FIRST * 2 ** failures);
  return whole / 2 + (random() * whole) / 2;
}

/**
 * Runs `work` again, as a whole, while it fails of what another process is doing.
 * @param again whether to, after so many failures before this one
 * @param onRetry is told before each time
 */
export async function retrying<R>(
  work: () => Promise<R>,
  again: (failures: number) => boolean,
  limits: Limits,
  onRetry: () => void,
): Promise<R> {
  for (let failures = 0; ; failures++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Detailed && error.retryable && again(failures))) throw error;
    }
    onRetry();
    await limits.sleep(backoff(failures));
  }
}
