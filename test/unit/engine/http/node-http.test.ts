/**
 * Node's HTTP as the engines of servers load it: it works, and brings nothing along that takes time and is not used.
 */
import { execFileSync } from "node:child_process";
import * as http from "node:http";
import * as https from "node:https";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { nodeHttp } from "../../../../src/engine/http/node-http.ts";

const TOP = fileURLToPath(new URL("../../../..", import.meta.url));

/** What of Node's own a process has loaded, after it has imported both ways to a server. */
function loadedAfter(work: string): string[] {
  const program = `
    await import("./src/engine/http/http.ts");
    await import("./src/engine/hrana/ws-client.ts");
    ${work}
    console.log(JSON.stringify(process.moduleLoadList));`;
  const command = ["--input-type=module-typescript", "--eval", program];
  return JSON.parse(execFileSync(process.execPath, command, { cwd: TOP, encoding: "utf8" })) as string[];
}

const UNDICI = "NativeModule internal/deps/undici/undici";

it("is Node's", () => {
  expect(nodeHttp(false).request).toBe(http.request);
  expect(nodeHttp(true).request).toBe(https.request);
});

it("does not load undici", () => {
  const work = 'const { nodeHttp } = await import("./src/engine/http/node-http.ts"); nodeHttp(false).Agent;';
  expect(loadedAfter(work)).toContain("NativeModule http");
  expect(loadedAfter(work)).not.toContain(UNDICI);
});

it("would be seen to", () => {
  expect(loadedAfter("void WebSocket;")).toContain(UNDICI);
});
