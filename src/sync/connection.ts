/**
 * The synchronous connection: asks core what to do, has the engine do it. It decides nothing.
 * Tests: test/conformance, dbapi20.test.ts.
 */
import { firstNow, readNow } from "../core/at-once.ts";
import { type BackupOptions, backup } from "../core/backup.ts";
import { type BatchOptions, type BatchStatement, batchText, prepareBatch, runBatch } from "../core/batch.ts";
import { close, templateText, totalChanges } from "../core/lifecycle.ts";
import type { ManyOptions } from "../core/many.ts";
import {
  type Autocommit,
  checkFunction,
  checkRowFactory,
  checkTextFactory,
  type IsolationLevel,
} from "../core/options.ts";
import { type Operation, run, runAsync } from "../core/run.ts";
import type { Session } from "../core/session.ts";
import {
  commit,
  rollback,
  setAutocommit,
  setIsolationLevel,
  type TransactionOptions,
  transaction,
} from "../core/transaction.ts";
import { isTraced, traceExecute } from "../diagnostics.ts";
import type { Engine, ExecuteRequest } from "../engine/port.ts";
import type { RowFactory } from "../values/row-factory.ts";
import type { Parameter, Parameters, SqlValue, TextMode } from "../values/types.ts";
import { Cursor } from "./cursor.ts";
import { refusePromise } from "./refuse-promise.ts";
import { WholeDatabase } from "./whole-database.ts";

/**
 * A connection to one database. `T` is what a row is, unless a cursor has its own row factory.
 * @example
 * const conn = connect("app.db");
 * conn.execute("INSERT INTO user (name) VALUES (?)", ["Ada"]);
 * conn.commit();
 * conn.close();
 * @see https://peps.python.org/pep-0249/#connection-objects
 */
export class Connection<T = SqlValue[]> extends WholeDatabase {
  readonly #session: Session;
  readonly #engine: Engine;
  readonly #onClose: () => void;
  #rowFactory: RowFactory<T> | null;

  /** @internal Use `connect`. */
  constructor(session: Session, engine: Engine, onClose: () => void) {
    super(session, engine);
    this.#onClose = onClose;
    this.#session = session;
    this.#engine = engine;
    this.#rowFactory = session.settings.rowFactory as RowFactory<T> | null;
  }

  #run<R>(operation: Operation<R>): R {
    return run(operation, this.#engine);
  }

