/**
 * What the bench writes into the documentation: it is what the results say, and can be read by who reads SVG.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readBudgets } from "../../../bench/budgets/budget.ts";
import type { SuiteResults } from "../../../bench/lib/run-suite.ts";
import { spreadOf } from "../../../bench/lib/statistics.ts";
import { drawn } from "../../../bench/publish/bars.ts";
import { chartsOf, plans } from "../../../bench/publish/charts.ts";
import { pageWith } from "../../../bench/publish/pages.ts";
import { writtenFrom } from "../../../bench/publish/publish.ts";
import { deserialized, readResults, serialized } from "../../../bench/publish/results.ts";
import { blocksOf } from "../../../bench/publish/tables.ts";
import { allSuites } from "../../../bench/suites.ts";

const top = fileURLToPath(new URL("../../..", import.meta.url));
const suites = await allSuites();
const setting = { machine: 'a "machine" & more', node: "24.0.0" };

const results: SuiteResults = {
  suite: "synchronous",
  about: "",
  drivers: {
    "better-sqlite3": { version: "13", sqlite: "3", runsOn: "main thread" },
    "sqlite-dbapi": { version: "0", sqlite: "3", runsOn: "main thread" },
    "node:sqlite": { version: "24", sqlite: "3", runsOn: "main thread" },
    C: { version: "", sqlite: "3", runsOn: "no Node" },
  },
  absent: { libsql: "not there" },
  gaps: [],
  results: [
    {
      trial: "one row by key, <fast>",
      unit: "row",
      quantity: "nanoseconds",
      rounds: 3,
      drivers: {
        "better-sqlite3": spreadOf([1000, 1000, 1000.06]),
        "sqlite-dbapi": spreadOf([1500, 1500, 1500]),
        "node:sqlite": spreadOf([500, 500, 500]),
        C: spreadOf([200, 200, 200]),
      },
    },
  ],
};
const published = deserialized(serialized(setting, results, "2026-01-02"));

describe("the tree", () => {
  const kept = readResults(suites);
  const budgets = readBudgets(readFileSync(join(top, "bench/budgets.json"), "utf8"), suites);

  it("has results of every suite, with the machine and the versions they were taken on", () => {
    expect(kept.map(({ suite }) => suite)).toEqual(suites.map(({ name }) => name));
    for (const { setting, date, drivers } of kept) {
      expect(setting.machine).toMatch(/\d GiB/);
      expect(date).toMatch(/^\d{4}-\d\d-\d\d$/);
      expect(
        Object.values(drivers).every(({ version, sqlite }) => version !== "" && /^3\./.test(sqlite)),
      ).toBe(true);
    }
  });

  it.for([...writtenFrom(kept, budgets)])("%s says what the results say", ([path, text]) => {
    expect(existsSync(join(top, path)), "npm run bench -- --redraw writes it").toBe(true);
    expect(readFileSync(join(top, path), "utf8")).toBe(text);
  });

  it("has a chart for every trial of the suites that have charts, aside from counts and copies", () => {
    for (const name of new Set(plans.map((plan) => plan.suite))) {
      const own = plans.filter((plan) => plan.suite === name);
      const undrawn = suites
        .find((suite) => suite.name === name)
        ?.trials.filter(({ name }) => !own.some(({ picks }) => picks.test(name)))
        .filter(({ name }) => !/round trips|own files/.test(name));
      expect(undrawn).toEqual([]);
    }
  });
});

describe("results", () => {
  it("are the same when they are read again, to four digits", () => {
    expect(published.results[0]?.drivers["better-sqlite3"]?.samples).toEqual([1000, 1000, 1000]);
    expect(published).toMatchObject({ date: "2026-01-02", setting, suite: "synchronous" });
    expect(serialized(setting, published, "2026-01-02")).toContain('"node:sqlite": [ 500, 500, 500 ]');
  });
});

describe("a chart", () => {
  const text = chartsOf([published]).get("lookups.svg") ?? "";

  it("is well-formed: what is opened is closed, and no sign of a text is taken for one of the markup", () => {
    const open: string[] = [];
    for (const [, slash = "", name = "", empty = ""] of text.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (slash) expect(open.pop()).toBe(name);
      else if (!empty) open.push(name);
    }
    expect(open).toEqual([]);
    expect(text).toContain("one row by key, &lt;fast&gt;");
    expect(text).toContain("a &quot;machine&quot; &amp; more");
    expect(text.replace(/&(amp|lt|gt|quot);/g, "")).not.toContain("&");
  });

  it("names drivers, amounts and ratios, and sets ours apart from others and from what is no peer", () => {
    expect(text).toMatch(/class="name is-own"[^>]*>sqlite-dbapi</);
    expect(text).toContain(">1.50 µs (1.50×)<");
    expect(text).toContain(">1.00 µs<");
    const kinds = [...text.matchAll(/<rect class="(own|other|beyond)"/g)].map((match) => match[1]);
    expect(kinds).toEqual(["other", "own", "other", "beyond"]);
  });

  it("has bars as long as their numbers", () => {
    const widths = [...text.matchAll(/<rect class="(?:own|other|beyond)"[^>]*width="([\d.]+)"/g)].map(
      (match) => Number(match[1]),
    );
    expect(widths.length).toBe(4);
    const [measure = 0, own = 0, node = 0] = widths;
    expect(own / measure).toBeCloseTo(1.5, 1);
    expect(node / measure).toBeCloseTo(0.5, 1);
  });

  it("can be read on light and on dark pages", () => {
    expect(text).toContain("prefers-color-scheme: dark");
    expect(text).toContain('class="ground"');
  });

  it("of nothing but zeros is drawn", () => {
    const bars = [{ name: "a", value: 0, amount: "0 B", ratio: "", kind: "own" as const }];
    expect(drawn({ title: "t", panels: [{ title: "p", unit: "u", bars }], caption: [] })).not.toMatch(
      /NaN|Infinity/,
    );
  });
});

describe("a page", () => {
  const blocks = blocksOf([published], []);
  const page = "# A page\n\n<!-- bench: synchronous -->\nold\n<!-- /bench -->\n\ntext\n";

  it("gets its numbers between its markers, and keeps the rest", () => {
    const text = pageWith(page, blocks);
    expect(text).toContain(
      "| one row by key, <fast>, per row | 1.00 µs | **1.50 µs (1.50×)** | 500 ns (0.50×) |",
    );
    expect(text).toMatch(
      /^# A page\n\n<!-- bench: synchronous -->\n\n\|.*\|\n\n<!-- \/bench -->\n\ntext\n$/s,
    );
    expect(text).not.toContain("old");
    expect(pageWith(text, blocks)).toBe(text);
  });

  it("that asks for what there is not is told what there is", () => {
    expect(() => pageWith(page.replace("synchronous", "nothing"), blocks)).toThrow(
      'a page asks for "nothing"; there is "synchronous"',
    );
  });

  it("tells where another driver of Node is faster, and leaves C out of it", () => {
    expect(blocks.get("faster elsewhere")).toContain(
      "| synchronous: one row by key, <fast>, per row | 1.50 µs | node:sqlite: 500 ns | 3.00× |",
    );
  });

  it("tells who was not there", () => {
    expect(blocks.get("synchronous, measured on")).toContain("Not there: libsql, not there.");
  });
});
