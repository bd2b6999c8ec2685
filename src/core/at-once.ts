/**
 * A statement and its whole result, or its first row, without a cursor: the shortest way to a row, which costs a tenth
 * of a lookup less than one with the state of a cursor. It must not know how an engine is called.
 * Tests: test/conformance/fetch.test.ts.
 */
import type { ExecuteReply, ExecuteRequest } from "../engine/port.ts";
import type { RowFactory } from "../values/row-factory.ts";
import type { Parameters } from "../values/types.ts";
import { bindValues, copyBytes } from "./bind.ts";
import { requestFor } from "./request.ts";
import { Result } from "./result.ts";
import type { Operation } from "./run.ts";
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
  const result = new Result(session, null, factory);
  result.receive(reply);
  if (rows === "first" && result.buffered > 0) return result.takeAll();
  return yield* result.fetchall();
}
