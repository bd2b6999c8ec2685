/**
 * The process of the fake quicSQL server: listens, and ends with the channel of the process that started it. Started by
 * fake-quicsql.ts with its options as JSON.
 */
import { existsSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { open } from "./fake/quicsql-database.ts";
import { Hrana } from "./fake/quicsql-hrana.ts";
import { query } from "./fake/quicsql-native.ts";
import type { Start } from "./fake-quicsql.ts";

const { directory, token, maxRows, port } = JSON.parse(process.argv[2] ?? "") as Start;
const file = (name: string) => join(directory, `${name}.db`);
const app = open(file("app"));
const hrana = new Hrana(() => open(file("app")), maxRows);
const requests: { path: string; body: string }[] = [];
let next: { readonly status: number; readonly body: string } | null = null;

/** The one shape of every error that is not about SQL. */
const failure = (status: number, message: string) => ({
  status,
  body: JSON.stringify({ error: { message } }),
});

function answer(method: string, path: string, body: string, authorization: string | undefined) {
  if (next !== null) {
    const given = next;
    next = null;
    return given;
  }
  if (token !== null && authorization !== `Bearer ${token}`) return failure(401, "unauthorized");
  const [, name = "", ...rest] = path.split("/");
  if (!/^\w+$/.test(name) || !existsSync(file(name))) return failure(404, "unknown database");
  const endpoint = rest.join("/");
  if (/^v[23]$/.test(endpoint)) return { status: 200, body: "" };
  if (method !== "POST") return failure(405, "use POST");
  if (endpoint === "query") return query(app, body, maxRows);
  if (/^v[23]\/pipeline$/.test(endpoint)) return hrana.pipeline(body);
  if (/^v[23]\/cursor$/.test(endpoint)) return hrana.cursor(body);
  return failure(404, `unknown endpoint /${endpoint}`);
}

async function onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const body = Buffer.concat(pieces).toString();
  const { method = "", url = "/", headers } = request;
  requests.push({ path: url, body });
  const { status, body: text } = answer(method, url, body, headers.authorization);
  response.writeHead(status, { "content-type": "application/json" }).end(text);
}

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  onRequest(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
});
process.on(
  "message",
  (message: { readonly kind: string; readonly status: number; readonly body: string }) => {
    if (message.kind === "next") next = message;
    process.send?.(message.kind === "requests" ? requests : true);
  },
);
process.on("disconnect", () => process.exit());
server.listen(port, "127.0.0.1", () => process.send?.({ port: (server.address() as AddressInfo).port }));
