/**
 * Tests src/engine/hrana/ws-socket.ts, ws-client.ts and ws-stream.ts on scripted servers: handshakes and messages that no server
 * of the protocol sends, silence, and the end of a connection.
 */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { FrameReader, TEXT } from "../../../../src/engine/hrana/ws-frames.ts";
import { OperationalError } from "../../../../src/errors/tree.ts";
import { open, request } from "./support.ts";

type Fields = Readonly<Record<string, unknown>>;
/** What a server says to a message: texts, or its end. */
type Script = (message: Fields, connection: number) => readonly string[] | "close";

const accept = (key: string) =>
  createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");

/** A text frame as a server writes it. */
function frame(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = payload.length < 126 ? Buffer.from([0x81, payload.length]) : Buffer.from([0x81, 126, 0, 0]);
  if (payload.length >= 126) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}

/** Takes the masks off a client's frames, so that our own reader can read them. */
function unmasked(bytes: Buffer): Buffer {
  const frames: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const extra = short === 126 ? 2 : 0;
    const length = extra === 2 ? bytes.readUInt16BE(at + 2) : short;
    const mask = bytes.subarray(at + 2 + extra, at + 6 + extra);
    const start = at + 6 + extra;
    const head = Buffer.from(bytes.subarray(at, at + 2 + extra));
    head[1] = (head[1] ?? 0) & 0x7f;
    frames.push(
      head,
      Buffer.from(bytes.subarray(start, start + length).map((byte, i) => byte ^ (mask[i & 3] ?? 0))),
    );
    at = start + length;
  }
  return Buffer.concat(frames);
}

/** A server of the test's own; `headers` spoils its handshake. */
async function serve(
  script: Script,
  headers: (request: IncomingMessage) => readonly string[] = () => [],
): Promise<string> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(404).end());
  server.on("upgrade", (message, socket: Socket) => {
    const connection = ++connections;
    sockets.add(socket);
    socket.on("error", () => {});
    const key = accept(message.headers["sec-websocket-key"] ?? "");
    const standard = [`sec-websocket-accept: ${key}`, "sec-websocket-protocol: hrana3"];
    const spoilt = headers(message);
    const names = spoilt.map((line) => line.split(":", 1)[0]);
    const lines = [...standard.filter((line) => !names.includes(line.split(":", 1)[0])), ...spoilt];
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n${lines.join("\r\n")}\r\n\r\n`,
    );
    const reader = new FrameReader(1 << 20);
    socket.on("data", (bytes: Buffer) => {
      for (const { opcode, payload } of reader.push(unmasked(bytes))) {
        if (opcode !== TEXT) continue;
        const answer = script(JSON.parse(payload.toString()), connection);
        if (answer === "close") socket.destroy();
        else for (const text of answer) socket.write(frame(text));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const RESULT = { cols: [], rows: [], affected_row_count: 1, last_insert_rowid: "1" };

/** What a server says that does as it should. */
function good(message: Fields): readonly string[] {
  if (message.type === "hello") return ['{"type":"hello_ok"}'];
  const { type } = message.request as Fields;
  const steps = ((message.request as { batch?: { steps: unknown[] } }).batch?.steps ?? []).map(() => RESULT);
  const result = { step_results: steps, step_errors: steps.map(() => null) };
  const response = { type, is_autocommit: true, result };
  return [JSON.stringify({ type: "response_ok", request_id: message.request_id, response })];
}

const isBatch = ({ request: asked }: Fields) => (asked as Fields | undefined)?.type === "batch";
const insert = request("INSERT INTO t VALUES (1)");

describe("a server by WebSocket", () => {
  it("is understood when it does as it should, though it answers out of order", async () => {
    const held: string[] = [];
    const url = await serve((message) => {
      if (message.type === "hello") return good(message);
      held.push(...good(message));
      const isLast = (message.request as Fields).type === "get_autocommit";
      return isLast
        ? held.splice(0).reverse()
        : (message.request as Fields).type === "close_stream"
          ? held.splice(0)
          : [];
    });
    const engine = await open(url);
    expect(await engine.execute(insert)).toMatchObject({ changes: 1 });
  });

  it.each<[string, (message: Fields) => string]>([
    ["no JSON", () => "<html>"],
    ["no object", () => "5"],
    ["an unknown type", () => '{"type":"news"}'],
    ["an answer to nothing", () => '{"type":"response_ok","request_id":99,"response":{"type":"batch"}}'],
    ["an answer without a number", () => '{"type":"response_ok","response":{"type":"batch"}}'],
    [
      "an answer of another type",
      ({ request_id: id }) => `{"type":"response_ok","request_id":${id},"response":{"type":"execute"}}`,
    ],
    [
      "an error without words",
      ({ request_id: id }) => `{"type":"response_error","request_id":${id},"error":{}}`,
    ],
  ])("that says %s breaks the protocol, and what ran is not known", async (_, say) => {
    const url = await serve((message, connection) =>
      connection === 1 && isBatch(message) ? [say(message)] : good(message),
    );
    const engine = await open(url);
    await expect(engine.execute(insert)).rejects.toMatchObject({ code: "PROTOCOL", outcome: "unknown" });
    expect(await engine.execute(insert)).toMatchObject({ changes: 1 });
  });

  it("that hangs up leaves the outcome of a write open, and is called again", async () => {
    const url = await serve((message, connection) =>
      connection === 1 && isBatch(message) ? "close" : good(message),
    );
    const engine = await open(url);
    await expect(engine.execute(insert)).rejects.toMatchObject({ code: "CONNECTION", outcome: "unknown" });
    expect(await engine.execute(insert)).toMatchObject({ changes: 1 });
  });

  it("that falls silent is given up", async () => {
    const url = await serve((message, connection) =>
      connection === 1 && isBatch(message) ? [] : good(message),
    );
    const engine = await open(url, { firstByteTimeout: 200 });
    await expect(engine.execute(insert)).rejects.toMatchObject({ code: "TIMEOUT", outcome: "unknown" });
    expect(await engine.execute(insert)).toMatchObject({ changes: 1 });
  });

  it.each<[string, readonly string[]]>([
    ["a wrong key", ["sec-websocket-accept: canary"]],
    ["an extension", ["sec-websocket-extensions: permessage-deflate"]],
    ["another protocol", ["sec-websocket-protocol: hrana1"]],
  ])("whose handshake has %s is refused", async (_, headers) => {
    const url = await serve(good, () => headers);
    await expect(open(url)).rejects.toThrow(OperationalError);
  });

  it("that does not let us in says so, without the token", async () => {
    const url = await serve(({ jwt }) => [
      `{"type":"hello_error","error":{"message":"no ${jwt}","code":"AUTH"}}`,
    ]);
    await expect(open(url, { authToken: "canary" })).rejects.toMatchObject({
      message: "the server refused: no ***",
      code: "AUTH",
      outcome: "not-executed",
    });
  });

  it("that knows no WebSocket is refused", async () => {
    const url = await serve(good, () => []);
    await expect(open(url.replace("ws:", "http:"))).rejects.toThrow(/no libSQL server/);
  });
});
