/**
 * Transactions: commit and rollback in the three modes, the change of modes, and `transaction(fn)` with its savepoints.
 * It must not know how statements are run. Tests: test/conformance/transactions.test.ts, transaction-scope.test.ts.
 */
import type { ControlStep } from "../engine/port.ts";
import { isInterruption } from "../errors/interrupted.ts";
import { annotate, Detailed, OperationalError, ProgrammingError } from "../errors/tree.ts";
import {
  type Autocommit,
  checkAutocommit,
  checkCallOptions,
  checkIsolationLevel,
  keyword,
  wholeNumber,
} from "./options.ts";
import { call, invoke, type Operation } from "./run.ts";
import type { Session } from "./session.ts";

/** How `transaction()` begins. */
export interface TransactionOptions {
  /** Which BEGIN; a nested transaction is a savepoint and has none. Default `"IMMEDIATE"`. */
  readonly mode?: "DEFERRED" | "IMMEDIATE" | "EXCLUSIVE";
  /**
   * How many times to run `fn` again when it, or the COMMIT, fails with an error that is `retryable`: 0 and up. Default 0.
   * A nested transaction, and one that joins an open transaction, is not retried: the whole must be.
   */
  readonly retries?: number;
}

const MODES = ["DEFERRED", "IMMEDIATE", "EXCLUSIVE"] as const;
const MOST_RETRIES = 1_000_000;

/** COMMIT or ROLLBACK; in `autocommit: false` the next transaction begins at once. */
function endSteps(session: Session, sql: "COMMIT" | "ROLLBACK"): ControlStep[] {
  const steps: ControlStep[] = [{ sql, when: "open" }];
  if (session.autocommit === false) steps.push({ sql: "BEGIN", when: "closed" });
  return steps;
}

/** @throws {ProgrammingError} inside `transaction()`, whose end decides */
export function* commit(session: Session): Operation<void> {
  yield* end(session, "COMMIT");
}

/** @throws {ProgrammingError} inside `transaction()`, whose end decides */
export function* rollback(session: Session): Operation<void> {
  yield* end(session, "ROLLBACK");
}

function* end(session: Session, sql: "COMMIT" | "ROLLBACK"): Operation<void> {
  session.enter();
  refuseInScope(session, `${sql.toLowerCase()}()`);
  if (session.autocommit === true) return;
  yield* call("control", endSteps(session, sql));
  session.isUntouched = true;
}

function refuseInScope(session: Session, what: string): void {
  if (session.scopes > 0) throw refusedInScope(what);
}

/** The error of what only the end of `transaction()` decides. */
export function refusedInScope(what: string): ProgrammingError {
  return new ProgrammingError(
    `${what} is not allowed inside transaction(): return from the function to commit, throw to roll back`,
  );
}

/** What a new connection needs before its first statement. */
export function* open(session: Session): Operation<void> {
  if (session.autocommit === false) yield* call("control", [{ sql: "BEGIN", when: "closed" }]);
  session.isUntouched = true;
}

/** Sets `isolationLevel`; `null` commits what is open, as in Python. */
export function* setIsolationLevel(session: Session, value: unknown): Operation<void> {
  const level = checkIsolationLevel(value);
  session.enter();
  refuseInScope(session, "setting isolationLevel");
  if (level === null && session.autocommit === -1) yield* call("control", [{ sql: "COMMIT", when: "open" }]);
  session.isolationLevel = level;
}

/** Sets `autocommit`: true commits what is open, false begins. */
export function* setAutocommit(session: Session, value: unknown): Operation<void> {
  const autocommit: Autocommit = checkAutocommit(value);
  session.enter();
  refuseInScope(session, "setting autocommit");
  if (autocommit === true) yield* call("control", [{ sql: "COMMIT", when: "open" }]);
  const holdsWork = session.inTransaction;
  if (autocommit === false) yield* call("control", [{ sql: "BEGIN", when: "closed" }]);
  session.autocommit = autocommit;
  session.isUntouched = !holdsWork;
}

/**
 * Runs `fn` in a transaction: commits what it returns, rolls back when it throws. Inside another one it is a savepoint.
 * A transaction that is open already, begun by a statement, is joined: it ends with `fn`, as with Python's `with conn:`.
 */
export function* transaction<R>(
  session: Session,
  fn: () => R,
  options?: TransactionOptions,
): Operation<Awaited<R>> {
  const { mode: asked = "IMMEDIATE", retries: most = 0 } = checkCallOptions(options);
  const mode = keyword("mode", asked, MODES);
  let retries = wholeNumber("retries", most, MOST_RETRIES);
  // In `autocommit: false` a transaction is always open: it holds no work of anybody's until the connection is used.
  const isEmpty = session.autocommit === false && session.isUntouched;
  session.enter();
  if (session.scopes > 0) return yield* savepoint(session, fn);
  const joins = session.inTransaction && !isEmpty;
  const begin: ControlStep[] = [{ sql: `BEGIN ${mode}`, when: "closed" }];
  if (!joins) begin.unshift({ sql: "ROLLBACK", when: "open" });
  for (;;) {
    try {
      return yield* outermost(session, fn, begin);
    } catch (error) {
      if (joins || retries-- === 0 || !(error instanceof Detailed) || !error.retryable) throw error;
    }
  }
}

function* outermost<R>(session: Session, fn: () => R, begin: readonly ControlStep[]): Operation<Awaited<R>> {
  try {
    yield* call("control", begin);
  } catch (error) {
    if (session.autocommit === false) yield* undo([{ sql: "BEGIN", when: "closed" }]);
    throw error;
  }
  const value = yield* scoped(session, fn, endSteps(session, "ROLLBACK"));
  try {
    yield* call("control", endSteps(session, "COMMIT"));
    session.isUntouched = true;
  } catch (error) {
    yield* undo(endSteps(session, "ROLLBACK"));
    throw error;
  }
  return value;
}

function* savepoint<R>(session: Session, fn: () => R): Operation<Awaited<R>> {
  const name = `sqlite_dbapi_${session.scopes}`;
  if (!session.inTransaction) throw lost();
  yield* call("control", [{ sql: `SAVEPOINT ${name}`, when: "open" }]);
  const value = yield* scoped(session, fn, [
    { sql: `ROLLBACK TO ${name}`, when: "open" },
    { sql: `RELEASE ${name}`, when: "open" },
  ]);
  yield* call("control", [{ sql: `RELEASE ${name}`, when: "open" }]);
  return value;
}

/** Runs `fn` one scope deeper, and what undoes its work when it throws or the transaction did not survive it. */
function* scoped<R>(session: Session, fn: () => R, undoSteps: readonly ControlStep[]): Operation<Awaited<R>> {
  session.scopes++;
  try {
    const value = yield* invoke(fn);
    session.check();
    if (!session.inTransaction) throw lost();
    return value;
  } catch (error) {
    if (!session.isClosed) yield* undo(undoSteps);
    // Where the function was left to itself, nobody has known yet what would become of its work.
    throw isInterruption(error) ? annotate(error, { outcome: "rolled-back" }) : error;
  } finally {
    session.scopes--;
  }
}

/** Rolls back on the way out of a failure, which stays the one to be seen. */
function* undo(steps: readonly ControlStep[]): Operation<void> {
  try {
    yield* call("control", steps);
  } catch {
    // The failure that brought us here says more, and SQLite rolls back what is left open when the connection closes.
  }
}

function lost(): OperationalError {
  return new OperationalError(
    "the transaction has been lost: it was ended inside transaction(), by SQLite or by a statement",
    { outcome: "rolled-back" },
  );
}
