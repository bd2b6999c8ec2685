/**
 * The door for those who know `@libsql/client` and Python's `libsql-client`. Names only; what they mean stands where they
 * come from. Tests: test/client, test/types/client.test-d.ts.
 * @module
 */
export { type Client, createClient } from "./client/client.ts";
export { type ClientSync, createClientSync } from "./client/client-sync.ts";
export { LibsqlBatchError, LibsqlError } from "./client/errors.ts";
export type { JsonResultSet, ResultSet } from "./client/result-set.ts";
export type { Transaction, TransactionSync } from "./client/transaction.ts";
export type {
  CallLimits,
  Config,
  InArgs,
  InStatement,
  IntMode,
  InValue,
  Replicated,
  Row,
  StatementPair,
  TransactionMode,
  Value,
} from "./client/types.ts";
