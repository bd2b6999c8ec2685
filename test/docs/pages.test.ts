/**
 * Runs what the documentation shows. Each page with `ts` blocks is one program; each block is one test, which compares
 * what the page promises with what was there. The convention for writers stands in lib/program.ts.
 */
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { inTemporaryDirectory, programIn, runPage } from "./lib/run.ts";
import { read, runnablePages } from "./lib/tree.ts";
import { typeErrors } from "./lib/types.ts";

describe.for(runnablePages)("%s", (page) => {
  const markdown = read(page);
  const blocks = programIn("/", markdown)?.blocks ?? [];
  let run: Awaited<ReturnType<typeof runPage>>;

  beforeAll(async () => {
    run = await runPage(markdown);
  });

  test("has blocks", () => {
    expect(blocks.length).toBeGreaterThan(0);
  });

  test.for(blocks)("the block at line $line does what it says", ({ promised }) => {
    const [first, last] = [promised.at(0)?.line ?? 0, promised.at(-1)?.line ?? 0];
    const found = run.findings.filter(({ line }) => line >= first && line <= last);
    const promises = promised.map(({ line, expected }) => ({ line, expected, actual: expected }));
    // A marker inside a function may be passed before, or more than once.
    const inOrder = [...new Map(found.map((finding) => [JSON.stringify(finding), finding])).values()];
    expect(
      inOrder.sort((a, b) => a.line - b.line),
      run.stderr,
    ).toEqual(promises);
  });

  test("ends well and warns of nothing", () => {
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: "" });
  });
});

test("what the pages show compiles", async () => {
  const errors = await inTemporaryDirectory(async (directory) => {
    const files = runnablePages.flatMap((page) => {
      const program = programIn(directory, read(page));
      if (program === undefined) return [];
      const file = join(directory, `${basename(page, ".md")}.mts`);
      writeFileSync(file, program.code);
      return [file];
    });
    return typeErrors(files).map((message) => message.replace(`${directory}/`, ""));
  });
  expect(errors).toEqual([]);
});
