/**
 * One call of `execute` whose turn comes later than the call: what is said against it at once, and its request in time.
 * It must not know turns. Tests: test/conformance/aio-order.test.ts, test/conformance/batch.test.ts.
 */
import type { ExecuteRequest } from "../engine/port.ts";
import type { StatementText } from "../sql/statement.ts";
import type { BoundValue, Parameters } from "../values/types.ts";
import { bindValues, copyBytes } from "./bind.ts";
import type { CursorState } from "./cursor-state.ts";

/** A statement, with its values as they were when the call was made. */
export interface PreparedCall {
  readonly text: StatementText;
  readonly values: BoundValue[];
}

/** @throws {ProgrammingError | InterfaceError | DataError | NotSupportedError} for what is wrong with the call */
export function prepareCall(
  state: CursorState<unknown>,
  sql: string,
  parameters: Parameters | undefined,
): PreparedCall {
  state.checkCall();
  const text = state.session.describe(sql);
  const values = bindValues(text.parameters, parameters);
  copyBytes(values);
  return { text, values };
}

/** The request, when the turn has come; null for a text without a statement, as with {@link CursorState.start}. */
export function startCall(
  state: CursorState<unknown>,
  { text, values }: PreparedCall,
  rows: ExecuteRequest["rows"],
): ExecuteRequest | null {
  state.check();
  return state.start(text, values, rows);
}
