/**
 * The web server of docs/examples as a child process on a free port, and requests that can be held in the middle.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type ClientRequest, get, type IncomingMessage, request } from "node:http";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { top } from "./tree.ts";

export interface ExampleServer {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it has written to stderr, line by line. */
  readonly errors: readonly string[];
}

/** Starts it and waits until it listens. Whoever starts it ends it. */
export async function startExample(database: string): Promise<ExampleServer> {
  const env = { ...process.env, DATABASE: database, PORT: "0" };
  const child = spawn(process.execPath, [`${top}/docs/examples/web-server.ts`], { env });
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => errors.push(line));
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^listening on (?<url>\S+)$/.exec(line)?.groups?.url;
    if (url !== undefined) return { url, process: child, errors };
  }
  throw new Error(`the server has not started: ${errors.join("\n")}`);
}

/** What `GET /stats` tells, as far as the tests look at it. */
export interface Stats {
  readonly underWay: number;
  readonly eventLoopDelay: { readonly p99: number; readonly max: number };
  readonly rss: number;
  readonly pool: {
    readonly readers: { readonly idle: number; readonly busy: number };
    readonly writer: { readonly idle: number; readonly busy: number };
    readonly replaced: number;
    readonly timedOut: number;
  };
}

export async function statsOf(url: string): Promise<Stats> {
  return (await (await fetch(`${url}/stats`)).json()) as Stats;
}

/** Looks again and again until it is so. The test's deadline says how long. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** A response whose body nobody reads yet. */
export async function getHeld(url: string): Promise<IncomingMessage> {
  const [response] = (await once(get(url, { agent: false }), "response")) as [IncomingMessage];
  return response;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

async function answerOf(sent: ClientRequest): Promise<Answer> {
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
}

/** A request of which the server has the head and half of the body. */
export function patchHalf(
  url: string,
  body: string,
): { readonly answer: Promise<Answer>; readonly finish: () => void } {
  const headers = { "content-length": Buffer.byteLength(body) };
  const sent = request(url, { method: "PATCH", agent: false, headers });
  sent.write(body.slice(0, 5));
  return { answer: answerOf(sent), finish: () => void sent.end(body.slice(5)) };
}
