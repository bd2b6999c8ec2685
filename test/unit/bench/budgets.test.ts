/**
 * What bench/budgets.json may say: the file as it is loads, and each mistake is told with its place and what there is.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readBudgets } from "../../../bench/budgets/budget.ts";
import { allSuites } from "../../../bench/suites.ts";

const suites = await allSuites();
const lookup = {
  suite: "synchronous",
  trial: "one row by key, conn.fetchone",
  driver: "sqlite-dbapi",
  against: ["better-sqlite3"],
  ratio: 1.1,
  from: "a test",
};
const amount = {
  suite: "promised",
  trial: "one row by key, conn.fetchone",
  driver: "sqlite-dbapi/aio",
  atMost: 2,
  unit: "µs",
  from: "a test",
};
const read = (...entries: readonly unknown[]) => readBudgets(JSON.stringify(entries), suites);

describe("the file", () => {
  const text = readFileSync(new URL("../../../bench/budgets.json", import.meta.url), "utf8");

  it("loads, and says of every aim where it comes from", () => {
    const budgets = readBudgets(text, suites);
    expect(budgets.length).toBe((JSON.parse(text) as unknown[]).length);
    expect(budgets.filter(({ from }) => !/^issue [345]\b/.test(from))).toEqual([]);
  });

  it("has aims for each face and for servers", () => {
    const held = readBudgets(text, suites).map(({ suite }) => suite);
    expect([...new Set(held)]).toEqual(["synchronous", "promised", "remote"]);
  });
});

it("a ratio is against the same trial unless another is named", () => {
  expect(read(lookup)).toEqual([
    {
      suite: "synchronous",
      trial: lookup.trial,
      driver: "sqlite-dbapi",
      against: ["better-sqlite3"],
      againstTrial: lookup.trial,
      aim: 1.1,
      unit: "×",
      from: "a test",
    },
  ]);
  const againstTrial = "one row by key, execute + fetchone";
  expect(read({ ...lookup, against: ["sqlite-dbapi"], againstTrial })).toMatchObject([
    { against: ["sqlite-dbapi"], againstTrial },
  ]);
});

it("an amount is against nobody", () => {
  expect(read(amount)).toMatchObject([{ against: [], aim: 2, unit: "µs" }]);
  const trips = { ...amount, suite: "remote", trial: "one row by key: round trips", unit: undefined };
  expect(read(trips)).toMatchObject([{ aim: 2, unit: "" }]);
});

it.for<[string, Record<string, unknown>, RegExp]>([
  ["a suite", { suite: "asynchronous" }, /no suite is called "asynchronous"; there are "synchronous"/],
  [
    "a trial",
    { trial: "two rows" },
    /no trial of the suite "synchronous" is called "two rows"; there are "one/,
  ],
  ["a driver", { driver: "sqlite4" }, /no driver of the suite "synchronous" is called "sqlite4"/],
  ["a driver to compare with", { against: ["sqlite4"] }, /no driver of the suite .* is called "sqlite4"/],
  ["a trial to compare with", { againstTrial: "two rows" }, /no trial of the suite .* "two rows"/],
])("an unknown name of %s is told with what there is", ([, wrong, message]) => {
  expect(() => read(lookup, { ...lookup, ...wrong })).toThrow(message);
  expect(() => read(lookup, { ...lookup, ...wrong })).toThrow(/^budgets\.json, number 2: /);
});

it.for<[string, unknown, RegExp]>([
  ["what is no object", 7, /expected an object/],
  ["a field that nobody knows", { ...lookup, ratoi: 1 }, /nothing is known of "ratoi"/],
  ["no source", { ...lookup, from: "" }, /expected "from", a text/],
  ["nobody to compare with", { ...lookup, against: [] }, /expected "against"/],
  ["a ratio that is none", { ...lookup, ratio: "1.1" }, /expected "ratio", a number above 0/],
  ["a ratio of nothing", { ...lookup, ratio: 0 }, /a number above 0/],
  ["both a ratio and an amount", { ...lookup, atMost: 2 }, /"atMost" and "ratio" do not go together/],
  ["a unit of a ratio", { ...lookup, unit: "ms" }, /"unit" goes with "atMost" only/],
  [
    "a unit of something else",
    { ...amount, unit: "MiB" },
    /expected a "unit" of those of time, "ns", "µs", "ms"/,
  ],
  ["no unit", { ...amount, unit: undefined }, /expected "unit", a text/],
  ["itself", { ...lookup, against: ["sqlite-dbapi"] }, /"sqlite-dbapi" is compared with itself/],
  [
    "a trial of another unit",
    {
      ...lookup,
      suite: "remote",
      trial: "one row by key",
      driver: "sqlite-dbapi",
      against: ["@libsql/client"],
      againstTrial: "transaction of 5 statements",
    },
    /do not measure the same/,
  ],
  [
    "a driver that does not do it",
    { ...lookup, trial: "one row by key, sql tag", against: ["libsql"] },
    /"libsql" does not do "one row by key, sql tag": it has no template tag/,
  ],
  [
    "a program that does not do it",
    { ...lookup, against: ["C"] },
    /"C" does not do "one row by key, conn\.fetchone"$/,
  ],
])("%s is refused", ([, entry, message]) => {
  expect(() => read(entry)).toThrow(message);
});

it("a file that is no JSON, or no list, is told as such", () => {
  expect(() => readBudgets("[{]", suites)).toThrow(/^budgets\.json is no JSON: /);
  expect(() => readBudgets("{}", suites)).toThrow("budgets.json: expected a list");
});
