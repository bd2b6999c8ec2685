/**
 * The synchronous cursor: asks core what to do, has the engine do it. It decides nothing.
 * Tests: test/conformance/cursor.test.ts, dbapi20.test.ts.
 */
import { bindValues } from "../core/bind.ts";
import { clear, close, discard, fetchall, fetchmany, refill } from "../core/cursor-operations.ts";
import { ABSENT, type Absent, CursorState } from "../core/cursor-state.ts";
import { executemany, type ManyOptions } from "../core/many.ts";
import { run } from "../core/run.ts";
import { executescript } from "../core/script.ts";
import type { Session } from "../core/session.ts";
import { isTraced, traceExecute } from "../diagnostics.ts";
import type { Engine } from "../engine/port.ts";
import type { Description } from "../values/description.ts";
import type { RowCursor, RowFactory } from "../values/row-factory.ts";
import type { Parameters, SqlValue } from "../values/types.ts";
import type { Connection } from "./connection.ts";

/**
 * A statement and its result, one after the other. `T` is what a row is: an array, or what the row factory makes.
 * @example
 * const cursor = conn.cursor();
 * cursor.execute("SELECT name FROM city WHERE country = ?", ["FR"]);
 * for (const [name] of cursor) console.log(name);
 * @see https://peps.python.org/pep-0249/#cursor-objects
 */
export class Cursor<T = SqlValue[]> implements RowCursor {
  /** The connection that made this cursor. */
  readonly connection: Connection<unknown>;
  readonly #state: CursorState<T>;
  readonly #engine: Engine;

  /** @internal Use {@link Connection.cursor}. */
  constructor(
    connection: Connection<unknown>,
    session: Session,
    engine: Engine,
    rowFactory: RowFactory<T> | null,
  ) {
    this.connection = connection;
    this.#engine = engine;
    this.#state = new CursorState(session, this, rowFactory);
  }

  /** @internal Where a batch puts its results. */
  static stateOf<T>(cursor: Cursor<T>): CursorState<T> {
    return cursor.#state;
  }

  /**
   * Runs one statement with its values. In legacy mode INSERT, UPDATE, DELETE and REPLACE begin a transaction.
   * @param parameters an array for `?`, a plain object for `:name`, `@name` and `$name`
   * @returns the cursor itself
   * @throws {ProgrammingError} when the statement does not compile, or is more than one
   * @throws {InterfaceError} when the parameters do not fit
   * @throws {IntegrityError} when a constraint is broken
   * @throws {OperationalError} when it fails while it runs
   * @see https://peps.python.org/pep-0249/#id15
   */
  execute(sql: string, parameters?: Parameters): this {
    return isTraced() ? this.#executeTraced(sql, parameters) : this.#execute(sql, parameters);
  }

