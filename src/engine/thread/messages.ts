/**
 * What the two threads say to each other. Plain data only: what cannot be cloned would break the channel.
 * This file declares.
 */
import type { MessagePort } from "node:worker_threads";
import type { PlainError } from "../../errors/plain.ts";
import type { Method } from "../port.ts";
import type { AnswersMessage, RowsMessage } from "./answers.ts";

/** One call of an engine's method. A function among the arguments crosses as a {@link CallbackRef}. */
export interface Call {
  readonly id: number;
  readonly method: Method;
  readonly args: readonly unknown[];
  /** It may have to be abandoned with its worker, so that answers which are ready go out before it. */
  readonly isStoppable: boolean;
}

/** Stands for a function that stayed on the calling thread. */
export interface CallbackRef {
  readonly callback: number;
  /**
   * `answer`: the engine waits for its result. `event`: it is told and goes on. `group` and `window`: it makes instances
   * of an aggregate or a window function.
   */
  readonly kind: "answer" | "event" | "group" | "window";
}

/** Marks the place of an exception that did not cross: the number under which the calling thread keeps it. */
export interface ThrownRef {
  readonly thrownOnCallingThread: number;
}

/**
 * The outcome of one call; the last is what a function of the caller's threw, and nobody has made an error of. `leftOut`: it
 * was cancelled before it began, and whoever cancelled it may not have known that it was in time.
 */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: PlainError }
  | { readonly id: number; readonly leftOut: true }
  | ({ readonly id: number } & ThrownRef);

/** From the thread that owns the engine: answers, or something else, which says what it is. */
export type FromHost =
  | AnswersMessage
  | RowsMessage
  | { readonly kind: "ready"; readonly name: string; readonly path: string }
  | { readonly kind: "failed"; readonly error: PlainError }
  | { readonly kind: "event"; readonly callback: number; readonly args: readonly unknown[] };

/** What a parked engine asks of the calling thread: to call a function, a method of an instance, or to make one. */
export interface CallbackRequest {
  /** The call that is being carried out. */
  readonly call: number;
  readonly callback: number;
  /** The instance to call, or null for the function itself. */
  readonly instance: number | null;
  /** `""` for the function itself, `"new"` to make an instance. */
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What comes back. An exception stays where it was thrown; it goes by a number until the error is rebuilt there. */
export type CallbackReply = { readonly value: unknown } | { readonly thrown: number };

/** Places in the memory that the two threads share. */
export const SHARED = {
  /** 1 when the answer of a callback is there: wakes the parked engine. */
  answered: 0,
  /** The call that the engine has begun last. */
  begun: 1,
  /** How many calls have been cancelled. */
  cancels: 2,
  /** How many calls have been posted: wakes an engine that waits for the next. */
  posted: 3,
  /** 1 as long as the worker before this one may still have the file: the engine waits for 0. */
  taken: 4,
} as const;

/** What a worker is started with. */
export interface HostData {
  readonly callbacks: MessagePort;
  /** Brings the numbers of calls that are not to be carried out. */
  readonly cancels: MessagePort;
  /** Which engine to make, and what to make it with. */
  readonly engine: "sqlite" | "replica";
  readonly options: unknown;
  /** See {@link SHARED}. */
  readonly memory: Int32Array;
}
