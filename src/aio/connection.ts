/**
 * The promised connection: asks core what to do, has the engine do it, in the order of the calls. It decides nothing.
 */
import { type BackupOptions, backup } from "../core/backup.ts";
import { ConnectionBase, type Lacking, lacking } from "../core/connection-base.ts";
import { type DumpOptions, dump } from "../core/dump.ts";
import {
  type AggregateClass,
  createAggregate,
  createFunction,
  type FunctionOptions,
  type SqlFunction,
  type WindowClass,
} from "../core/functions.ts";
import {
  close,
  deserialize,
  type ExtensionOptions,
  enableLoadExtension,
  loadExtension,
  type SerializeOptions,
  serialize,
  setTraceCallback,
  templateText,
  totalChanges,
} from "../core/lifecycle.ts";
import type { ManyOptions } from "../core/many.ts";
import {
  type Autocommit,
  checkAutocommit,
  checkFunction,
  checkIsolationLevel,
  checkRowFactory,
  checkTextFactory,
  type IsolationLevel,
} from "../core/options.ts";
import { generateAsync, type Operation, runAsync } from "../core/run.ts";
import {
  commit,
  rollback,
  setAutocommit,
  setIsolationLevel,
  type TransactionOptions,
  transaction,
} from "../core/transaction.ts";
import type { RowFactory } from "../values/row-factory.ts";
import type { Parameter, Parameters, SqlValue, TextMode } from "../values/types.ts";
import { AsyncCursor } from "./cursor.ts";
import type { Execution } from "./execution.ts";
import { inScope } from "./lane.ts";
import { readAtOnce } from "./read-at-once.ts";
import { rethrowAsItIs, type Shared } from "./shared.ts";
import type { Turnstile } from "./turnstile.ts";

/**
 * A connection whose engine runs in a worker thread: the members of Connection, promised. Calls run in the order in which
 * they were made, awaited or not. `T` is what a row is, unless a cursor has its own row factory.
 */
export class AsyncConnection<T = SqlValue[]> extends ConnectionBase<Promise<never>> {
  readonly #shared: Shared;
  /** The transaction that this handle belongs to; null for the connection itself. */
  readonly #bound: Turnstile | null;
  readonly #onClose: () => void;
  #rowFactory: RowFactory<T> | null;

  /** @internal Use `connect`. */
  constructor(
    shared: Shared,
    bound: Turnstile | null,
    onClose: () => void,
    rowFactory: RowFactory<T> | null,
  ) {
    super();
    this.#shared = shared;
    this.#bound = bound;
    this.#onClose = onClose;
    this.#rowFactory = rowFactory;
  }

