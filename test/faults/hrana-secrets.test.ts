/**
 * The token: a canary that must appear nowhere but in the header of a request to the server it is for. Not in a message, not
 * in what is inspected, written as JSON or printed, whatever goes wrong.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { openHrana } from "../../src/engine/hrana/open.ts";
import type { HranaOptions } from "../../src/engine/hrana/options.ts";
import { toPlain } from "../../src/errors/plain.ts";
import type { Answer } from "../servers/fake-hrana.ts";
import { ask, fake, IMPATIENT, serve, write } from "./hrana-support.ts";

const CANARY = "canary-7f3a9c51";
const SECRETS = [CANARY, Buffer.from(CANARY).toString("base64"), encodeURIComponent(CANARY)];

/** Everything that a program may show of something. */
function shown(thing: unknown): string {
  const parts = [
    String(thing),
    inspect(thing, {
      depth: 20,
      showHidden: true,
      getters: true,
      maxArrayLength: null,
      maxStringLength: null,
    }),
    JSON.stringify(thing) ?? "",
    JSON.stringify(toPlain(thing)),
  ];
  for (let at = thing; at instanceof Error; at = at.cause) {
    parts.push(at.message, at.stack ?? "", JSON.stringify(Object.getOwnPropertyDescriptors(at)));
  }
  return parts.join("\n");
}

function expectNoSecret(thing: unknown): void {
  const text = shown(thing);
  for (const secret of SECRETS) expect(text).not.toContain(secret);
}

const ANSWERS: readonly (readonly [string, Answer])[] = [
  ["401", { status: 401, body: `{"error":"no: Bearer ${CANARY}"}` }],
  ["403", { status: 403, body: CANARY }],
  ["400 with what it was sent", { status: 400, body: `authorization: Bearer ${CANARY}` }],
  ["500", { status: 500, body: `<html>${CANARY}</html>` }],
  ["503", { status: 503, headers: { "retry-after": "0" }, body: CANARY }],
  ["a redirect with the token in it", { status: 302, headers: { location: `/?authToken=${CANARY}` } }],
  [
    "an error that tells the token",
    {
      body: `{"baton":null,"base_url":null,"results":[{"type":"error","error":{"message":"${CANARY}","code":"${CANARY}"}}]}`,
    },
  ],
  [
    "a base_url with the token in it",
    { body: `{"baton":"x","base_url":"http://h/?t=${CANARY}","results":[]}` },
  ],
  ["no JSON, but the token", { body: CANARY }],
  [
    "a value of a type that is the token",
    { body: `{"baton":null,"base_url":null,"results":[{"type":"${CANARY}"}]}` },
  ],
  ["no HTTP", { raw: `${CANARY}\r\n\r\n` }],
  ["a broken connection", { stop: { at: "request", how: "reset" } }],
  ["silence", { stop: { at: "request", how: "silence" } }],
];

const WAYS: readonly (readonly [string, (url: string) => HranaOptions])[] = [
  ["as a string", (url) => ({ url, authToken: CANARY })],
  ["from a function", (url) => ({ url, authToken: async () => CANARY })],
  ["in the URL", (url) => ({ url: `${url}/?authToken=${CANARY}` })],
];

describe.each(WAYS)("a token given %s", (_, optionsFor) => {
  it.each(ANSWERS)("is not told when the server answers %s", async (_name, answer) => {
    const server = await fake();
    await server.rules({ answer });
    let engine: Awaited<ReturnType<typeof openHrana>> | null = null;
    const errors: unknown[] = [];
    try {
      engine = await openHrana({ ...optionsFor(server.url), ...IMPATIENT });
      for (const rows of ["first", "page", "all"] as const) {
        await ask(engine, "SELECT 1", { rows }).catch((error: unknown) => errors.push(error));
      }
      await engine
        .execute(write("CREATE TABLE t(a)", { begin: "BEGIN" }))
        .catch((error: unknown) => errors.push(error));
    } catch (error) {
      errors.push(error);
    }
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expectNoSecret(error);
    if (engine !== null) {
      expectNoSecret(engine);
      expectNoSecret({ engine, path: engine.path, name: engine.name });
      await engine.close().catch(expectNoSecret);
    }
    // It did go to the server, once connected.
    const [seen] = await server.seen();
    if (seen !== undefined) expect(seen.headers.authorization).toBe(`Bearer ${CANARY}`);
  });

  it("is not told by an engine that works", async () => {
    const server = await fake(await serve());
    const engine = await openHrana(optionsFor(server.url));
    onTestFinished(() => engine.close());
    expect(await ask(engine, "SELECT 1")).toEqual([[1]]);
    expectNoSecret(engine);
    expectNoSecret(await engine.execute(write("CREATE TABLE t(a)")));
    for (const { path, headers, body } of await server.seen()) {
      expect(path + body).not.toContain(CANARY);
      expect(headers.authorization).toBe(`Bearer ${CANARY}`);
    }
  });
});

describe("a token that is no token", () => {
  it.each([`${CANARY}\r\nx: y`, `${CANARY} ${CANARY}`, `${CANARY}\u0000`, `${CANARY}é`])(
    "is refused untold: %j",
    async (authToken) => {
      const server = await fake();
      const outcome = await openHrana({ url: server.url, authToken })
        .then((engine) => ask(engine, "SELECT 1"))
        .catch((error: unknown) => error);
      expect(outcome).toBeInstanceOf(Error);
      expectNoSecret(outcome);
      expect(await server.seen()).toEqual([]);
    },
  );

  it("of a function that throws is not told", async () => {
    const server = await fake();
    const authToken = () => Promise.reject(new Error("the vault is closed"));
    const outcome = await openHrana({ url: server.url, authToken })
      .then((engine) => ask(engine, "SELECT 1"))
      .catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(Error);
    expect(await server.seen()).toEqual([]);
  });
});

describe("a process", () => {
  it("that dies of a refusal does not print the token, warnings and traces of Node's included", async () => {
    const server = await fake();
    await server.rules({ answer: { status: 401, body: `{"error":"${CANARY}"}` } });
    const script = `
      const { openHrana } = await import(${JSON.stringify(new URL("../../src/engine/hrana/open.ts", import.meta.url).href)});
      const engine = await openHrana({ url: process.argv[1], authToken: process.env.TOKEN });
      console.log(engine);
      console.dir(engine, { depth: 10, showHidden: true });
      await engine.execute({ sql: "SELECT 1", values: [], begin: null, guard: false, discard: 0, rows: "all", reads: true,
        reading: { integers: "auto", text: "string" } });`;
    const child = spawn(
      process.execPath,
      ["--trace-uncaught", "--trace-warnings", "--input-type=module", "--eval", script, server.url],
      { env: { ...process.env, TOKEN: CANARY, NODE_DEBUG: "" } },
    );
    onTestFinished(() => void child.kill("SIGKILL"));
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const [code] = (await once(child, "close")) as [number];
    expect(code).toBe(1);
    expect(output).toContain("OperationalError");
    for (const secret of SECRETS) expect(output).not.toContain(secret);
    expect(fileURLToPath(import.meta.url)).toBeTruthy();
  });
});
