/**
 * Whether an aim is met: ratios of the same round, their median and its noise, and what has to be run for that.
 */
import { describe, expect, it } from "vitest";
import type { Budget } from "../../../bench/budgets/budget.ts";
import { batchesOf, judge, type Outcome } from "../../../bench/budgets/check.ts";
import { verdictTable } from "../../../bench/budgets/report.ts";
import type { SuiteResults } from "../../../bench/lib/run-suite.ts";
import { pairedRatio, spreadOf } from "../../../bench/lib/statistics.ts";
import { suiteNamed } from "../../../bench/suites.ts";

const budget: Budget = {
  suite: "s",
  trial: "t",
  driver: "own",
  against: ["other"],
  againstTrial: "t",
  aim: 1.1,
  unit: "×",
  from: "a test",
};

function resultsOf(
  trials: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>>,
): SuiteResults {
  return {
    suite: "s",
    about: "",
    drivers: {},
    absent: { gone: "not installed" },
    gaps: [],
    results: Object.entries(trials).map(([trial, samples]) => ({
      trial,
      unit: "row",
      quantity: "nanoseconds",
      rounds: 0,
      drivers: Object.fromEntries(Object.entries(samples).map(([name, list]) => [name, spreadOf(list)])),
    })),
  };
}

describe("a paired ratio", () => {
  it("is not moved by rounds in which everything was slow", () => {
    const own = spreadOf([11, 110, 11, 1100, 22]);
    const other = spreadOf([10, 100, 10, 1000, 20]);
    expect(pairedRatio(own, [other])).toMatchObject({ median: 1.1, deviation: 0 });
    expect(own.median / other.median).toBe(1.1);
    expect(own.deviation).toBeGreaterThan(0);
  });

  it("is to the fastest of a round, whoever that is", () => {
    const ratio = pairedRatio(spreadOf([6, 6, 6]), [spreadOf([2, 9, 3]), spreadOf([9, 3, 3])]);
    expect(ratio.samples).toEqual([3, 2, 2]);
  });

  it("has as many rounds as all of them have", () => {
    expect(pairedRatio(spreadOf([1, 1, 1]), [spreadOf([1, 1])]).samples.length).toBe(2);
  });
});

describe("an aim", () => {
  it.for<[Outcome, readonly number[]]>([
    ["met", [1.0, 1.1, 1.2]],
    ["within the noise", [1.0, 1.2, 1.31]],
    ["missed", [1.19, 1.2, 1.9]],
  ])("is %s", ([outcome, own]) => {
    const verdict = judge(budget, resultsOf({ t: { own, other: own.map(() => 1) } }));
    expect(verdict).toMatchObject({ outcome, measured: own[1], rounds: 3 });
  });

  it("of an amount is compared in its own unit", () => {
    const amount: Budget = { ...budget, against: [], aim: 2, unit: "µs" };
    expect(judge(amount, resultsOf({ t: { own: [1900, 1900, 1900] } })).outcome).toBe("met");
    const late = judge(amount, resultsOf({ t: { own: [2100, 2100, 2100] } }));
    expect(late).toMatchObject({ outcome: "missed", measured: 2.1, noise: 0 });
  });

  it("may be against another trial", () => {
    const faster: Budget = { ...budget, against: ["own"], againstTrial: "slow", aim: 0.25 };
    expect(judge(faster, resultsOf({ t: { own: [1] }, slow: { own: [4] } })).outcome).toBe("met");
    expect(judge(faster, resultsOf({ t: { own: [2] }, slow: { own: [4] } })).outcome).toBe("missed");
  });

  it("is not measured without its driver, or without anybody to compare with, and that is told", () => {
    const lonely: Budget = { ...budget, against: ["gone"] };
    const results = resultsOf({ t: { own: [1] } });
    expect(judge(lonely, results)).toMatchObject({ outcome: "not measured", why: "gone: not installed" });
    expect(judge({ ...budget, driver: "gone" }, results).outcome).toBe("not measured");
    expect(judge({ ...budget, against: ["gone", "own"] }, results).outcome).toBe("met");
  });
});

it("the table tells the missed ones first, with ratio, noise, aim and source", () => {
  const other = [1, 1, 1];
  const table = verdictTable([
    judge({ ...budget, trial: "quick" }, resultsOf({ quick: { own: [1, 1, 1] }, t: { other } })),
    judge(budget, resultsOf({ t: { own: [1.4, 1.5, 1.6], other } })),
  ]);
  expect(table).toMatch(/missed [^\n]*1\.50× .*± 0\.10× .*≤ 1\.10× .*a test.*met .*quick/s);
  expect(table).toMatch(/1 missed, 0 not measured, 0 within the noise, 1 met$/);
  const loud = verdictTable([judge(budget, resultsOf({ t: { own: [1, 2, 3], other } }))]);
  expect(loud).toContain("In 1 of them the noise is above a tenth of the aim");
});

it("only who is compared runs, and what is compared runs in the same rounds", async () => {
  const suite = await suiteNamed("synchronous");
  const [key, tag] = ["one row by key, execute + fetchone", "one row by key, sql tag"];
  const own: Budget = {
    ...budget,
    trial: key,
    driver: "sqlite-dbapi",
    against: ["better-sqlite3"],
    againstTrial: key,
  };
  const groups = batchesOf(suite, [
    own,
    { ...own, against: ["libsql"] },
    { ...own, trial: tag, against: ["sqlite-dbapi"] },
  ]);
  expect(
    groups.map(({ batch, budgets }) => [
      batch.trials.map(({ name }) => name),
      [...(batch.drivers ?? [])],
      budgets.length,
    ]),
  ).toEqual([
    [[key], ["sqlite-dbapi", "better-sqlite3", "libsql"], 2],
    [[key, tag], ["sqlite-dbapi"], 1],
  ]);
});
