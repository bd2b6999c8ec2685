/**
 * A statement and its whole result, or its first row, in one crossing and without a cursor.
 * Tests: test/conformance/fetch.test.ts, test/conformance/aio-order.test.ts.
 */
import { plainRows, requestNow, rowsOf } from "../core/at-once.ts";
import { fetchall } from "../core/cursor-operations.ts";
import { CursorState } from "../core/cursor-state.ts";
import type { CallOptions } from "../core/limits.ts";
import { prepareCall, startCall } from "../core/prepared-call.ts";
import { call, type Operation } from "../core/run.ts";
import { isTraced, traceExecuteAsync } from "../diagnostics.ts";
import type { RowFactory } from "../values/row-factory.ts";
import type { Parameters } from "../values/types.ts";
import { type Shared, withCallersStack } from "./shared.ts";
import type { Turnstile } from "./turnstile.ts";

/** What to read, and how a row is made. */
interface Read<T> {
  readonly factory: RowFactory<T> | null;
  readonly sql: string;
  readonly parameters: Parameters | undefined;
  readonly rows: "first" | "all";
}

/** @param take what of the rows the call is for: it is not worth a promise of its own */
export async function readAtOnce<T, R>(
  shared: Shared,
  bound: Turnstile | null,
  read: Read<T>,
  limits: CallOptions | undefined,
  take: (rows: T[]) => R,
): Promise<R> {
  const turnstile = limits === undefined && !isTraced() ? shared.open(bound) : null;
  if (turnstile === null) return take(await readInTurn(shared, bound, read, limits));
  try {
    const request = requestNow(shared.session, read.sql, read.parameters, read.rows, true);
    shared.checkChanges();
    if (request === null) return take([]);
    turnstile.begin();
    try {
      const reply = await shared.engine.execute(request);
      const { session } = shared;
      const rows = plainRows(session, read.factory, reply);
      return take(rows ?? (await shared.perform(rowsOf(session, read.factory, reply, read.rows), null)));
    } finally {
      turnstile.end();
    }
  } catch (error) {
    throw withCallersStack(error);
  }
}

/** The same where the call has to wait, may be stopped, or is listened to. */
async function readInTurn<T>(
  shared: Shared,
  bound: Turnstile | null,
  { factory, sql, parameters, rows }: Read<T>,
  limits: CallOptions | undefined,
): Promise<T[]> {
  const { session } = shared;
  const state = new CursorState(session, null, factory);
  const prepared = prepareCall(state, sql, parameters);
  const operation = function* (): Operation<T[]> {
    const request = startCall(state, prepared, rows);
    if (request === null) return [];
    state.accept(yield* call("execute", request));
    return rows === "first" && state.buffered > 0 ? state.takeAll() : yield* fetchall(state);
  };
  if (!isTraced()) return shared.run(operation, false, bound, limits);
  let result: T[] = [];
  // The rows are nothing that a subscriber may see.
  const work = async () => {
    result = await shared.run(operation, false, bound, limits);
  };
  await traceExecuteAsync(session.database, sql, work, () => result.length);
  return result;
}
