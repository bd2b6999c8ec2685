/**
 * Drivers that are no JavaScript: the channel to them, what they answer, and what becomes of one that ends or lies.
 */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { start } from "../../../bench/lib/driver-handle.ts";
import { programChannel } from "../../../bench/lib/program-channel.ts";
import { whyNot } from "../../../bench/lib/suite.ts";
import { pythonSqlite3 } from "../../../bench/programs/python-sqlite3.ts";
import { suiteNamed } from "../../../bench/suites.ts";

const folder = mkdtempSync(join(tmpdir(), "sqlite-dbapi-programs-"));
afterAll(() => rmSync(folder, { recursive: true }));

function isThere(file: string): boolean {
  try {
    execFileSync(file, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A program that runs this for each line that it is asked. */
function programOf(body: string) {
  const path = join(folder, `${randomUUID()}.mjs`);
  const lines = "createInterface({ input: process.stdin })";
  writeFileSync(
    path,
    `import { createInterface } from "node:readline";\nfor await (const line of ${lines}) { ${body} }`,
  );
  return programChannel([process.execPath, path], (trial) => `${trial} 7`);
}

describe("the channel", () => {
  it("asks by lines and takes answers of JSON", async () => {
    const channel = programOf(
      'console.log(JSON.stringify({ say: "failed", message: line + " " + process.env.ROWS }))',
    );
    const rows = "200000";
    expect(await channel.exchange({ ask: "prepare", trial: "lookup" })).toEqual({
      say: "failed",
      message: `prepare lookup 7 ${rows}`,
    });
    expect(await channel.exchange({ ask: "sample" })).toMatchObject({ message: `sample ${rows}` });
    await channel.close();
  });

  it("tells of a program that ends instead of answering, with its last words", async () => {
    const channel = programOf('console.error("no such thing"); process.exit(3);');
    await expect(channel.exchange({ ask: "facts" })).rejects.toThrow(
      /its process ended with code 3\. no such thing/,
    );
    await channel.close();
  });

  it("tells of a program that cannot be started", async () => {
    const channel = programChannel([join(folder, "nothing")], () => "");
    await expect(channel.exchange({ ask: "facts" })).rejects.toThrow(/ENOENT/);
    await channel.close();
  });

  it("tells of an answer that is none", async () => {
    const channel = programOf('console.log("what?")');
    await expect(channel.exchange({ ask: "facts" })).rejects.toThrow('expected a line of JSON, got "what?"');
    await channel.close();
  });
});

describe.runIf(isThere("python3"))("Python's sqlite3", () => {
  it("does the trials it has words for, and no others", async () => {
    const suite = await suiteNamed("synchronous");
    const handle = await start(suite, pythonSqlite3.name, "", false);
    try {
      const { facts } = await handle.ask({ ask: "facts" }, "facts");
      expect(facts).toEqual({
        version: expect.stringMatching(/^of Python 3/),
        sqlite: expect.stringMatching(/^3\./),
      });
      const trial =
        suite.trials.find(({ name }) => whyNot(suite, pythonSqlite3.name, name) === null)?.name ?? "";
      await handle.ask({ ask: "prepare", trial }, "done");
      expect((await handle.ask({ ask: "sample" }, "sample")).taken).toBeGreaterThan(0);
      await handle.ask({ ask: "finish" }, "done");
      await expect(handle.ask({ ask: "prepare", trial: "nothing" }, "done")).rejects.toThrow(
        /^Python sqlite3: KeyError: 'undefined'/,
      );
    } finally {
      await handle.stop();
    }
  });
});

it("every driver of every suite either does a trial or says why not", async () => {
  const suite = await suiteNamed("synchronous");
  const whys = suite.drivers.map(({ name }) => [name, whyNot(suite, name, "one row by key, sql tag")]);
  expect(Object.fromEntries(whys)).toEqual({
    "better-sqlite3": null,
    "sqlite-dbapi": null,
    "node:sqlite": "its template tag knows rows as objects only",
    libsql: "it has no template tag",
    "Python sqlite3": "",
    C: "",
  });
});
