// What the tests of engine/hrana share: real servers, engines on them, and requests. Not a test file.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import type { HranaEngine } from "../../../../src/engine/hrana/engine.ts";
import { openHrana } from "../../../../src/engine/hrana/open.ts";
import type { HranaOptions } from "../../../../src/engine/http/options.ts";
import type { ExecuteReply, ExecuteRequest } from "../../../../src/engine/port.ts";
import type { SqlRow } from "../../../../src/values/types.ts";
import { Databases } from "../../../conformance/databases.ts";
import { type Sqld, type SqldOptions, startSqld } from "../../../servers/sqld.ts";

/** The ways to a server: every test of the engine goes each of them. */
export const WAYS = ["http", "ws"] as const;
export type Way = (typeof WAYS)[number];

/** Three thousand rows, more than any first page. */
export const LONG =
  "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 3000) SELECT x FROM r";
/** So many rows that they do not fit the buffers between a server and us. */
export const ENDLESS =
  "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT x, hex(zeroblob(100)) FROM r";

/** A server of the test's own, stopped when it is over. */
export async function serve(options?: SqldOptions): Promise<Sqld> {
  const server = await startSqld(options);
  onTestFinished(() => server.stop());
  return server;
}

/** An engine that is closed when the test is over. */
export async function open(url: string, options: Partial<HranaOptions> = {}): Promise<HranaEngine> {
  const engine = await openHrana({ url, ...options });
  onTestFinished(() => engine.close());
  return engine;
}

/** The URL of a server for one of the ways to it. */
export const by = (way: Way, { url }: { readonly url: string }): string => url.replace(/^http/, way);

/** Servers that one test of a file after the other has for itself, emptied in between. */
const databases = new Databases();
let isKept = false;

/** Lets the tests of a file that open an engine by {@link openWith} have servers that are kept for the next of them. */
export function keepServers(): void {
  beforeAll(() => {
    isKept = true;
  });
  afterAll(async () => {
    isKept = false;
    await databases.stop();
  });
}

async function emptyServer(): Promise<Sqld> {
  if (!isKept) return serve();
  const name = databases.privately();
  onTestFinished(() => databases.release(name));
  return databases.server(name);
}

/** An engine on a server that nobody else has, after a script. */
export async function openWith(way: Way, script = "", options: Partial<HranaOptions> = {}) {
  const server = await emptyServer();
  const engine = await open(by(way, server), options);
  if (script !== "") await run(engine, script);
  return engine;
}

/** Runs statements without any transaction. */
export async function run(engine: HranaEngine, script: string): Promise<void> {
  const parts = script.split(";").map((sql) => ({ sql }));
  const { error } = await engine.script({ parts, begin: null, guard: false });
  if (error !== null) throw error;
}

/** A request for one statement, as core makes it outside of any transaction mode. */
export function request(sql: string, more: Partial<ExecuteRequest> = {}): ExecuteRequest {
  return {
    discard: 0,
    sql,
    values: [],
    begin: null,
    guard: false,
    rows: "page",
    reading: { integers: "auto", text: "string" },
    reads: false,
    ...more,
  };
}

export const all = async (engine: HranaEngine, sql: string): Promise<SqlRow[]> =>
  (await engine.execute(request(sql, { rows: "all" }))).rows;

/** Everything that a reader still holds, page by page. */
export async function drain(engine: HranaEngine, reply: ExecuteReply): Promise<SqlRow[]> {
  const rows = [...reply.rows];
  let { reader } = reply;
  while (reader !== 0) {
    const page = await engine.fetch(reader, 256);
    if (page.error !== null) throw page.error;
    rows.push(...page.rows);
    ({ reader } = page);
  }
  return rows;
}

export const COMMIT = [{ sql: "COMMIT", when: "open" }] as const;
export const ROLLBACK = [{ sql: "ROLLBACK", when: "open" }] as const;

/** A request that a scripted server got. */
export interface Seen {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A server in this process that answers as it is told, for what no real one does. */
export async function scripted(
  answer: (seen: Seen, response: ServerResponse, count: number) => void,
): Promise<{ readonly url: string; readonly port: number; readonly seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((message, response) => {
    const pieces: Buffer[] = [];
    message.on("data", (piece: Buffer) => pieces.push(piece));
    message.on("end", () => {
      const one = {
        path: message.url ?? "",
        headers: message.headers,
        body: Buffer.concat(pieces).toString(),
      };
      seen.push(one);
      answer(one, response, seen.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, seen };
}

/** The results that a well-behaved server gives to a pipeline that writes nothing. */
export function plainAnswer(body: string, baton: string | null = null): string {
  const { requests } = JSON.parse(body) as { requests: { type: string; batch?: { steps: unknown[] } }[] };
  const result = { cols: [], rows: [], affected_row_count: 0, last_insert_rowid: null };
  const results = requests.map(({ type, batch }) => {
    const steps = batch?.steps ?? [];
    const response = {
      type,
      is_autocommit: true,
      result: {
        ...result,
        step_results: steps.map(() => result),
        step_errors: steps.map(() => null),
      },
    };
    return { type: "ok", response };
  });
  return JSON.stringify({ baton, base_url: null, results });
}
