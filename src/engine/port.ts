/**
 * The port between the semantics (core) and whatever runs SQL: a local SQLite, a worker that owns one, a server.
 * One call is one crossing, and what crosses is plain data, so that it can be posted to a thread or written on a wire.
 * This file declares; it must not run anything. Implementations: engine/sqlite. Tests: test/unit/engine, test/conformance.
 */
import type { BoundValue, Column, Reading, SqlObject, SqlRow } from "../values/types.ts";

/** What must hold before a statement runs: nothing, a transaction opened on demand, or one that is still there. */
export interface TransactionDemand {
  /** Runs first when the database is in autocommit, after the statement has been prepared. `null` for none. */
  readonly begin: string | null;
  /** Refuses to run in autocommit: the transaction that this statement belongs to has been lost. */
  readonly guard: boolean;
}

/** One statement with its values. */
export interface ExecuteRequest extends TransactionDemand {
  /** A reader to end first, or 0. */
  readonly discard: number;
  readonly sql: string;
  /** By SQLite's own numbering: the value of parameter 1 first. */
  readonly values: readonly BoundValue[];
  /** How much to read now: the first row only, a first page with the rest to follow, or everything. */
  readonly rows: "first" | "page" | "all";
  readonly reading: Reading;
  /** A query by its verb: whatever becomes of it, it has changed nothing. */
  readonly reads: boolean;
}

/** Rows, and where the next ones are. */
export interface Page {
  readonly rows: SqlRow[];
  /** The reader to ask for more, or 0 when these are the last. */
  readonly reader: number;
  /** What went wrong after these rows; the result ends with it. */
  readonly error: Error | null;
}

/** The rest of a result. */
export interface Rest {
  readonly rows: SqlRow[];
  /** Whether `rows` begin with the first row of the result again, because that was faster. */
  readonly restarted: boolean;
  /** In the place of `rows` the whole result as objects, where they were asked for and nothing was against them. */
  readonly objects?: SqlObject[];
  readonly error: Error | null;
}

/** What a statement did. */
export interface ExecuteReply extends Page {
  /** The columns of the result; empty for a statement without one. */
  readonly columns: readonly Column[];
  /** Rows changed, or -1 for a statement that changes none by nature. */
  readonly changes: number;
  /** The rowid of the connection's latest insert, when this was a write; else null. */
  readonly lastrowid: number | bigint | null;
}

/** One statement for many parameter sets. */
export interface ManyRequest extends TransactionDemand {
  readonly sql: string;
  /** Values in a set. */
  readonly width: number;
  /** How many sets. */
  readonly count: number;
  /** The sets one after the other, `width * count` values. */
  readonly values: readonly BoundValue[];
}

/** How far {@link Engine.executemany} came. Sets before the failing one have been applied. */
export interface ManyReply {
  readonly changes: number;
  /** The failure, or null; the work done before it stays. */
  readonly error: Error | null;
  /** Which set failed, from 0; -1 when it cannot be told. */
  readonly index: number;
}

/** A part of a script. */
export interface ScriptPart {
  readonly sql: string;
}

export interface ScriptRequest extends TransactionDemand {
  readonly parts: readonly ScriptPart[];
}

/** How far {@link Engine.script} came. */
export interface ScriptReply {
  readonly error: Error | null;
  /** The part that failed, from 0, or -1. */
  readonly index: number;
}

/** Statements that are one transaction, all of them or none; or a part of the one that is open. */
export interface BatchRequest {
  /** What begins the transaction, which then ends with the batch; null inside of one, where what was done before a failure stays. */
  readonly begin: string | null;
  /** Whether a transaction of its own is committed, or left open for the one who has asked. */
  readonly commits: boolean;
  readonly statements: readonly Pick<ExecuteRequest, "sql" | "values" | "reads">[];
  readonly reading: Reading;
}

/** What one statement of a batch did, with its whole result. */
export type BatchedReply = Omit<ExecuteReply, "reader" | "error">;

export interface BatchReply {
  /** One for each statement; none when the batch has failed. */
  readonly replies: readonly BatchedReply[];
  readonly error: Error | null;
  /** The statement that failed, from 0; -1 for the BEGIN or the COMMIT. */
  readonly index: number;
}

/** A BEGIN, COMMIT, ROLLBACK or savepoint statement, and whether a transaction must be open or closed for it to run. */
export interface ControlStep {
  readonly sql: string;
  readonly when: "open" | "closed";
}

/** How a function is registered. `nArgs` is -1 for any number. */
export interface FunctionRequest {
  readonly name: string;
  readonly nArgs: number;
  readonly deterministic: boolean;
  readonly directOnly: boolean;
  readonly reading: Reading;
}

export type UserFunction = (...args: SqlRow) => BoundValue;

/** A function, or a class, by the module that exports it: for an engine that runs on another thread. */
export interface ModuleFunction {
  /** The URL of the module. */
  readonly module: string;
  readonly export: string;
}

/** One group of an aggregate or one window. */
export interface UserAggregate {
  step(...args: SqlRow): unknown;
  inverse?(...args: SqlRow): unknown;
  /** The result so far, for a window. */
  value?(): BoundValue;
  finalize(): BoundValue;
}

export interface BackupRequest {
  readonly target: string;
  /** The database to copy: `main`, `temp` or an attached name. */
  readonly name: string;
  /** Pages in a step; -1 is all at once. */
  readonly pages: number;
  /** Milliseconds to wait when the source is locked. */
  readonly sleep: number;
}

