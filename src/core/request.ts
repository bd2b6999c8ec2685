/**
 * The request of a statement. It must not know promises or engines. Tests: test/conformance/fetch.test.ts.
 */
import type { ExecuteRequest } from "../engine/port.ts";
import type { StatementText } from "../sql/statement.ts";
import type { BoundValue } from "../values/types.ts";
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
