// What the tests of rows by the group share: readings of both kinds, side by side, and a watch on what is asked. Not a test file.
import { isDeepStrictEqual } from "node:util";
import { expect, vi } from "vitest";
import type { HranaEngine } from "../../../../src/engine/hrana/engine.ts";
import { HttpStream } from "../../../../src/engine/hrana/http-stream.ts";
import { Results } from "../../../../src/engine/hrana/results.ts";
import type { Stream } from "../../../../src/engine/hrana/stream.ts";
import { WsStream } from "../../../../src/engine/hrana/ws-stream.ts";
import type { Call } from "../../../../src/engine/http/call.ts";
import type { ExecuteRequest } from "../../../../src/engine/port.ts";
import type { Column, SqlRow } from "../../../../src/values/types.ts";
import { request } from "./support.ts";

/** What came of a query: everything that its caller can see. */
export interface Outcome {
  readonly columns: readonly Column[];
  readonly rows: readonly SqlRow[];
  readonly error: object | null;
}

function shown(error: unknown): object | null {
  if (error === null) return null;
  const { constructor, message, code, sql, outcome } = error as Error & Record<string, unknown>;
  return { kind: constructor.name, message, code, sql, outcome };
}

/** Runs a query and reads it to its end, in pages if it comes so. */
export async function outcomeOf(engine: HranaEngine, asked: ExecuteRequest, size = 256): Promise<Outcome> {
  const rows: SqlRow[] = [];
  let columns: readonly Column[] = [];
  try {
    let page = await engine.execute(asked);
    ({ columns } = page);
    rows.push(...page.rows);
    while (page.reader !== 0 && page.error === null) {
      page = { ...page, ...(await engine.fetch(page.reader, size)) };
      rows.push(...page.rows);
    }
    return { columns, rows, error: shown(page.error) };
  } catch (error) {
    return { columns, rows, error: shown(error) };
  }
}

/** Reads everything behind the first page at once, as `fetchall` does. */
export async function restOf(engine: HranaEngine, asked: ExecuteRequest): Promise<Outcome> {
  try {
    const { columns, rows, reader, error } = await engine.execute(asked);
    if (reader === 0 || error !== null) return { columns, rows, error: shown(error) };
    const rest = await engine.rest(reader, false);
    return { columns, rows: [...rows, ...rest.rows], error: shown(rest.error) };
  } catch (error) {
    return { columns: [], rows: [], error: shown(error) };
  }
}

/** Takes the place of the text of steps on their way to a server, or does something before they go. */
export type Meddle = (steps: string, stream: Stream, call: Call) => string | Promise<string>;

export interface Watch {
  /** Cursors that were asked for rows by the group, so far. */
  readonly groups: number;
  /** Whether a query may be asked for so. */
  allowed: boolean;
  /** What is done to the steps of cursors that are asked for by the group. */
  meddle: Meddle;
}

/** Sees which cursors are asked for. */
export function watch(): Watch {
  const state = { allowed: true, groups: 0, meddle: (steps: string): string | Promise<string> => steps };
  for (const { prototype } of [HttpStream, WsStream]) {
    const { cursor } = prototype as Stream;
    vi.spyOn(prototype as Stream, "cursor").mockImplementation(async function (
      this: Stream,
      steps,
      call,
      wishes,
    ) {
      if (!steps.includes("sqlite_groups")) return cursor.call(this, steps, call, wishes);
      state.groups++;
      return cursor.call(this, await (state as Watch).meddle(steps, this, call), call, wishes);
    });
  }
  const { grouping } = Results.prototype;
  vi.spyOn(Results.prototype, "grouping").mockImplementation(function (this: Results, ...args) {
    return state.allowed ? grouping.apply(this, args) : null;
  });
  return state;
}

/** Takes every result for a long one, so that short ones show what long ones do, and on a slow machine too. */
export function takeAllForLong(): void {
  const { note, bytes } = Results.prototype;
  vi.spyOn(Results.prototype, "note").mockImplementation(function (this: Results, sql, come) {
    note.call(this, sql, { ...come, rows: come.rows + 1000, bytes: 0, time: 0 });
  });
  vi.spyOn(Results.prototype, "bytes").mockImplementation(function (this: Results, sql) {
    return bytes.call(this, sql) === undefined ? undefined : Number.POSITIVE_INFINITY;
  });
}

/** The same query by every way of reading, never by the group, and then by the group wherever that is tried. */
export async function bothWays(
  engine: HranaEngine,
  state: Watch,
  sql: string,
  more: Partial<ExecuteRequest> = {},
): Promise<{
  readonly plain: readonly Outcome[];
  readonly grouped: readonly Outcome[];
  readonly tried: number;
}> {
  const asked = request(sql, more);
  const read = async () => [
    await outcomeOf(engine, asked),
    await outcomeOf(engine, { ...asked, rows: "all" }),
    await restOf(engine, asked),
  ];
  state.allowed = false;
  const plain = await read();
  state.allowed = true;
  const before = state.groups;
  const grouped = await read();
  return { plain, grouped, tried: state.groups - before };
}

/** Each outcome is what it is plainly. To have them compared and shown by the test runner takes much longer. */
export function expectSame(outcomes: readonly Outcome[], plain: readonly Outcome[]): void {
  if (!isDeepStrictEqual(outcomes, plain)) expect(outcomes).toStrictEqual(plain);
}
