/**
 * The command line of the bench, how trials become batches, and what the scale lines say.
 */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { readOptions } from "../../../bench/lib/options.ts";
import { chosenBatches, type SuiteResults } from "../../../bench/lib/run-suite.ts";
import { spreadOf } from "../../../bench/lib/statistics.ts";
import { growthsOf, scaleLines, shapeOf } from "../../../bench/scale/lines.ts";
import { allSuites, suiteNamed } from "../../../bench/suites.ts";

const main = fileURLToPath(new URL("../../../bench/main.ts", import.meta.url));

describe("the options", () => {
  it("name one job", () => {
    expect(readOptions([])).toMatchObject({ job: "measure", only: "", json: false, rows: null });
    expect(readOptions(["--check", "--only", "x"])).toMatchObject({ job: "check", only: "x" });
    expect(readOptions(["--quick"])).toMatchObject({ job: "measure", rows: 20_000 });
    expect(() => readOptions(["--check", "--publish"])).toThrow("--check and --publish do not go together");
    expect(() => readOptions(["--check", "--quick"])).toThrow(
      "--check needs numbers that --quick does not give",
    );
    expect(() => readOptions(["--chekc"])).toThrow(TypeError);
  });

  it("are all in the help", () => {
    const help = readOptions(["--help"]);
    for (const name of ["only", "quick", "check", "publish", "redraw", "json", "help"])
      expect(help).toContain(`  --${name}`);
  });
});

describe("trials", () => {
  it("have names of their own in every suite, and drivers too", async () => {
    for (const { trials, drivers } of await allSuites())
      for (const names of [trials.map(({ name }) => name), drivers.map(({ name }) => name)])
        expect(new Set(names).size).toBe(names.length);
  });

  it("of one batch run together, and others alone", async () => {
    const scale = await suiteNamed("synchronous scale");
    const batches = chosenBatches(scale, "executemany");
    expect(batches.map(({ trials }) => trials.map(({ name }) => name))).toEqual([
      ["executemany, 1,000", "executemany, 10,000", "executemany, 100,000", "executemany, 1,000,000"],
    ]);
    const sync = await suiteNamed("synchronous");
    const all = chosenBatches(sync, "synchronous: ");
    expect(all.map(({ trials }) => trials.length)).toEqual(sync.trials.map(() => 1));
  });

  it("of a scale do as much of their work as makes them warm", async () => {
    const { trials } = await suiteNamed("synchronous scale");
    expect(trials.map(({ count }) => count)).toEqual(
      Array(4).fill([100_000, 100_000, 100_000, 1_000_000]).flat(),
    );
  });
});

describe("the command", () => {
  const bench = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [main, ...args]).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );

  it("runs a trial in processes of its own, on few rows, and prints its table", {
    timeout: 120_000,
  }, async () => {
    const { code, stdout, stderr } = await bench("--quick", "--only", "synchronous: 20,000 rows as objects");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "synchronous 1/1: 20,000 rows as objects\n" });
    expect(stdout).toMatch(/│ 20,000 rows as objects │ row │ +[\d.]+ [nµm]s ±/);
    expect(stdout).toMatch(/sqlite-dbapi \S+ \((dist|src)\) with SQLite 3\./);
  });

  it("ends with 1 and a word where there is nothing to run", { timeout: 120_000 }, async () => {
    expect(await bench("--only", "nothing")).toMatchObject({
      code: 1,
      stderr: 'no trial has "nothing" in its name\n',
    });
    const part = await bench("--publish", "--only", "one row");
    expect(part).toMatchObject({ code: 1, stderr: expect.stringContaining("results are kept by suites") });
  });
});

describe("scale", () => {
  const results = (largest: readonly number[]): SuiteResults => ({
    suite: "synchronous scale",
    about: "",
    drivers: { own: { version: "", sqlite: "", runsOn: "main thread" } },
    absent: {},
    gaps: [],
    results: [["fetchall, 1,000", [100, 101, 102]] as const, ["fetchall, 1,000,000", largest] as const].map(
      ([trial, samples]) => ({
        trial,
        unit: "row",
        quantity: "nanoseconds" as const,
        rounds: 3,
        drivers: { own: spreadOf(samples) },
      }),
    ),
  });

  it.for<["flat" | "grows" | "falls", readonly number[]]>([
    ["flat", [100, 103, 99]],
    ["grows", [150, 151, 152]],
    ["falls", [50, 51, 52]],
  ])("is %s by the ratios of the rounds", ([shape, largest]) => {
    expect(growthsOf([results(largest)]).map(shapeOf)).toEqual([shape]);
  });

  it("is a line for each work and driver", () => {
    const [text = ""] = scaleLines([results([200, 202, 204])]);
    expect(text).toBe(
      "Scale\nfetchall, own, a row: 1,000: 101 ns  1,000,000: 202 ns  largest to smallest 2.00× ±0%: grows",
    );
    expect(scaleLines([])).toEqual([]);
  });
});
