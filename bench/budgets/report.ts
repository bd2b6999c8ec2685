/**
 * Verdicts for people: the missed ones first.
 */
import Table from "cli-table3";
import { spelledAmount, spelledNoise } from "../lib/report.ts";
import type { Outcome, Verdict } from "./check.ts";

const order: readonly Outcome[] = ["missed", "not measured", "within the noise", "met"];

/** `the fastest of a, b` */
export function opponents({ budget }: Verdict): string {
  const { against, trial, againstTrial } = budget;
  const names = against.length > 1 ? `the fastest of ${against.join(", ")}` : (against[0] ?? "");
  return againstTrial === trial ? names : `${names}, ${againstTrial}`;
}

export function verdictTable(verdicts: readonly Verdict[]): string {
  const table = new Table({
    head: ["", "suite: trial", "driver", "against", "measured", "noise", "rounds", "aim", "from"],
    colAligns: ["left", "left", "left", "left", "right", "right", "right", "right", "left"],
    colWidths: [null, 44, 18, 30, null, null, null, null, 34],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  const sorted = verdicts.toSorted((a, b) => order.indexOf(a.outcome) - order.indexOf(b.outcome));
  for (const verdict of sorted) {
    const { budget, outcome, measured, noise, rounds } = verdict;
    const amount = (number: number) => spelledAmount(number, budget.unit);
    table.push([
      outcome,
      `${budget.suite}: ${budget.trial}`,
      budget.driver,
      opponents(verdict),
      outcome === "not measured" ? verdict.why : amount(measured),
      outcome === "not measured" ? "" : spelledNoise(noise, budget.unit),
      rounds,
      `≤ ${amount(budget.aim)}`,
      budget.from,
    ]);
  }
  const count = (outcome: Outcome) => verdicts.filter((one) => one.outcome === outcome).length;
  const loud = verdicts.filter(({ noise, budget }) => noise > budget.aim / 10).length;
  return [
    "Medians of the rounds of all sittings, in which whoever is compared takes turns; the noise is their median deviation. An aim is missed when the median lies above it by more than that.",
    table.toString(),
    order.map((outcome) => `${count(outcome)} ${outcome}`).join(", "),
    ...(loud === 0
      ? []
      : [
          `In ${loud} of them the noise is above a tenth of the aim: that says little, try on a quieter machine.`,
        ]),
  ].join("\n");
}
