/**
 * Calls that are about to be posted: those of one tick together, but not so many that the worker has to wait for the last one
 * before it may begin the first. It must not know what a call means. Tests: test/unit/engine/thread/outbox.test.ts.
 */
import type { Call } from "./messages.ts";

/** Calls in the first message of a tick, for a worker that has nothing to do. */
const FIRST = 8;
/** Each message of the tick has twice as many as the one before, up to this: a message costs as much as four calls. */
const MOST = 128;
/** So many calls that are not answered keep a worker busy until the tick is over. */
const BUSY = 16;

export class Outbox {
  readonly #post: (calls: readonly Call[]) => void;
  readonly #underWay: () => number;
  #calls: Call[] = [];
  #most = FIRST;
  #isScheduled = false;
  #isOpen = false;

  /** @param underWay how many calls are not answered, those that are here among them */
  constructor(post: (calls: readonly Call[]) => void, underWay: () => number) {
    this.#post = post;
    this.#underWay = underWay;
  }

  add(call: Call): void {
    const length = this.#calls.push(call);
    if (!this.#isOpen) return;
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      this.#most = this.#underWay() - length < BUSY ? FIRST : MOST;
      queueMicrotask(this.#endTick);
    }
    if (length < this.#most) return;
    this.#most = Math.min(2 * this.#most, MOST);
    this.#flush();
  }

  readonly #endTick = (): void => {
    this.#isScheduled = false;
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
