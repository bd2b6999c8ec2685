/**
 * What runs on one connection, step by step: a statement, a batch in its transaction, a migration.
 * It must not know where the connection comes from. Tests: test/client/batch.test.ts, transaction.test.ts.
 */
import { inBatch, LibsqlBatchError } from "./errors.ts";
import type { Link } from "./link.ts";
import { ResultSet } from "./result-set.ts";
import type { Statement } from "./statement.ts";
import { type Steps, wait } from "./steps.ts";
import type { IntMode, TransactionMode } from "./types.ts";

/** Where and how the statements of a call run. */
export interface Site {
  readonly link: Link;
  readonly isServer: boolean;
  readonly intMode: IntMode;
  readonly signal: AbortSignal | undefined;
}

export function* query({ link, intMode, signal }: Site, statement: Statement): Steps<ResultSet> {
  return new ResultSet(yield* wait(link.query(statement, signal)), intMode);
}

/** A statement of the client's own. */
export function* control({ link, signal }: Site, sql: string): Steps<void> {
  yield* wait(link.query({ sql, args: [] }, signal));
}

/** One that must not fail: a connection on which it does is of no more use. */
function* restore({ link }: Site, sql: string): Steps<void> {
  if (link.isClosed || link.isBroken) return;
  try {
    yield* wait(link.query({ sql, args: [] }, undefined));
  } catch {
    link.close();
  }
}

/** @throws {RangeError} for a mode that there is not */
export function checkMode(mode: unknown): TransactionMode {
  if (mode === "write" || mode === "read" || mode === "deferred") return mode;
  throw new RangeError('the transaction mode must be "write", "read" or "deferred"');
}

/** Begins a transaction. What a server does by itself, a local database does by a switch: to refuse to write. */
export function* begin(site: Site, mode: TransactionMode): Steps<void> {
  const reads = mode === "read";
  yield* control(
    site,
    mode === "write" ? "BEGIN IMMEDIATE" : reads && site.isServer ? "BEGIN TRANSACTION READONLY" : "BEGIN",
  );
  if (reads && !site.isServer) yield* control(site, "PRAGMA query_only=ON");
}

/** Undoes what {@link begin} has set; the transaction itself ends when the connection is given back. */
export function* leave(site: Site, mode: TransactionMode): Steps<void> {
  if (mode === "read" && !site.isServer) yield* restore(site, "PRAGMA query_only=OFF");
}

/**
 * Statements of a batch until one fails; a transaction that has been ended under them is a failure too.
 * @param run what runs one of them
 */
export function* runAll(
  site: Site,
  statements: readonly Statement[],
  run: typeof query = query,
): Steps<ResultSet[]> {
  const results: ResultSet[] = [];
  for (const [i, statement] of statements.entries()) {
    checkTransaction(site, i);
    try {
      results.push(yield* run(site, statement));
    } catch (error) {
      throw inBatch(error, i);
    }
  }
  return results;
}

function checkTransaction({ link }: Site, index: number): void {
  if (link.inTransaction || link.isClosed) return;
  throw new LibsqlBatchError("the transaction has been rolled back", index, "TRANSACTION_CLOSED");
}

/** A batch in a transaction, which is committed when all of it has succeeded. */
export function* batch(
  site: Site,
  mode: TransactionMode,
  statements: readonly Statement[],
): Steps<ResultSet[]> {
  try {
    yield* begin(site, mode);
    const results = yield* runAll(site, statements);
    checkTransaction(site, statements.length - 1);
    yield* control(site, "COMMIT");
    return results;
  } finally {
    yield* leave(site, mode);
  }
}

/** A batch during which foreign keys are not enforced; afterwards they are as they were. */
export function* migrate(site: Site, statements: readonly Statement[]): Steps<ResultSet[]> {
  const wasOn =
    site.isServer || (yield* query(site, { sql: "PRAGMA foreign_keys", args: [] })).rows[0]?.[0] !== 0;
  yield* control(site, "PRAGMA foreign_keys=off");
  try {
    return yield* batch(site, "deferred", statements);
  } finally {
    // The switch does nothing inside of a transaction.
    if (site.link.inTransaction) yield* restore(site, "ROLLBACK");
    if (wasOn) yield* restore(site, "PRAGMA foreign_keys=on");
  }
}

/** A script, in which SQLite waits for locks: nobody could run it again from its beginning. */
export function* runScript(site: Site, sql: string, patience: number): Steps<void> {
  if (!site.isServer) yield* control(site, `PRAGMA busy_timeout=${patience}`);
  try {
    yield* wait(site.link.script(sql, site.signal));
  } finally {
    if (!site.isServer) yield* restore(site, "PRAGMA busy_timeout=0");
  }
}
