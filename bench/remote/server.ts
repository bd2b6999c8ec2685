/**
 * The server of the suite: a real sqld as it comes, the full table in it, which no trial changes.
 */

import { sqldExecutable, startSqld } from "../../test/servers/sqld.ts";
import type { Server } from "../lib/suite.ts";
import { itemScript } from "../lib/table.ts";

/** @throws {Error} where this machine has no sqld */
export async function serve(): Promise<Server> {
  sqldExecutable();
  const server = await startSqld();
  try {
    await fill(server.url);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** Without any of the drivers, so that none of them has met the server before the others. */
async function fill(url: string): Promise<void> {
  const requests = [{ type: "sequence", sql: `begin; ${itemScript} commit;` }, { type: "close" }];
  const body = JSON.stringify({ baton: null, requests });
  const answer = await fetch(`${url}/v3/pipeline`, { method: "POST", body });
  const text = await answer.text();
  const { results } = JSON.parse(text) as { results: readonly { type: string }[] };
  if (results[0]?.type !== "ok") throw new Error(`the server does not take the table: ${text}`);
}
