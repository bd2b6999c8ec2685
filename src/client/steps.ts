/**
 * Work that is written once for both forms of the client: a generator that yields whatever it would await. The synchronous
 * form hands each value straight back, the promised one awaits it.
 * It must not know what the work is. Tests: test/client.
 */
import { relocate } from "./errors.ts";

/** Yields results to be waited for and is given them back; returns what the work comes to. */
export type Steps<R> = Generator<unknown, R, unknown>;

/** A result that is there, or promised, by the form of the client. */
export type Awaitable<T> = T | Promise<T>;

/** Waits for a result: `const rows = yield* wait(link.query(…))`. */
export function* wait<T>(value: Awaitable<T>): Steps<T> {
  return (yield value) as T;
}

/** Does the work at once; nothing that it yields is a promise. */
export function runNow<R>(steps: Steps<R>): R {
  try {
    let next = steps.next();
    while (!next.done) next = steps.next(next.value);
    return next.value;
  } catch (error) {
    throw relocate(error);
  }
}

/** Does the work, waiting for what is promised. It begins before the first await. */
export async function runPromised<R>(steps: Steps<R>): Promise<R> {
  try {
    let next = steps.next();
    // What is there already is not awaited: a call is on its way when it returns, if nothing is in its way.
    while (!next.done) {
      next = next.value instanceof Promise ? await resume(steps, next.value) : steps.next(next.value);
    }
    return next.value;
  } catch (error) {
    throw relocate(error);
  }
}

async function resume<R>(steps: Steps<R>, promised: Promise<unknown>): Promise<IteratorResult<unknown, R>> {
  let value: unknown;
  try {
    value = await promised;
  } catch (error) {
    return steps.throw(error);
  }
  return steps.next(value);
}
