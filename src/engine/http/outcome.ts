/**
 * What a failed link means: the error of the tree, with what became of the work.
 * It must not know transports. Tests: test/unit/engine/http/outcome.test.ts.
 */
import { interrupted } from "../../errors/interrupted.ts";
import { OperationalError, type Outcome } from "../../errors/tree.ts";
import type { FailureKind, LinkFailure } from "./link-failure.ts";

/** What a request may have done when nobody can tell whether it ran. */
export type Effect =
  /** Nothing. */
  | "read"
  /** Something that lasts where no transaction is open. */
  | "write"
  /** The same, but in a transaction which the request itself begins: it goes with the stream. */
  | "begin"
  /** The end of the transaction, to last. */
  | "commit";

const CODES: Readonly<Record<FailureKind, string>> = {
  connection: "CONNECTION",
  timeout: "TIMEOUT",
  protocol: "PROTOCOL",
  refused: "REFUSED",
  expired: "STREAM_EXPIRED",
  "too-large": "RESPONSE_TOO_LARGE",
  cancelled: "SQLITE_INTERRUPT",
};

/** What was known when the link failed. */
export interface Circumstances {
  readonly effect: Effect;
  /** A transaction was open. */
  readonly inTransaction: boolean;
  /** A request may have reached the server. */
  readonly sent: boolean;
}

/** A server that answers so has not run anything. */
function hasNotRun({ kind, status }: LinkFailure): boolean {
  return kind === "expired" || (kind === "refused" && (status < 500 || status === 503));
}

export function outcomeOf(failure: LinkFailure, { effect, inTransaction, sent }: Circumstances): Outcome {
  const mayHaveRun = sent && !hasNotRun(failure);
  if (inTransaction) return mayHaveRun && effect === "commit" ? "unknown" : "rolled-back";
  if (!mayHaveRun || effect === "read") return "not-executed";
  return effect === "begin" ? "rolled-back" : "unknown";
}

/** The error that a caller gets. */
export function errorOf(failure: LinkFailure, circumstances: Circumstances, sql?: string): OperationalError {
  const outcome = outcomeOf(failure, circumstances);
  const { kind, status, cause } = failure;
  if (kind === "cancelled") return interrupted({ message: failure.message, cause }, outcome);
  const code = kind === "refused" ? (failure.code ?? `HTTP_${status}`) : CODES[kind];
  return new OperationalError(`${failure.message}${consequence(circumstances, outcome)}`, {
    code,
    retryable: outcome !== "unknown" && isPassing(failure) ? true : undefined,
    outcome,
    sql,
    // A failure of ours behind it says nothing that is not said here.
    cause: cause instanceof Error && "code" in cause && !("retryAfter" in cause) ? cause : undefined,
  });
}

function consequence({ inTransaction }: Circumstances, outcome: Outcome): string {
  if (!inTransaction) return "";
  return outcome === "unknown"
    ? "; whether the transaction was committed is not known"
    : "; with it the transaction has been lost";
}

/** Whether the same again may well succeed. */
function isPassing({ kind, status }: LinkFailure): boolean {
  return kind === "expired" || kind === "connection" || status === 429 || status === 503;
}
