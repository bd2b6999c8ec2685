/**
 * The result of a statement: what has been read of it, what of that has been fetched, how a row is made of its values.
 * It must not know where a result comes from. Tests: test/conformance/fetch.test.ts, test/unit/core/cursor-state.test.ts.
 */
import type { ExecuteReply, Page } from "../engine/port.ts";
import { isInterruption } from "../errors/interrupted.ts";
import { applyConverters, columnName, convertersFor } from "../values/convert.ts";
import { type Description, describe } from "../values/description.ts";
import { compileRow, type RowBuilder, type RowCursor, type RowFactory } from "../values/row-factory.ts";
import { areOwnNames, objectRow } from "../values/rows.ts";
import type { SqlRow } from "../values/types.ts";
import { checkRowFactory } from "./options.ts";
import { call, type Operation } from "./run.ts";
import type { Session } from "./session.ts";

/** No row is left in what has been read; a row may be anything, null too. */
export const ABSENT: unique symbol = Symbol("absent");
export type Absent = typeof ABSENT;

/** Rows to ask for when the first page is used up. */
const PAGE = 256;
/** The most to ask for: whoever uses page after page is asked to wait less often. Rows that come slowly come in fewer anyway. */
const LARGEST_PAGE = 2048;
const NO_ROWS: SqlRow[] = [];

/** Whether rows of this factory may be objects that the engine makes. */
function makesObjects({ hasObjects, settings }: Session, factory: RowFactory<unknown> | null): boolean {
  return factory === objectRow && hasObjects && settings.detectTypes === 0;
}

export class Result<T> {
  readonly session: Session;
  readonly #owner: RowCursor;
  #factory: RowFactory<T> | null;
  /** Rows that were read and not fetched yet, from `#position` on. */
  #rows: SqlRow[] = NO_ROWS;
  #position = 0;
  #isFirstPage = true;
  #pageSize = PAGE;
  /** The engine's reader of the rows to come, or 0. */
  #reader = 0;
  /** What went wrong behind the rows that were read. */
  #failure: Error | null = null;
  #reply: ExecuteReply | null = null;
  #description: Description | null | undefined = null;
  /** Makes a row of its values; null hands the values out, undefined is still to be found out. */
  #build: RowBuilder<T> | null | undefined = null;

  /** @param owner what a row factory is called with; null for the result itself, where no cursor is seen */
  constructor(session: Session, owner: RowCursor | null, factory: RowFactory<T> | null) {
    this.session = session;
    this.#owner = owner ?? this;
    this.#factory = factory;
  }

  /** Takes the answer to a statement. */
  receive(reply: ExecuteReply): void {
    this.#reply = reply;
    this.#rows = reply.rows;
    this.#isFirstPage = true;
    this.#pageSize = PAGE;
    this.#failure = reply.error;
    this.#description = undefined;
    this.#build = undefined;
    if (reply.reader === 0) return;
    this.#reader = reply.reader;
    this.session.abandoned?.register(this, reply.reader, this);
  }

  /** Forgets the result; gives the reader to end, or 0. */
  forget(): number {
    if (this.#reply === null) return 0;
    const reader = this.#reader;
    if (reader !== 0) this.session.abandoned?.unregister(this);
    this.#rows = NO_ROWS;
    this.#position = 0;
    this.#reader = 0;
    this.#failure = null;
    this.#reply = null;
    this.#description = null;
    this.#build = null;
    return reader;
  }

  /** Whether rows of it are still with the engine. */
  get isOpen(): boolean {
    return this.#reader !== 0;
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

  /** Reads on until there is a row or the result ends. */
  *refill(): Operation<void> {
    while (this.#reader !== 0 && this.#position >= this.#rows.length) {
      const page = yield* call("fetch", this.#reader, this.#pageSize);
      if (page.rows.length >= this.#pageSize) this.#pageSize = Math.min(2 * this.#pageSize, LARGEST_PAGE);
      this.#acceptPage(page);
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
      const { rows, restarted, objects, error } =
        untouched && this.#wantsObjects()
          ? yield* call("rest", this.#reader, true, true)
          : yield* call("rest", this.#reader, untouched);
      if (objects !== undefined) {
        this.#acceptPage({ rows: NO_ROWS, reader: 0, error });
        return objects as T[];
      }
      const held = this.#rows.slice(this.#position);
      this.#acceptPage({ rows: restarted ? rows : held.concat(rows), reader: 0, error });
    }
    const rows = this.takeAll();
    yield* this.refill();
    return rows;
  }

  /** At most `size` rows. What fails behind a row that is in hand waits for the next fetch. */
  *takeMany(count: number): Operation<T[]> {
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
        if (isInterruption(error)) throw yield* this.#breakOff(error);
        if (position < held.length && this.#rows === held) this.#position = position;
        else this.#failure = error as Error;
        break;
      }
    }
    return rows;
  }

  /** Ends a result of which rows are lost with the fetch that was ended, so that the next one does not go on behind them. */
  *#breakOff(error: Error): Operation<Error> {
    const reader = this.#reader;
    this.#acceptPage({ rows: NO_ROWS, reader: 0, error });
    try {
      if (reader !== 0) yield* call("discard", reader);
    } catch {
      // The interruption says more.
    }
    return error;
  }

  /** Whether rows are to be what an engine may have at no cost. */
  #wantsObjects(): boolean {
    if (!makesObjects(this.session, this.#factory)) return false;
    return areOwnNames((this.#reply?.columns ?? []).map(({ name }) => name));
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
}