/** What `sync()` has brought. */
export interface SyncReply {
  /** Frames, each a changed page, that were not there before. */
  readonly framesSynced: number;
  /** The frame that the replica stands at, in the numbers of its primary's log; null for none yet. */
  readonly frameNo: number | null;
}

/** Pages done so far; `status` is SQLite's code of the step (0 = OK, 101 = DONE). */
export type BackupProgress = (status: number, remaining: number, total: number) => void;

/** A query to be asked for a row or a few with no request, in whatever transaction there is. */
export interface Lookup {
  /** Its first row, or null where there is none. */
  first(values: readonly BoundValue[], reading: Reading): SqlRow | null;
  /** All of its rows, where they are few and as they should be; null where it is to be executed to find out. */
  few(values: readonly BoundValue[], reading: Reading): SqlRow[] | null;
  readonly columns: readonly Column[];
}

/**
 * Something that runs SQL. Every method throws an error of the tree in `errors/`, never the engine's own.
 * `inTransaction` is SQLite's own word, true for an open transaction whoever opened it.
 */
export interface Engine {
  /** What the engine is called in a NotSupportedError. */
  readonly name: string;
  /** Where the database is: an absolute path, `":memory:"`, or `""` for a private temporary file. */
  readonly path: string;
  readonly inTransaction: boolean;
  /** The engine has rows as objects at no cost: see {@link Engine.rest}. Not where rows cross to another thread. */
  readonly hasObjects?: true;
  execute(request: ExecuteRequest): ExecuteReply;
  /**
   * The shortest way to the rows of a query, where this one has run before and nobody but the caller is to see that it runs;
   * else null. Runs nothing, throws nothing. Not where requests cross to another thread.
   */
  lookup?(sql: string): Lookup | null;
  /** More rows of a reader: at most `count`. */
  fetch(reader: number, count: number): Page;
  /**
   * Everything that is left. `untouched` says that no row of the result has been used yet, so that it may start again;
   * `asObjects` that its rows are wanted as objects. Asked only of an engine that has them, for columns whose names allow it.
   */
  rest(reader: number, untouched: boolean, asObjects?: boolean): Rest;
  /** Ends a reader before its last row. Unknown readers are ignored. */
  discard(reader: number): void;
  executemany(request: ManyRequest): ManyReply;
  script(request: ScriptRequest): ScriptReply;
  /** Runs statements until one fails, in a transaction of their own or in the open one. */
  batch(request: BatchRequest): BatchReply;
  /** Runs transaction statements in order, each on its condition, until one fails. */
  control(steps: readonly ControlStep[]): void;
  totalChanges(): number;
  /** SQLite's own word on whether a statement can write to a database file. Compiles it, runs nothing. */
  isReadonly(sql: string): boolean;
  defineFunction(request: FunctionRequest, fn: UserFunction | ModuleFunction): void;
  defineAggregate(
    request: FunctionRequest & { readonly window: boolean },
    start: (() => UserAggregate) | ModuleFunction,
  ): void;
  loadExtension(path: string, entryPoint: string | null): void;
  serialize(name: string): Uint8Array;
  deserialize(bytes: Uint8Array): void;
  backup(request: BackupRequest, progress: BackupProgress | null): Promise<void>;
  /** Brings a replica up to date with its primary. @throws {NotSupportedError} where there is no replica */
  sync(): SyncReply;
  /** Shows every statement before it runs, or from afar once it has run, values included; null stops it. */
  trace(callback: ((sql: string) => void) | null): void;
  /** Ends readers, rolls back what is open, lets go of the file. A second call does nothing. */
  close(): void;
}

/** Why a call is ended before its time: in words, and as the `cause` of the error. */
export interface Cancellation {
  readonly message: string;
  readonly cause: unknown;
}

/** A call that can be stopped. */
export interface Stoppable {
  readonly answer: Promise<unknown>;
  /**
   * Ends the call: within 50 ms `answer` rejects with SQLITE_INTERRUPT, whose `outcome` says what became of it, or settles
   * as it would have, because the work was done before it could be stopped.
   */
  stop(why: Cancellation): void;
}

/** A method of the port. */
export type Method = {
  [K in keyof Engine]-?: Engine[K] extends (...args: never[]) => unknown ? K : never;
}[keyof Engine];

/**
 * The same port from another thread or over a wire: methods promised, properties as they are. When such an engine loses an
 * open transaction, with a worker or a stream, it refuses whatever would go on as if nothing had happened (OperationalError,
 * "rolled-back"), until a ROLLBACK or a failed COMMIT shows that the caller knows.
 */
export type AsyncEngine = {
  readonly [K in keyof Engine]: Engine[K] extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : Engine[K];
} & {
  /** Calls a method in such a way that the call can be stopped. */
  stoppable(method: Method, args: readonly unknown[]): Stoppable;
  /**
   * Which life of the engine this is, from 1; 0 when it is over. In another life functions are there again, but not PRAGMAs,
   * temporary tables and attached databases.
   */
  readonly life: number;
  /** Ends the engine at once, whatever it is doing: calls under way reject. */
  kill(): void;
  /** Takes back the queries that wait behind another call: they reject with WITHDRAWN. Only where calls wait for each other. */
  withdraw?(): void;
};
