/**
 * A result read page by page: an open iterator of better-sqlite3, the only way through a result larger than memory.
 * It must not decide what may run beside it; engine.ts does. Tests: test/unit/engine/sqlite/reader.test.ts.
 */
import { OperationalError } from "../../errors/tree.ts";
import { type ExactForm, fromExactRow } from "../../values/exact-row.ts";
import type { BoundValue, Reading, SqlRow } from "../../values/types.ts";
import type { Rest } from "../port.ts";
import { doubtOf, firstDoubtful, hasReplacementIn, INTEGER_DOUBT, NO_DOUBT } from "./cells.ts";
import type { NativeDatabase, NativeIterator } from "./driver.ts";
import { translate } from "./failure.ts";
import { readObjects } from "./objects.ts";
import { FEW, type Prepared } from "./prepared.ts";
import { mayReadPlainly, PATIENCE, type Rows, readWhole, settleRow } from "./read.ts";
import { type Taken, take } from "./take.ts";

/** Rows to read on with an iterator before it is clear that the result is long. */
const PAGE = 256;
/** The most rows that are read ahead to get an iterator out of the way. */
const MOST_KEPT = 1_000_000;

/** What a reader needs to know of the connection. */
export interface ReadConnection {
  readonly db: NativeDatabase;
  /** How many statements have written on it; a result cannot be read again once that has moved. */
  readonly writes: number;
  /** Whether nobody else can change now what it reads. */
  readonly isStill: boolean;
}

export class Reader {
  readonly prepared: Prepared;
  readonly #values: readonly BoundValue[];
  readonly #reading: Reading;
  readonly #connection: ReadConnection;
  readonly #writesAtStart: number;
  #iterator: NativeIterator;
  /** INTEGER is read as number, and looked at; where that left a doubt, the statement's twin reads on in its place. */
  #isPlain: boolean;
  #isTwinBusy = false;
  /** Set once the result is read through the exact query. */
  #exact: ExactForm | null = null;
  #delivered = 0;
  #isOpen = true;
  /** What was read ahead when the connection needed every iterator closed. */
  #kept: SqlRow[] = [];
  #keptFrom = 0;
  #keptError: Error | null = null;

  constructor(
    prepared: Prepared,
    values: readonly BoundValue[],
    reading: Reading,
    connection: ReadConnection,
  ) {
    this.prepared = prepared;
    this.#values = values;
    this.#reading = reading;
    this.#connection = connection;
    this.#writesAtStart = connection.writes;
    // Reading numbers and looking at them takes a tenth less than reading bigints and making numbers of them.
    this.#isPlain = prepared.isRepeatable && mayReadPlainly(prepared, reading);
    prepared.statement.readExactIntegers(!this.#isPlain);
    this.#iterator = prepared.statement.iterate(values);
    prepared.busy = true;
  }

  /** Whether an iterator is open, which keeps others from changing the connection. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether there may be more to read. */
  get hasMore(): boolean {
    return this.#isOpen || this.#hasKept || this.#keptError !== null;
  }

  get #hasWritten(): boolean {
    return this.#connection.writes !== this.#writesAtStart;
  }

