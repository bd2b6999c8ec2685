/**
 * A result that is read page by page, while the server holds what is not read yet.
 * It must not know how it was asked for. Tests: test/unit/engine/hrana/engine.test.ts.
 */
import { OperationalError } from "../../errors/tree.ts";
import type { SqlRow } from "../../values/types.ts";
import type { Call } from "../http/call.ts";
import { LinkFailure } from "../http/link-failure.ts";
import { type Effect, errorOf } from "../http/outcome.ts";
import type { Page, Rest } from "../port.ts";
import type { Entries } from "./entries.ts";
import type { Failures } from "./failures.ts";
import type { Holder, Link } from "./link.ts";
import type { Stream } from "./stream.ts";
import type { Tail } from "./tail.ts";

/** Bytes after which a page is full, however few its rows. */
const PAGE_BYTES = 1 << 20;
/** How long the first rows of a page wait for the others, in milliseconds. */
const PATIENCE = 5;

export class Reader implements Holder {
  readonly sql: string;
  readonly #effect: Effect;
  readonly #link: Link;
  readonly #entries: Entries;
  readonly #failures: Failures;
  readonly #most: number;
  readonly #tail: Tail | null;
  /** The stream, once it serves this reader alone. */
  #own: Stream | null = null;
  /** What ended it before its time. */
  #error: Error | null = null;
  #isOver = false;
  /** Bytes that had come when rows were last taken. */
  #taken = 0;
  /** The link failed while it was read: whatever was read, that has to be told. */
  isBroken = false;

  /**
   * @param most bytes that may be held in memory at once
   * @param tail what finds the rows that a failure takes along, where it does
   */
  constructor(
    sql: string,
    effect: Effect,
    link: Link,
    entries: Entries,
    failures: Failures,
    most: number,
    tail: Tail | null,
  ) {
    this.sql = sql;
    this.#effect = effect;
    this.#link = link;
    this.#entries = entries;
    this.#failures = failures;
    this.#most = most;
    this.#tail = tail;
  }

  /** Whether there is nothing to fetch any more, no error either. */
  get isOver(): boolean {
    return this.#isOver && this.#entries.rows.length === 0 && this.#error === null;
  }

  /**
   * Reads until the columns are known.
   * @returns false when the statement's condition left it out
   * @throws {OperationalError} when the link fails, or the error of a statement that does not even begin
   */
  async open(call: Call): Promise<boolean> {
    const entries = this.#entries;
    while (!entries.hasBegun && !this.#isOver) await this.#pull(call, 0);
    if (entries.hasBegun) return true;
    const error = this.#error;
    if (error !== null) throw error;
    return !entries.wasSkipped;
  }

  /** Whether the statement did not come to a good end; a row that cannot be told is none of that. */
  get hasFailed(): boolean {
    return this.isBroken || this.#entries.failure !== null;
  }

  /** What the statement did, once it has ended. */
  get counts(): Entries["counts"] {
    return this.#entries.counts;
  }

  get columns(): Entries["columns"] {
    return this.#entries.columns;
  }

  /** Waits for the first row, or for the end. */
  async first(call: Call): Promise<void> {
    await this.#read(call, (rows) => rows === 0, 0);
  }

  /** Whether more than `count` rows come before `deadline` (of `performance.now()`), none of them large. Takes none. */
  async has(count: number, deadline: number, call: Call): Promise<boolean> {
    const entries = this.#entries;
    const wants = (rows: number) =>
      rows <= count && entries.received < PAGE_BYTES && performance.now() < deadline;
    await this.#read(call, wants, PATIENCE);
    return entries.rows.length > count && !this.#isOver;
  }

  /** The next rows, at most `count`: those that come soon. What is wrong behind them waits for the next page. */
  async page(count: number, call: Call): Promise<Omit<Page, "reader">> {
    const { received } = this.#entries;
    await this.#read(
      call,
      (rows) => rows < count && this.#entries.received - received < PAGE_BYTES,
      PATIENCE,
    );
    return this.#take(count);
  }

  /** Everything that is left. */
  async rest(call: Call): Promise<Rest> {
    await this.#readAll(call);
    return { ...this.#take(Number.POSITIVE_INFINITY), restarted: false };
  }

  async keep(call: Call): Promise<void> {
    await this.#read(call, () => this.#entries.received - this.#taken <= this.#most, 0);
    if (this.#isOver) return;
    throw new OperationalError(
      `a cursor with more than ${this.#most} bytes of unread rows is open in this transaction (maxResponseBytes): ` +
        "read it to its end or close it first",
      { outcome: "not-executed" },
    );
  }

  async #readAll(call: Call): Promise<void> {
    await this.#read(call, () => this.#entries.received - this.#taken <= this.#most, 0);
    if (this.#isOver) return;
    this.abandon(
      new OperationalError(
        `a result has more than ${this.#most} bytes (maxResponseBytes): read it row by row`,
        {
          code: "RESPONSE_TOO_LARGE",
        },
      ),
    );
    this.#entries.rows = [];
  }

  /** Reads on while `wants` more. Failures are kept for when the rows before them have been taken. */
  async #read(call: Call, wants: (rows: number) => boolean, patience: number): Promise<void> {
    while (!this.#isOver && wants(this.#entries.rows.length)) {
      const isPatient = patience === 0 || this.#entries.rows.length === 0;
      if (!(await this.#pull(call, isPatient ? 0 : patience))) break;
    }
  }

  async #pull(call: Call, patience: number): Promise<boolean> {
    const entries = this.#entries;
    try {
      const hasCome = await entries.pull(call, patience);
      if (entries.hasEnded) await this.#finish(call);
      return hasCome;
    } catch (failure) {
      if (!(failure instanceof LinkFailure)) throw failure;
      this.#fail(failure, call);
      return true;
    }
  }

  async #finish(call: Call): Promise<void> {
    this.#release();
    const { failure, rowError, count, rows } = this.#entries;
    if (failure === null) this.#error = rowError;
    else {
      const lost = count === 0 ? undefined : await this.#tail?.read(count, call);
      if (lost !== undefined) rows.push(...lost.rows);
      this.#error = lost?.error ?? (await this.#failures.ofRows(failure.error, this.sql, call));
    }
  }

  #fail(failure: LinkFailure, call: Call): void {
    this.#entries.end();
    this.#isOver = true;
    this.isBroken = true;
    if (this.#own === null) this.#error = this.#link.failed(failure, this.#effect, call);
    else {
      this.#error = errorOf(failure, { effect: "read", inTransaction: false, sent: call.sent });
      this.#release();
    }
    // Somebody has asked for the end: not even the rows before it are wanted.
    if (failure.kind === "cancelled") this.#entries.rows = [];
  }

  #take(count: number): { readonly rows: SqlRow[]; readonly error: Error | null } {
    const { rows, received } = this.#entries;
    this.#taken = received;
    const taken = rows.length <= count ? rows : rows.slice(0, count);
    this.#entries.rows = rows.length <= count ? [] : rows.slice(count);
    const error = this.#entries.rows.length === 0 ? this.#error : null;
    if (error !== null) this.#error = null;
    return { rows: taken, error };
  }

  takeAway(stream: Stream): void {
    this.#own = stream;
  }

  abandon(reason: Error): void {
    this.#error ??= reason;
    this.close();
  }

  /** Ends it before its last row. */
  close(): void {
    this.#entries.end();
    if (!this.#isOver) this.#release();
  }

  #release(): void {
    this.#isOver = true;
    void this.#own?.close();
    this.#own = null;
    this.#link.release(this);
  }
}
