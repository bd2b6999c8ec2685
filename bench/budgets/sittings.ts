/**
 * A run for the aims: the rounds of each batch in several sittings, every one with processes of its own. Where a process has its
 * memory, and what V8 has made of its first calls, stays for as long as it lives: in eight processes the same lookup took between
 * 1.07 and 1.16 times bare, in the rounds of one of them 2 or 3 % more or less. One sitting measures its luck and not the noise.
 * Tests: test/unit/bench/sittings.test.ts.
 */
import type { Effort, Result } from "../lib/rounds.ts";
import { type Batch, runBatches, type SuiteResults } from "../lib/run-suite.ts";
import { spreadOf } from "../lib/statistics.ts";
import type { Suite } from "../lib/suite.ts";

const sittings = 3;

/** All batches of a suite, with the same effort in all. @param tell is told what is going on */
export async function runSittings(
  suite: Suite,
  batches: readonly Batch[],
  effort: Effort,
  tell: (text: string) => void,
): Promise<[Omit<SuiteResults, "results">, Result[][]]> {
  const share: Effort = {
    ...effort,
    rounds: Math.ceil(effort.rounds / sittings),
    // More than its share: each sitting has to warm up first, for which long trials would have no time.
    seconds: effort.seconds / 2,
    least: Math.ceil(effort.least / sittings),
  };
  const sit = (number: number) =>
    runBatches(suite, batches, share, (text) => tell(`sitting ${number}: ${text}`));
  const [all, first] = await sit(1);
  let results = first;
  for (let number = 2; number <= sittings; number++) {
    const [, more] = await sit(number);
    results = results.map((batch, at) => joined(batch, more[at] ?? []));
  }
  return [all, results];
}

/** The rounds of one sitting behind those of another, for whoever took part in both. */
export function joined(some: readonly Result[], more: readonly Result[]): Result[] {
  return some.flatMap((one) => {
    const other = more.find(({ trial }) => trial === one.trial);
    if (other === undefined) return [];
    const drivers = Object.entries(one.drivers).flatMap(([name, { samples }]) => {
      const others = other.drivers[name];
      return others === undefined ? [] : [[name, spreadOf([...samples, ...others.samples])] as const];
    });
    return { ...one, rounds: one.rounds + other.rounds, drivers: Object.fromEntries(drivers) };
  });
}
