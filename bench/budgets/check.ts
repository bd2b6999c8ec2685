/**
 * Whether the aims are met: what has to be run for that, and what to say of it. Tests: test/unit/bench/check.test.ts.
 */
import type { Batch, SuiteResults } from "../lib/run-suite.ts";
import { pairedRatio, type Spread } from "../lib/statistics.ts";
import type { Suite } from "../lib/suite.ts";
import { type Budget, worthOf } from "./budget.ts";

/** Above the aim by no more than the noise is not missed. */
export type Outcome = "met" | "within the noise" | "missed" | "not measured";

export interface Verdict {
  readonly budget: Budget;
  readonly outcome: Outcome;
  /** The median of the ratios of the rounds, or of the amounts, and its noise: their median deviation from it. */
  readonly measured: number;
  readonly noise: number;
  readonly rounds: number;
  /** Why it was not measured. */
  readonly why: string;
}

/** The budgets that one batch answers. */
interface Group {
  readonly batch: Batch;
  readonly budgets: readonly Budget[];
}

/** Batches in which whoever is compared takes turns, and nobody else works. */
export function batchesOf(suite: Suite, budgets: readonly Budget[]): Group[] {
  const groups = new Map<string, Budget[]>();
  for (const budget of budgets) {
    const key = JSON.stringify([budget.trial, budget.againstTrial]);
    groups.set(key, [...(groups.get(key) ?? []), budget]);
  }
  return [...groups.values()].map((group) => {
    const names = new Set(group.flatMap(({ trial, againstTrial }) => [trial, againstTrial]));
    return {
      batch: {
        trials: suite.trials.filter(({ name }) => names.has(name)),
        drivers: new Set(group.flatMap(({ driver, against }) => [driver, ...against])),
      },
      budgets: group,
    };
  });
}

/** @param results of a run in which whoever the budget compares took turns */
export function judge(budget: Budget, results: SuiteResults): Verdict {
  const { driver, against, unit, aim } = budget;
  const own = spreadsOf(results, budget.trial)[driver];
  const spreads = spreadsOf(results, budget.againstTrial);
  const others = against.flatMap((name) => spreads[name] ?? []);
  const isMissing = own === undefined || (against.length > 0 && others.length === 0);
  if (isMissing || own.samples.length === 0) {
    const missing = own === undefined ? [driver] : against;
    const why = missing.map((name) => `${name}: ${results.absent[name] ?? "it did not run"}`).join("; ");
    return { budget, outcome: "not measured", measured: Number.NaN, noise: Number.NaN, rounds: 0, why };
  }
  const ratio = against.length > 0 ? pairedRatio(own, others) : null;
  const worth = ratio === null ? worthOf(unit) : 1;
  const { median, deviation, samples } = ratio ?? own;
  const [measured, noise] = [median / worth, deviation / worth];
  const outcome = measured <= aim ? "met" : measured - noise <= aim ? "within the noise" : "missed";
  return { budget, outcome, measured, noise, rounds: samples.length, why: "" };
}

function spreadsOf({ results }: SuiteResults, trial: string): Readonly<Record<string, Spread>> {
  return results.find((result) => result.trial === trial)?.drivers ?? {};
}
