/**
 * The error of a call that was ended before its time: SQLite's INTERRUPT, whoever made the interruption.
 * It must not know how a call is ended. Tests: test/conformance/cancel-*.test.ts.
 * @see https://www.sqlite.org/c3ref/interrupt.html
 */
import { SQLITE_INTERRUPT } from "./codes.ts";
import { Detailed, OperationalError, type Outcome } from "./tree.ts";

/** @param why who ended the call, in words and as the `cause`; @param outcome left open where only a later error can tell */
export function interrupted(
  why: { readonly message: string; readonly cause: unknown },
  outcome: Outcome | undefined,
): OperationalError {
  return new OperationalError(why.message, {
    code: "SQLITE_INTERRUPT",
    sqliteErrorcode: SQLITE_INTERRUPT,
    sqliteErrorname: "SQLITE_INTERRUPT",
    outcome,
    cause: why.cause,
  });
}

/** Whether a call was ended before its time. */
export function isInterruption(error: unknown): error is Detailed {
  return error instanceof Detailed && error.code === "SQLITE_INTERRUPT";
}
