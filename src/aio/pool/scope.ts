/**
 * Finds the `transaction()` or `read()` of a pool that a call is made inside of, by the asynchronous context it runs in.
 * Tests: test/conformance/pool-nested.test.ts.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { AsyncConnection } from "../connection.ts";

/** A use of a connection that calls from inside take part in. */
export interface Scope {
  /** Whose connection it is. */
  readonly owner: object;
  readonly kind: "read" | "transaction";
  readonly connection: AsyncConnection<unknown>;
  readonly outer: Scope | undefined;
  isOver: boolean;
}

const scopes = new AsyncLocalStorage<Scope>();

/** The innermost use of this owner's that the caller runs in and that is not over. */
export function currentScope(owner: object): Scope | null {
  for (let scope = scopes.getStore(); scope !== undefined; scope = scope.outer) {
    if (scope.owner === owner && !scope.isOver) return scope;
  }
  return null;
}

/** Runs `fn` inside of a use of `connection`. */
export async function within<T, R>(
  owner: object,
  kind: Scope["kind"],
  connection: AsyncConnection<T>,
  fn: (connection: AsyncConnection<T>) => R,
): Promise<Awaited<R>> {
  const scope: Scope = {
    owner,
    kind,
    connection: connection as unknown as AsyncConnection<unknown>,
    outer: scopes.getStore(),
    isOver: false,
  };
  try {
    return await scopes.run(scope, () => fn(connection));
  } finally {
    scope.isOver = true;
  }
}
