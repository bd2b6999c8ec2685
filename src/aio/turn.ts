/**
 * One call that may be stopped, by a signal, by its time limit, or because the transaction around it is: waiting for its
 * turn, or having it. It must not know what the call does: whoever does it says how it is stopped.
 * Tests: test/unit/aio/turn.test.ts, test/conformance/cancel-*.test.ts.
 */
import { type CallOptions, checkLimits } from "../core/limits.ts";
import type { Stop } from "../core/run.ts";
import type { Cancellation } from "../engine/port.ts";
import { interrupted } from "../errors/interrupted.ts";

export class Turn implements Stop {
  why: Cancellation | null = null;
  onStop: ((why: Cancellation) => void) | null = null;
  #parent: Turn | null = null;
  /** Calls that are made inside of this one. */
  #inner: Set<Turn> | null = null;
  /** What takes back the timers and listeners. */
  #ends: (() => void)[] | null = null;
  #isOver = false;

  /** The turn of a call with these limits; null when nothing can stop it. @throws {InterfaceError} for wrong ones */
  static of(options: CallOptions | undefined, parent: Turn | null): Turn | null {
    if (options === undefined && parent === null) return null;
    const turn = new Turn();
    turn.limit(options);
    turn.within(parent);
    return turn.isLimited ? turn : null;
  }

  /** Whether anything can stop it. */
  get isLimited(): boolean {
    return this.#parent !== null || this.#ends !== null;
  }

  /** Is stopped together with the call that this one is made inside of. */
  within(parent: Turn | null): void {
    if (parent === null) return;
    this.#parent = parent;
    parent.#inner ??= new Set();
    parent.#inner.add(this);
    if (parent.why !== null) this.stop(parent.why);
  }

  /** Adds limits. @throws {InterfaceError} for wrong ones */
  limit(options: CallOptions | undefined): void {
    if (options === undefined) return;
    const { signal, timeout } = checkLimits(options);
    if (this.#isOver || (signal === undefined && timeout === undefined)) return;
    this.#ends ??= [];
    if (timeout !== undefined) {
      const timer = setTimeout(() => this.stop(timedOut(timeout)), timeout);
      this.#ends.push(() => clearTimeout(timer));
    }
    if (signal === undefined) return;
    const abort = () => this.stop({ message: "interrupted: the signal is aborted", cause: signal.reason });
    signal.addEventListener("abort", abort, { once: true });
    this.#ends.push(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
  }

  stop(why: Cancellation): void {
    if (this.why !== null) return;
    this.why = why;
    this.onStop?.(why);
    for (const inner of this.#inner ?? []) inner.stop(why);
  }

  /** The same as `promise`, but no longer than until the stop. */
  async race<R>(promise: R): Promise<Awaited<R>> {
    const stopped = new Promise<never>((_, reject) => {
      const fail = (why: Cancellation) => reject(interrupted(why, undefined));
      if (this.why !== null) fail(this.why);
      this.onStop = fail;
    });
    try {
      return await Promise.race([promise, stopped]);
    } finally {
      this.onStop = null;
    }
  }

  /** The call is over, and nothing can limit it any more. */
  end(): void {
    this.#isOver = true;
    for (const end of this.#ends?.splice(0) ?? []) end();
    if (this.#parent !== null) this.#parent.#inner?.delete(this);
  }
}

function timedOut(timeout: number): Cancellation {
  const message = `interrupted: the call has taken more than ${timeout} ms`;
  return { message, cause: new DOMException(message, "TimeoutError") };
}