  #run<R>(operation: () => Operation<R>): Promise<R> {
    return this.#shared.run(operation, true, this.#bound);
  }

  /** A cursor on this connection, with the connection's row factory or its own. */
  cursor(): AsyncCursor<T>;
  cursor<R>(rowFactory: RowFactory<R>): AsyncCursor<R>;
  cursor(rowFactory: null): AsyncCursor<SqlValue[]>;
  cursor(rowFactory: RowFactory<unknown> | null = this.#rowFactory): AsyncCursor<unknown> {
    this.#shared.session.check();
    return new AsyncCursor(this, this.#shared, this.#bound, checkRowFactory(rowFactory));
  }

  #cursor<R>(): AsyncCursor<R> {
    return new AsyncCursor(
      this,
      this.#shared,
      this.#bound,
      this.#rowFactory as unknown as RowFactory<R> | null,
    );
  }

  /** Makes a cursor and runs {@link AsyncCursor.execute} on it; the result can be fetched from at once. */
  execute<R = T>(sql: string, parameters?: Parameters): Execution<R> {
    return this.#cursor<R>().execute(sql, parameters);
  }

  /** Makes a cursor and runs {@link AsyncCursor.executemany} on it. */
  executemany(
    sql: string,
    rows: Iterable<Parameters> | AsyncIterable<Parameters>,
    options?: ManyOptions,
  ): Promise<AsyncCursor<T>> {
    return this.#cursor<T>().executemany(sql, rows, options);
  }

  /** Makes a cursor and runs {@link AsyncCursor.executescript} on it. */
  executescript(script: string): Promise<AsyncCursor<T>> {
    return this.#cursor<T>().executescript(script);
  }

  /** A statement with its values in place, which are bound and never written into the SQL. */
  sql<R = T>(strings: TemplateStringsArray, ...values: readonly Parameter[]): Execution<R> {
    return this.execute<R>(templateText(strings), values);
  }

  /** Runs a statement and reads its whole result in one crossing. */
  fetchall<R = T>(sql: string, parameters?: Parameters): Promise<R[]> {
    return this.#read<R>(sql, parameters, "all");
  }

  /** Runs a statement and reads its first row, or `null`, in one crossing. */
  async fetchone<R = T>(sql: string, parameters?: Parameters): Promise<R | null> {
    const [row] = await this.#read<R>(sql, parameters, "first");
    return row ?? null;
  }

  #read<R>(sql: string, parameters: Parameters | undefined, rows: "first" | "all"): Promise<R[]> {
    const factory = this.#rowFactory as unknown as RowFactory<R> | null;
    return readAtOnce(this.#shared, this.#bound, factory, sql, parameters, rows);
  }

  /** Makes the open transaction permanent; does nothing when none is open. */
  commit(): Promise<void> {
    return this.#run(() => commit(this.#shared.session));
  }

  /** Undoes the open transaction; does nothing when none is open. */
  rollback(): Promise<void> {
    return this.#run(() => rollback(this.#shared.session));
  }

  /**
   * Runs `fn` in a transaction: commits what it resolves to, rolls back when it rejects. Nested calls are savepoints.
   * The connection is held meanwhile: other tasks' calls wait, calls from inside take part, wherever they are made.
   * @param fn gets a handle on the connection that belongs to this transaction
   */
  async transaction<R>(fn: (tx: AsyncConnection<T>) => R, options?: TransactionOptions): Promise<Awaited<R>> {
    const shared = this.#shared;
    checkFunction("fn", fn);
    const work = () =>
      inScope(shared, (turnstile) =>
        fn(new AsyncConnection(shared, turnstile, this.#onClose, this.#rowFactory)),
      ).catch(rethrowAsItIs);
    return shared.enter(
      () => runAsync(transaction(shared.session, work, options), shared.engine) as Promise<Awaited<R>>,
      true,
      this.#bound,
    );
  }

  /** Closes the connection: its cursors end, and what is not committed is rolled back. A second call does nothing. */
  async close(): Promise<void> {
    await this.#run(() => close(this.#shared.session));
    this.#onClose();
  }

  /** The same as {@link AsyncConnection.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Whether a transaction is open: SQLite's own word, as of the latest answer. */
  get inTransaction(): boolean {
    return this.#shared.session.inTransaction;
  }

  /** The implicit BEGIN of legacy mode. Setting `null` commits what is open, in its turn. */
  get isolationLevel(): IsolationLevel {
    return this.#shared.isolationLevel.value;
  }

  set isolationLevel(level: IsolationLevel | Lowercase<Exclude<IsolationLevel, null>>) {
    const { session, isolationLevel } = this.#shared;
    session.check();
    this.#shared.refuseInTransaction("setting isolationLevel", this.#bound);
    this.#shared.change(isolationLevel, checkIsolationLevel(level), () => setIsolationLevel(session, level));
  }

  /** The transaction mode. Setting true commits what is open, setting false begins, in its turn. */
  get autocommit(): Autocommit {
    return this.#shared.autocommit.value;
  }

  set autocommit(mode: Autocommit) {
    const { session, autocommit } = this.#shared;
    session.check();
    this.#shared.refuseInTransaction("setting autocommit", this.#bound);
    this.#shared.change(autocommit, checkAutocommit(mode), () => setAutocommit(session, mode));
  }

  /** Rows changed since the connection was opened. */
  get totalChanges(): Promise<number> {
    return this.#run(() => totalChanges(this.#shared.session));
  }

  /** The row factory of cursors to come; `null` for arrays. */
  get rowFactory(): RowFactory<T> | null {
    return this.#rowFactory;
  }

  set rowFactory(factory: RowFactory<T> | null) {
    this.#rowFactory = checkRowFactory(factory) as RowFactory<T> | null;
  }

  /** How TEXT is read: `"string"` (the default) or `"buffer"`, the bytes as they are stored. */
  get textFactory(): TextMode {
    return this.#shared.session.textFactory;
  }

  set textFactory(mode: TextMode) {
    this.#shared.session.textFactory = checkTextFactory(mode);
  }

  /** Makes a JavaScript function callable from SQL. It runs on the calling thread, for which the worker waits. */
  createFunction(name: string, nArgs: number, fn: SqlFunction, options?: FunctionOptions): Promise<void> {
    return this.#run(() => createFunction(this.#shared.session, name, nArgs, fn, options));
  }

  /** Makes a class callable from SQL as an aggregate. */
  createAggregate(
    name: string,
    nArgs: number,
    Class: AggregateClass,
    options?: FunctionOptions,
  ): Promise<void> {
    return this.#run(() => createAggregate(this.#shared.session, name, nArgs, Class, options, false));
  }

  /** Makes a class callable from SQL as a window function. */
  createWindowFunction(
    name: string,
    nArgs: number,
    Class: WindowClass,
    options?: FunctionOptions,
  ): Promise<void> {
    return this.#run(() => createAggregate(this.#shared.session, name, nArgs, Class, options, true));
  }

  /** Calls `callback` with every statement before it runs, values written in; `null` stops it. */
  setTraceCallback(callback: ((sql: string) => void) | null): Promise<void> {
    return this.#run(() => setTraceCallback(this.#shared.session, callback));
  }

  /** Allows or forbids {@link AsyncConnection.loadExtension}. Forbidden at first. */
  async enableLoadExtension(enabled: boolean): Promise<void> {
    enableLoadExtension(this.#shared.session, enabled);
  }

  /** Loads an SQLite extension, a shared library that can do anything the process can. */
  loadExtension(path: string, options?: ExtensionOptions): Promise<void> {
    return this.#run(() => loadExtension(this.#shared.session, path, options));
  }

  /** Copies the database to a file while it is in use: other calls run between the steps. */
  async backup(target: string | AsyncConnection<unknown>, options?: BackupOptions): Promise<void> {
    const to = target instanceof AsyncConnection ? target.#shared.session : target;
    await this.#shared.begin(() => backup(this.#shared.session, to, options), this.#bound);
  }

  /** The database as the SQL that makes it again, line by line. */
  async *iterdump(options?: DumpOptions): AsyncGenerator<string, void, undefined> {
    yield* generateAsync<string>(dump(this.#shared.session, options), this.#shared.engine);
  }

  /** The database as the bytes of its file. */
  async serialize(options?: SerializeOptions): Promise<Buffer> {
    const bytes = await this.#run(() => serialize(this.#shared.session, options));
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Goes on with an in-memory database made of the bytes of a file; the one before is closed. */
  deserialize(bytes: ArrayBufferView | ArrayBuffer): Promise<void> {
    return this.#run(() => deserialize(this.#shared.session, bytes));
  }

  protected override async refuse(member: Lacking): Promise<never> {
    this.#shared.session.check();
    throw lacking(member, this.#shared.session.engineName);
  }
}
