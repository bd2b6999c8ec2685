/**
 * Synchronous work must not hand out a promise: what it would do later would happen outside of the transaction.
 * Tests: test/conformance/transaction-scope.test.ts.
 */
import { InterfaceError } from "../errors/tree.ts";

/** @throws {InterfaceError} for anything with a `then`; a rejection of it is not reported twice */
export function refusePromise<R>(value: R): R {
  if (typeof value !== "object" || value === null || !("then" in value) || typeof value.then !== "function") {
    return value;
  }
  value.then(undefined, () => {});
  throw new InterfaceError(
    "the function given to transaction() returned a promise: make it synchronous, or use sqlite-dbapi/aio",
  );
}
