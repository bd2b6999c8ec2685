/**
 * Who may go on: a number of seats, taken in the order in which they were asked for. A call that needs a connection to
 * itself takes all of its seats, one that can share it takes one.
 * It must not know what is done on a seat. Tests: test/unit/client/seats.test.ts.
 */
import { interrupted } from "./errors.ts";
import type { Awaitable } from "./steps.ts";

/** What is asked for. */
export interface Place {
  readonly seats: number;
  /** An interactive transaction: it ends when the caller says so, which may be never. */
  isLong: boolean;
}

interface Waiting {
  readonly place: Place;
  /** Since when nothing has moved that this one waits for. */
  since: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Seats {
  #free: number;
  /** Places taken by transactions. */
  #long = 0;
  #queue: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  readonly #patience: number;
  readonly #refusal: () => Error;

  /**
   * @param patience how many milliseconds to wait while a transaction keeps its seat and nothing moves
   * @param refusal the error of one that has lost patience
   */
  constructor(seats: number, patience: number, refusal: () => Error) {
    this.#free = seats;
    this.#patience = patience;
    this.#refusal = refusal;
  }

  /** Whether somebody would have to wait. */
  get isFull(): boolean {
    return this.#free === 0;
  }

  /**
   * Takes a place, at once when it is free.
   * @throws {LibsqlError} or rejects: without patience while a transaction is seated; when `signal` is aborted
   */
  take(place: Place, signal?: AbortSignal): Awaitable<void> {
    if (signal?.aborted) throw interrupted(signal);
    if (this.#queue.length === 0 && this.#free >= place.seats) return this.#sit(place);
    if (this.#patience === 0 && this.#long > 0) throw this.#refusal();
    return new Promise<void>((resolve, reject) => {
      const stop = () => this.#remove(waiting, interrupted(signal as AbortSignal));
      const settled = <A extends readonly unknown[]>(settle: (...args: A) => void) => {
        return (...args: A) => {
          signal?.removeEventListener("abort", stop);
          settle(...args);
        };
      };
      const waiting: Waiting = {
        place,
        since: performance.now(),
        resolve: settled(() => resolve()),
        reject: settled(reject),
      };
      signal?.addEventListener("abort", stop);
      this.#queue.push(waiting);
      this.#watch();
    });
  }

  /** The caller has said that the transaction ends: its place will soon be free. */
  ends(place: Place): void {
    if (!place.isLong) return;
    place.isLong = false;
    this.#long--;
    this.#watch();
  }

  give({ seats, isLong }: Place): void {
    this.#free += seats;
    if (isLong) this.#long--;
    this.#moved();
  }

  /** Sends everybody away who waits. */
  close(error: () => Error): void {
    for (const { reject } of this.#queue.splice(0)) reject(error());
    this.#watch();
  }

  #sit({ seats, isLong }: Place): void {
    this.#free -= seats;
    if (isLong) this.#long++;
  }

  #remove(waiting: Waiting, error: Error): void {
    const at = this.#queue.indexOf(waiting);
    if (at < 0) return;
    this.#queue.splice(at, 1);
    waiting.reject(error);
    // Those behind may need less.
    this.#moved();
  }

  #moved(): void {
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      if (this.#free < first.place.seats) break;
      this.#queue.shift();
      this.#sit(first.place);
      first.resolve();
    }
    const now = performance.now();
    for (const waiting of this.#queue) waiting.since = now;
    this.#watch();
  }

  /** Somebody waits for a transaction: sees to it that nobody does so for ever. */
  #watch(): void {
    const oldest = this.#queue[0];
    if (oldest === undefined || this.#long === 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      return;
    }
    this.#timer ??= setTimeout(() => this.#lose(), oldest.since + this.#patience - performance.now());
  }

  #lose(): void {
    this.#timer = undefined;
    const now = performance.now();
    const isLate = ({ since }: Waiting) => now - since >= this.#patience;
    const late = this.#long === 0 ? [] : this.#queue.filter(isLate);
    if (late.length > 0) this.#queue = this.#queue.filter((waiting) => !isLate(waiting));
    for (const { reject } of late) reject(this.#refusal());
    this.#watch();
  }
}
