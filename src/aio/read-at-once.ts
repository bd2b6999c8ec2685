/**
 * A statement and its whole result, or its first row, in one crossing and without a cursor.
 * Tests: test/conformance/fetch.test.ts.
 */
import { CursorState } from "../core/cursor-state.ts";
import type { CallOptions } from "../core/limits.ts";
import { call, type Operation } from "../core/run.ts";
import { isTraced, traceExecuteAsync } from "../diagnostics.ts";
import type { RowFactory } from "../values/row-factory.ts";
import type { Parameters } from "../values/types.ts";
import type { Shared } from "./shared.ts";
import type { Turnstile } from "./turnstile.ts";

export async function readAtOnce<T>(
  shared: Shared,
  bound: Turnstile | null,
  factory: RowFactory<T> | null,
  sql: string,
  parameters: Parameters | undefined,
  rows: "first" | "all",
  limits: CallOptions | undefined,
): Promise<T[]> {
  const { session } = shared;
  const state = new CursorState(session, null, factory);
  const prepared = state.prepare(sql, parameters);
  const operation = function* (): Operation<T[]> {
    const request = state.start(prepared, rows);
    if (request === null) return [];
    state.accept(yield* call("execute", request));
    return yield* state.fetchall();
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
