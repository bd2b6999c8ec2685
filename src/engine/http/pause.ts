/**
 * Waiting before a request is sent again, longer every time and never in step with other clients.
 * Tests: test/unit/engine/http/queue.test.ts.
 */
import type { Call } from "./call.ts";
import { LinkFailure } from "./link-failure.ts";

const FIRST = 50;
const LONGEST = 10_000;

/**
 * @param tries how often it has been sent again already
 * @param asked how long the server asks to wait in milliseconds, or -1
 * @returns false, at once, when the server asks for more patience than there is
 */
export async function pause(tries: number, asked: number, call: Call): Promise<boolean> {
  if (asked > LONGEST) return false;
  const own = Math.min(LONGEST, FIRST * 2 ** tries) * (0.5 + Math.random() / 2);
  await call.wait<void>(
    (resolve) => {
      const timer = setTimeout(resolve, Math.max(own, asked));
      return () => clearTimeout(timer);
    },
    0,
    () => new LinkFailure("timeout", ""),
  );
  return true;
}

/** Whether a refusal only asks for patience: nothing has run, and everything is where it was. */
export function isPutOff(failure: unknown): failure is LinkFailure {
  return failure instanceof LinkFailure && (failure.status === 429 || failure.status === 503);
}

/** Tries again, `most` times, where a server only asks for patience. */
export async function patiently<T>(most: number, call: Call, work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await work();
    } catch (failure) {
      const mayRepeat = isPutOff(failure) && tries < most;
      if (!mayRepeat || !(await pause(tries, failure.retryAfter, call))) throw failure;
    }
  }
}
