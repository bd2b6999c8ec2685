/**
 * What runs on one connection, step by step: a statement, a batch in its transaction, a migration.
 * It must not know where the connection comes from. Tests: test/client/batch.test.ts, transaction.test.ts.
 */
import type { BatchOptions } from "../aio.ts";
import type { Link } from "./link.ts";
import { ResultSet } from "./result-set.ts";
import { isRead, mayGiveRows, type Statement } from "./statement.ts";
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

/** Statements of a batch in one crossing, until one fails; a transaction that one of them has ended is a failure too. */
export function* runAll(
  { link, intMode, signal }: Site,
  statements: readonly Statement[],
  options: BatchOptions = {},
): Steps<ResultSet[]> {
  const answers = yield* wait(link.batch(statements, options, signal));
  return answers.map((answer) => new ResultSet(answer, intMode));
}

/** A batch in a transaction, which is committed when all of it has succeeded. */
export function* batch(
  site: Site,
  mode: TransactionMode,
  statements: readonly Statement[],
): Steps<ResultSet[]> {
  if (mode === "write") return yield* runWhole(site, statements, "IMMEDIATE");
  if (mode === "deferred") return yield* runWhole(site, statements, "DEFERRED");
  if (site.isServer) return yield* runWhole(site, statements, "READONLY");
  yield* control(site, "PRAGMA query_only=ON");
  try {
    return yield* runWhole(site, statements, "DEFERRED");
  } finally {
    yield* leave(site, mode);
  }
}

/** A batch in one crossing, or in two where a result that cannot be read has to undo it. */
function* runWhole(
  site: Site,
  statements: readonly Statement[],
  mode: NonNullable<BatchOptions["mode"]>,
): Steps<ResultSet[]> {
  const looks =
    site.intMode === "number" &&
    statements.some(({ sql }) => mayGiveRows(sql)) &&
    !statements.every(({ sql }) => isRead(sql));
  const results = yield* runAll(site, statements, { mode, commit: !looks });
  if (looks) yield* control(site, "COMMIT");
  return results;
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
