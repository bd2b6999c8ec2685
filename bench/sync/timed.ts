/**
 * The clock of synchronous work.
 */
import type { Sample } from "../lib/trial.ts";

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
