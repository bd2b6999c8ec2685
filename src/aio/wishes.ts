/**
 * What is asked of an execution before its turn has come: it is done in that turn, before any later call.
 * It must not know who asks. Tests: test/conformance/aio-order.test.ts.
 */
import { ABSENT, type Absent, type CursorState } from "../core/cursor-state.ts";
import type { CallOptions } from "../core/limits.ts";
import type { Operation } from "../core/run.ts";
import type { ExecuteRequest } from "../engine/port.ts";
import { Turn } from "./turn.ts";

/** A way to fetch rows of a result. */
export interface Fetch<T, R> {
  /** Takes them of what has been read; ABSENT where that is not enough. */
  readonly inHand: (state: CursorState<T>) => R | Absent;
  /** The same, and reads on where it has to. */
  readonly read: (state: CursorState<T>) => Operation<R>;
}

/** What is asked for. */
export interface Wished {
  /** Does it with what is in hand. @returns whether that was enough */
  take(): boolean;
  /** Does it, whatever it takes. */
  read(): Operation<void>;
}

/** What is asked for, and what has come of it. */
export class Wish<T, R> implements Wished {
  readonly #state: CursorState<T>;
  readonly #fetch: Fetch<T, R>;
  outcome: { readonly value: R } | { readonly error: unknown } | null = null;

  constructor(state: CursorState<T>, fetch: Fetch<T, R>) {
    this.#state = state;
    this.#fetch = fetch;
  }

  take(): boolean {
    try {
      const value = this.#fetch.inHand(this.#state);
      if (value === ABSENT) return false;
      this.outcome = { value };
    } catch (error) {
      this.outcome = { error };
    }
    return true;
  }

  *read(): Operation<void> {
    try {
      this.outcome = { value: yield* this.#fetch.read(this.#state) };
    } catch (error) {
      this.outcome = { error };
    }
  }
}

export class Wishes {
  rows: ExecuteRequest["rows"] = "page";
  #turn: Turn | null = null;
  #hasBegun = false;
  #isOver = false;
  readonly #wishes: Wished[] = [];
  #fulfilled = 0;

  /** What may stop the statement and the fetches that are part of it. */
  get turn(): Turn {
    this.#turn ??= new Turn();
    return this.#turn;
  }

  /** Whether anything may. */
  get isLimited(): boolean {
    return this.#turn?.isLimited === true;
  }

  /** The turn of the statement has come: it is too late for limits. */
  begin(): void {
    this.#hasBegun = true;
  }

  /** @returns whether it is not too late */
  add(wish: Wished, limits: CallOptions | undefined): boolean {
    if (this.#isOver || (limits !== undefined && this.#hasBegun)) return false;
    if (limits !== undefined) this.turn.limit(limits);
    this.#wishes.push(wish);
    return true;
  }

  /** Does what can be done with what is in hand; the statement has been executed. @returns whether that is all */
  take(): boolean {
    this.#isOver = true;
    const wishes = this.#wishes;
    while (this.#fulfilled < wishes.length && wishes[this.#fulfilled]?.take()) this.#fulfilled++;
    return this.#fulfilled === wishes.length;
  }

  /** Does all that has been asked for. */
  *fulfil(): Operation<void> {
    while (!this.take()) yield* this.#readNext();
  }

  *#readNext(): Operation<void> {
    const wish = this.#wishes[this.#fulfilled++];
    if (wish !== undefined) yield* wish.read();
  }

  /** All is done, and nothing can stop it any more. */
  end(): void {
    this.#turn?.end();
  }
}
