/**
 * Callers who wait for a connection, first come, first served. Who has waited too long, or does not want to any more, leaves.
 * It must not know where connections come from. Tests: test/unit/aio/pool-line.test.ts, test/conformance/pool-waiting.test.ts.
 */
import { OperationalError } from "../../errors/tree.ts";
import type { Counters } from "./counters.ts";
import type { Limits } from "./limits.ts";

interface Waiter<M> {
  readonly since: number;
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

  constructor(what: string, acquireTimeout: number, counters: Counters) {
    this.#what = what;
    this.#acquireTimeout = acquireTimeout;
    this.#counters = counters;
  }

  get length(): number {
    return this.#waiters.size;
  }

  /** Waits at the end of the line. */
  wait(limits: Limits): Promise<M> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiters.delete(waiter);
        clearTimeout(timer);
        unwatch();
      };
      const waiter: Waiter<M> = {
        since: performance.now(),
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
          : setTimeout(() => {
              this.#counters.timedOut++;
              waiter.refuse(this.#overdue());
            }, this.#acquireTimeout);
      const unwatch = limits.watch((error) => {
        this.#counters.aborted++;
        waiter.refuse(error);
      });
      this.#waiters.add(waiter);
    });
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
    const [first] = this.#waiters;
    first?.take(member);
    return first !== undefined;
  }

  /** Sends everybody away. */
  refuseAll(error: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.refuse(error);
  }
}
