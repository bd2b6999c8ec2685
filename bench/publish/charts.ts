/**
 * Which charts there are, and what is on them: drawn from results, so that they can be drawn again without a run.
 */
import type { RunsOn } from "../lib/driver.ts";
import { amount, ratioOf } from "../lib/report.ts";
import type { Result } from "../lib/rounds.ts";
import { type Chart, drawn, type Panel } from "./bars.ts";
import type { Published } from "./results.ts";

/** @param picks the trials: those whose names it fits */
interface Plan {
  readonly file: string;
  readonly suite: string;
  readonly title: string;
  readonly picks: RegExp;
}

export const plans: readonly Plan[] = [
  { file: "lookups", suite: "synchronous", title: "One row by its key, no promises", picks: /^one row/ },
  {
    file: "reads",
    suite: "synchronous",
    title: "Reading many rows, no promises",
    picks: /^(?!one row|executemany).*\brows\b/,
  },
  { file: "writes", suite: "synchronous", title: "Inserting rows, no promises", picks: /insert|executemany/ },
  {
    file: "promised-calls",
    suite: "promised",
    title: "Calls that promise",
    picks: /^one row|stall|CPU-bound|connection more/,
  },
  {
    file: "promised-bulk",
    suite: "promised",
    title: "Many rows with promises",
    picks: /^[\d,]+ rows|^executemany/,
  },
  { file: "remote", suite: "remote", title: "On a libSQL server", picks: /^(?!.*round trips)/ },
  {
    file: "standing",
    suite: "standing",
    title: "Before the first statement",
    picks: /^(?!.*own files)/,
  },
];

/** Of this library, by any of its doors. */
export const isOwn = (driver: string): boolean => driver.startsWith("sqlite-dbapi");

/** The measure of the others: the first driver. */
export const measureOf = ({ drivers }: Published): string => Object.keys(drivers)[0] ?? "";

function panelOf({ trial, unit, quantity, drivers }: Result, published: Published): Panel {
  const measure = drivers[measureOf(published)];
  const bars = Object.entries(published.drivers).flatMap(([name, { runsOn }]) => {
    const spread = drivers[name];
    if (spread === undefined) return [];
    const isMeasure = spread === measure || measure === undefined;
    const kind = isOwn(name) ? "own" : runsOn === "no Node" ? "beyond" : "other";
    return [
      {
        name,
        value: spread.median,
        amount: amount(spread.median, quantity),
        ratio: isMeasure ? "" : ratioOf(spread, measure),
        kind: kind as "own" | "other" | "beyond",
      },
    ];
  });
  return { title: trial, unit, bars };
}

/** What one has to know to read it. */
function captionOf(published: Published): string[] {
  const { setting, date, drivers } = published;
  const on = (place: RunsOn) => Object.keys(drivers).filter((name) => drivers[name]?.runsOn === place);
  const blocking = published.suite === "promised" ? on("main thread") : [];
  return [
    `Shorter is better. × is the ratio to ${measureOf(published)}. Medians of interleaved rounds.`,
    ...(on("no Node").length > 0 ? ["Dashed: no Node."] : []),
    ...(blocking.length > 0 ? [`On the main thread, which stops meanwhile: ${blocking.join(", ")}.`] : []),
    `${setting.machine}, Node ${setting.node}, ${date}.`,
  ];
}

/** The text of each chart, by the name of its file. Those of suites without results are not there. */
export function chartsOf(published: readonly Published[]): Map<string, string> {
  const files = plans.flatMap(({ file, suite: name, title, picks }): [string, string][] => {
    const suite = published.find((one) => one.suite === name);
    if (suite === undefined) return [];
    const panels = suite.results.filter(({ trial }) => picks.test(trial)).map((one) => panelOf(one, suite));
    const chart: Chart = { title, panels, caption: captionOf(suite) };
    return [[`${file}.svg`, drawn(chart)]];
  });
  return new Map(files);
}
