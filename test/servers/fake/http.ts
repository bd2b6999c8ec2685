/**
 * The fake server's HTTP: a request is seen, a rule found, the real server asked where it says so, an answer delivered.
 * Must not know WebSocket. Tests: test/unit/servers/fake-hrana.test.ts.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { Agent, request as ask } from "node:http";
import { deliver, type Reply } from "./deliver.ts";
import type { Seen } from "./messages.ts";
import { type Answer, edited } from "./rules.ts";

/** Headers that belong to one connection, or that the edited body makes wrong. */
const OWN = new Set(["content-length", "transfer-encoding", "connection", "keep-alive", "date"]);

const agent = new Agent({ keepAlive: true });

export async function readAll(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Headers with one text each. */
export function flat(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** Carries an answer out. */
export async function answerHttp(
  request: IncomingMessage,
  response: ServerResponse,
  seen: Seen,
  answer: Answer,
  upstream: string | null,
): Promise<void> {
  const real = answer.upstream === true && upstream !== null ? await forward(request, seen, upstream) : null;
  if (real !== null) {
    const { status, headers, body } = real;
    seen.upstream = { status, headers, bytes: body.toString("base64") };
  }
  const own = ownBody(answer);
  const reply: Reply = {
    status: answer.status ?? real?.status ?? 200,
    headers: { ...real?.headers, ...answer.headers },
    body: edited(own ?? real?.body ?? Buffer.alloc(0), answer),
  };
  await deliver(response, reply, answer);
}

function ownBody({ body, bytes }: Answer): Buffer | null {
  if (bytes !== undefined) return Buffer.from(bytes, "base64");
  return body === undefined ? null : Buffer.from(body);
}

interface Forwarded {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

function forward({ method }: IncomingMessage, seen: Seen, upstream: string): Promise<Forwarded> {
  const headers = Object.fromEntries(Object.entries(seen.headers).filter(([name]) => !OWN.has(name)));
  delete headers.host;
  return new Promise((resolve, reject) => {
    const body = Buffer.from(seen.body);
    const call = ask(new URL(seen.path, upstream), {
      method,
      // What is to be edited must not be compressed.
      headers: { ...headers, "content-length": body.length, "accept-encoding": "identity" },
      agent,
    });
    call.on("error", reject);
    call.on("response", (real) => {
      readAll(real).then((bytes) => {
        const kept = Object.entries(flat(real.headers)).filter(([name]) => !OWN.has(name));
        resolve({ status: real.statusCode ?? 0, headers: Object.fromEntries(kept), body: bytes });
      }, reject);
    });
    call.end(body);
  });
}
