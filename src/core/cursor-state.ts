/**
 * What a cursor is, without how its engine is called: the statement's result, what has been fetched of it, its counts.
 * The faces ask it for the request to make and hand it the reply. It must not know promises or engines.
 * Tests: test/conformance/cursor.test.ts, test/unit/core/cursor-state.test.ts.
 */
import type { ExecuteReply, ExecuteRequest, Page } from "../engine/port.ts";
import { ProgrammingError } from "../errors/tree.ts";
import type { StatementText } from "../sql/statement.ts";
import { applyConverters, columnName, convertersFor } from "../values/convert.ts";
import { type Description, describe } from "../values/description.ts";
import { narrow } from "../values/integers.ts";
import { compileRow, type RowBuilder, type RowCursor, type RowFactory } from "../values/row-factory.ts";
import type { BoundValue, Parameters, SqlRow } from "../values/types.ts";
import { bindValues, copyBytes } from "./bind.ts";
import { checkRowFactory, wholeNumber } from "./options.ts";
import { call, type Operation } from "./run.ts";
import type { Session } from "./session.ts";

/** No row is left in what has been read; a row may be anything, null too. */
export const ABSENT: unique symbol = Symbol("absent");
export type Absent = typeof ABSENT;

/** Rows to ask for when the first page is used up. */
const PAGE = 256;
const NO_ROWS: SqlRow[] = [];
const MOST = Number.MAX_SAFE_INTEGER;

/** One call of `execute`, with its values as they were when it was made. */
export interface PreparedCall {
  readonly text: StatementText;
  readonly values: BoundValue[];
}

export class CursorState<T> {
  readonly session: Session;
  rowcount = -1;
  lastrowid: number | bigint | null = null;
  isClosed = false;
  readonly #owner: RowCursor;
  /** Stands for the cursor where holding the cursor itself would keep it, and its reader, alive. */
  readonly #identity = {};
  #arraysize = 1;
  #factory: RowFactory<T> | null;
  #text: StatementText | null = null;
  /** Rows that were read and not fetched yet, from `#position` on. */
  #rows: SqlRow[] = NO_ROWS;
  #position = 0;
  #isFirstPage = true;
  /** The engine's reader of the rows to come, or 0. */
  #reader = 0;
  /** What went wrong behind the rows that were read. */
  #failure: Error | null = null;
  #reply: ExecuteReply | null = null;
  #description: Description | null | undefined = null;
  /** Makes a row of its values; null hands the values out, undefined is still to be found out. */
  #build: RowBuilder<T> | null | undefined = null;
  /** An `executemany` is running, whose rows come from code that could call the cursor. */
  #isLocked = false;

  /** @param owner what a row factory is called with; null for the state itself, where no cursor is seen */
  constructor(session: Session, owner: RowCursor | null, factory: RowFactory<T> | null) {
    this.session = session;
    this.#owner = owner ?? this;
    this.#factory = factory;
  }

  /** @throws {ProgrammingError} when the cursor or its connection is closed, or the cursor is entered from inside */
  check(): void {
    if (this.isClosed) throw new ProgrammingError("Cannot operate on a closed cursor.");
    if (this.#isLocked) throw new ProgrammingError("Recursive use of cursors not allowed.");
    this.session.enter(this.#identity);
  }

  /** The request for one statement; null for a text without one, for which {@link clear} is all there is to do. */
  request(
    sql: string,
    parameters: Parameters | undefined,
    rows: ExecuteRequest["rows"],
  ): ExecuteRequest | null {
    this.check();
    const text = this.session.describe(sql);
    const values = bindValues(text.parameters, parameters);
    return text.count === "none" ? null : this.#start(text, values, rows);
  }

  /** What a call says when it is made, for a face that sends it later: see {@link start}. */
  prepare(sql: string, parameters: Parameters | undefined): PreparedCall {
    this.check();
    const text = this.session.describe(sql);
    const values = bindValues(text.parameters, parameters);
    copyBytes(values, 0);
    return { text, values };
  }

  /** The same as {@link request} for a prepared call, when its turn has come. */
  start({ text, values }: PreparedCall, rows: ExecuteRequest["rows"]): ExecuteRequest | null {
    this.check();
    return text.count === "none" ? null : this.#start(text, values, rows);
  }

  #start(text: StatementText, values: BoundValue[], rows: ExecuteRequest["rows"]): ExecuteRequest {
    const { session } = this;
    const discard = this.reset();
    this.#text = text;
    return {
      discard,
      sql: text.sql,
      values,
      begin: session.beginFor(text),
      guard: session.scopes > 0,
      rows,
      reading: session.reading,
    };
  }

  /** Takes the answer to {@link request}. */
  accept(reply: ExecuteReply): void {
    this.#reply = reply;
    this.#rows = reply.rows;
    this.#isFirstPage = true;
    this.#failure = reply.error;
    this.#description = undefined;
    this.#build = undefined;
    if (reply.reader !== 0) this.#watch(reply.reader);
    const text = this.#text;
    if (text?.isDml) {
      this.rowcount = reply.changes;
      if (text.isInsert && reply.lastrowid !== null) this.lastrowid = this.#rowid(reply.lastrowid);
    }
  }

  #rowid(rowid: number | bigint): number | bigint {
    return narrow(BigInt(rowid), this.session.settings.integers);
  }

  /** Forgets the result before this one; gives the reader to end, or 0. */
  reset(): number {
    const reader = this.#reader;
    if (reader !== 0) this.session.abandoned?.unregister(this);
    this.#rows = NO_ROWS;
    this.#position = 0;
    this.#reader = 0;
    this.#failure = null;
    this.#reply = null;
    this.#description = null;
    this.#build = null;
    this.rowcount = -1;
    return reader;
  }

