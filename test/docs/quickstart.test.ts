/**
 * The two commands at the top of the README: they are scripts of the package, and the quickstart prints what the README
 * shows, numbers and the path of the database aside.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { fencesOf } from "./lib/fences.ts";
import { inTemporaryDirectory, type Outcome, runNode } from "./lib/run.ts";
import { missingLines } from "./lib/sample.ts";
import { read, top } from "./lib/tree.ts";

const fences = fencesOf(read("README.md"));
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

/** The block that follows the command. */
function sampleAfter(command: string): string {
  const at = fences.findIndex(({ language, code }) => language === "sh" && code === command);
  expect(fences[at + 1], `the output after ${command}`).toMatchObject({ language: "text" });
  return fences[at + 1]?.code ?? "";
}

describe("npm ci && npm run quickstart", () => {
  let outcome: Outcome;

  beforeAll(async () => {
    const file = /^node (?<file>\S+)$/.exec(scripts.quickstart ?? "")?.groups?.file ?? "";
    outcome = await inTemporaryDirectory((directory) =>
      runNode(`${top}/${file}`, top, { TMPDIR: directory, TEMP: directory, TMP: directory }),
    );
  });

  test("ends well and is quiet where there is no terminal", () => {
    const { code, stderr, stdout } = outcome;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.includes("\u001b"), "escape sequences").toBe(false);
  });

  test("prints what the README shows", () => {
    const sample = sampleAfter("npm ci && npm run quickstart");
    expect(missingLines(sample, outcome.stdout)).toEqual([]);
    expect(sample.split("\n").length).toBeGreaterThan(10);
  });

  test("loads every city, at a rate that it tells", () => {
    const found = /^(?<rows>[\d,]+) rows in [\d.]+ s: (?<rate>[\d,]+) rows per second$/m.exec(outcome.stdout);
    expect(Number(found?.groups?.rows?.replaceAll(",", ""))).toBeGreaterThan(150_000);
    expect(outcome.stdout).toContain(`after:   ${found?.groups?.rows} rows, as before`);
  });
});

test("npm test is followed by what vitest prints at its end", () => {
  expect(scripts.test).toMatch(/^vitest run\b/);
  expect(sampleAfter("npm test")).toMatch(
    /^ Test Files {2}(\d+) passed \(\1\)\n {6}Tests {2}\d+ passed(?: \| \d+ skipped)? \(\d+\)$/,
  );
});

test("both commands come before everything else in the README", () => {
  const commands = fences.filter(({ language }) => language === "sh").map(({ code }) => code);
  expect(commands.slice(0, 2)).toEqual(["npm ci && npm run quickstart", "npm test"]);
  expect(fences[2]?.line).toBeLessThan(45);
});
