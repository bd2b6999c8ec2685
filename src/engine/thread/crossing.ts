/**
 * What of a call's arguments stays on the calling thread: functions, for which references cross. And errors, which come back
 * as plain data. It must not know workers. Tests: test/unit/engine/thread/offload.test.ts.
 */
import { interrupted } from "../../errors/interrupted.ts";
import { fromPlain, type PlainError } from "../../errors/plain.ts";
import type {
  BackupProgress,
  BatchReply,
  Cancellation,
  Method,
  UserAggregate,
  UserFunction,
} from "../port.ts";
import { restoreReplies } from "./buffers.ts";
import { type Callbacks, isThrownRef, REFUSAL } from "./callback.ts";
import type { CallbackRef } from "./messages.ts";

type Loose = (...args: readonly unknown[]) => unknown;

/** Puts references in the place of functions. */
export function withRefs(method: Method, args: readonly unknown[], callbacks: Callbacks): readonly unknown[] {
  const [first, fn] = args;
  if (typeof fn !== "function" && typeof first !== "function") return args;
  if (method === "defineFunction") return [first, callbacks.add(fn as UserFunction as Loose, "answer")];
  if (method === "defineAggregate") {
    const { window } = first as { readonly window: boolean };
    return [first, callbacks.add(fn as (() => UserAggregate) & Loose, window ? "window" : "group")];
  }
  if (method === "trace") return [callbacks.add(first as Loose, "event")];
  if (method !== "backup") return args;
  // What it returns may be anything, and nobody asks.
  return [first, callbacks.add((...told) => void (fn as BackupProgress & Loose)(...told), "answer")];
}

/** Forgets the functions of a call that is over and has left nothing behind. */
export function forgetRefs(method: Method, args: readonly unknown[], callbacks: Callbacks): void {
  if (method === "backup" && args[1] !== null) callbacks.remove(args[1] as CallbackRef);
}

/** An error from the other thread, with the exception of the caller's that is behind it. */
export function rebuilt(plain: PlainError, callbacks: Callbacks): Error {
  const error = fromPlain(plain);
  if (isThrownRef(error.cause)) error.cause = callbacks.take(error.cause);
  return error;
}

/** A value of the other thread's; replies carry an error as plain data. */
export function restored(value: unknown, callbacks: Callbacks): unknown {
  if (typeof value !== "object" || value === null || !("error" in value)) return value;
  if (value.error !== null) value.error = rebuilt(value.error as PlainError, callbacks);
  if ("replies" in value) restoreReplies(value.replies as BatchReply["replies"]);
  return value;
}

/** A reply to a call that was ended where it asked for a function: its error is that. */
export function ended(value: unknown, why: Cancellation): unknown {
  if (typeof value !== "object" || value === null || !("error" in value)) return value;
  if (value.error instanceof Error && value.error.cause === REFUSAL)
    value.error = interrupted(why, undefined);
  return value;
}
