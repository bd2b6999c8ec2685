import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { freePorts } from "../../servers/ports.ts";
import { pipeline, until } from "./support.ts";

const PROGRAM = fileURLToPath(new URL("../../servers/run-sqld.ts", import.meta.url));

interface Run {
  readonly child: ChildProcessWithoutNullStreams;
  output(): string;
  /** What stands behind a word at the start of a line. */
  value(word: string): string;
}

function run(...args: readonly string[]): Run {
  const child = spawn(process.execPath, [PROGRAM, ...args]);
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return {
    child,
    output: () => output,
    value: (word) => new RegExp(`^${word}: (.+)$`, "m").exec(output)?.[1] ?? "",
  };
}

it("serves until Ctrl-C, and leaves nothing behind", async () => {
  const { child, output, value } = run();
  await until(() => output().includes("Ctrl-C"));
  expect((await pipeline(value("url"), ["SELECT 41 + 1"])).text).toContain('"42"');
  const directory = value("databases");
  expect(existsSync(directory)).toBe(true);
  child.kill("SIGINT");
  expect(await once(child, "close")).toEqual([0, null]);
  expect(existsSync(directory)).toBe(false);
  await expect(fetch(value("url"))).rejects.toThrow();
});

it("takes a port, and prints a token that opens the server", async () => {
  const [port = 0] = await freePorts(1);
  const { output, value } = run("--port", String(port), "--jwt");
  await until(() => output().includes("Ctrl-C"));
  expect(value("url")).toBe(`http://127.0.0.1:${port}`);
  expect((await pipeline(value("url"), ["SELECT 1"])).status).toBe(401);
  expect((await pipeline(value("url"), ["CREATE TABLE t(a)"], value("token"))).status).toBe(200);
});

it.each([
  [["--port", "many"], "expected --port to be a number"],
  [["--nonsense"], "--nonsense"],
])("refuses %j and tells its usage", async (args, words) => {
  const { child, output } = run(...args);
  expect(await once(child, "close")).toEqual([1, null]);
  expect(output()).toContain(words);
  expect(output()).toContain("npm run sqld");
});
