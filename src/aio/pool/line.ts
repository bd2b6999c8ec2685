/**
 * Callers who wait for a connection, first come, first served. Who has waited too long, or does not want to any more, leaves.
 * It must not know where connections come from. Tests: test/unit/aio/pool-line.test.ts, test/conformance/pool-waiting.test.ts.
 */
import { OperationalError } from "../../errors/tree.ts";
import type { Counters } from "./counters.ts";
import type { Limits } from "./limits.ts";

interface Waiter<M> {
  readonly since: number;
  /** Whether others may have the connection as well. */
  readonly isShared: boolean;
  readonly take: (member: M) => void;
  readonly refuse: (error: unknown) => void;
}

export class Line<M> {
  /** What they wait for, in words. */
  readonly #what: string;
  readonly #acquireTimeout: number;
  readonly #counters: Counters;
  /** In the order of their coming. */
  readonly #waiters = new Set<Waiter<M>>();
  /** Those who had a connection and came back, before all others, in the order of their coming. */
  #returned: Waiter<M>[] = [];

  constructor(what: string, acquireTimeout: number, counters: Counters) {
    this.#what = what;
    this.#acquireTimeout = acquireTimeout;
    this.#counters = counters;
  }

  get length(): number {
    return this.#waiters.size + this.#returned.length;
  }

  get #first(): Waiter<M> | undefined {
    if (this.#returned.length > 0) return this.#returned[0];
    const [first] = this.#waiters;
    return first;
  }

  /** Whether the one who is next would share the connection. */
  get isNextShared(): boolean {
    return this.#first?.isShared === true;
  }

  /**
   * Waits at the end of the line.
   * @param isShared whether others may have the connection as well
   * @param since when a caller who comes back came first: that is his place, and his time goes on
   */
  wait(limits: Limits, isShared = false, since: number | null = null): Promise<M> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        if (since === null) this.#waiters.delete(waiter);
        else this.#returned = this.#returned.filter((other) => other !== waiter);
        clearTimeout(timer);
        unwatch();
      };
      const waiter: Waiter<M> = {
        since: since ?? performance.now(),
        isShared,
        take: (member) => {
          leave();
          this.#counters.waited(performance.now() - waiter.since);
          resolve(member);
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const timer =
        this.#acquireTimeout === 0
          ? undefined
          : setTimeout(
              () => {
                this.#counters.timedOut++;
                waiter.refuse(this.#overdue());
              },
              Math.max(0, waiter.since + this.#acquireTimeout - performance.now()),
            );
      const unwatch = limits.watch((error) => {
        this.#counters.aborted++;
        waiter.refuse(error);
      });
      if (since === null) this.#waiters.add(waiter);
      else this.#return(waiter);
    });
  }

  #return(waiter: Waiter<M>): void {
    const at = this.#returned.findIndex((other) => other.since > waiter.since);
    this.#returned.splice(at < 0 ? this.#returned.length : at, 0, waiter);
  }

  #overdue(): OperationalError {
    return new OperationalError(
      `${this.#what} was not free within acquireTimeout (${this.#acquireTimeout} ms): ` +
        "somebody holds it for long, or waits for it while holding it (the option maxHold tells who)",
      { code: "POOL_TIMEOUT", outcome: "not-executed" },
    );
  }

  /** Gives a connection to whoever has waited longest. @returns whether there is anybody */
  serve(member: M): boolean {
    const first = this.#first;
    first?.take(member);
    return first !== undefined;
  }

  /** Sends everybody away. */
  refuseAll(error: unknown): void {
    for (const waiter of [...this.#returned, ...this.#waiters]) waiter.refuse(error);
  }
}
