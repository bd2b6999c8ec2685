import { get } from "node:http";
import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { closeFrame, frame, TEXT } from "../../servers/fake/frames.ts";
import { type FakeHrana, startFakeHrana } from "../../servers/fake-hrana.ts";
import { pipeline, serve, until } from "./support.ts";

async function fake(upstream?: string): Promise<FakeHrana> {
  const server = await startFakeHrana(upstream);
  onTestFinished(() => server.stop());
  return server;
}

async function text(url: string): Promise<string> {
  return (await fetch(url)).text();
}

describe("a fake server alone", () => {
  it("answers by its rules, and remembers what it saw", async () => {
    const server = await fake();
    await server.rules({
      when: { path: "^/v3" },
      answer: { status: 503, headers: { "retry-after": "7" }, body: "busy" },
    });
    const response = await fetch(`${server.url}/v3`, { method: "POST", body: "x", headers: { a: "b" } });
    expect([response.status, response.headers.get("retry-after"), await response.text()]).toEqual([
      503,
      "7",
      "busy",
    ]);
    expect((await fetch(server.url)).status).toBe(404);
    const [first, second] = await server.seen();
    expect(first).toMatchObject({ method: "POST", path: "/v3", body: "x", connection: 1 });
    expect(first?.headers.a).toBe("b");
    expect(second).toMatchObject({ method: "GET", path: "/" });
    await server.rules();
    expect(await server.seen()).toEqual([]);
  });

  it("breaks an answer off, before it or in it", async () => {
    const server = await fake();
    await server.rules(
      { when: { path: "/reset" }, answer: { body: "abcdef", stop: { at: 3, how: "reset" } } },
      { when: { path: "/end" }, answer: { body: "abcdef", stop: { at: 3, how: "end" } } },
      { when: { path: "/before" }, answer: { stop: { at: "request", how: "reset" } } },
      { when: { path: "/raw" }, answer: { raw: "SMTP ready\r\n\r\n" } },
    );
    for (const path of ["/reset", "/end", "/before", "/raw"]) {
      await expect(text(server.url + path), path).rejects.toThrow();
    }
  });

  it("falls silent, before an answer or in it", async () => {
    const server = await fake();
    await server.rules(
      { when: { path: "/before" }, answer: { stop: { at: "request", how: "silence" } } },
      { when: { path: "/in" }, answer: { body: "abcdef", stop: { at: 3, how: "silence" } } },
    );
    await expect(fetch(`${server.url}/before`, { signal: AbortSignal.timeout(200) })).rejects.toThrow(
      "timeout",
    );
    let came = "";
    const request = get(`${server.url}/in`, (response) => {
      response.setEncoding("utf8").on("data", (piece: string) => {
        came += piece;
      });
      response.on("error", () => {});
    });
    onTestFinished(() => void request.destroy());
    await until(() => came === "abc");
    expect((await server.counts()).open).toBeGreaterThan(0);
  });

  it("drips, waits, compresses and pads", async () => {
    const server = await fake();
    await server.rules(
      { when: { path: "/drip" }, answer: { body: "abcdef", drip: { bytes: 1, every: 1 }, delay: 5 } },
      { when: { path: "/bomb" }, answer: { body: "x", gzip: true, padding: 5_000_000 } },
    );
    expect(await text(`${server.url}/drip`)).toBe("abcdef");
    const bytes = await new Promise<Buffer>((resolve) => {
      get(`${server.url}/bomb`, (response) => {
        expect(response.headers["content-encoding"]).toBe("gzip");
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => resolve(Buffer.concat(chunks)));
      });
    });
    expect(bytes.length).toBeLessThan(50_000);
    expect(gunzipSync(bytes).length).toBe(5_000_001);
  });

  it("sends for ever, until the client has enough", async () => {
    const server = await fake();
    await server.rules({ answer: { body: "for ever ", endless: true } });
    let length = 0;
    const request = get(server.url, (response) => {
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > 1_000_000) request.destroy();
      });
    });
    request.on("error", () => {});
    await until(() => request.destroyed);
    await server.rules({ answer: { body: "done" } });
    expect(await text(server.url)).toBe("done");
  });

  it("ends connections politely when it is told to", async () => {
    const server = await fake();
    await text(server.url);
    expect(await server.counts()).toEqual({ connections: 1, open: 1 });
    await server.dropConnections();
    let open = 1;
    while (open > 0) ({ open } = await server.counts());
    await text(server.url);
    expect((await server.counts()).connections).toBe(2);
  });

  it("speaks WebSocket by its rules", async () => {
    const server = await fake();
    await server.rules(
      { when: { on: "upgrade", path: "/no" }, answer: { status: 404 } },
      { when: { on: "message", body: '"id":(\\d+)' }, answer: { messages: ['{"answer":$1}', "more"] } },
      {
        when: { on: "message", body: "bye" },
        answer: { frames: frame(TEXT, Buffer.from("raw")).toString("base64"), close: 4001 },
      },
    );
    const refused = new WebSocket(`${server.url.replace("http", "ws")}/no`);
    await new Promise((resolve) => {
      refused.onerror = resolve;
    });
    const socket = new WebSocket(server.url.replace("http", "ws"), ["hrana3", "hrana2"]);
    const said: unknown[] = [];
    socket.onmessage = ({ data }) => said.push(data);
    socket.onopen = () => {
      socket.send('{"id":42}');
      socket.send(`bye${"x".repeat(70_000)}`);
    };
    const { code } = await new Promise<CloseEvent>((resolve) => {
      socket.onclose = resolve;
    });
    expect([socket.protocol, code]).toEqual(["hrana3", 4001]);
    expect(said).toEqual(['{"answer":42}', "more", "raw"]);
    const seen = await server.seen();
    expect(seen.map(({ method }) => method)).toEqual(["UPGRADE", "UPGRADE", "MESSAGE", "MESSAGE"]);
  });

  it("ends with the process that started it", async () => {
    const server = await startFakeHrana();
    await server.stop();
    await server.stop();
    const socket = connect(server.port, "127.0.0.1");
    const error = await new Promise((resolve) => socket.on("error", resolve));
    expect(error).toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("a fake server before a real one", () => {
  it("passes on what no rule is for, and changes what one is for", async () => {
    const server = await fake((await serve()).url);
    expect((await pipeline(server.url, ["SELECT 41 + 1"])).text).toContain('"42"');
    await server.rules({
      when: { body: "41" },
      answer: { upstream: true, status: 418, replace: [{ find: '"value":"(\\d+)"', with: '"value":$1' }] },
    });
    const { status, text } = await pipeline(server.url, ["SELECT 41 + 1"]);
    expect(status).toBe(418);
    expect(text).toContain('"value":42');
    const [seen] = await server.seen();
    expect(Buffer.from(seen?.upstream?.bytes ?? "", "base64").toString()).toContain('"value":"42"');
  });

  it("loses an answer to what has been done", async () => {
    const sqld = await serve();
    const server = await fake(sqld.url);
    await server.rules({
      when: { times: 1 },
      answer: { upstream: true, stop: { at: "request", how: "reset" } },
    });
    await expect(pipeline(server.url, ["CREATE TABLE t(a)"])).rejects.toThrow();
    expect((await pipeline(sqld.url, ["SELECT count(*) FROM t"])).text).toContain('"type":"ok"');
  });

  it("passes WebSocket on, and changes, drops and cuts replies", async () => {
    const server = await fake((await serve()).url);
    await server.rules(
      { when: { on: "reply", body: '"request_id":2' }, answer: { replace: [{ find: '"42"', with: "42" }] } },
      { when: { on: "reply", body: '"request_id":3' }, answer: { messages: [] } },
      { when: { on: "reply", body: '"request_id":4' }, answer: { stop: { at: 5, how: "end" } } },
    );
    const socket = new WebSocket(server.url.replace("http", "ws"), "hrana3");
    const said: string[] = [];
    socket.onmessage = ({ data }) => said.push(String(data));
    const request = (id: number, body: object) =>
      socket.send(JSON.stringify({ type: "request", request_id: id, request: body }));
    const execute = { type: "execute", stream_id: 0, stmt: { sql: "SELECT 42" } };
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: "hello", jwt: null }));
      request(1, { type: "open_stream", stream_id: 0 });
      for (const id of [2, 3, 4]) request(id, execute);
    };
    await new Promise((resolve) => {
      socket.onclose = resolve;
    });
    expect(said.map((text) => JSON.parse(text).request_id)).toEqual([undefined, 1, 2]);
    expect(said[2]).toContain('"value":42');
    const told = (await server.seen()).filter(({ method }) => method === "REPLY");
    expect(told.map(({ body }) => body)).toEqual(said);
  });

  it("takes bytes that are no frames", async () => {
    const server = await fake();
    await server.rules({
      when: { on: "message" },
      answer: {
        frames: Buffer.concat([closeFrame(1000).subarray(0, 3)]).toString("base64"),
        stop: { at: 0, how: "end" },
      },
    });
    const socket = new WebSocket(server.url.replace("http", "ws"));
    socket.onopen = () => socket.send("x");
    const { code } = await new Promise<CloseEvent>((resolve) => {
      socket.onclose = resolve;
    });
    expect(code).toBe(1006);
  });
});
