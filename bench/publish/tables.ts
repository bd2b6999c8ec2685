/**
 * The numbers of the guide, in Markdown, from results.
 */
import type { Budget } from "../budgets/budget.ts";
import { judge } from "../budgets/check.ts";
import { opponents } from "../budgets/report.ts";
import { amount, ratioOf, spelledAmount, spelledNoise } from "../lib/report.ts";
import type { Result } from "../lib/rounds.ts";
import { pairedRatio, type Spread } from "../lib/statistics.ts";
import { growthsOf, shapeOf } from "../scale/lines.ts";
import { isOwn, measureOf } from "./charts.ts";
import type { Published } from "./results.ts";

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? "---" : "--:"))), ...rows.map(line)].join("\n");
}

const percent = ({ median, deviation }: Spread) => (median > 0 ? Math.round((100 * deviation) / median) : 0);

/** A suite: what a unit takes, its ratio to the first driver, and how far the samples lie apart at most. */
function suiteTable(published: Published, names = Object.keys(published.drivers)): string {
  const measure = measureOf(published);
  const rows = published.results.map(({ trial, unit, quantity, drivers }) => [
    `${trial}, per ${unit}`,
    ...names.map((name) => {
      const [spread, other] = [drivers[name], drivers[measure]];
      if (spread === undefined) return "";
      const ratio = name === measure || other === undefined ? "" : ratioOf(spread, other);
      const text = `${amount(spread.median, quantity)}${ratio && ` (${ratio})`}`;
      return isOwn(name) ? `**${text}**` : text;
    }),
    `± ${Math.max(...names.flatMap((name) => drivers[name] ?? []).map(percent))} %`,
  ]);
  return table(["", ...names, "noise"], rows);
}

/** What was measured, with what, on what, when. */
function settingOf(published: Published): string {
  const { setting, date, drivers, absent, results } = published;
  const rounds = results.map((result) => result.rounds);
  const versions = Object.entries(drivers).map(
    ([name, { version, sqlite }]) => `${name} ${version} (SQLite ${sqlite})`,
  );
  const missing = Object.entries(absent).map(([name, why]) => `Not there: ${name}, ${why}.`);
  return [
    `${setting.machine}, Node ${setting.node}, ${date}; medians of ${Math.min(...rounds)} to ${Math.max(...rounds)} interleaved rounds.`,
    `${versions.join(", ")}.`,
    ...missing,
  ].join(" ");
}

/** Where another driver of Node's is faster by more than the noise, and by how much. */
function fasterTable(published: readonly Published[]): string {
  const rows = published
    .filter(({ suite }) => !suite.endsWith(" scale"))
    .flatMap((suite) => suite.results.flatMap((result) => fasterOf(result, suite)));
  return table(["", "here", "faster", ""], rows);
}

/** A line for the face that the suite is about, and for none of its others. */
function fasterOf({ trial, unit, quantity, drivers }: Result, suite: Published): string[][] {
  const own = Object.keys(suite.drivers).find(isOwn) ?? "";
  const spread = drivers[own];
  if (spread === undefined) return [];
  const others = Object.entries(drivers).flatMap(([name, other]) => {
    const { median, deviation } = pairedRatio(spread, [other]);
    const isPeer = !isOwn(name) && suite.drivers[name]?.runsOn !== "no Node" && other.median > 0;
    return isPeer && median - deviation > 1 ? [{ name, other, median }] : [];
  });
  const fastest = others.toSorted((a, b) => b.median - a.median)[0];
  if (fastest === undefined) return [];
  return [
    [
      `${suite.suite}: ${trial}, per ${unit}`,
      amount(spread.median, quantity),
      `${fastest.name}: ${amount(fastest.other.median, quantity)}`,
      spelledAmount(fastest.median, "×"),
    ],
  ];
}

function scaleTable(published: readonly Published[]): string {
  const growths = growthsOf(published);
  const sizes = [...new Set(growths.flatMap((growth) => growth.sizes.map(({ size }) => size)))];
  const rows = growths.map((growth) => [
    `${growth.suite.replace(/ scale$/, "")}: ${growth.work}, ${growth.driver}, per ${growth.unit}`,
    ...sizes.map((size) => {
      const cost = growth.sizes.find((one) => one.size === size)?.cost;
      return cost === undefined ? "" : amount(cost.median, "nanoseconds");
    }),
    `${spelledAmount(growth.ratio.median, "×")} ± ${percent(growth.ratio)} %, ${shapeOf(growth)}`,
  ]);
  return table(["", ...sizes, "largest to smallest"], rows);
}

/** Every aim and what the results say of it. The trials of an aim that compares two were not in the same rounds here. */
function aimTable(published: readonly Published[], budgets: readonly Budget[]): string {
  const rows = budgets.flatMap((budget) => {
    const results = published.find(({ suite }) => suite === budget.suite);
    if (results === undefined) return [];
    const verdict = judge(budget, results);
    if (verdict.outcome === "not measured") return [];
    const said = (number: number) => spelledAmount(number, budget.unit);
    return [
      [
        `${budget.suite}: ${budget.trial}, ${budget.driver}`,
        opponents(verdict) || "–",
        `≤ ${said(budget.aim)}`,
        `${said(verdict.measured)} ${spelledNoise(verdict.noise, budget.unit)}`,
        verdict.outcome,
      ],
    ];
  });
  return table(["", "against", "aim", "measured", ""], rows);
}

/** What may stand between markers of a page, by its name. */
export function blocksOf(
  published: readonly Published[],
  budgets: readonly Budget[],
): ReadonlyMap<string, string> {
  return new Map([
    ...published.flatMap((one): [string, string][] => [
      [one.suite, suiteTable(one)],
      // The measure, this library, and its first peer.
      [`${one.suite}, briefly`, suiteTable(one, Object.keys(one.drivers).slice(0, 3))],
      [`${one.suite}, measured on`, settingOf(one)],
    ]),
    ["faster elsewhere", fasterTable(published)],
    ["scale", scaleTable(published)],
    ["aims", aimTable(published, budgets)],
  ]);
}
