/**
 * Numbers of readers across workers: each worker counts its own from 1, while a cursor may still hold one of a worker that is
 * gone, which must not be taken for another's. It must not know workers. Tests: test/unit/engine/thread/reader-numbers.test.ts.
 */
import { OperationalError } from "../../errors/tree.ts";
import type { ExecuteRequest, Method } from "../port.ts";
import type { Call } from "./messages.ts";
import { LOSS } from "./outcome.ts";

/** More readers than one worker opens. */
const SPAN = 2 ** 32;

export class ReaderNumbers {
  /** What to add to a number of the present worker's: what is not above it is of one that is gone. */
  #base = 0;

  /** Another worker begins to count. */
  restart(): void {
    this.#base += SPAN;
  }

  /** A reply with the number by which its reader is known here. */
  outward(value: unknown): unknown {
    if (this.#base === 0 || typeof value !== "object" || value === null) return value;
    if ("reader" in value && typeof value.reader === "number" && value.reader !== 0) {
      value.reader += this.#base;
    }
    return value;
  }

  /** The arguments of a call with the number that the worker knows; null for reading on where the reader is gone. */
  inward(method: Method, args: readonly unknown[]): readonly unknown[] | null {
    if (this.#base === 0) return args;
    const [first, ...others] = args;
    if (method === "execute") {
      const request = first as ExecuteRequest;
      if (request.discard === 0) return args;
      return [{ ...request, discard: Math.max(0, request.discard - this.#base) }];
    }
    if (method !== "fetch" && method !== "rest" && method !== "discard") return args;
    const reader = Math.max(0, (first as number) - this.#base);
    return reader > 0 || method === "discard" ? [reader, ...others] : null;
  }
}

/** A call without the reader that it was to end, which is gone with its worker. */
export function withoutReader(call: Call): Call {
  const [request] = call.args as readonly [ExecuteRequest];
  if (call.method !== "execute" || request.discard === 0) return call;
  return { ...call, args: [{ ...request, discard: 0 }] };
}

/** The error of reading on, or copying, what went with another worker. */
export function unread(): OperationalError {
  return new OperationalError(LOSS.unread, { outcome: "not-executed" });
}
