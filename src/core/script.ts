/**
 * `executescript`: every statement of a text, until one fails.
 * It must not know how statements are told apart (sql/split.ts). Tests: test/conformance/executescript.test.ts.
 */
import { annotate, Detailed } from "../errors/tree.ts";
import { lineColumn } from "../sql/locate.ts";
import { splitScript } from "../sql/split.ts";
import type { CursorState } from "./cursor-state.ts";
import { call, type Operation } from "./run.ts";
import { checkSql } from "./session.ts";

/**
 * In legacy mode an open transaction is committed first, as in Python; inside `transaction()` it never is.
 * An error carries the number of its statement as `index`, and as `syntax` the place in the whole text.
 */
export function* executescript(state: CursorState<unknown>, script: string): Operation<void> {
  state.check();
  checkSql(script);
  const { session } = state;
  const parts = splitScript(script);
  const discard = state.reset();
  if (discard !== 0) yield* call("discard", discard);
  if (session.autocommit === -1 && session.scopes === 0) {
    yield* call("control", [{ sql: "COMMIT", when: "open" }]);
  }
  const { error, index } = yield* call("script", {
    parts: parts.map(({ sql }) => ({ sql })),
    ...session.demandForScript(),
  });
  if (error === null) return;
  throw located(error, script, parts[index]?.start ?? 0, index);
}

/** Tells the place in the whole script: of the token that does not parse, else of the statement that failed. */
function located(error: Error, script: string, start: number, index: number): Error {
  if (!(error instanceof Detailed)) return error;
  const offset = start + (error.syntax?.offset ?? 0);
  const place = { near: error.syntax?.near ?? "", offset, ...lineColumn(script, offset) };
  // A field that is there already stays, and the engine knew only the one statement.
  Reflect.deleteProperty(error, "syntax");
  return annotate(error, { index, syntax: place });
}
