/**
 * The order of calls on one connection: as they were made, awaited or not. Calls that are one crossing may be on their way
 * together; what needs several has the connection to itself.
 * It must not know what a call does. Tests: test/unit/aio/turnstile.test.ts.
 */
import { interrupted } from "../errors/interrupted.ts";
import type { Turn } from "./turn.ts";

interface Waiting {
  readonly alone: boolean;
  readonly start: () => void;
}

export class Turnstile {
  /** What may stop everything that passes: the transaction that it belongs to. */
  readonly turn: Turn | null;
  #queue: Waiting[] = [];
  /** How many of these come through {@link Turnstile.pass}. */
  #passing = 0;
  #running = 0;
  #isTaken = false;
  #isScheduled = false;
  #whenIdle: (() => void)[] = [];
  /** Set when what this turnstile belongs to is over. */
  isClosed = false;
  /** Makes the error of everybody who wants to pass, when nobody may. */
  refusal: (() => Error) | null = null;

  constructor(turn: Turn | null = null) {
    this.turn = turn;
  }

  /**
   * Runs `work` when its turn has come, never before the caller's own code has gone on to its next await.
   * @param alone whether everything before must be over, and nothing else may begin until this is
   * @param turn what may take it out of the queue
   */
  enter<R>(alone: boolean, work: () => Promise<R>, turn: Turn | null = null): Promise<R> {
    if (this.refusal !== null) return Promise.reject(this.refusal());
    return new Promise((resolve, reject) => {
      const start = () => {
        if (turn !== null) turn.onStop = null;
        this.#running++;
        this.#isTaken = alone;
        new Promise<R>((settle) => settle(work())).then(resolve, reject).finally(() => {
          this.#running--;
          this.#isTaken = false;
          this.#next();
        });
      };
      const waiting = { alone, start };
      this.#queue.push(waiting);
      this.#schedule();
      if (turn === null) return;
      const leave = () => {
        if (turn.why === null) return;
        this.#queue = this.#queue.filter((other) => other !== waiting);
        reject(interrupted(turn.why, "not-executed"));
        this.#schedule();
      };
      turn.onStop = leave;
      leave();
    });
  }

  /** Whether work that shares its turn could begin now. */
  get isOpen(): boolean {
    return this.#queue.length === 0 && !this.#isTaken && this.refusal === null;
  }

  /** Whether the turn of work that shares it would come with the end of this tick. */
  get isSoonOpen(): boolean {
    return this.#queue.length === this.#passing && !this.#isTaken && this.refusal === null;
  }

  /**
   * The same as {@link Turnstile.enter} for work that shares its turn, where it {@link isSoonOpen}, without the promises that
   * see to the end: whoever calls it ends the turn himself, also when it fails.
   */
  pass<R>(work: () => Promise<R>): Promise<R> {
    return new Promise((resolve, reject) => {
      const start = () => {
        this.#passing--;
        this.#running++;
        try {
          work().then(resolve, reject);
        } catch (error) {
          reject(error);
        }
      };
      this.#passing++;
      this.#queue.push({ alone: false, start });
      this.#schedule();
    });
  }

  /** Begins work where it {@link isOpen}, without waiting. */
  begin(): void {
    this.#running++;
  }

  /** Ends what has begun in that way. */
  end(): void {
    this.#running--;
    this.#next();
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
    if (this.#running > 0 || this.#whenIdle.length === 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** Settles when nothing runs or waits any more. */
  async idle(): Promise<void> {
    if (this.#running === 0 && this.#queue.length === 0) return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }
}
