/**
 * The promised door: the same module with the engine in a worker thread. Names only; what they mean stands where they
 * come from. Tests: test/conformance, test/types.
 * @module
 */
export { connect } from "./aio/connect.ts";
export { AsyncConnection } from "./aio/connection.ts";
export { AsyncCursor } from "./aio/cursor.ts";
export type { Execution } from "./aio/execution.ts";
export * from "./module.ts";
