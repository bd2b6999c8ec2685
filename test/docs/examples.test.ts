/**
 * Runs every file of docs/examples to its end and looks for what it is about in its output. The quickstart, the web
 * server and the job on a server have tests of their own.
 */
import { expect, test } from "vitest";
import { inTemporaryDirectory, runNode } from "./lib/run.ts";
import { filesIn, top } from "./lib/tree.ts";

/** What each example prints, all of it; `N` is any number. */
const OUTPUT: Readonly<Record<string, string>> = {
  "docs/examples/backup.ts": "copied in N steps\nrows in the copy: N\ncheck: ok\n",
  "docs/examples/bulk-load.ts": [
    "good: 3 rows",
    "bad:  line 3: NOT NULL constraint failed: reading.celsius",
    "cellar: 1 readings, mean 12",
    "roof: 2 readings, mean 21.875",
    "",
  ].join("\n"),
  "docs/examples/functions.ts": [
    "median by path",
    "/docs  2",
    "/home  20",
    "sum of two days",
    ...["1  10", "2  40", "3  32", "4  22"],
    "",
  ].join("\n"),
  "docs/examples/row-classes.ts": [
    "order 1 of 2026-03-01: 19.99 EUR",
    "order 2 of 2026-03-02: 0.50 EUR",
    "total is stored as integer",
    "",
  ].join("\n"),
};

const examples = filesIn("docs/examples", ".ts").filter(
  (path) => !/\/(quickstart|remote|web-server)\.ts$/.test(path),
);

test("every example is known here", () => {
  expect(Object.keys(OUTPUT).sort()).toEqual(examples);
});

test.for(examples)("%s prints what it should", async (path) => {
  const { code, stdout, stderr } = await inTemporaryDirectory((directory) =>
    runNode(`${top}/${path}`, directory, { TMPDIR: directory, TEMP: directory, TMP: directory }),
  );
  const expected = OUTPUT[path] ?? "";
  const output = expected.includes(" N ") ? stdout.replace(/\d+/g, "N") : stdout;
  expect({ code, stderr, output }).toEqual({ code: 0, stderr: "", output: expected });
});
