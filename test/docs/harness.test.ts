/**
 * The tests of the documentation can fail: each promise of a page that is not kept shows.
 */
import { describe, expect, test } from "vitest";
import { fencesOf } from "./lib/fences.ts";
import { anchorsOf, linksOf } from "./lib/links.ts";
import { programOf } from "./lib/program.ts";
import { runPage } from "./lib/run.ts";
import { missingLines } from "./lib/sample.ts";
import { show } from "./lib/show.ts";

const page = (...lines: readonly string[]): string => ["# A page", "", ...lines].join("\n");
const block = (...lines: readonly string[]): string => page("```ts", ...lines, "```");

/** What a page of one block promised and did not keep. */
async function unkept(...lines: readonly string[]) {
  const { findings } = await runPage(block(...lines));
  return findings.filter(({ expected, actual }) => expected !== actual);
}

describe("a promise", () => {
  test("that is kept leaves nothing to report", async () => {
    expect(
      await unkept(
        'import { connect, IntegrityError } from "sqlite-dbapi";',
        'const conn = connect(":memory:");',
        'conn.fetchone("SELECT 1, \'a\'"); // -> [1, "a"]',
        'const rows = conn.fetchall("SELECT 2"); // -> [[2]]',
        'for (const i of [1, 2]) console.log("row", i);',
        "// -> row 1",
        "// -> row 2",
        'conn.execute("SELEC"); // throws ProgrammingError: near "SELEC": syntax error',
        'conn.execute("SELEC"); // throws ProgrammingError: near…',
        "await Promise.reject(new IntegrityError('no')); // throws IntegrityError: no",
        "conn.close();",
      ),
    ).toEqual([]);
  });

  test("of a value that is another is reported with its line", async () => {
    expect(await unkept("const a = 1;", "a + 1; // -> 3")).toEqual([{ line: 5, expected: "3", actual: "2" }]);
  });

  test("of a line that is printed otherwise is reported", async () => {
    expect(await unkept('console.log("b"); // -> a')).toEqual([{ line: 4, expected: "a", actual: "b" }]);
  });

  test("of an error that is another, or does not come, is reported", async () => {
    const findings = await unkept(
      'throw new TypeError("b"); // throws RangeError: a',
      "void 0; // throws RangeError: a",
    );
    expect(findings.map(({ actual }) => actual)).toEqual(["TypeError: b", "nothing is thrown"]);
  });

  test("that is never come to is missing from the findings", async () => {
    const { findings } = await runPage(block("function never() {", "  never(); // -> 1", "}"));
    expect(findings.map(({ line }) => line)).toEqual([6]);
  });

  test("to run to the end is not kept by a block that throws", async () => {
    const { code, findings, stderr } = await runPage(block('throw new Error("on the way");'));
    expect({ code, findings }).toEqual({ code: 1, findings: [] });
    expect(stderr).toMatch(/page\.mts:4/);
  });

  test("without a statement before it is refused", () => {
    const libraries = {
      "sqlite-dbapi": "x",
      "sqlite-dbapi/aio": "z",
      "sqlite-dbapi/client": "c",
      check: "y",
    };
    expect(() => programOf(block("// -> 1"), libraries)).toThrow(
      "line 4: no statement ends before this marker",
    );
  });
});

test("blocks share one scope, and imports may be repeated", async () => {
  const imports = 'import { sep, join } from "node:path";';
  const { code, findings } = await runPage(
    page(
      "```ts",
      imports,
      "const a = sep.length;",
      "```",
      "",
      "```ts",
      imports,
      "a + join('').length; // -> 2",
      "```",
    ),
  );
  expect(code).toBe(0);
  expect(findings.every(({ expected, actual }) => expected === actual)).toBe(true);
});

test("blocks of another language are left alone", () => {
  const markdown = page("```sh", "npm test", "```", "", "~~~text", "```ts", "~~~");
  expect(fencesOf(markdown)).toEqual([
    { language: "sh", code: "npm test", line: 4 },
    { language: "text", code: "```ts", line: 8 },
  ]);
  const libraries = { "sqlite-dbapi": "x", "sqlite-dbapi/aio": "z", "sqlite-dbapi/client": "c", check: "y" };
  expect(programOf(markdown, libraries)).toBeUndefined();
});

test("a fence that is not closed is refused", () => {
  expect(() => fencesOf("```ts\n1")).toThrow("line 1: the fence is not closed");
});

test("values are shown as the pages write them", () => {
  class City {
    readonly name = "Paris";
  }
  const values = [1, -0, 2n, "a'b", null, undefined, true, [1, ["x"]], { a: 1, "b c": [] }, new City()];
  expect(values.map(show)).toEqual([
    ...["1", "-0", "2n", '"a\'b"', "null", "undefined", "true", '[1, ["x"]]'],
    ...['{ a: 1, "b c": [] }', 'City { name: "Paris" }'],
  ]);
  expect(show(Buffer.from([0, 255]))).toBe("<Buffer 00 ff>");
  expect(show(Buffer.alloc(0))).toBe("<Buffer>");
  expect(show(new Date(0))).toBe("Date 1970-01-01T00:00:00.000Z");
  expect(show(new RangeError("no"))).toBe("RangeError: no");
  expect(show(Object.create(null))).toBe("{}");
});

test("links and anchors are found, code aside", () => {
  const markdown = page(
    "See [a](b.md#c-d) and `[no](no.md)`.",
    "",
    "```sh",
    "[no](no.md)",
    "```",
    "",
    "## C `d`!",
    "## C d",
  );
  expect(linksOf(markdown)).toEqual([{ target: "b.md#c-d", line: 3 }]);
  expect([...anchorsOf(markdown)]).toEqual(["a-page", "c-d", "c-d-1"]);
});

test("a sample of output may differ in numbers and skip lines, and in nothing else", () => {
  const output = "database /tmp/x/y.db\n12 rows in 0.5 s\ndone\nbye\n";
  expect(missingLines("database /a.db\n1,300 rows in 12 s\n…\nbye", output)).toEqual([]);
  expect(missingLines("…\ndone\nbye", output)).toEqual([]);
  expect(missingLines("done\n12 rows in 0.5 s", output)).toEqual(["12 rows in 0.5 s"]);
  expect(missingLines("database /a.db\ndone", output)).toEqual(["done"]);
  expect(missingLines("12 rows in 0.5 seconds", output)).toEqual(["12 rows in 0.5 seconds"]);
});
