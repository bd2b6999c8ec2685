/**
 * What a cursor is, without how its engine is called: a result, what has been fetched of it, and the request for the next one.
 * The faces ask it for the request to make and hand it the reply. It must not know promises or engines.
 * One class, where one for the result and one for the rest were nicer: to make an object of a derived class costs a lookup 3 %.
 * Tests: test/conformance/cursor.test.ts, test/conformance/fetch.test.ts, test/unit/core/cursor-state.test.ts.
 */
import type { ExecuteReply, ExecuteRequest, Lookup } from "../engine/port.ts";
import { ProgrammingError } from "../errors/tree.ts";
import type { StatementText } from "../sql/statement.ts";
import { type Description, describe } from "../values/description.ts";
import { narrow } from "../values/integers.ts";
import type { RowBuilder, RowCursor, RowFactory } from "../values/row-factory.ts";
import type { BoundValue, Column, SqlRow } from "../values/types.ts";
import { checkRowFactory, wholeNumber } from "./options.ts";
import { requestFor } from "./request.ts";
import { rowBuilder } from "./row-builder.ts";
import type { Session } from "./session.ts";
import { Unread } from "./unread.ts";

/** No row is left in what has been read; a row may be anything, null too. */
export const ABSENT: unique symbol = Symbol("absent");
export type Absent = typeof ABSENT;

const NO_ROWS: SqlRow[] = [];
const NO_COLUMNS: readonly Column[] = [];
let lastNumber = 0;

/** A row of what has been read. */
export interface Place {
  readonly rows: readonly SqlRow[];
  readonly position: number;
}

export class CursorState<T> {
  readonly session: Session;
  rowcount = -1;
  lastrowid: number | bigint | null = null;
  isClosed = false;
  /** Stands for the cursor where holding the cursor itself would keep it, and its reader, alive. */
  readonly #number = ++lastNumber;
  readonly #owner: RowCursor;
  #factory: RowFactory<T> | null;
  #arraysize = 1;
  /** An `executemany` is running, whose rows come from code that could call the cursor. */
  #isLocked = false;
  #text: StatementText | null = null;
  /** Where the result has come from, and what tells its columns. */
  #source: { readonly columns: readonly Column[] } | null = null;
  /** How many results there have been. */
  #results = 0;
  /** Rows that were read and not fetched yet, from `#position` on. */
  #rows: SqlRow[] = NO_ROWS;
  #position = 0;
  #unread: Unread | null = null;
  #description: Description | null | undefined = null;
  /** Makes a row of its values; null hands the values out, undefined is still to be found out. */
  #build: RowBuilder<T> | null | undefined = null;

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
    this.session.enter(this.#number);
  }

  /** What is known of a statement whose turn has come. */
  enter(sql: string): StatementText {
    this.check();
    return this.session.describe(sql);
  }

  /** What can be said against a call when it is made, for a face on which its turn comes later. */
  checkCall(): void {
    if (this.isClosed) throw new ProgrammingError("Cannot operate on a closed cursor.");
    this.session.check();
    this.refuseFromInside();
  }

  /** Whether it is this cursor that called the engine last. */
  get isRunning(): boolean {
    return this.session.active === this.#number;
  }

  /** @throws {ProgrammingError | NotSupportedError} from inside a user function */
  refuseFromInside(): void {
    this.session.refuseFromInside(this.#number);
  }

  /** The request for a statement; null for a text without one, which only ends the result before it. */
  start(text: StatementText, values: BoundValue[], rows: ExecuteRequest["rows"]): ExecuteRequest | null {
    if (text.count === "none") return null;
    const discard = this.reset();
    this.#text = text;
    return requestFor(this.session, text, values, rows, discard);
  }

  /** Runs a query that takes no request. @returns false where it is to be executed after all */
  lookUp(lookup: Lookup, text: StatementText, values: BoundValue[]): boolean {
    const { session } = this;
    if (!session.readsFreely || this.isOpen) return false;
    this.reset();
    this.#text = text;
    const rows = lookup.few(values, session.reading);
    if (rows !== null) this.#show(rows, lookup);
    return rows !== null;
  }

  /** Takes the answer to {@link start}. */
  accept(reply: ExecuteReply): void {
    this.receive(reply);
    const text = this.#text;
    if (text?.isDml) {
      this.rowcount = reply.changes;
      if (text.isInsert && reply.lastrowid !== null) this.lastrowid = this.#rowid(reply.lastrowid);
    }
  }

  /** Takes the answer to a statement that is not the cursor's own. */
  receive(reply: ExecuteReply): void {
    const { reader, error } = reply;
    this.#show(reply.rows, reply);
    if (reader !== 0 || error !== null) this.#unread = new Unread(this.session, reader, error);
  }

  #show(rows: SqlRow[], source: { readonly columns: readonly Column[] }): void {
    this.#results++;
    this.#source = source;
    this.#rows = rows;
    this.#position = 0;
    this.#description = undefined;
    this.#build = undefined;
  }

