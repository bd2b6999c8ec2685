// What the fault tests of remote databases share: servers, true and false, engines, and requests. Not a test file.
import { expect, onTestFinished } from "vitest";
import { openHrana } from "../../src/engine/hrana/open.ts";
import type { HranaOptions } from "../../src/engine/http/options.ts";
import type { AsyncEngine, ExecuteReply, ExecuteRequest } from "../../src/engine/port.ts";
import { DatabaseError, OperationalError } from "../../src/errors/tree.ts";
import type { SqlRow } from "../../src/values/types.ts";
import { type FakeHrana, type FakeOptions, startFakeHrana } from "../servers/fake-hrana.ts";
import { type Sqld, type SqldOptions, startSqld } from "../servers/sqld.ts";

/**
 * Timeouts for a server that is to be given up: short, since its silence has to be waited out, but not so short that an
 * answer misses them on a busy machine.
 */
export const IMPATIENT = {
  connectTimeout: 2000,
  firstByteTimeout: 2000,
  idleTimeout: 2000,
  totalTimeout: 10_000,
  maxRetries: 1,
} as const satisfies Partial<HranaOptions>;

/** A real server, stopped when the test is over. */
export async function serve(options?: SqldOptions): Promise<Sqld> {
  const sqld = await startSqld(options);
  onTestFinished(() => sqld.stop());
  return sqld;
}

/** A fake server, before a real one or alone. */
export async function fake(upstream?: Sqld, options?: FakeOptions): Promise<FakeHrana> {
  const server = await startFakeHrana(upstream?.url, options);
  onTestFinished(() => server.stop());
  return server;
}

/** An engine that is closed when the test is over, whatever the server has become by then. */
export async function engineFor(url: string, options: Partial<HranaOptions> = {}): Promise<AsyncEngine> {
  const engine = await openHrana({ url, ...options });
  onTestFinished(async () => {
    await engine.close().catch(() => {});
  });
  return engine;
}

const AUTO = { integers: "auto", text: "string" } as const;

/** A query, read to its end. */
export function query(sql: string, more: Partial<ExecuteRequest> = {}): ExecuteRequest {
  const plain = { discard: 0, values: [], begin: null, guard: false, rows: "all", reads: true } as const;
  return { sql, ...plain, reading: AUTO, ...more };
}

/** A statement that writes. */
export function write(sql: string, more: Partial<ExecuteRequest> = {}): ExecuteRequest {
  return query(sql, { reads: false, ...more });
}

/** All rows of a result. @throws what went wrong before the last of them */
export async function rowsOf(engine: AsyncEngine, reply: ExecuteReply): Promise<SqlRow[]> {
  if (reply.error !== null) throw reply.error;
  if (reply.reader === 0) return reply.rows;
  const rest = await engine.rest(reply.reader, false);
  if (rest.error !== null) throw rest.error;
  return rest.restarted ? rest.rows : [...reply.rows, ...rest.rows];
}

/** Runs a query and reads it to its end. */
export async function ask(
  engine: AsyncEngine,
  sql: string,
  more: Partial<ExecuteRequest> = {},
): Promise<SqlRow[]> {
  return rowsOf(engine, await engine.execute(query(sql, more)));
}

/** What a piece of work rejects with; fails the test when it does not. */
async function failure(work: Promise<unknown>): Promise<Error> {
  const outcome = await work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  expect(outcome, "nothing was thrown").toHaveProperty("error");
  const { error } = outcome as { readonly error: unknown };
  expect(error).toBeInstanceOf(DatabaseError);
  return error as Error;
}

/** The OperationalError that a piece of work rejects with. */
export async function operational(work: Promise<unknown>): Promise<OperationalError> {
  const error = await failure(work);
  expect(error).toBeInstanceOf(OperationalError);
  return error as OperationalError;
}

/** Rows that are one text, as it says, for comparison: each a JSON array, with marks for what JSON has no word for. */
export function rowsOfGroup(text: unknown): string[] {
  try {
    const rows = JSON.parse(`[${text}]`) as unknown[];
    return rows.filter(Array.isArray).map((cells) => JSON.stringify(cells.map(plainCell)));
  } catch {
    return [];
  }
}

function plainCell(cell: unknown): string {
  if (cell === null) return "null";
  if (typeof cell !== "string") return `number ${Number(cell) + 0}`;
  const [, mark, rest = ""] = /^\u007f([ribt])(.*)$/s.exec(cell) ?? [];
  if (mark === "b") return `blob ${rest.toLowerCase()}`;
  if (mark === "r") return `number ${Number(rest)}`;
  if (mark === "i") return `number ${BigInt(/^-?\d+$/.test(rest) ? rest : 0)}`;
  return `text ${mark === "t" ? rest : cell}`;
}
