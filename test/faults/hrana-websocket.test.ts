/**
 * The same faults over WebSocket: what is no answer, what is no frame, silence, ends in the middle. Rows are exact or there is
 * an OperationalError; then the engine goes on with a new connection.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { openHrana } from "../../src/engine/hrana/open.ts";
import type { AsyncEngine } from "../../src/engine/port.ts";
import { closeFrame, frame, TEXT } from "../servers/fake/frames.ts";
import { type Answer, type FakeHrana, startFakeHrana } from "../servers/fake-hrana.ts";
import { type Sqld, startSqld } from "../servers/sqld.ts";
import { ask, engineFor, fake, IMPATIENT, operational, serve, write } from "./hrana-support.ts";

const ROWS = [
  [9007199254740993n, 1.5, "text", Buffer.from([0, 255, 0])],
  [7, 2.5, "more", Buffer.from([17])],
];

let sqld: Sqld;
let server: FakeHrana;

beforeAll(async () => {
  sqld = await startSqld();
  server = await startFakeHrana(sqld.url);
  const engine = await openHrana({ url: sqld.url });
  await engine.execute(write("CREATE TABLE t(n INTEGER, r REAL, s TEXT, b BLOB)"));
  await engine.execute(
    write("INSERT INTO t VALUES (9007199254740993, 1.5, 'text', x'00ff00'), (7, 2.5, 'more', x'11')"),
  );
  await engine.close();
});

afterAll(async () => {
  await server.stop();
  await sqld.stop();
});

beforeEach(() => server.rules());

function socketUrl({ url }: { readonly url: string }): string {
  return url.replace("http", "ws");
}

function engineOver(target: { readonly url: string }, patience: object = IMPATIENT): Promise<AsyncEngine> {
  return engineFor(socketUrl(target), patience);
}

const payload = (text: string) => Buffer.from(text);
const base64 = (...parts: readonly Buffer[]) => Buffer.concat(parts).toString("base64");
/** A frame whose first byte is another. */
function withHead(first: number, second: number, rest: Buffer = Buffer.alloc(0)): string {
  return base64(Buffer.from([first, second]), rest);
}

/** What the server says in place of the answer that carries the rows. */
const FAULTS: readonly (readonly [string, Answer])[] = [
  ["an integer with a fraction", { replace: [{ find: '"value":"7"', with: '"value":"7.5"' }] }],
  ["a row that is too short", { replace: [{ find: '\\{"type":"float","value":2.5\\},', with: "" }] }],
  ["a type that nobody knows", { replace: [{ find: '"type":"float"', with: '"type":"decimal"' }] }],
  ["no JSON", { replace: [{ find: '"type":"float"', with: '"type":float' }] }],
  ["another request's number", { replace: [{ find: '"request_id":(\\d+)', with: '"request_id":99$1' }] }],
  ["a number that is none", { replace: [{ find: '"request_id":(\\d+)', with: '"request_id":"$1"' }] }],
  [
    "an answer to something else",
    { replace: [{ find: '"type":"(batch|fetch_cursor)"', with: '"type":"sequence"' }] },
  ],
  ["a message of no known type", { replace: [{ find: '"type":"response_ok"', with: '"type":"weather"' }] }],
  ["nothing at all", { messages: [] }],
  ["an empty message", { messages: [""] }],
  ["null", { messages: ["null"] }],
  ["a frame that is masked", { frames: base64(Buffer.from([0x81, 0x81, 1, 2, 3, 4, 5])) }],
  ["a frame with an extension", { frames: withHead(0xc1, 1, payload("x")) }],
  ["a frame of bytes", { frames: base64(frame(2, payload("{}"))) }],
  ["a frame of no known kind", { frames: base64(frame(0x0b, payload("{}"))) }],
  ["a rest without a beginning", { frames: base64(frame(0, payload("{}"))) }],
  ["a ping in pieces", { frames: withHead(0x09, 0) }],
  ["a ping that is too long", { frames: base64(frame(9, Buffer.alloc(200))) }],
  ["a text that is not UTF-8", { frames: base64(frame(TEXT, Buffer.from([0x22, 0xff, 0xfe, 0x22]))) }],
  ["a frame of 2^63 bytes", { frames: base64(Buffer.from([0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0])) }],
  ["the beginning of a frame", { frames: base64(Buffer.from([0x81, 126, 0xff, 0xff]), payload("{")) }],
  ["a close frame", { frames: base64(closeFrame(1000)) }],
  ["a close for breaking the protocol", { messages: [], close: 1002 }],
  ["words that are no frames", { frames: payload("HTTP/1.1 400 Bad Request\r\n\r\n").toString("base64") }],
  ["half an answer and silence", { stop: { at: 40, how: "silence" } }],
  ["half an answer and an end", { stop: { at: 40, how: "end" } }],
  ["half an answer and a broken connection", { stop: { at: 40, how: "reset" } }],
  ["silence", { stop: { at: "request", how: "silence" } }],
  ["a broken connection", { stop: { at: "request", how: "reset" } }],
];

