/**
 * The process of the fake server: listens, and is driven through the channel of the process that started it, without
 * which it ends. Started by fake-hrana.ts with two arguments: the URL of a real server or `""`, and `tls` or nothing.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { selfSigned } from "./certificate.ts";
import { answerHttp, flat, readAll } from "./fake/http.ts";
import type { FromFake, Seen, ToFake } from "./fake/messages.ts";
import { type Answer, Rules } from "./fake/rules.ts";
import { FakeSocket } from "./fake/websocket.ts";

const upstream = process.argv[2] === "" ? null : (process.argv[2] ?? null);
const secret = process.argv[3] === "tls" ? selfSigned() : null;
/** Where no rule has a word. */
const DEFAULT: Answer = upstream === null ? { status: 404, body: "no rule" } : { upstream: true };

let rules = new Rules([]);
let seen: Seen[] = [];
let connections = 0;
const numbers = new WeakMap<Socket, number>();
const open = new Set<Socket>();

function post(message: FromFake): void {
  process.send?.(message);
}

function record(request: IncomingMessage, method: string, body: string): Seen {
  const { url = "/", headers, socket } = request;
  const entry: Seen = {
    method,
    path: url,
    headers: flat(headers),
    body,
    connection: numbers.get(socket) ?? 0,
  };
  seen.push(entry);
  return entry;
}

async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = (await readAll(request)).toString();
  const entry = record(request, request.method ?? "", body);
  const answer = rules.find({ on: "http", path: entry.path, body }) ?? DEFAULT;
  await answerHttp(request, response, entry, answer, upstream);
}

function onUpgrade(request: IncomingMessage, socket: Socket): void {
  record(request, "UPGRADE", "");
  const path = request.url ?? "/";
  const answer = rules.find({ on: "upgrade", path, body: "" }) ?? {};
  if (answer.stop !== undefined) {
    if (answer.stop.how === "reset") socket.resetAndDestroy();
    if (answer.stop.how === "end") socket.end();
    return;
  }
  if (answer.raw !== undefined) return void socket.end(answer.raw);
  if (answer.status !== undefined) {
    const { status, headers = {}, body = "" } = answer;
    const lines = Object.entries({ ...headers, "content-length": String(Buffer.byteLength(body)) });
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    return void socket.end(`HTTP/1.1 ${status} No\r\n${head}connection: close\r\n\r\n${body}`);
  }
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",")[0]?.trim() ?? "";
  new FakeSocket(request, socket, answer.protocol ?? offered, upstream, {
    find: (occasion) => rules.find(occasion),
    note: (method, body) => void record(request, method, body),
  });
}

const listener = (request: IncomingMessage, response: ServerResponse) => {
  onRequest(request, response).catch(() => response.socket?.destroy());
};
const options = { keepAliveTimeout: 60_000 };
const server =
  secret === null
    ? createServer(options, listener)
    : createSecureServer({ ...options, key: secret.key, cert: secret.certificate }, listener);
server.on("upgrade", onUpgrade);
server.on(secret === null ? "connection" : "secureConnection", (socket: Socket) => {
  numbers.set(socket, ++connections);
  open.add(socket);
  socket.on("error", () => {});
  socket.on("close", () => open.delete(socket));
});
process.on("message", (message: ToFake) => {
  let value: unknown = null;
  if (message.kind === "rules") {
    rules = new Rules(message.rules);
    seen = [];
  }
  if (message.kind === "seen") value = seen;
  if (message.kind === "counts") value = { connections, open: open.size };
  if (message.kind === "drop") for (const socket of open) socket.end();
  post({ kind: "answer", id: message.id, value });
});
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  post({ kind: "ready", port, certificate: secret?.certificate ?? null });
});
