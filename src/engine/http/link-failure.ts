/**
 * What goes wrong between us and a server, before it is known what it means for a transaction.
 * The engine turns it into an OperationalError with an outcome (see outcome.ts); nothing of it reaches a caller as it is.
 */

/** Why there is no usable answer. */
export type FailureKind =
  /** No connection, or it broke. */
  | "connection"
  /** Nothing came in time. */
  | "timeout"
  /** The answer breaks the protocol. */
  | "protocol"
  /** The server refused with an HTTP status of its own. */
  | "refused"
  /** The server does not know the stream any more; nothing of the request has run. */
  | "expired"
  /** The answer is larger than allowed. */
  | "too-large"
  /** Somebody asked for the end of the call. */
  | "cancelled";

export class LinkFailure extends Error {
  readonly kind: FailureKind;
  /** The HTTP status of a refusal, or 0. */
  readonly status: number;
  /** The server's own code, such as `"STREAM_EXPIRED"`. */
  readonly code: string | null;
  /** Milliseconds after which the server wants to be asked again; -1 where it does not say. */
  readonly retryAfter: number;

  constructor(
    kind: FailureKind,
    message: string,
    more: {
      readonly status?: number;
      readonly code?: string | null;
      readonly retryAfter?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.kind = kind;
    this.status = more.status ?? 0;
    this.code = more.code ?? null;
    this.retryAfter = more.retryAfter ?? -1;
  }
}

/** An answer that no server of the protocol gives. */
export function broken(what: string, cause?: unknown): LinkFailure {
  return new LinkFailure("protocol", `the server broke the protocol: ${what}`, { cause });
}