describe.each(FAULTS)("a server that answers with %s", (_, answer) => {
  const when = { on: "reply", body: '"value":"7"' } as const;

  it.each(["page", "all"] as const)(
    "is an OperationalError, and then another connection (%s)",
    async (rows) => {
      const engine = await engineOver(server, { ...IMPATIENT, maxRetries: 0 });
      expect(await ask(engine, "SELECT 1")).toEqual([[1]]);
      await server.rules({ when, answer });
      const error = await operational(ask(engine, "SELECT * FROM t", { rows }));
      expect(error.outcome ?? "not-executed").toBe("not-executed");
      await server.rules();
      expect(await ask(engine, "SELECT * FROM t", { rows })).toEqual(ROWS);
    },
  );

  it("loses the transaction and says so until it is heard", async () => {
    const engine = await engineOver(server);
    await engine.execute(write("SELECT 1", { begin: "BEGIN" }));
    expect(engine.inTransaction).toBe(true);
    await server.rules({ when, answer });
    const error = await operational(ask(engine, "SELECT * FROM t", { guard: true }));
    expect([error.outcome, engine.inTransaction]).toEqual(["rolled-back", false]);
    await server.rules();
    const refused = await operational(ask(engine, "SELECT * FROM t", { guard: true }));
    expect(refused.outcome).toBe("rolled-back");
    await engine.control([{ sql: "ROLLBACK", when: "open" }]);
    expect(await ask(engine, "SELECT * FROM t")).toEqual(ROWS);
  });
});

describe("answers in another manner", () => {
  it("are put together: in pieces, with pings between them, and late", async () => {
    const engine = await engineOver(server, {});
    await ask(engine, "SELECT * FROM t");
    // Every reply comes behind a ping, and those with rows much later than the others.
    await server.rules(
      { when: { on: "reply", body: '"value":"7"' }, answer: { delay: 200 } },
      {
        when: { on: "message", times: 3 },
        answer: { upstream: true, frames: base64(frame(9, payload("ping"))) },
      },
    );
    expect(await ask(engine, "SELECT * FROM t")).toEqual(ROWS);
    expect(await ask(engine, "SELECT * FROM t", { rows: "page" })).toEqual(ROWS);
  });

  it("are read from fragments", async () => {
    const engine = await engineOver(server, {});
    const answer = '{"type":"response_ok","request_id":$1,"response":{"type":"close_stream"}}';
    expect(answer).toContain("$1");
    const [first, rest] = [payload('{"type":"hello_'), payload('ok"}')];
    const pieces = base64(
      Buffer.from([0x01, first.length]),
      first,
      frame(9, payload("between")),
      Buffer.from([0x80, rest.length]),
      rest,
    );
    // A second greeting changes nothing.
    await server.rules({ when: { on: "message", times: 1 }, answer: { upstream: true, frames: pieces } });
    expect(await ask(engine, "SELECT * FROM t")).toEqual(ROWS);
  });
});

describe("a write whose answer is lost", () => {
  it.each<[string, Answer]>([
    ["in silence", { stop: { at: "request", how: "silence" } }],
    ["with the connection", { stop: { at: "request", how: "reset" } }],
  ])("%s has an unknown outcome, and is not sent again", async (_, answer) => {
    const [own, direct] = [await serve(), await fake()];
    onTestFinished(() => direct.stop());
    const between = await fake(own);
    const engine = await engineOver(between);
    await engine.execute(write("CREATE TABLE w(a)"));
    await between.rules({ when: { on: "reply" }, answer });
    const error = await operational(engine.execute(write("INSERT INTO w VALUES (1)")));
    expect(error.outcome).toBe("unknown");
    await between.rules();
    expect(await ask(engine, "SELECT count(*) FROM w")).toEqual([[1]]);
  });
});