  get #hasKept(): boolean {
    return this.#keptFrom < this.#kept.length;
  }

  /** Some more rows for whoever does not want all of them: as {@link page}. */
  fetch(count: number): Rows {
    this.prepared.wasDrained = false;
    return this.page(count);
  }

  /** The next rows, at most `count`; fewer where SQLite takes its time, so that the first ones do not wait. */
  page(count: number, patience: number = PATIENCE): Rows {
    return this.#hasKept || !this.#isOpen ? this.#pageOfKept(count) : this.#pageOf(count, patience);
  }

  #pageOf(count: number, patience: number): Rows {
    const looksLater = this.#isPlain && this.#connection.isStill;
    const taken = looksLater ? take(this.#iterator, count, patience) : null;
    const rows = taken === null ? [] : taken.rows;
    try {
      if (taken === null || this.#goesBack(taken)) this.#settleOn(rows, count, patience);
      return { rows, error: null };
    } catch (error) {
      this.close();
      return { rows, error: translate(error, "run", this.prepared.text.sql, this.#connection.db) };
    }
  }

  /** Reads on up to `count` rows, each of them settled before the next. */
  #settleOn(rows: SqlRow[], count: number, patience: number): void {
    let start = rows.length > 0 ? performance.now() : 0;
    while (rows.length < count) {
      const { done, value } = this.#iterator.next();
      if (done) {
        this.close();
        return;
      }
      const taken = rows.push(this.#settle(value));
      this.#delivered++;
      // The clock as in take().
      if (taken === 1) start = performance.now();
      else if ((taken & (taken - 1)) === 0 && performance.now() - start > patience) return;
    }
  }

  /**
   * A page of plain rows, looked at when all of them are there: 3 to 4 % less for a row than one by one. At a doubt it goes back
   * to that row, so nobody may change what is read meanwhile; an iterator that has ended keeps no snapshot.
   * @returns whether it has gone back, and the page is to be read on
   */
  #goesBack({ rows, hasEnded, failure }: Taken): boolean {
    const good = firstDoubtful(rows);
    this.#delivered += good;
    if (good < rows.length) {
      const [doubtful] = rows.splice(good);
      rows.push(this.#settle(doubtful as SqlRow));
      this.#delivered++;
      return true;
    }
    if (failure !== null) throw failure.error;
    if (hasEnded) this.close();
    return false;
  }

  /**
   * Everything that is left. An iterator takes twice as long for a row as reading whole, so a long result that nobody
   * has used yet is read again from its first row by another statement; the open iterator keeps it the same snapshot. Where that
   * was so the last time, it is done at once.
   */
  rest(untouched: boolean, asObjects = false): Rest {
    const rows: SqlRow[] = [];
    const { prepared } = this;
    const wasDrained = prepared.wasDrained && untouched;
    while (this.hasMore) {
      if (wasDrained && this.#isOpen && this.#mayRestart) return this.#restart(asObjects);
      const page = this.page(PAGE, Number.POSITIVE_INFINITY);
      for (const row of page.rows) rows.push(row);
      if (page.error !== null) return { rows, restarted: false, error: page.error };
      if (untouched && this.#isOpen && this.#mayRestart) return this.#restart(asObjects);
    }
    prepared.wasDrained = untouched && this.#delivered > FEW;
    return { rows, restarted: false, error: null };
  }

  /** Nobody has written since, and what would read it again is not what reads it now: the twin, or the exact statement. */
  get #mayRestart(): boolean {
    return !this.#hasWritten && !this.#isTwinBusy && this.#exact === null;
  }

  #restart(asObjects: boolean): Rest {
    const { prepared } = this;
    try {
      const objects = asObjects
        ? readObjects(this.#connection.db, prepared, this.#values, this.#reading)
        : null;
      if (objects !== null) {
        prepared.wasDrained = objects.length > FEW;
        return { rows: [], objects, restarted: true, error: null };
      }
      const whole = readWhole(prepared, this.#values, this.#reading, false, prepared.twin());
      prepared.wasDrained = whole.rows.length > FEW;
      return { ...whole, restarted: true };
    } catch (error) {
      return { rows: [], restarted: true, error: translate(error, "run", prepared.text.sql) };
    } finally {
      this.close();
    }
  }

  /** Reads what is left into memory and lets go of the statement. @throws {OperationalError} past a million rows. */
  keep(): void {
    if (!this.#isOpen) return;
    // Some are kept already where this was tried before and there were too many.
    const kept = this.#kept.slice(this.#keptFrom);
    const { rows, error } = this.#pageOf(MOST_KEPT - kept.length, Number.POSITIVE_INFINITY);
    this.#kept = kept.length === 0 ? rows : kept.concat(rows);
    this.#keptFrom = 0;
    this.#keptError = error;
    if (!this.#isOpen) return;
    throw new OperationalError(
      `a cursor with more than ${MOST_KEPT} unread rows is open, and better-sqlite3 wants none open here: ` +
        "read it to its end or close it first",
    );
  }

  #pageOfKept(count: number): Rows {
    const rows = this.#kept.slice(this.#keptFrom, this.#keptFrom + count);
    this.#keptFrom += rows.length;
    if (this.#hasKept) return { rows, error: null };
    const error = this.#keptError;
    this.#kept = [];
    this.#keptFrom = 0;
    this.#keptError = null;
    return { rows, error };
  }

  /** Lets go of the statement. A second call does nothing. */
  close(): void {
    if (!this.#isOpen) return;
    this.#iterator.return();
    this.#isOpen = false;
    this.prepared.busy = false;
  }

  #settle(row: SqlRow): SqlRow {
    if (this.#exact !== null) return fromExactRow(row, this.#reading, this.#exact);
    if (this.#isPlain) {
      const doubt = doubtOf(row);
      if (doubt === NO_DOUBT) return row;
      return doubt === INTEGER_DOUBT ? this.#goOnWithBigints() : this.#goOnExactly();
    }
    return hasReplacementIn(row) ? this.#goOnExactly() : settleRow(row, this.#reading, true);
  }

  /**
   * Goes over to bigints where it stands, since the rows cannot be counted from the first one again once the connection has
   * written. One that cannot stays as it is: an integer that it doubts is then an error.
   */
  prepareForWrite(): void {
    if (!this.#isOpen || !this.#isPlain) return;
    try {
      this.#replace(this.#bigints());
    } catch {
      // What is wrong will show at the next row.
    }
  }

  /** Goes over to bigints at the row where the plain iterator left a doubt, for this result and those to come. */
  #goOnWithBigints(): SqlRow {
    this.prepared.hasLargeIntegers = true;
    if (this.#hasWritten) throw new OperationalError(tooLate("an integer of this row may not be exact"));
    const iterator = this.#bigints();
    const { done, value } = iterator.next();
    this.#replace(iterator);
    if (done) throw new OperationalError(CHANGED);
    return settleRow(value, this.#reading, true);
  }

  /** An iterator of bigints that stands where this one stood before the row at hand. */
  #bigints(): NativeIterator {
    const twin = this.prepared.twin();
    twin.readExactIntegers(true);
    this.#isTwinBusy = true;
    return this.#skip(twin.iterate(this.#values));
  }

  /** Goes over to the exact query, at the row where the plain one left a doubt. */
  #goOnExactly(): SqlRow {
    if (this.#hasWritten) throw new OperationalError(tooLate("the text of this row may not be valid UTF-8"));
    const form = this.prepared.exactForm;
    const exact = this.#skip(this.prepared.exact().iterate(this.#values));
    const { done, value } = exact.next();
    this.#replace(exact);
    this.#exact = form;
    if (done) throw new OperationalError(CHANGED);
    return fromExactRow(value, this.#reading, form);
  }

  /** Over the rows that were handed out. Meanwhile the iterator before it stays open: both see the same snapshot. */
  #skip(iterator: NativeIterator): NativeIterator {
    for (let skipped = 0; skipped < this.#delivered; skipped++) iterator.next();
    return iterator;
  }

  #replace(iterator: NativeIterator): void {
    this.#iterator.return();
    this.#iterator = iterator;
    this.#isPlain = false;
  }
}

const CHANGED = "the result changed while it was read";

function tooLate(doubt: string): string {
  return `${doubt}, and the connection has written since the query began: read such rows with fetchall() before writing`;
}
