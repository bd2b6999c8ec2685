/**
 * The promised connection: asks core what to do, has the engine do it, in the order of the calls. It decides nothing.
 */
import { type BatchOptions, type BatchStatement, batchText, prepareBatch, runBatch } from "../core/batch.ts";
import { close, templateText, totalChanges } from "../core/lifecycle.ts";
import type { CallOptions } from "../core/limits.ts";
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
import type { Operation } from "../core/run.ts";
import {
  commit,
  rollback,
  setAutocommit,
  setIsolationLevel,
  type TransactionOptions,
  transaction,
} from "../core/transaction.ts";
import { isTraced, traceExecuteAsync } from "../diagnostics.ts";
import type { RowFactory } from "../values/row-factory.ts";
import type { Parameter, Parameters, SqlValue, TextMode } from "../values/types.ts";
import { AsyncCursor } from "./cursor.ts";
import type { Execution } from "./execution.ts";
import { inScope } from "./lane.ts";
import { readAtOnce } from "./read-at-once.ts";
import { rethrowAsItIs, type Shared } from "./shared.ts";
import type { Turnstile } from "./turnstile.ts";
import { WholeDatabase } from "./whole-database.ts";

/**
 * A connection whose engine runs in a worker thread: the members of Connection, promised. Calls run in the order in which
 * they were made, awaited or not. `T` is what a row is, unless a cursor has its own row factory.
 */
export class AsyncConnection<T = SqlValue[]> extends WholeDatabase {
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
    super(shared, bound);
    this.#shared = shared;
    this.#bound = bound;
    this.#onClose = onClose;
    this.#rowFactory = rowFactory;
  }

  /** @internal What a pool lends a connection by. */
  static sharedOf(connection: AsyncConnection<never>): Shared {
    return connection.#shared;
  }

  #run<R>(operation: () => Operation<R>, options?: CallOptions): Promise<R> {
    return this.#shared.run(operation, true, this.#bound, options);
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
  execute<R = T>(sql: string, parameters?: Parameters, options?: CallOptions): Execution<R> {
    return this.#cursor<R>().execute(sql, parameters, options);
  }

  /** Makes a cursor and runs {@link AsyncCursor.executemany} on it. */
  executemany(
    sql: string,
    rows: Iterable<Parameters> | AsyncIterable<Parameters>,
    options?: ManyOptions & CallOptions,
  ): Promise<AsyncCursor<T>> {
    return this.#cursor<T>().executemany(sql, rows, options);
  }

  /** Makes a cursor and runs {@link AsyncCursor.executescript} on it. */
  executescript(script: string, options?: CallOptions): Promise<AsyncCursor<T>> {
    return this.#cursor<T>().executescript(script, options);
  }

  /**
   * Runs statements as one transaction, all of them or none: on a server in one round trip. In an open transaction they are a
   * part of it, and what was done before one that fails stays, as with `executemany`.
   * @returns a cursor for each statement, with its whole result
   * @throws the error of the first statement that fails, with its number as `index`
   */
  async batch<R = T>(
    statements: Iterable<BatchStatement>,
    options?: BatchOptions & CallOptions,
  ): Promise<AsyncCursor<R>[]> {
    const cursors: AsyncCursor<R>[] = [];
    const prepared = prepareBatch(statements, () => {
      const cursor = this.#cursor<R>();
      cursors.push(cursor);
      return AsyncCursor.stateOf(cursor);
    });
    const { session } = this.#shared;
    const work = () => this.#run(() => runBatch(session, prepared, options), options);
    await (isTraced() ? traceExecuteAsync(session.database, batchText(prepared), work, () => 0) : work());
    return cursors;
  }

  /** A statement with its values in place, which are bound and never written into the SQL. */
  sql<R = T>(strings: TemplateStringsArray, ...values: readonly Parameter[]): Execution<R> {
    return this.execute<R>(templateText(strings), values);
  }

  /** Runs a statement and reads its whole result in one crossing. */
  fetchall<R = T>(sql: string, parameters?: Parameters, options?: CallOptions): Promise<R[]> {
    return this.#read<R, R[]>(sql, parameters, "all", options, allOf);
  }

  /** Runs a statement and reads its first row, or `null`, in one crossing. */
  fetchone<R = T>(sql: string, parameters?: Parameters, options?: CallOptions): Promise<R | null> {
    return this.#read<R, R | null>(sql, parameters, "first", options, firstOf);
  }

  #read<R, Q>(
    sql: string,
    parameters: Parameters | undefined,
    rows: "first" | "all",
    options: CallOptions | undefined,
    take: (rows: R[]) => Q,
  ): Promise<Q> {
    const factory = this.#rowFactory as unknown as RowFactory<R> | null;
    return readAtOnce(this.#shared, this.#bound, { factory, sql, parameters, rows }, options, take);
  }

  /** Makes the open transaction permanent; does nothing when none is open. */
  commit(options?: CallOptions): Promise<void> {
    return this.#run(() => commit(this.#shared.session), options);
  }

  /** Undoes the open transaction; does nothing when none is open. */
  rollback(options?: CallOptions): Promise<void> {
    return this.#run(() => rollback(this.#shared.session), options);
  }

  /**
   * Runs `fn` in a transaction: commits what it resolves to, rolls back when it rejects. Nested calls are savepoints.
   * The connection is held meanwhile: other tasks' calls wait, calls from inside take part, wherever they are made.
   * @param fn gets a handle on the connection that belongs to this transaction
   * @param options a signal or a timeout ends what runs inside too, and rolls back
   */
  async transaction<R>(
    fn: (tx: AsyncConnection<T>) => R,
    options?: TransactionOptions & CallOptions,
  ): Promise<Awaited<R>> {
    const shared = this.#shared;
    checkFunction("fn", fn);
    const inside = (turnstile: Turnstile) =>
      fn(new AsyncConnection(shared, turnstile, this.#onClose, this.#rowFactory));
    return shared.enter(
      (turn) => {
        const work = () => inScope(shared, turn, inside).catch(rethrowAsItIs);
        const operation = transaction(shared.session, work, options);
        return shared.perform(operation, turn) as Promise<Awaited<R>>;
      },
      true,
      this.#bound,
      options,
    );
  }

  /** Closes the connection: its cursors end, and what is not committed is rolled back. A second call does nothing. */
  async close(options?: CallOptions): Promise<void> {
    await this.#run(() => close(this.#shared.session), options);
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
}

function allOf<R>(rows: R[]): R[] {
  return rows;
}

function firstOf<R>(rows: R[]): R | null {
  return rows[0] ?? null;
}