describe("a handshake", () => {
  it.each<[string, Answer]>([
    ["that is refused", { status: 403, body: "no" }],
    ["that is put off", { status: 503, headers: { "retry-after": "0" } }],
    ["that leads elsewhere", { status: 302, headers: { location: "http://localhost:1/" } }],
    ["without an answer", { stop: { at: "request", how: "silence" } }],
    ["that breaks", { stop: { at: "request", how: "reset" } }],
    ["of another protocol", { protocol: "mqtt" }],
    ["of no protocol", { protocol: "" }],
    [
      "with another key",
      {
        raw: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\nSec-WebSocket-Protocol: hrana3\r\n\r\n",
      },
    ],
    ["that is no HTTP", { raw: "220 mail.test ESMTP\r\n" }],
    ["that only looks well", { raw: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}" }],
  ])("%s opens no engine, and no token is sent", async (_, answer) => {
    await server.rules({ when: { on: "upgrade" }, answer });
    const error = await operational(engineFor(socketUrl(server), { ...IMPATIENT, authToken: "canary-1" }));
    expect(error.outcome).toBe("not-executed");
    for (const { method, path, headers } of await server.seen()) {
      expect(method).toBe("UPGRADE");
      expect(JSON.stringify([path, headers])).not.toContain("canary-1");
    }
  });

  it.each([
    ["says nothing", { messages: [] }],
    [
      "says no",
      { messages: ['{"type":"hello_error","error":{"message":"not canary-1","code":"AUTH canary-1"}}'] },
    ],
    ["hangs up", { close: 1008 }],
  ])("whose greeting %s opens no engine", async (_, answer) => {
    await server.rules({ when: { on: "message", body: "hello" }, answer });
    const error = await operational(engineFor(socketUrl(server), { ...IMPATIENT, authToken: "canary-1" }));
    expect(error.outcome).toBe("not-executed");
    expect([error.message, error.code, error.stack].join()).not.toContain("canary-1");
  });
});

describe("too large an answer", () => {
  it.each<[string, Answer]>([
    ["in one frame", { messages: [`{"type":"response_ok","x":"${"x".repeat(3 << 20)}"}`] }],
    [
      "in many",
      {
        frames: base64(
          ...Array.from({ length: 50 }, (_, i) =>
            Buffer.concat([
              Buffer.from([i === 0 ? 1 : 0, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
              Buffer.alloc(1 << 16, "x"),
            ]),
          ),
        ),
      },
    ],
  ])("is an OperationalError: %s", async (_, answer) => {
    const engine = await engineOver(server, { ...IMPATIENT, maxResponseBytes: 1 << 20, maxRetries: 0 });
    await ask(engine, "SELECT 1");
    await server.rules({ when: { on: "reply", body: '"value":"7"' }, answer });
    const error = await operational(ask(engine, "SELECT * FROM t"));
    expect(error.code).toBe("RESPONSE_TOO_LARGE");
    await server.rules();
    expect(await ask(engine, "SELECT * FROM t")).toEqual(ROWS);
  });
});

describe("a server killed and started again", () => {
  it("is found again, and what was committed with it", async () => {
    const own = await serve();
    const engine = await engineOver(own, { ...IMPATIENT, firstByteTimeout: 5000 });
    await engine.execute(write("CREATE TABLE w(a)"));
    await engine.execute(write("INSERT INTO w VALUES (1)"));
    await engine.execute(write("INSERT INTO w VALUES (2)", { begin: "BEGIN" }));
    await own.kill();
    const error = await operational(engine.execute(write("INSERT INTO w VALUES (3)", { guard: true })));
    expect(error.outcome).toBe("rolled-back");
    await own.restart();
    await engine.control([{ sql: "ROLLBACK", when: "open" }]);
    expect(await ask(engine, "SELECT a FROM w")).toEqual([[1]]);
    await engine.execute(write("INSERT INTO w VALUES (4)"));
    expect(await ask(engine, "SELECT a FROM w")).toEqual([[1], [4]]);
  });
});
