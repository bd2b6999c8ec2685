/**
 * The promised door: the same module with the engine in a worker thread. Names only; what they mean stands where they
 * come from. Tests: test/conformance, test/types.
 * @module
 */
export { connect } from "./aio/connect.ts";
export { AsyncConnection } from "./aio/connection.ts";
export { AsyncCursor } from "./aio/cursor.ts";
export type { Execution } from "./aio/execution.ts";
export type { AsyncConnectOptions, ResourceLimits } from "./aio/options.ts";
export type { PoolStats, StockStats } from "./aio/pool/counters.ts";
export { createPool } from "./aio/pool/create.ts";
export type {
  PoolBatchOptions,
  PoolConnectionOptions,
  PoolOptions,
  PoolRole,
  PoolTransactionOptions,
} from "./aio/pool/options.ts";
export { Pool } from "./aio/pool/pool.ts";
export { PooledConnection } from "./aio/pool/pooled-connection.ts";
export type { PoolResult } from "./aio/pool/result.ts";
export * from "./module.ts";
