/**
 * How the fake server hands an answer over: at once, in drips, compressed, for ever, or not to the end. Must not know
 * rules or requests. Tests: test/unit/servers/fake-hrana.test.ts.
 */
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { createGzip } from "node:zlib";
import type { Answer } from "./rules.ts";

const PIECE = Buffer.alloc(1 << 20, " ");

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Sends a reply as the answer says. Settles when the last byte is on its way, or never. */
export async function deliver(response: ServerResponse, reply: Reply, answer: Answer): Promise<void> {
  const { delay, drip, gzip, padding, endless, stop, raw } = answer;
  if (delay !== undefined) await sleep(delay);
  if (raw !== undefined) return void response.socket?.end(raw);
  if (stop?.at === "request") return halt(response, stop.how);
  const isWhole = drip === undefined && gzip !== true && padding === undefined && endless !== true;
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(gzip === true ? { "content-encoding": "gzip" } : {}),
    // An answer that is cut says how long it would have been.
    ...(isWhole ? { "content-length": String(reply.body.length) } : {}),
  });
  if (gzip === true) return compress(response, reply.body, padding ?? 0);
  const body = stop === undefined ? reply.body : reply.body.subarray(0, stop.at as number);
  if (drip === undefined) await write(response, body);
  else {
    for (let at = 0; at < body.length && !response.destroyed; at += drip.bytes) {
      await write(response, body.subarray(at, at + drip.bytes));
      await sleep(drip.every);
    }
  }
  for (let left = padding ?? 0; left > 0 && !response.destroyed; left -= PIECE.length) {
    await write(response, PIECE.subarray(0, left));
  }
  while (endless === true && !response.destroyed) await write(response, body);
  if (stop !== undefined) return halt(response, stop.how);
  response.end();
}

function halt(response: ServerResponse, how: "reset" | "end" | "silence"): void {
  if (how === "reset") response.socket?.resetAndDestroy();
  if (how === "end") response.socket?.end();
}

async function compress(response: ServerResponse, body: Buffer, padding: number): Promise<void> {
  const gzip = createGzip();
  gzip.pipe(response);
  gzip.write(body);
  for (let left = padding; left > 0 && !response.destroyed; left -= PIECE.length) {
    await new Promise((resolve) => gzip.write(PIECE.subarray(0, left), resolve));
  }
  gzip.end();
}

/** Waits while the client reads slowly; a client that has gone ends the waiting. */
async function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (bytes.length === 0) return;
  if (response.write(bytes)) return void (await new Promise((resolve) => setImmediate(resolve)));
  await new Promise<void>((resolve) => {
    const goOn = () => {
      response.off("drain", goOn).off("close", goOn);
      resolve();
    };
    response.once("drain", goOn).once("close", goOn);
  });
}
