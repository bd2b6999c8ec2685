/**
 * What a pool has done since it was made, in numbers. Tests: test/conformance/pool-watch.test.ts.
 */

/** Connections of one kind. */
export interface StockStats {
  /** Those that are open. */
  readonly total: number;
  readonly idle: number;
  readonly busy: number;
  /** Those that are being opened. */
  readonly opening: number;
}

/** What `pool.stats()` tells. */
export interface PoolStats {
  readonly readers: StockStats;
  /** The one that writes; in a pool of one it reads too. */
  readonly writer: StockStats;
  /** Callers who wait now. */
  readonly waiting: { readonly readers: number; readonly writer: number };
  /** How often a connection was handed out. */
  readonly acquired: number;
  /** Callers who waited longer than `acquireTimeout`. */
  readonly timedOut: number;
  /** Callers whose own signal or timeout ended their waiting. */
  readonly aborted: number;
  /** Callers who found the queue full. */
  readonly refused: number;
  /** Connections that came back with an open transaction, which was rolled back. */
  readonly rolledBack: number;
  /** Connections that were lost, with their worker or otherwise, and made anew. */
  readonly replaced: number;
  /** How often work was run again because another process held the lock. */
  readonly retried: number;
  /** Milliseconds. */
  readonly longestWait: number;
}

export class Counters {
  acquired = 0;
  timedOut = 0;
  aborted = 0;
  refused = 0;
  rolledBack = 0;
  replaced = 0;
  retried = 0;
  longestWait = 0;

  /** Notes that a caller has got what it waited for. */
  waited(milliseconds: number): void {
    if (milliseconds > this.longestWait) this.longestWait = milliseconds;
  }
}
