/**
 * What may end a call of the pool's while it waits: the caller's signal, or the caller's time. What is left of the time goes to
 * the connection when the call has got one. Tests: test/unit/aio/pool-line.test.ts, test/conformance/pool-waiting.test.ts.
 */
import { type CallOptions, checkLimits } from "../../core/limits.ts";
import { interrupted } from "../../errors/interrupted.ts";
import type { OperationalError } from "../../errors/tree.ts";

export class Limits {
  readonly #signal: AbortSignal | undefined;
  readonly #timeout: number | undefined;
  readonly #end: number;

  /** @throws {InterfaceError} for a wrong signal or timeout */
  constructor(options: CallOptions | undefined) {
    const { signal, timeout } = checkLimits(options);
    this.#signal = signal;
    this.#timeout = timeout;
    this.#end = timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeout;
  }

  /** What is left, for a call of a connection. */
  get rest(): CallOptions | undefined {
    const [signal, timeout] = [this.#signal, this.#timeout];
    if (timeout === undefined) return signal === undefined ? undefined : { signal };
    return { signal, timeout: Math.max(1, Math.ceil(this.#end - performance.now())) };
  }

  /** @throws {OperationalError} SQLITE_INTERRUPT, when the call is to end already */
  check(): void {
    if (this.#signal?.aborted) throw this.#aborted();
    if (performance.now() >= this.#end) throw this.#overdue();
  }

  /**
   * Calls `end` when the call has to end.
   * @returns what takes that back
   */
  watch(end: (error: OperationalError) => void): () => void {
    const signal = this.#signal;
    const timer =
      this.#timeout === undefined
        ? undefined
        : setTimeout(() => end(this.#overdue()), Math.max(0, this.#end - performance.now()));
    const onAbort = () => end(this.#aborted());
    signal?.addEventListener("abort", onAbort, { once: true });
    return () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
  }

  /** Lets time pass, but no more than the call may take. */
  async sleep(milliseconds: number): Promise<void> {
    this.check();
    await new Promise<void>((resolve, reject) => {
      const unwatch = this.watch((error) => {
        clearTimeout(timer);
        unwatch();
        reject(error);
      });
      const timer = setTimeout(() => {
        unwatch();
        resolve();
      }, milliseconds);
    });
  }

  #aborted(): OperationalError {
    const message = "interrupted: the signal has been aborted";
    return interrupted({ message, cause: this.#signal?.reason }, "not-executed");
  }

  #overdue(): OperationalError {
    const message = `interrupted: the call has taken more than ${this.#timeout} ms`;
    return interrupted({ message, cause: new DOMException(message, "TimeoutError") }, "not-executed");
  }
}