  #watch(reader: number): void {
    this.#reader = reader;
    this.session.abandoned?.register(this, reader, this);
  }

  /** The next row of what has been read. */
  take(): T | Absent {
    if (this.#position >= this.#rows.length) return ABSENT;
    const values = this.#rows[this.#position++] as SqlRow;
    const build = this.#build === undefined ? this.#compile() : this.#build;
    return build === null ? (values as T) : build(values);
  }

  /** What stands for the result at hand, to tell it from a later one. */
  get result(): object | null {
    return this.#reply;
  }

  /** How many rows have been read and not fetched. */
  get buffered(): number {
    return this.#rows.length - this.#position;
  }

  /** Whether {@link refill} could bring more. */
  get hasMore(): boolean {
    return this.#reader !== 0 || this.#failure !== null;
  }

  /** Everything that has been read, at once. */
  takeAll(): T[] {
    const values = this.#position === 0 ? this.#rows : this.#rows.slice(this.#position);
    const build = this.#build === undefined ? this.#compile() : this.#build;
    if (build === null) {
      this.#rows = NO_ROWS;
      this.#position = 0;
      return values as T[];
    }
    const rows: T[] = [];
    for (const row of values) {
      this.#position++;
      rows.push(build(row));
    }
    return rows;
  }

  /** Reads on until there is a row or the result ends. */
  *refill(count: number = PAGE): Operation<void> {
    while (this.#reader !== 0 && this.#position >= this.#rows.length) {
      this.#acceptPage(yield* call("fetch", this.#reader, count));
    }
    if (this.#position < this.#rows.length || this.#failure === null) return;
    const failure = this.#failure;
    this.#failure = null;
    throw failure;
  }

  #acceptPage({ rows, reader, error }: Page): void {
    this.#isFirstPage = false;
    this.#rows = rows;
    this.#position = 0;
    this.#failure = error;
    if (reader !== 0) return;
    this.#reader = 0;
    this.session.abandoned?.unregister(this);
  }

  /** The rest of the result. */
  *fetchall(): Operation<T[]> {
    if (this.#reader !== 0) {
      const untouched = this.#isFirstPage && this.#position === 0;
      const { rows, restarted, error } = yield* call("rest", this.#reader, untouched);
      const held = this.#rows.slice(this.#position);
      this.#acceptPage({ rows: restarted ? rows : held.concat(rows), reader: 0, error });
    }
    const rows = this.takeAll();
    yield* this.refill();
    return rows;
  }

  /** At most `size` rows. What fails behind a row that is in hand waits for the next fetch. */
  *fetchmany(size: unknown = this.#arraysize): Operation<T[]> {
    const count = wholeNumber("size", size, MOST);
    const rows: T[] = [];
    while (rows.length < count) {
      // Where the next row is, if it is in hand: one that cannot be made fails again at the next fetch.
      const [held, position] = [this.#rows, this.#position];
      try {
        if (position >= held.length) yield* this.refill();
        const row = this.take();
        if (row === ABSENT) break;
        rows.push(row);
      } catch (error) {
        if (rows.length === 0) throw error;
        if (position < held.length && this.#rows === held) this.#position = position;
        else this.#failure = error as Error;
        break;
      }
    }
    return rows;
  }

  #compile(): RowBuilder<T> | null {
    const { detectTypes } = this.session.settings;
    const factory = this.#factory;
    if (factory === null && detectTypes === 0) {
      this.#build = null;
      return null;
    }
    const columns = this.#reply?.columns ?? [];
    const converters = convertersFor(columns, detectTypes);
    const names = columns.map(({ name }) => columnName(name, detectTypes));
    const make = factory === null ? null : compileRow(factory, this.#owner, names);
    if (converters === null) {
      this.#build = make;
      return make;
    }
    // A copy, since a row that fails is converted again.
    const convert = (values: unknown[]) => applyConverters([...values] as SqlRow, converters);
    this.#build = make === null ? (values) => convert(values) as T : (values) => make(convert(values));
    return this.#build;
  }

  get description(): Description | null {
    if (this.#description === undefined) {
      const columns = this.#reply?.columns ?? [];
      this.#description = columns.length === 0 ? null : describe(columns, this.session.settings.detectTypes);
    }
    return this.#description;
  }

  get rowFactory(): RowFactory<T> | null {
    return this.#factory;
  }

  set rowFactory(factory: RowFactory<T> | null) {
    this.#factory = checkRowFactory(factory) as RowFactory<T> | null;
    this.#build = this.#reply === null ? null : undefined;
  }

  get arraysize(): number {
    return this.#arraysize;
  }

  set arraysize(size: number) {
    this.#arraysize = wholeNumber("arraysize", size, MOST, 1);
  }

  /** Ends the result and forgets it. */
  *clear(): Operation<void> {
    const reader = this.reset();
    if (reader !== 0 && !this.session.isClosed) yield* call("discard", reader);
  }

  /** Ends the result before its last row. */
  *discard(): Operation<void> {
    if (this.#reader !== 0 && !this.session.isClosed) this.session.enter(this.#identity);
    const { rowcount } = this;
    yield* this.clear();
    this.rowcount = rowcount;
  }

  /** Closes the cursor. A second call does nothing. */
  *close(): Operation<void> {
    if (this.isClosed) return;
    yield* this.discard();
    this.isClosed = true;
  }

  /** Keeps everybody off the cursor while code of the caller's runs in the middle of an operation. */
  lock(): void {
    this.#isLocked = true;
  }

  unlock(): void {
    this.#isLocked = false;
  }
}
