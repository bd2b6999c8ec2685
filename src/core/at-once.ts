/**
 * A statement and its whole result, or its first row, without a cursor: the shortest way to a row, which costs a tenth
 * of a lookup less than one with the state of a cursor. It must not know promises: who awaits calls the engine itself.
 * Tests: test/conformance/fetch.test.ts.
 */
import type { Engine, ExecuteReply, ExecuteRequest } from "../engine/port.ts";
import type { RowFactory } from "../values/row-factory.ts";
import type { Parameters } from "../values/types.ts";
import { bindValues, copyBytes } from "./bind.ts";
import { fetchall } from "./cursor-operations.ts";
import { CursorState } from "./cursor-state.ts";
import { requestFor } from "./request.ts";
import { type Operation, run } from "./run.ts";
import type { Session } from "./session.ts";

/**
 * The request for a statement whose turn has come with the call; null for a text without one.
 * @param isKept the request outlives the call: it must own its bytes
 * @throws {ProgrammingError | InterfaceError | DataError} for what is wrong with the call
 */
export function requestNow(
  session: Session,
  sql: string,
  parameters: Parameters | undefined,
  rows: ExecuteRequest["rows"],
  isKept: boolean,
): ExecuteRequest | null {
  session.enter();
  const text = session.describe(sql);
  const values = bindValues(text.parameters, parameters);
  if (isKept) copyBytes(values);
  return text.count === "none" ? null : requestFor(session, text, values, rows, 0);
}

/** The rows as they came, where that is all there is to it; else null, and {@link rowsOf} makes them. */
export function plainRows<T>(
  session: Session,
  factory: RowFactory<T> | null,
  reply: ExecuteReply,
): T[] | null {
  if (factory !== null || reply.error !== null || reply.reader !== 0) return null;
  return session.settings.detectTypes === 0 ? (reply.rows as T[]) : null;
}

/** The rows of an answer. What fails behind the first one is nothing to a call that wants only that. */
export function* rowsOf<T>(
  session: Session,
  factory: RowFactory<T> | null,
  reply: ExecuteReply,
  rows: ExecuteRequest["rows"],
): Operation<T[]> {
  const state = new CursorState(session, null, factory);
  state.receive(reply);
  return rows === "first" && state.buffered > 0 ? state.takeAll() : yield* fetchall(state);
}

/** The rows, or the first of them, from an engine that answers at once. */
export function readNow<T>(
  session: Session,
  engine: Engine,
  factory: RowFactory<T> | null,
  sql: string,
  parameters: Parameters | undefined,
  rows: ExecuteRequest["rows"],
): T[] {
  const request = requestNow(session, sql, parameters, rows, false);
  return request === null ? [] : answerNow(session, engine, factory, request);
}

/** The first row, or null, from an engine that answers at once: the values as they are, where the engine can look them up. */
export function firstNow<T>(
  session: Session,
  engine: Engine,
  factory: RowFactory<T> | null,
  sql: string,
  parameters: Parameters | undefined,
): T | null {
  session.enter();
  const text = session.describe(sql);
  const values = bindValues(text.parameters, parameters);
  if (text.count === "none") return null;
  if (factory === null && session.readsFreely && session.settings.detectTypes === 0) {
    const lookup = engine.lookup?.(sql) ?? null;
    if (lookup !== null) return lookup.first(values, session.reading) as T | null;
  }
  return answerNow(session, engine, factory, requestFor(session, text, values, "first", 0))[0] ?? null;
}

function answerNow<T>(
  session: Session,
  engine: Engine,
  factory: RowFactory<T> | null,
  request: ExecuteRequest,
): T[] {
  const reply = engine.execute(request);
  return plainRows(session, factory, reply) ?? run(rowsOf(session, factory, reply, request.rows), engine);
}