  /**
   * A cursor on this connection, with the connection's row factory.
   * @throws {ProgrammingError} when the connection is closed
   */
  cursor(): Cursor<T>;
  /** A cursor with a row factory of its own. */
  cursor<R>(rowFactory: RowFactory<R>): Cursor<R>;
  /** A cursor whose rows are arrays. */
  cursor(rowFactory: null): Cursor<SqlValue[]>;
  cursor(rowFactory: RowFactory<unknown> | null = this.#rowFactory): Cursor<unknown> {
    this.#session.check();
    return new Cursor(this, this.#session, this.#engine, checkRowFactory(rowFactory));
  }

  #cursor<R>(): Cursor<R> {
    return new Cursor(this, this.#session, this.#engine, this.#factory<R>());
  }

  /** Makes a cursor and runs {@link Cursor.execute} on it. The type of a row can be given: `execute<[id: number]>(…)`. */
  execute<R = T>(sql: string, parameters?: Parameters): Cursor<R> {
    return this.#cursor<R>().execute(sql, parameters);
  }

  /** Makes a cursor and runs {@link Cursor.executemany} on it. */
  executemany(sql: string, rows: Iterable<Parameters>, options?: ManyOptions): Cursor<T> {
    return this.#cursor<T>().executemany(sql, rows, options);
  }

  /** Makes a cursor and runs {@link Cursor.executescript} on it. */
  executescript(script: string): Cursor<T> {
    return this.#cursor<T>().executescript(script);
  }

  /**
   * Runs statements as one transaction, all of them or none: on a server in one round trip. In an open transaction they are a
   * part of it, and what was done before one that fails stays, as with `executemany`.
   * @param statements texts, or `[text, parameters]`
   * @returns a cursor for each statement, with its whole result
   * @throws the error of the first statement that fails, with its number as `index`
   * @example
   * const [, total] = conn.batch([
   *   ["INSERT INTO entry (amount) VALUES (?)", [5]],
   *   "SELECT sum(amount) FROM entry",
   * ]);
   */
  batch<R = T>(statements: Iterable<BatchStatement>, options?: BatchOptions): Cursor<R>[] {
    const cursors: Cursor<R>[] = [];
    const prepared = prepareBatch(statements, () => {
      const cursor = this.#cursor<R>();
      cursors.push(cursor);
      return Cursor.stateOf(cursor);
    });
    const session = this.#session;
    const work = () => this.#run(runBatch(session, prepared, options));
    if (isTraced()) traceExecute(session.database, batchText(prepared), work, () => 0);
    else work();
    return cursors;
  }

  /**
   * A statement with its values in place, which are bound and never written into the SQL.
   * @example conn.sql`SELECT name FROM city WHERE country = ${country}`.fetchall()
   * @throws {InterfaceError} when a value stands inside a string, a name or a comment
   */
  sql<R = T>(strings: TemplateStringsArray, ...values: readonly Parameter[]): Cursor<R> {
    return this.execute<R>(templateText(strings), values);
  }

  /** Runs a statement and reads its whole result in one go: the fastest way to many rows. */
  fetchall<R = T>(sql: string, parameters?: Parameters): R[] {
    if (isTraced()) return this.#readTraced(sql, parameters, "all");
    return readNow(this.#session, this.#engine, this.#factory<R>(), sql, parameters, "all");
  }

  /** Runs a statement and reads its first row, or `null`: the fastest way to one row. */
  fetchone<R = T>(sql: string, parameters?: Parameters): R | null {
    if (isTraced()) return this.#readTraced<R>(sql, parameters, "first")[0] ?? null;
    return firstNow(this.#session, this.#engine, this.#factory<R>(), sql, parameters);
  }

  /** A method of its own: a function around the arguments would be paid for by every call, traced or not. */
  #readTraced<R>(sql: string, parameters: Parameters | undefined, rows: ExecuteRequest["rows"]): R[] {
    let result: R[] = [];
    // The rows are nothing that a subscriber may see.
    const work = () => {
      result = readNow(this.#session, this.#engine, this.#factory<R>(), sql, parameters, rows);
    };
    traceExecute(this.#session.database, sql, work, () => result.length);
    return result;
  }

  /** The type of a row is what the caller says that it is. */
  #factory<R>(): RowFactory<R> | null {
    return this.#rowFactory as unknown as RowFactory<R> | null;
  }

  /** Makes the open transaction permanent; does nothing when none is open. */
  commit(): void {
    this.#run(commit(this.#session));
  }

  /** Undoes the open transaction; does nothing when none is open. */
  rollback(): void {
    this.#run(rollback(this.#session));
  }

  /**
   * Runs `fn` in a transaction: commits what it returns, rolls back when it throws. Nested calls are savepoints.
   * A transaction that a statement has begun is joined, and ends with this one, as with Python's `with conn:`.
   * @param fn gets the connection; it must not return a promise
   * @returns what `fn` returns
   * @throws {OperationalError} when the transaction was lost on the way, or COMMIT fails (it is rolled back then)
   * @throws {InterfaceError} when `fn` returns a promise
   */
  transaction<R>(fn: (conn: this) => R, options?: TransactionOptions): R {
    checkFunction("fn", fn);
    const work = () => refusePromise(fn(this));
    return this.#run(transaction(this.#session, work, options)) as R;
  }

  /** Closes the connection: its cursors end, and what is not committed is rolled back. A second call does nothing. */
  close(): void {
    this.#run(close(this.#session));
    this.#onClose();
  }

  /** The same as {@link Connection.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Whether a transaction is open: SQLite's own word. */
  get inTransaction(): boolean {
    return this.#session.inTransaction;
  }

  /** The implicit BEGIN of legacy mode. Setting `null` commits what is open. */
  get isolationLevel(): IsolationLevel {
    return this.#session.isolationLevel;
  }

  set isolationLevel(level: IsolationLevel | Lowercase<Exclude<IsolationLevel, null>>) {
    this.#run(setIsolationLevel(this.#session, level));
  }

  /** The transaction mode. Setting true commits what is open, setting false begins. */
  get autocommit(): Autocommit {
    return this.#session.autocommit;
  }

  set autocommit(mode: Autocommit) {
    this.#run(setAutocommit(this.#session, mode));
  }

  /** Rows changed since the connection was opened. */
  get totalChanges(): number {
    return this.#run(totalChanges(this.#session));
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
    return this.#session.textFactory;
  }

  set textFactory(mode: TextMode) {
    this.#session.textFactory = checkTextFactory(mode);
  }

  /**
   * Copies the database to a file while it is in use.
   * @param target a path, or a connection to a file
   * @returns a promise also here: the copy goes in steps, between which other work runs
   * @throws {OperationalError} when the target cannot be written
   */
  async backup(target: string | Connection<unknown>, options?: BackupOptions): Promise<void> {
    const copy = target instanceof Connection ? target.#session : target;
    await runAsync(backup(this.#session, copy, options), this.#engine);
  }
}
