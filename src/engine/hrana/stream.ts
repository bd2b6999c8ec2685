/**
 * What a stream of Hrana is to the engine, whatever carries it: one connection to the database, with one request at a time.
 * Implementations: http-stream.ts, ws-stream.ts.
 * @see https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md
 */
import type { Call } from "../http/call.ts";
import type { LATER } from "../http/http-body.ts";
import type { StreamRequest, StreamResult } from "./wire.ts";

/** The version of the protocol: 2 lacks the condition `is_autocommit`, the request `get_autocommit`, and cursors. */
export type Version = 2 | 3;

export interface Stream {
  /** Whether the server holds a connection for it. A stream without one gets it with the next request. */
  readonly isOpen: boolean;
  /** Whether a cursor that was ended before its last row has to be read out before anything else can run in it. */
  readonly isBlocked: boolean;
  /** Bytes of the latest answer of {@link pipeline}. */
  readonly answered: number;
  /**
   * Sends requests together and gives their results in order. One that fails does not keep the next from running.
   * @throws {LinkFailure} when there is no usable answer; the stream is closed then, and what was open in it rolled back
   */
  pipeline(requests: readonly StreamRequest[], call: Call): Promise<StreamResult[]>;
  /**
   * Runs a batch, whose results come entry by entry. `steps` is JSON.
   * @throws {LinkFailure} as {@link pipeline}
   */
  cursor(steps: string, call: Call, wishes: CursorWishes): Promise<Cursor>;
  /** Ends it on the server. Never rejects. */
  close(): Promise<void>;
}

/** What is known of a result beforehand. */
export interface CursorWishes {
  /** The server is known to take the text of the statement. */
  readonly isParsed: boolean;
  /** All of it is wanted before any of it is used: it may come compressed, where the transport can do that. */
  readonly isWhole: boolean;
  /** An entry is many rows, and short for that: to compress it takes longer than to send it to the same machine. */
  readonly isDense: boolean;
}

/** Entries of a cursor, at least one: parsed JSON, or blocks of lines of JSON. */
export type Incoming =
  | { readonly parsed: readonly unknown[]; readonly lines: null }
  | { readonly parsed: null; readonly lines: readonly string[] };

/** Results on their way. */
export interface Cursor {
  /** Bytes that have come so far. */
  readonly received: number;
  /**
   * The next entries; null behind the last. {@link LATER} when none came within `patience` milliseconds, if that is not 0.
   * @throws {LinkFailure} when no more will come
   */
  next(call: Call, patience?: number): Promise<Incoming | null | typeof LATER>;
  /** Wants no more. The stream goes on. */
  end(): void;
}

/** What streams are opened on. */
export interface Transport {
  readonly version: Version;
  open(): Stream;
  /** The text without the token in it. */
  redact(text: string): string;
  /** Lets go of every connection. */
  close(): void;
}
