/**
 * The errors of the libSQL client, and how those of the driver become them: the same failure by another name, with the
 * driver's error as its `cause`. It must not know what was called. Tests: test/client/execute.test.ts, peer.test.ts.
 */
import * as door from "../aio.ts";

/** A failure, told apart by `code`: SQLite's primary result code, or a word for what SQLite has no code for. */
export class LibsqlError extends Error {
  /** `"SQLITE_CONSTRAINT"`, `"TRANSACTION_CLOSED"`, `"URL_INVALID"` and the like. */
  readonly code: string;
  /** SQLite's extended result code, such as `"SQLITE_CONSTRAINT_UNIQUE"`. */
  declare readonly extendedCode?: string;
  /** The same as a number. */
  declare readonly rawCode?: number;

  static {
    Object.defineProperty(LibsqlError.prototype, "name", {
      value: "LibsqlError",
      configurable: true,
      writable: true,
    });
  }

  constructor(message: string, code: string, extendedCode?: string, rawCode?: number, cause?: unknown) {
    super(`${code}: ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
    if (extendedCode !== undefined) this.extendedCode = extendedCode;
    if (rawCode !== undefined) this.rawCode = rawCode;
  }
}

/** A failure inside a batch. */
export class LibsqlBatchError extends LibsqlError {
  /** Which statement failed, from 0. */
  readonly statementIndex: number;

  static {
    const name = { value: "LibsqlBatchError", configurable: true, writable: true };
    Object.defineProperty(LibsqlBatchError.prototype, "name", name);
  }

  constructor(
    message: string,
    statementIndex: number,
    code: string,
    extendedCode?: string,
    rawCode?: number,
    cause?: unknown,
  ) {
    super(message, code, extendedCode, rawCode, cause);
    this.statementIndex = statementIndex;
  }
}

/** Primary result codes by number. */
const PRIMARY: ReadonlyMap<number, string> = new Map(
  Object.entries(door).flatMap(([name, code]) =>
    name.startsWith("SQLITE_") && typeof code === "number" && code <= 0xff ? [[code, name] as const] : [],
  ),
);

/** The error that a caller of the client sees: one of the driver's becomes a LibsqlError, any other stays. */
export function translate(error: unknown): unknown {
  if (!(error instanceof door.Error)) return error;
  const { message, sqliteErrorcode: raw, sqliteErrorname: extended } = error;
  if (raw === undefined) return new LibsqlError(message, wordFor(error), undefined, undefined, error);
  const code = PRIMARY.get(raw & 0xff) ?? extended ?? "SQLITE_UNKNOWN";
  return new LibsqlError(message, code, extended, raw, error);
}

/** What has no result code of SQLite's. The words are those of libSQL's server where it has one. */
function wordFor(error: door.Error): string {
  if (error.code !== undefined) return error.code;
  if (error instanceof door.NotSupportedError) return "NOT_SUPPORTED";
  if (error instanceof door.InterfaceError || error instanceof door.DataError) return "ARGS_INVALID";
  if (error instanceof door.ProgrammingError) {
    return error.message.startsWith("You can only execute one statement")
      ? "SQL_MANY_STATEMENTS"
      : "SQL_INPUT_ERROR";
  }
  return "UNKNOWN";
}

/** The same failure with the number of the statement in its batch. What is not about the database stays as it is. */
export function inBatch(error: unknown, index: number): unknown {
  if (!(error instanceof LibsqlError) || error instanceof LibsqlBatchError) return error;
  const { code, extendedCode, rawCode, cause } = error;
  const message = error.message.slice(code.length + 2);
  return new LibsqlBatchError(message, index, code, extendedCode, rawCode, cause);
}

/** Another connection has the lock: the same work may succeed later. */
export function isBusy(error: unknown): boolean {
  return (
    error instanceof LibsqlError && error.rawCode !== undefined && (error.rawCode & 0xff) === door.SQLITE_BUSY
  );
}

/** The connection has lost what it was doing, and is not to be used again. */
export function hasLostWork(error: unknown): boolean {
  return error instanceof door.Error && error.outcome !== undefined && error.outcome !== "not-executed";
}

/** The stack of a failure begins where the client was called: what lies below is its own affair, and long. */
export function relocate(error: unknown): unknown {
  if (error instanceof LibsqlError) Error.captureStackTrace(error, relocate);
  return error;
}

export function clientClosed(): LibsqlError {
  return new LibsqlError("the client is closed", "CLIENT_CLOSED");
}

export function transactionClosed(): LibsqlError {
  return new LibsqlError("the transaction is closed", "TRANSACTION_CLOSED");
}

/** The database has one connection, or no more may be opened, and transactions hold them. */
export function transactionActive(): LibsqlError {
  return new LibsqlError(
    "an open transaction holds the connection that this call needs: commit it, roll it back or close it first",
    "TRANSACTION_ACTIVE",
  );
}

/** A write transaction of the same client goes on. */
export function locked(): LibsqlError {
  const message = "database is locked: a write transaction of this client is open";
  return new LibsqlError(message, "SQLITE_BUSY", "SQLITE_BUSY", door.SQLITE_BUSY);
}

export function interrupted(signal: AbortSignal): LibsqlError {
  const { reason } = signal;
  const why =
    reason instanceof Error && reason.name === "TimeoutError" ? reason.message : "the call was aborted";
  return new LibsqlError(why, "SQLITE_INTERRUPT", "SQLITE_INTERRUPT", door.SQLITE_INTERRUPT, reason);
}