  /** A method of its own: a function around the arguments would be paid for by every call, traced or not. */
  #executeTraced(sql: string, parameters: Parameters | undefined): this {
    return this.#traced(sql, () => this.#execute(sql, parameters));
  }

  #execute(sql: string, parameters: Parameters | undefined): this {
    const state = this.#state;
    const text = state.enter(sql);
    const values = bindValues(text.parameters, parameters);
    const lookup = this.#engine.lookup?.(sql) ?? null;
    if (lookup !== null && state.lookUp(lookup, text, values)) return this;
    const request = state.start(text, values, "page");
    if (request === null) run(clear(state), this.#engine);
    else state.accept(this.#engine.execute(request));
    return this;
  }

  #traced(sql: string, work: () => this): this {
    return traceExecute(this.#state.session.database, sql, work, () => this.#state.buffered);
  }

  /**
   * Runs one INSERT, UPDATE, DELETE or REPLACE for every set of an iterable, as fast as the database takes them.
   * Sets before one that fails stay in the open transaction; the error's `index` says which it was.
   * @throws {ProgrammingError} for any other statement
   * @see https://peps.python.org/pep-0249/#executemany
   */
  executemany(sql: string, rows: Iterable<Parameters>, options?: ManyOptions): this {
    const direct = this.#engine.executemany.bind(this.#engine);
    const work = () => {
      run(executemany(this.#state, sql, rows, options, direct), this.#engine);
      return this;
    };
    return isTraced() ? this.#traced(sql, work) : work();
  }

  /**
   * Runs every statement of a script. In legacy mode an open transaction is committed first.
   * @throws the error of the first statement that fails, with its number as `index` and its place as `syntax`
   * @see https://docs.python.org/3/library/sqlite3.html#sqlite3.Cursor.executescript
   */
  executescript(script: string): this {
    const work = () => {
      run(executescript(this.#state, script), this.#engine);
      return this;
    };
    return isTraced() ? this.#traced(script, work) : work();
  }

  /**
   * The next row, or `null` when there is none.
   * @see https://peps.python.org/pep-0249/#fetchone
   */
  fetchone(): T | null {
    const state = this.#state;
    state.check();
    const row = nextRow(state, this.#engine);
    return row === ABSENT ? null : row;
  }

  /**
   * The next rows, as many as there are up to `size`.
   * @param size 0 and up. Default {@link Cursor.arraysize}.
   * @see https://peps.python.org/pep-0249/#fetchmany
   */
  fetchmany(size?: number): T[] {
    this.#state.check();
    return run(fetchmany(this.#state, size), this.#engine);
  }

  /**
   * The rows that are left.
   * @see https://peps.python.org/pep-0249/#fetchall
   */
  fetchall(): T[] {
    const state = this.#state;
    state.check();
    return state.hasMore ? run(fetchall(state), this.#engine) : state.takeAll();
  }

  /** The rows that are left, one by one. Leaving the loop early ends the result. */
  [Symbol.iterator](): Iterator<T, undefined> {
    this.#state.check();
    return new Rows(this.#state, this.#engine);
  }

  /** Closes the cursor and ends its result. A second call does nothing. */
  close(): void {
    run(close(this.#state), this.#engine);
  }

  /** The same as {@link Cursor.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Name and declared type of each column of the result; `null` for a statement without one.
   * @see https://peps.python.org/pep-0249/#description
   */
  get description(): Description | null {
    return this.#state.description;
  }

  /** Rows that the latest INSERT, UPDATE, DELETE or REPLACE changed; -1 before one and after anything else. */
  get rowcount(): number {
    return this.#state.rowcount;
  }

  /** The rowid of the row that the latest `execute` of an INSERT or REPLACE put in; `null` before one. */
  get lastrowid(): number | bigint | null {
    return this.#state.lastrowid;
  }

  /** How many rows {@link Cursor.fetchmany} fetches when it is not told: 1 and up. Default 1. */
  get arraysize(): number {
    return this.#state.arraysize;
  }

  set arraysize(size: number) {
    this.#state.arraysize = size;
  }

  /** What makes a row of its values; `null` leaves it an array. */
  get rowFactory(): RowFactory<T> | null {
    return this.#state.rowFactory;
  }

  set rowFactory(factory: RowFactory<T> | null) {
    this.#state.rowFactory = factory;
  }

  /** Does nothing, as PEP 249 allows: SQLite takes values as they come. */
  setinputsizes(_sizes: unknown): void {
    this.#state.check();
  }

  /** Does nothing, as PEP 249 allows: SQLite gives values whole. */
  setoutputsize(_size: unknown, _column?: unknown): void {
    this.#state.check();
  }

  /** SQLite has one result for a statement, so there is no next one. */
  nextset(): null {
    this.#state.check();
    return null;
  }
}

/** The next row, read if need be. */
function nextRow<T>(state: CursorState<T>, engine: Engine): T | Absent {
  const row = state.take();
  if (row !== ABSENT || !state.hasMore) return row;
  run(refill(state), engine);
  return state.take();
}

/** A loop over the rows of a cursor. */
class Rows<T> implements Iterator<T, undefined> {
  readonly #state: CursorState<T>;
  readonly #engine: Engine;
  /** The result that the loop began on: leaving it does not end a later one. */
  readonly #result: number;

  constructor(state: CursorState<T>, engine: Engine) {
    this.#state = state;
    this.#engine = engine;
    this.#result = state.result;
  }

  next(): IteratorResult<T, undefined> {
    this.#state.check();
    const row = nextRow(this.#state, this.#engine);
    return row === ABSENT ? { done: true, value: undefined } : { done: false, value: row };
  }

  return(): IteratorResult<T, undefined> {
    if (this.#state.result === this.#result) run(discard(this.#state), this.#engine);
    return { done: true, value: undefined };
  }
}
