/**
 * The order of calls on one connection: as they were made, awaited or not. Calls that are one crossing may be on their way
 * together; what needs several has the connection to itself.
 * It must not know what a call does. Tests: test/unit/aio/turnstile.test.ts.
 */

import { ProgrammingError } from "../errors/tree.ts";

interface Waiting {
  readonly alone: boolean;
  readonly start: () => void;
}

export class Turnstile {
  readonly #queue: Waiting[] = [];
  #running = 0;
  #isTaken = false;
  #isScheduled = false;
  #whenIdle: (() => void)[] = [];
  /** Set when what this turnstile belongs to is over. */
  isClosed = false;
  /** Why nobody may pass, if so. */
  refusal: string | null = null;

  /**
   * Runs `work` when its turn has come, never before the caller's own code has gone on to its next await.
   * @param alone whether everything before must be over, and nothing else may begin until this is
   */
  enter<R>(alone: boolean, work: () => Promise<R>): Promise<R> {
    if (this.refusal !== null) return Promise.reject(new ProgrammingError(this.refusal));
    return new Promise((resolve, reject) => {
      const start = () => {
        this.#running++;
        this.#isTaken = alone;
        new Promise<R>((settle) => settle(work())).then(resolve, reject).finally(() => {
          this.#running--;
          this.#isTaken = false;
          this.#next();
        });
      };
      this.#queue.push({ alone, start });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#next();
    });
  }

  #next(): void {
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      if (this.#isTaken || (first.alone && this.#running > 0)) return;
      this.#queue.shift();
      first.start();
    }
    if (this.#running > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** Settles when nothing runs or waits any more. */
  async idle(): Promise<void> {
    if (this.#running === 0 && this.#queue.length === 0) return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }
}
