/**
 * The middle of a list of samples and how far they lie around it, both deaf to outliers.
 */

/** `median`, and `deviation`: the median distance from it (MAD), in the same unit. */
export interface Spread {
  readonly median: number;
  readonly deviation: number;
  readonly samples: readonly number[];
}

/** @returns the middle of the list, NaN when it is empty. */
function median(list: readonly number[]): number {
  const sorted = list.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? Number.NaN;
  return Number.isInteger(half) ? (upper + (sorted[half - 1] ?? Number.NaN)) / 2 : upper;
}

export function spreadOf(samples: readonly number[]): Spread {
  const middle = median(samples);
  return { median: middle, deviation: median(samples.map((one) => Math.abs(one - middle))), samples };
}
