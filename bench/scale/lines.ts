/**
 * The scale suites in lines: the cost at each size, and how the largest compares with the smallest in the same round.
 */
import { amount } from "../lib/report.ts";
import type { SuiteResults } from "../lib/run-suite.ts";
import { pairedRatio, type Spread } from "../lib/statistics.ts";

/** One kind of work by one driver, from its smallest to its largest size. */
export interface Growth {
  readonly suite: string;
  readonly work: string;
  readonly unit: string;
  readonly driver: string;
  readonly sizes: readonly { readonly size: string; readonly cost: Spread }[];
  /** The largest to the smallest, round by round. */
  readonly ratio: Spread;
}

/** What is neither work nor size: `executemany, 1,000 rows`. */
const name = /^(?<work>.+), (?<size>[\d,]+)$/;

export function growthsOf(suites: readonly SuiteResults[]): Growth[] {
  return suites
    .filter(({ suite }) => suite.endsWith(" scale"))
    .flatMap(({ suite, drivers, results }) => {
      const works = Map.groupBy(results, ({ trial }) => name.exec(trial)?.groups?.work ?? trial);
      return [...works].flatMap(([work, trials]) =>
        Object.keys(drivers).flatMap((driver): Growth[] => {
          const sizes = trials.flatMap(({ trial, drivers: spreads }) => {
            const cost = spreads[driver];
            return cost === undefined ? [] : [{ size: name.exec(trial)?.groups?.size ?? "", cost }];
          });
          const [smallest, largest] = [sizes.at(0), sizes.at(-1)];
          if (smallest === undefined || largest === undefined) return [];
          const ratio = pairedRatio(largest.cost, [smallest.cost]);
          return [{ suite, work, unit: trials[0]?.unit ?? "", driver, sizes, ratio }];
        }),
      );
    });
}

/** What the ratio says: within its noise of 1, below or above. */
export function shapeOf({ ratio: { median, deviation } }: Growth): "flat" | "falls" | "grows" {
  if (Math.abs(median - 1) <= deviation) return "flat";
  return median < 1 ? "falls" : "grows";
}

/** A line for each; nothing where no suite is one of scale. */
export function scaleLines(suites: readonly SuiteResults[]): string[] {
  const lines = growthsOf(suites).map((growth) => {
    const costs = growth.sizes.map(({ size, cost }) => `${size}: ${amount(cost.median, "nanoseconds")}`);
    const { median, deviation } = growth.ratio;
    const percent = Math.round((100 * deviation) / median);
    return `${growth.work}, ${growth.driver}, a ${growth.unit}: ${costs.join("  ")}  largest to smallest ${median.toFixed(2)}× ±${percent}%: ${shapeOf(growth)}`;
  });
  return lines.length === 0 ? [] : [["Scale", ...lines].join("\n")];
}
