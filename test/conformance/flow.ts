/**
 * The body of a `transaction()` for every quadrant: the synchronous face refuses a function that returns a promise, the
 * other one wants it. A flow is written as a generator that yields what it would await; it answers at once as long as
 * nothing that it yields is a promise.
 */
import { expect } from "vitest";

/** Yields results to be waited for, takes them back in their place, and returns what the function is to return. */
export type Steps<R> = Generator<unknown, R, unknown>;

/** A function for `transaction()`: `conn.transaction(flow(function* (tx) { yield tx.execute(…); }))`. */
export function flow<C, R>(body: (tx: C) => Steps<R>): (tx: C) => R {
  return (tx) => advance(body(tx), (steps) => steps.next());
}

function advance<R>(steps: Steps<R>, resume: (steps: Steps<R>) => IteratorResult<unknown, R>): R {
  let result = resume(steps);
  while (!result.done) {
    const { value } = result;
    // Where one answer is promised, so is the whole; the type is that of the face that promises nothing.
    if (value instanceof Promise) return wait(steps, value) as unknown as R;
    result = steps.next(value);
  }
  return result.value;
}

async function wait<R>(steps: Steps<R>, promise: Promise<unknown>): Promise<R> {
  let answer: unknown;
  try {
    answer = await promise;
  } catch (error) {
    return advance(steps, () => steps.throw(error));
  }
  return advance(steps, () => steps.next(answer));
}

/** What a piece of work in a flow throws or rejects with: `const error = yield* failing(OperationalError, () => …)`. */
export function* failing<E extends Error>(
  Class: abstract new (...args: never[]) => E,
  work: () => unknown,
): Steps<E> {
  let error: unknown;
  try {
    yield work();
  } catch (thrown) {
    error = thrown;
  }
  expect(error, "nothing was thrown").toBeDefined();
  expect(error).toBeInstanceOf(Class);
  return error as E;
}
