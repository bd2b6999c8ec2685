/**
 * The middle of a list of samples and how far they lie around it, both deaf to outliers, and the same of ratios.
 */

/** `median`, and `deviation`: the median distance from it (MAD), in the same unit. */
export interface Spread {
  readonly median: number;
  readonly deviation: number;
  /** In the order of the rounds. */
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

/**
 * How one compares with others, round by round: a machine that is slow for a while is slow for all of a round, so the
 * ratio of a round says more than that of two medians.
 *
 * @param others one or more; the lowest of a round is what counts.
 * @returns the spread of the ratios, of as many rounds as all of them have.
 */
export function pairedRatio(
  { samples }: { readonly samples: readonly number[] },
  others: readonly { readonly samples: readonly number[] }[],
): Spread {
  const rounds = Math.min(samples.length, ...others.map((other) => other.samples.length));
  const best = (round: number) => Math.min(...others.map((other) => other.samples[round] ?? Number.NaN));
  return spreadOf(samples.slice(0, rounds).map((sample, round) => sample / best(round)));
}
