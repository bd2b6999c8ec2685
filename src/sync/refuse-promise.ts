/**
 * Synchronous work must not hand out a promise: what it would do later would happen outside of the transaction.
 * Tests: test/conformance/transaction-scope.test.ts.
 */
import { InterfaceError } from "../errors/tree.ts";

/**
 * @throws {InterfaceError} for anything with a `then`. A promise's rejection is not reported twice; the `then` of anything
 * else is not called, since that may be what makes it run, as with query builders.
 */
export function refusePromise<R>(value: R): R {
  if (typeof value !== "object" || value === null || !("then" in value) || typeof value.then !== "function") {
    return value;
  }
  if (value instanceof Promise) value.then(undefined, () => {});
  throw new InterfaceError(
    "the function given to transaction() returned a promise: make it synchronous, or use sqlite-dbapi/aio",
  );
}
