/**
 * Calls that are about to be posted: those of one tick together, but not so many that the worker has to wait for the last one
 * before it may begin the first. It must not know what a call means. Tests: test/unit/engine/thread/outbox.test.ts.
 */
import type { Call } from "./messages.ts";

/** Calls in the first message of a tick. */
const FIRST = 8;
/** Each message of the tick has twice as many as the one before, up to this: a message costs as much as four calls. */
const MOST = 64;

export class Outbox {
  readonly #post: (calls: readonly Call[]) => void;
  #calls: Call[] = [];
  #most = FIRST;
  #isScheduled = false;
  #isOpen = false;

  constructor(post: (calls: readonly Call[]) => void) {
    this.#post = post;
  }

  add(call: Call): void {
    const length = this.#calls.push(call);
    if (!this.#isOpen) return;
    if (length >= this.#most) {
      this.#most = Math.min(2 * this.#most, MOST);
      this.#flush();
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(this.#endTick);
  }

  readonly #endTick = (): void => {
    this.#isScheduled = false;
    this.#most = FIRST;
    this.#flush();
  };

  #flush(): void {
    if (!this.#isOpen || this.#calls.length === 0) return;
    const calls = this.#calls;
    this.#calls = [];
    this.#post(calls);
  }

  /** Takes a call back. @returns whether it was still here */
  remove(call: Call): boolean {
    const at = this.#calls.indexOf(call);
    if (at >= 0) this.#calls.splice(at, 1);
    return at >= 0;
  }

  /** There is somebody to post to now. */
  open(): void {
    this.#isOpen = true;
    this.#flush();
  }

  /** There is nobody to post to, for the time being; what is here is forgotten. */
  close(): void {
    this.#isOpen = false;
    this.#calls = [];
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }
}
