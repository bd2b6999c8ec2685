/**
 * The installed package on a Node that is too old for better-sqlite3, whose addon would end the process there:
 * the import works, and connect() says what was found and what is needed.
 */
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { packed } from "./packed.ts";
import { run } from "./shell.ts";

const { consumer } = await packed();
const needed = "22.14";

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/** A real Node older than the library needs, from the PATH: `{file, version}`, or null when there is none. */
function findOldNode(): { readonly file: string; readonly version: string } | null {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    const file = join(folder, "node");
    if (folder === "" || folder.includes("node_modules") || !isFile(file)) continue;
    const version = execFileSync(file, ["--version"], { encoding: "utf8" }).trim().slice(1);
    const [major = 0, minor = 0] = version.split(".").map(Number);
    if (major < 22 || (major === 22 && minor < 14)) return { file, version };
  }
  return null;
}

const script = `
import { connect, NotSupportedError } from "sqlite-dbapi";
try {
  connect(":memory:");
  console.log(JSON.stringify({ message: "connected", isOurs: false }));
} catch (error) {
  console.log(JSON.stringify({ message: error.message, isOurs: error instanceof NotSupportedError }));
}
`;
const disguise = `
Object.defineProperty(process.versions, "node", { value: "20.20.2" });
Object.defineProperty(process, "version", { value: "v20.20.2" });
`;

async function expectRefusal(file: string, args: readonly string[], version: string): Promise<void> {
  const outcome = await run(file, [...args, "old.mjs"], consumer);
  expect(outcome).toMatchObject({ code: 0, signal: null, stderr: "" });
  const { message, isOurs } = JSON.parse(outcome.stdout) as { message: string; isOurs: boolean };
  expect(message).toContain(version);
  expect(message).toContain(needed);
  expect(isOurs).toBe(true);
}

describe("on a Node that is too old", () => {
  const old = findOldNode();

  beforeAll(async () => {
    await writeFile(join(consumer, "old.mjs"), script);
    await writeFile(join(consumer, "disguise.mjs"), disguise);
  });

  it("connect raises NotSupportedError with both versions (a disguised Node 24)", async () => {
    await expectRefusal(process.execPath, ["--import", "./disguise.mjs"], "20.20.2");
  });

  it.skipIf(old === null)(
    `connect raises NotSupportedError with both versions (${old === null ? "skipped: no old Node on the PATH" : `a real Node ${old.version}`})`,
    async () => {
      if (old !== null) await expectRefusal(old.file, [], old.version);
    },
  );
});
