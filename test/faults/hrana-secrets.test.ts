/**
 * The token: a canary that must appear nowhere but in the header of a request to the server it is for. Not in a message, not
 * in what is inspected, written as JSON or printed, whatever goes wrong.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { openHrana } from "../../src/engine/hrana/open.ts";
import type { HranaOptions } from "../../src/engine/http/options.ts";
import type { AsyncEngine } from "../../src/engine/port.ts";
import { toPlain } from "../../src/errors/plain.ts";
import { type Answer, type FakeHrana, startFakeHrana } from "../servers/fake-hrana.ts";
import { type Sqld, startSqld } from "../servers/sqld.ts";
import { ask, IMPATIENT, write } from "./hrana-support.ts";

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
  ["401 with the token as its code", { status: 401, body: `{"error":{"message":"no","code":"${CANARY}"}}` }],
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

let sqld: Sqld;
let server: FakeHrana;

beforeAll(async () => {
  sqld = await startSqld();
  server = await startFakeHrana(sqld.url);
});

afterAll(async () => {
  await server.stop();
  await sqld.stop();
});

beforeEach(() => server.rules());

/** Everything that can be asked, and what comes of it. */
async function errorsOf(engine: AsyncEngine): Promise<unknown[]> {
  const errors: unknown[] = [];
  const note = (error: unknown) => errors.push(error);
  for (const rows of ["first", "page", "all"] as const) await ask(engine, "SELECT 1", { rows }).catch(note);
  await engine.execute(write("SELECT 2", { begin: "BEGIN" })).catch(note);
  await engine.control([{ sql: "COMMIT", when: "open" }]).catch(note);
  const script = await engine.script({ parts: [{ sql: "SELECT 1" }], begin: null, guard: false }).catch(note);
  if (typeof script === "object" && script.error !== null) note(script.error);
  return errors;
}

describe.each(WAYS)("a token given %s", (_, optionsFor) => {
  it.each(ANSWERS)("is not told when the server answers %s to the first request", async (_name, answer) => {
    await server.rules({ answer });
    const outcome = await openHrana({ ...optionsFor(server.url), ...IMPATIENT }).catch(
      (error: unknown) => error,
    );
    expect(outcome).toBeInstanceOf(Error);
    expectNoSecret(outcome);
    const [seen] = await server.seen();
    expect(seen?.headers.authorization).toBe(`Bearer ${CANARY}`);
  });

  it.each(ANSWERS)("is not told when the server answers %s later", async (_name, answer) => {
    const engine = await openHrana({ ...optionsFor(server.url), ...IMPATIENT });
    onTestFinished(() => engine.close());
    await ask(engine, "SELECT 1");
    await server.rules({ answer });
    const errors = await errorsOf(engine);
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) expectNoSecret(error);
    expectNoSecret(engine);
  });

  it.each(["http", "ws"])("is not told by an engine that works, over %s", async (scheme) => {
    const engine = await openHrana(optionsFor(server.url.replace("http", scheme)));
    onTestFinished(() => engine.close());
    expect(await ask(engine, "SELECT 1")).toEqual([[1]]);
    const error = await engine.execute(write("nonsense")).catch((thrown: unknown) => thrown);
    for (const thing of [engine, error, { path: engine.path, name: engine.name }]) expectNoSecret(thing);
    for (const { method, path, headers, body } of await server.seen()) {
      expect(path).not.toContain(CANARY);
      if (method === "POST") expect(headers.authorization).toBe(`Bearer ${CANARY}`);
      // Over WebSocket it is in the greeting and nowhere else.
      expect(body.includes(CANARY)).toBe(body.includes('"hello"'));
    }
  });
});

describe("a token that is no token", () => {
  it.each([`${CANARY}\r\nx: y`, `${CANARY} ${CANARY}`, `${CANARY}\u0000`, `${CANARY}é`])(
    "is refused untold: %j",
    async (authToken) => {
      const outcome = await openHrana({ url: server.url, authToken })
        .then((engine) => ask(engine, "SELECT 1"))
        .catch((error: unknown) => error);
      expect(outcome).toBeInstanceOf(Error);
      expectNoSecret(outcome);
      expect(await server.seen()).toEqual([]);
    },
  );

  it("of a function that throws is not told", async () => {
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
  });
});
