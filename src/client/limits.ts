/**
 * What ends a call before its time: the caller's signal and the time it may take, as one signal for all that the call waits
 * for. It must not know what the steps of a call are. Tests: test/client/life.test.ts.
 */
import { runPromised, type Steps } from "./steps.ts";
import type { CallLimits } from "./types.ts";

const MOST = 0x7fff_ffff;

/** Does the steps of a call within its limits. They begin at once, before anything is awaited. */
export async function limited<R>(
  limits: CallLimits | undefined,
  steps: (signal: AbortSignal | undefined) => Steps<R>,
): Promise<R> {
  const limit = new Limit(limits);
  try {
    return await runPromised(steps(limit.signal));
  } finally {
    limit.end();
  }
}

/** One signal for a call; {@link Limit.end} lets go of what it holds. */
class Limit {
  readonly signal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;

  /** @throws {TypeError} for a wrong signal or timeout */
  constructor(limits: CallLimits | undefined) {
    if (limits === undefined || limits === null) return;
    if (typeof limits !== "object") throw new TypeError("the options of a call must be an object");
    const { signal, timeout } = limits;
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw new TypeError("signal must be an AbortSignal");
    }
    this.signal = signal;
    if (timeout === undefined) return;
    if (!Number.isInteger(timeout) || timeout < 1 || timeout > MOST) {
      throw new TypeError(`timeout must be a whole number from 1 to ${MOST}`);
    }
    const late = new AbortController();
    const reason = new DOMException(`the call took longer than ${timeout} ms`, "TimeoutError");
    // Not AbortSignal.timeout: nothing but this may keep the process alive until the caller has his answer.
    this.#timer = setTimeout(() => late.abort(reason), timeout);
    this.signal = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
