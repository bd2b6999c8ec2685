/**
 * The aims as data: what `budgets.json` may say, and what is wrong with it. Tests: test/unit/bench/budgets.test.ts.
 */
import { type Suite, whyNot } from "../lib/suite.ts";
import type { Quantity, TrialFacts } from "../lib/trial.ts";

/** What a driver is to reach in a trial: a ratio to others, or an amount. */
export interface Budget {
  readonly suite: string;
  readonly trial: string;
  readonly driver: string;
  /** Who it is compared with, the fastest of them in each round; nobody where the aim is an amount. */
  readonly against: readonly string[];
  /** The trial of these, where it is not the same. */
  readonly againstTrial: string;
  /** The highest ratio, or the highest amount in `unit`. */
  readonly aim: number;
  /** `"×"` for a ratio. */
  readonly unit: string;
  /** Where the aim comes from. */
  readonly from: string;
}

/** How many of what a trial measures make one, by what it measures. */
const units: Readonly<Record<Quantity, Readonly<Record<string, number>>>> = {
  time: { ns: 1, µs: 1e3, ms: 1e6 },
  memory: { KiB: 2 ** 10, MiB: 2 ** 20 },
  number: { "": 1 },
};

/** How many nanoseconds, bytes, … are one of a unit. */
export function worthOf(unit: string): number {
  return Object.values(units).find((some) => unit in some)?.[unit] ?? 1;
}

/** A budget as it stands in the file. */
type Entry = Readonly<Record<string, unknown>>;

const fields = ["suite", "trial", "driver", "against", "againstTrial", "ratio", "atMost", "unit", "from"];

/**
 * @param text the file
 * @throws {Error} that says which budget is wrong, and how
 */
export function readBudgets(text: string, suites: readonly Suite[]): readonly Budget[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (cause) {
    throw new Error(`budgets.json is no JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  if (!Array.isArray(list)) throw new Error("budgets.json: expected a list");
  return list.map((one: unknown, at) => {
    try {
      return budgetOf(one, suites);
    } catch (error) {
      throw new Error(`budgets.json, number ${at + 1}: ${error instanceof Error ? error.message : error}`);
    }
  });
}

function budgetOf(one: unknown, suites: readonly Suite[]): Budget {
  if (typeof one !== "object" || one === null || Array.isArray(one)) throw new Error("expected an object");
  const entry = one as Entry;
  const strange = Object.keys(entry).filter((key) => !fields.includes(key));
  if (strange.length > 0) throw new Error(`nothing is known of "${strange.join('", "')}"`);
  const suite = named("suite", textIn(entry, "suite"), suites);
  const trial = named("trial", textIn(entry, "trial"), suite.trials, suite.name);
  const driver = named("driver", textIn(entry, "driver"), suite.drivers, suite.name);
  mustDo(suite, driver.name, trial.name);
  const aim = "atMost" in entry ? amountOf(entry, trial) : ratioOf(entry, suite, trial, driver.name);
  return {
    suite: suite.name,
    trial: trial.name,
    driver: driver.name,
    ...aim,
    from: textIn(entry, "from"),
  };
}

type Aim = Pick<Budget, "against" | "againstTrial" | "aim" | "unit">;

function amountOf(entry: Entry, { name, quantity = "time" }: TrialFacts): Aim {
  for (const other of ["ratio", "against", "againstTrial"])
    if (other in entry) throw new Error(`"atMost" and "${other}" do not go together`);
  const known = Object.keys(units[quantity]);
  const unit = "unit" in entry || quantity !== "number" ? textIn(entry, "unit") : "";
  if (!known.includes(unit))
    throw new Error(`expected a "unit" of those of ${quantity}, "${known.join('", "')}", got "${unit}"`);
  return { against: [], againstTrial: name, aim: numberIn(entry, "atMost"), unit };
}

function ratioOf(entry: Entry, suite: Suite, trial: TrialFacts, driver: string): Aim {
  const { against } = entry;
  if (!Array.isArray(against) || against.length === 0)
    throw new Error('expected "against", a list of drivers, or "atMost"');
  if ("unit" in entry) throw new Error('"unit" goes with "atMost" only');
  const other =
    "againstTrial" in entry ? named("trial", textIn(entry, "againstTrial"), suite.trials, suite.name) : trial;
  if ((other.quantity ?? "time") !== (trial.quantity ?? "time") || other.unit !== trial.unit)
    throw new Error(`"${trial.name}" and "${other.name}" do not measure the same`);
  const names = against.map((name) => named("driver", String(name), suite.drivers, suite.name).name);
  for (const name of names) mustDo(suite, name, other.name);
  if (other === trial && names.includes(driver)) throw new Error(`"${driver}" is compared with itself`);
  return { against: names, againstTrial: other.name, aim: numberIn(entry, "ratio"), unit: "×" };
}

function textIn(entry: Entry, key: string): string {
  const value = entry[key];
  if (typeof value !== "string" || value === "") throw new Error(`expected "${key}", a text`);
  return value;
}

function numberIn(entry: Entry, key: string): number {
  const value = entry[key];
  if (typeof value !== "number" || !(value > 0)) throw new Error(`expected "${key}", a number above 0`);
  return value;
}

function named<Item extends { readonly name: string }>(
  kind: string,
  name: string,
  items: readonly Item[],
  suite?: string,
): Item {
  const found = items.find((item) => item.name === name);
  if (found !== undefined) return found;
  const place = suite === undefined ? "" : ` of the suite "${suite}"`;
  throw new Error(
    `no ${kind}${place} is called "${name}"; there are "${items.map((item) => item.name).join('", "')}"`,
  );
}

/** @throws {Error} where a driver is not able to do a trial */
function mustDo(suite: Suite, driver: string, trial: string): void {
  const why = whyNot(suite, driver, trial);
  if (why !== null) throw new Error(`"${driver}" does not do "${trial}"${why && `: ${why}`}`);
}
