/**
 * What a calling thread that waits and the worker with its engines say to each other. Plain data only: a result that cannot
 * be cloned would end the worker. This file declares.
 */
import type { PlainError } from "../../errors/plain.ts";
import type { Method } from "../port.ts";

/** What is asked of the worker, one at a time. `id` goes up. */
export type BlockCall =
  | { readonly kind: "open"; readonly id: number; readonly connection: number; readonly options: unknown }
  | {
      readonly kind: "call";
      readonly id: number;
      readonly connection: number;
      readonly method: Method;
      readonly args: readonly unknown[];
    }
  /** Goes on waiting for a call that was `pending`. */
  | { readonly kind: "wait"; readonly id: number };

/** What an engine says of itself when it is open. */
export interface Opened {
  readonly name: string;
  readonly path: string;
}

/** How a call ended. */
export type BlockDone = {
  readonly kind: "done";
  readonly inTransaction: boolean;
  /** The statements that a trace callback has to be shown. */
  readonly traced: readonly string[];
} & ({ readonly value: unknown } | { readonly error: PlainError });

/** `pending`: the call is still running; `unknown`: nothing is known of it. */
export type BlockAnswer = BlockDone | { readonly kind: "pending" } | { readonly kind: "unknown" };
