// What the tests of the servers share. Not a test file.
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { type Sqld, type SqldOptions, startSqld } from "../../servers/sqld.ts";

/** A server that is stopped when the test is over. */
export async function serve(options?: SqldOptions): Promise<Sqld> {
  const sqld = await startSqld(options);
  onTestFinished(() => sqld.stop());
  return sqld;
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Waits until something is so; the test's deadline ends the waiting. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(10);
}

interface Told {
  readonly status: number;
  readonly text: string;
}

/** Runs statements in one pipeline, as plain HTTP. */
export async function pipeline(url: string, sql: readonly string[], token?: string): Promise<Told> {
  const requests = [...sql.map((text) => ({ type: "execute", stmt: { sql: text } })), { type: "close" }];
  const response = await fetch(`${url}/v3/pipeline`, {
    method: "POST",
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    body: JSON.stringify({ requests }),
  });
  return { status: response.status, text: await response.text() };
}
