/**
 * Which turnstile a call goes through: the connection's own, or that of the `transaction()` it is made in.
 * A call finds its transaction by the asynchronous context it runs in. Tests: test/conformance/transaction-scope.test.ts.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { NotSupportedError, ProgrammingError } from "../errors/tree.ts";
import type { Turn } from "./turn.ts";
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

/**
 * The turnstile for a handle that is bound to a transaction: that of the innermost transaction inside of it that the caller
 * runs in, which holds it, or its own.
 */
export function turnstileInside(owner: object, bound: Turnstile): Turnstile {
  let innermost: Turnstile | null = null;
  for (let scope = scopes.getStore(); scope !== undefined; scope = scope.outer) {
    if (scope.owner !== owner || scope.turnstile.isClosed) continue;
    // SQL calls a function in no transaction's context, whatever it runs in.
    if (scope.turnstile.refusal !== null) return scope.turnstile;
    innermost ??= scope.turnstile;
    if (scope.turnstile === bound) return innermost;
  }
  return bound;
}

/**
 * Runs `fn` with a turnstile of its own; calls that it leaves un-awaited belong to it too. When it is stopped, it is waited
 * for no longer, and whatever it still calls is refused.
 */
export async function inScope<R>(
  owner: object,
  turn: Turn | null,
  fn: (turnstile: Turnstile) => R,
): Promise<Awaited<R>> {
  const turnstile = new Turnstile(turn);
  const outer = scopes.getStore();
  try {
    const result = scopes.run({ owner, turnstile, outer }, () => fn(turnstile));
    return await (turn === null ? result : turn.race(result));
  } finally {
    if (turn?.why) turnstile.refusal = () => new ProgrammingError("the transaction has been interrupted");
    await turnstile.idle();
    turnstile.isClosed = turnstile.refusal === null;
  }
}

/** A context in which every use of a connection is refused. */
function refusing(owner: object, refusal: () => Error): Scope {
  const turnstile = new Turnstile();
  turnstile.refusal = refusal;
  return { owner, turnstile, outer: scopes.getStore() };
}

/**
 * The sets of an `executemany`, which has the connection to itself: a set that waits for a call on that connection would
 * wait for ever, so such a call is refused. A source that is stopped is told so, and not waited for.
 */
export function guardSets<S>(owner: object, turn: Turn | null, sets: AsyncIterable<S>): AsyncIterable<S> {
  const scope = refusing(
    owner,
    () => new ProgrammingError("executemany() is running, and its sets may not use its connection"),
  );
  const over: IteratorResult<S> = { done: true, value: undefined };
  return {
    [Symbol.asyncIterator](): AsyncIterator<S> {
      const iterator = scopes.run(scope, () => sets[Symbol.asyncIterator]());
      const next = () => scopes.run(scope, () => iterator.next());
      const end = () => scopes.run(scope, async () => (await iterator.return?.()) ?? over);
      if (turn === null) return { next, return: end };
      return {
        next: () => turn.race(next()),
        return: async () => {
          const ending = end();
          if (turn.why === null) return ending;
          ending.catch(() => {});
          return over;
        },
      };
    },
  };
}

/**
 * Calls a function that SQL waits for; what it calls of the same connection, at once or later on, would wait for SQL. What it
 * has started is free to when it is over.
 */
export function guardFunction<R>(owner: object, engine: string, fn: () => R): R {
  const refusal = () =>
    new NotSupportedError(
      `the connection is running a statement, and ${engine} cannot run another one from inside a user function`,
    );
  const scope = refusing(owner, refusal);
  const end = () => {
    scope.turnstile.isClosed = true;
  };
  let result: R | undefined;
  try {
    result = scopes.run(scope, fn);
    return result;
  } finally {
    if (result instanceof Promise) result.then(end, end);
    else end();
  }
}
