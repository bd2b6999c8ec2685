/**
 * The request of a statement. What has no cursor around it asks for it directly: that is the shortest way to a row.
 * It must not know promises or engines. Tests: test/conformance/fetch.test.ts.
 */
import type { ExecuteRequest } from "../engine/port.ts";
import type { StatementText } from "../sql/statement.ts";
import type { BoundValue, Parameters } from "../values/types.ts";
import { bindValues, copyBytes } from "./bind.ts";
import type { Session } from "./session.ts";

/** @param discard the reader to end first, or 0 */
export function requestFor(
  session: Session,
  text: StatementText,
  values: readonly BoundValue[],
  rows: ExecuteRequest["rows"],
  discard: number,
): ExecuteRequest {
  return {
    discard,
    sql: text.sql,
    values,
    begin: session.beginFor(text),
    guard: session.scopes > 0,
    rows,
    reading: session.reading,
    reads: text.isQuery,
  };
}

/**
 * The request for a statement whose turn has come with the call, and whose values are copied; null for a text without one.
 * @throws {ProgrammingError | InterfaceError | DataError} for what is wrong with the call
 */
export function requestNow(
  session: Session,
  sql: string,
  parameters: Parameters | undefined,
  rows: ExecuteRequest["rows"],
): ExecuteRequest | null {
  session.enter();
  const text = session.describe(sql);
  const values = bindValues(text.parameters, parameters);
  copyBytes(values, 0);
  return text.count === "none" ? null : requestFor(session, text, values, rows, 0);
}