  #rowid(rowid: number | bigint): number | bigint {
    const { integers } = this.session.settings;
    // An engine gives a number only where it is exact.
    return typeof rowid === "number" && integers !== "bigint" ? rowid : narrow(BigInt(rowid), integers);
  }

  /** Forgets the result before this one; gives the reader to end, or 0. */
  reset(): number {
    this.rowcount = -1;
    if (this.#source === null) return 0;
    const reader = this.#unread === null ? 0 : this.#unread.end(null);
    this.#unread = null;
    this.#source = null;
    this.#rows = NO_ROWS;
    this.#position = 0;
    this.#description = null;
    this.#build = null;
    return reader;
  }

  /** What of the result has not been read, where there was more than came at once. */
  get unread(): Unread | null {
    return this.#unread;
  }

  /** Whether rows of the result are still with the engine. */
  get isOpen(): boolean {
    return this.#unread?.isOpen === true;
  }

  /** Whether to read on could bring more. */
  get hasMore(): boolean {
    return this.#unread?.hasMore === true;
  }

  /** Whether the result may start again from its first row, and nobody could tell. */
  get isUntouched(): boolean {
    return this.#position === 0 && this.#unread?.isBegun !== true;
  }

  /** The number of the result at hand, to tell it from a later one; 0 where there is none. */
  get result(): number {
    return this.#source === null ? 0 : this.#results;
  }

  /** How many rows have been read and not fetched. */
  get buffered(): number {
    return this.#rows.length - this.#position;
  }

  /** The next row of what has been read. */
  take(): T | Absent {
    if (this.#position >= this.#rows.length) return ABSENT;
    const values = this.#rows[this.#position++] as SqlRow;
    const build = this.#build === undefined ? this.#compile() : this.#build;
    return build === null ? (values as T) : build(values);
  }

  /** Everything that has been read, at once. */
  takeAll(): T[] {
    const build = this.#build === undefined ? this.#compile() : this.#build;
    if (build === null) {
      const values = this.#position === 0 ? this.#rows : this.#rows.slice(this.#position);
      this.#rows = NO_ROWS;
      this.#position = 0;
      return values as T[];
    }
    const rows: T[] = [];
    // One by one, since a factory may itself fetch from the cursor.
    for (let row = this.take(); row !== ABSENT; row = this.take()) rows.push(row);
    return rows;
  }

  #compile(): RowBuilder<T> | null {
    const isPlain = this.#factory === null && this.session.settings.detectTypes === 0;
    this.#build = isPlain ? null : rowBuilder(this.session, this.#factory, this.#owner, this.columns);
    return this.#build;
  }

  get columns(): readonly Column[] {
    return this.#source?.columns ?? NO_COLUMNS;
  }

  get description(): Description | null {
    if (this.#description === undefined) {
      const columns = this.columns;
      this.#description = columns.length === 0 ? null : describe(columns, this.session.settings.detectTypes);
    }
    return this.#description;
  }

  get rowFactory(): RowFactory<T> | null {
    return this.#factory;
  }

  set rowFactory(factory: RowFactory<T> | null) {
    this.#factory = checkRowFactory(factory) as RowFactory<T> | null;
    this.#build = this.#source === null ? null : undefined;
  }

  get arraysize(): number {
    return this.#arraysize;
  }

  set arraysize(size: number) {
    this.#arraysize = wholeNumber("arraysize", size, Number.MAX_SAFE_INTEGER, 1);
  }

  /** The rows that have been read and not fetched. */
  held(): SqlRow[] {
    return this.#rows.slice(this.#position);
  }

  /** Puts rows in the place of those that have been read. */
  hold(rows: SqlRow[]): void {
    this.#rows = rows;
    this.#position = 0;
  }

  /** Where the next row is, for {@link returnTo}. */
  get place(): Place {
    return { rows: this.#rows, position: this.#position };
  }

  /** Goes back to a row, if the result is still there. */
  returnTo({ rows, position }: Place): boolean {
    if (this.#rows !== rows) return false;
    this.#position = position;
    return true;
  }

  /** What the fetch is to fail with that comes behind the rows that have been read. */
  failLater(error: Error): void {
    this.#unread ??= new Unread(this.session, 0, null);
    this.#unread.failLater(error);
  }

  /** Keeps everybody off the cursor while code of the caller's runs in the middle of an operation. */
  lock(): void {
    this.#isLocked = true;
  }

  unlock(): void {
    this.#isLocked = false;
  }
}
