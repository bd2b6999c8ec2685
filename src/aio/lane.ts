/**
 * Which turnstile a call goes through: the connection's own, or that of the `transaction()` it is made in.
 * A call finds its transaction by the asynchronous context it runs in. Tests: test/conformance/transaction-scope.test.ts.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { Turnstile } from "./turnstile.ts";

interface Scope {
  /** Whose transaction this is. */
  readonly owner: object;
  readonly turnstile: Turnstile;
  readonly outer: Scope | undefined;
}

const scopes = new AsyncLocalStorage<Scope>();

/** The innermost transaction of this owner that the caller runs in and that is not over. */
export function currentTurnstile(owner: object): Turnstile | null {
  for (let scope = scopes.getStore(); scope !== undefined; scope = scope.outer) {
    if (scope.owner === owner && !scope.turnstile.isClosed) return scope.turnstile;
  }
  return null;
}

/** Runs `fn` with a turnstile of its own; calls that it leaves un-awaited belong to it too. */
export async function inScope<R>(owner: object, fn: (turnstile: Turnstile) => R): Promise<Awaited<R>> {
  const turnstile = new Turnstile();
  const outer = scopes.getStore();
  try {
    return await scopes.run({ owner, turnstile, outer }, () => fn(turnstile));
  } finally {
    await turnstile.idle();
    turnstile.isClosed = true;
  }
}

/**
 * The sets of an `executemany`, which has the connection to itself: a set that waits for a call on that connection would
 * wait for ever, so such a call is refused.
 */
export function guardSets<S>(owner: object, sets: AsyncIterable<S>): AsyncIterable<S> {
  const turnstile = new Turnstile();
  turnstile.refusal = "executemany() is running, and its sets may not use its connection";
  const scope: Scope = { owner, turnstile, outer: scopes.getStore() };
  return {
    [Symbol.asyncIterator](): AsyncIterator<S> {
      const iterator = scopes.run(scope, () => sets[Symbol.asyncIterator]());
      const over: IteratorResult<S> = { done: true, value: undefined };
      return {
        next: () => scopes.run(scope, () => iterator.next()),
        return: () => scopes.run(scope, async () => (await iterator.return?.()) ?? over),
      };
    },
  };
}
