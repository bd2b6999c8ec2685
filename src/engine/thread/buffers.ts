/**
 * Buffers on their way between threads. It must not know workers: the synchronous face loads it.
 * Tests: test/unit/engine/thread/callback.test.ts.
 */

import type { SqlRow, SqlValue } from "../../values/types.ts";
import type { BatchReply } from "../port.ts";
import { ownBytes } from "./pack.ts";

/** The results of a batch as they cross: bytes without the memory that they share with others. */
export function ownReplies(replies: BatchReply["replies"]): BatchReply["replies"] {
  const own = (value: SqlValue) => (value instanceof Uint8Array ? ownBytes(value) : value);
  return replies.map((reply) => ({ ...reply, rows: reply.rows.map((row) => row.map(own) as SqlRow) }));
}

/** The same where they arrive. */
export function restoreReplies(replies: BatchReply["replies"]): void {
  for (const { rows } of replies) for (const row of rows) restoreBuffers(row);
}

/** Structured clone makes a Uint8Array of a Buffer; puts Buffers in its place. */
export function restoreBuffers(values: unknown[]): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value instanceof Uint8Array)
      values[i] = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
}
