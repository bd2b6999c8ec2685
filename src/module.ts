/**
 * What the module of the DB-API is besides its connections: globals, exceptions, constructors, row factories. Every door
 * shows it whole. Names only; what they mean stands where they come from. Tests: test/conformance/dbapi20.test.ts, test/types.
 */
export type { BackupOptions } from "./core/backup.ts";
export type { BatchOptions, BatchStatement } from "./core/batch.ts";
export type { DumpOptions } from "./core/dump.ts";
export type {
  AggregateClass,
  FunctionOptions,
  ModuleFunction,
  SqlFunction,
  WindowClass,
} from "./core/functions.ts";
export type { ExtensionOptions, SerializeOptions } from "./core/lifecycle.ts";
export type { CallOptions } from "./core/limits.ts";
export type { ManyOptions } from "./core/many.ts";
export {
  type Autocommit,
  type ConnectOptions,
  type IsolationLevel,
  LEGACY_TRANSACTION_CONTROL,
} from "./core/options.ts";
export type { ReplicaOptions } from "./core/replica.ts";
export type { ServerOptions, TlsOptions } from "./core/server.ts";
export type { TransactionOptions } from "./core/transaction.ts";
export type { ConnectTrace, ExecuteTrace, PoolTrace } from "./diagnostics.ts";
export type { BackupProgress, SyncReply } from "./engine/port.ts";
export * from "./errors/result-codes.ts";
export {
  type Constraint,
  type ConstraintKind,
  DatabaseError,
  DataError,
  Error,
  type ErrorDetails,
  IntegrityError,
  InterfaceError,
  InternalError,
  NotSupportedError,
  OperationalError,
  type Outcome,
  ProgrammingError,
  type SyntaxPosition,
  Warning,
} from "./errors/tree.ts";
export { quoteIdentifier } from "./sql/quote.ts";
export { completeStatement } from "./sql/split.ts";
export { type AdaptableClass, type Adapter, registerAdapter } from "./values/adapt.ts";
export { type Converter, PARSE_COLNAMES, PARSE_DECLTYPES, registerConverter } from "./values/convert.ts";
export {
  BINARY,
  Binary,
  type BinaryInput,
  DATETIME,
  Date,
  DateFromTicks,
  DBAPITypeObject,
  NUMBER,
  ROWID,
  STRING,
  Time,
  TimeFromTicks,
  Timestamp,
  TimestampFromTicks,
} from "./values/dbapi.ts";
export type { ColumnDescription, Description } from "./values/description.ts";
export {
  classRow,
  objectRow,
  Row,
  type RowClass,
  type RowConstructor,
  type RowCursor,
  type RowFactory,
  scalarRow,
} from "./values/rows.ts";
export type {
  IntegerMode,
  Parameter,
  Parameters,
  SqlInput,
  SqlRow,
  SqlValue,
  TextMode,
} from "./values/types.ts";

/** The level of the DB-API. @see https://peps.python.org/pep-0249/#apilevel */
export const apilevel = "2.0";
/** Placeholders are question marks; names (`:a`, `@a`, `$a`) work too. @see https://peps.python.org/pep-0249/#paramstyle */
export const paramstyle = "qmark";
/** Threads may share the module, but not connections. @see https://peps.python.org/pep-0249/#threadsafety */
export const threadsafety = 1;
/** The version of this driver. */
export const version = "0.1.0";
