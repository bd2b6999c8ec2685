/**
 * What libsql throws, told in the driver's own error tree. Where it has a code, that decides; what has none is told by the few
 * messages that mean something of their own. It must not know what was asked.
 * Tests: test/unit/engine/replica/failure.test.ts, test/faults/replica.test.ts.
 */
import { withoutValue } from "../../errors/bound-values.ts";
import { fromSqlite } from "../../errors/from-sqlite.ts";
import { type Error as DbError, Detailed, OperationalError } from "../../errors/tree.ts";

/** The error of a query that failed while it ran. */
export function runFailure(thrown: unknown, sql: string): Error {
  if (thrown instanceof Detailed) return thrown;
  const { code, message } = told(thrown);
  if (code === null) return new OperationalError(message, { sql, cause: thrown });
  return fromSqlite({ message: withoutValue(message, code, sql), code, phase: "run", sql });
}

/**
 * The error of opening a replica, or of bringing it up to date.
 * @param secrets what must not be shown: the token and the key
 */
export function syncFailure(thrown: unknown, path: string, secrets: readonly string[]): DbError {
  const message = redacted(told(thrown).message, secrets);
  if (message.includes("file is not a database")) {
    return fromSqlite({
      message: "file is not a database, or encryptionKey is not the one that it was encrypted with",
      code: "SQLITE_NOTADB",
      phase: "open",
    });
  }
  if (message.includes("without a wal_index")) {
    return new OperationalError(
      `${JSON.stringify(path)} is no embedded replica: libsql wants to have made the file itself, with "-client_wal_index" ` +
        "beside it. Remove it, or name another file",
      { code: "NOT_A_REPLICA", outcome: "not-executed" },
    );
  }
  if (message.includes("IO error: ") || message.includes("unable to open database file")) {
    return fromSqlite({ message: "unable to open database file", code: "SQLITE_CANTOPEN", phase: "open" });
  }
  return new OperationalError(`the replica cannot be brought up to date: ${message}`, {
    code: "SYNC_FAILED",
    outcome: "not-executed",
  });
}

function told(thrown: unknown): { readonly code: string | null; readonly message: string } {
  const { code, message } = thrown as { readonly code?: unknown; readonly message?: unknown };
  return {
    code: typeof code === "string" && code !== "" ? code : null,
    message: typeof message === "string" ? message : String(thrown),
  };
}

function redacted(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => (secret === "" ? shown : shown.replaceAll(secret, "***")), text);
}
