/**
 * The entries of a cursor, read for one step of its batch: columns, rows, counts, or the error in their place.
 * A stream of entries that is cut short is no result. It must not know transports. Tests: test/unit/engine/hrana/entries.test.ts.
 */
import type { Column, Reading, SqlRow } from "../../values/types.ts";
import type { Call } from "../http/call.ts";
import { LATER } from "../http/http-body.ts";
import { fieldsOf, parseJson } from "../http/json.ts";
import { broken, LinkFailure } from "../http/link-failure.ts";
import { cutOff } from "../http/sqlite-error.ts";
import { decodeRow } from "../http/values.ts";
import { RowText } from "./row-text.ts";
import type { Cursor } from "./stream.ts";
import { readColumns, readCounts, readError, type StatementResult, type WireError } from "./wire.ts";

/** A step that failed; `step` is -1 where the server does not say which. */
export interface StepFailure {
  readonly step: number;
  readonly error: WireError;
}

/** A way of writing rows that is not the protocol's own. */
export interface RowForm {
  /** What the rows would take, had they come as the protocol writes them. */
  readonly bytes: number;
  /** Reads what came as a row, and adds those that it tells; what is wrong with one of them is thrown behind those before it. */
  take(sent: unknown, rows: SqlRow[]): void;
  /** Nothing more comes. @throws {LinkFailure} when something is missing */
  end(): void;
}

export class Entries {
  columns: readonly Column[] = [];
  /** Rows that have come and were not taken. */
  rows: SqlRow[] = [];
  /** What was done, once the step has ended well. */
  counts: Pick<StatementResult, "changes" | "lastrowid"> | null = null;
  /** The error of the step, or of one before it. */
  failure: StepFailure | null = null;
  /** What is wrong behind the rows that came: one that cannot be told, or an end that is none. */
  rowError: Error | null = null;
  /** Nothing more will come. */
  hasEnded = false;
  /** Told of every step that has ended well. */
  onDone: ((step: number) => void) | null = null;
  readonly #cursor: Cursor;
  readonly #target: number;
  readonly #reading: Reading;
  readonly #readsOn: boolean;
  readonly #form: RowForm | null;
  #step = -1;
  #isOpen = false;
  /** Rows that have come, taken or not. */
  count = 0;
  /** How many steps have ended. */
  #done = -1;

  /**
   * @param target the step whose rows are wanted; those before it have none
   * @param more whether the counts behind the rows are wanted too, though one of the rows cannot be told; and what reads rows
   * that are not written as the protocol writes them
   */
  constructor(
    cursor: Cursor,
    target: number,
    reading: Reading,
    { readsOn = false, form = null }: { readonly readsOn?: boolean; readonly form?: RowForm | null } = {},
  ) {
    this.#cursor = cursor;
    this.#target = target;
    this.#reading = reading;
    this.#readsOn = readsOn;
    this.#form = form;
  }

  /** Bytes that have come so far, as the protocol writes rows. */
  get received(): number {
    const { received } = this.#cursor;
    // What another form escapes once more is at most twice as long.
    return this.#form === null ? received : Math.max(this.#form.bytes, received / 2);
  }

  /** Whether the step has begun: its columns are known. */
  get hasBegun(): boolean {
    return this.#step === this.#target;
  }

  /** Neither ran nor failed: its condition left it out. To be asked when {@link hasEnded}. */
  get wasSkipped(): boolean {
    return this.counts === null && this.failure === null && this.rowError === null;
  }

  /** Takes what comes next. False when nothing came within `patience` milliseconds, if that is not 0. */
  async pull(call: Call, patience = 0): Promise<boolean> {
    const incoming = await this.#cursor.next(call, patience);
    if (incoming === LATER) return false;
    if (incoming === null) {
      this.hasEnded = true;
      if (this.#isOpen && this.failure === null) throw broken("a result is cut short");
      return true;
    }
    if (incoming.lines !== null) for (const text of incoming.lines) this.#takeLines(text);
    else for (const entry of incoming.parsed) this.#take(entry);
    if (this.#isSated) this.end();
    return true;
  }

  /** What comes now is of no interest. */
  get #isSated(): boolean {
    return this.rowError !== null && !this.#readsOn;
  }

  #takeLines(text: string): void {
    const { integers, text: form } = this.#reading;
    const isPlain = form === "string" && this.#form === null && !text.includes("\\");
    const rows = isPlain ? new RowText(text, integers === "bigint") : null;
    let end: number;
    for (let start = 0; start < text.length; start = end + 1) {
      end = text.indexOf("\n", start);
      if (end < 0) end = text.length;
      const takes = rows !== null && this.#isOpen && this.hasBegun && this.rowError === null;
      const row = takes ? rows.row(start, end, this.columns.length) : null;
      if (row !== null) {
        this.rows.push(row);
        this.count++;
        continue;
      }
      const line = text.slice(start, end).trim();
      if (line !== "") this.#take(parseJson(line));
    }
  }

  #take(entry: unknown): void {
    if (this.#isSated) return;
    const fields = fieldsOf(entry);
    switch (fields.type) {
      case "row":
        this.#takeRow(fields.row);
        return;
      case "step_begin":
        if (this.#isOpen || !this.#isNext(fields.step)) throw broken("a step begins out of order");
        this.#step = fields.step as number;
        this.#isOpen = true;
        if (this.hasBegun) this.columns = readColumns(fields.cols);
        return;
      case "step_end":
        if (!this.#isOpen) throw broken("a step ends that has not begun");
        this.#isOpen = false;
        this.#done = this.#step;
        if (this.hasBegun) {
          this.counts = readCounts(entry);
          if (fields.truncated === true) this.rowError ??= cutOff(this.count);
          else this.#form?.end();
        }
        this.onDone?.(this.#step);
        return;
      case "step_error":
        if (!this.#isNext(fields.step) && !(this.#isOpen && fields.step === this.#step)) {
          throw broken("a step fails out of order");
        }
        this.#isOpen = false;
        this.#done = fields.step as number;
        this.failure ??= { step: this.#done, error: readError(fields.error) };
        return;
      case "error":
        this.#isOpen = false;
        this.failure ??= { step: -1, error: readError(fields.error) };
        return;
      default:
        if (typeof fields.type !== "string") throw broken("an entry of a cursor has no type");
    }
  }

  #takeRow(row: unknown): void {
    if (!this.#isOpen || !this.hasBegun) throw broken("a row comes outside its step");
    if (this.rowError !== null) return;
    const { length } = this.rows;
    try {
      if (this.#form !== null) this.#form.take(row, this.rows);
      else this.rows.push(decodeRow(row, this.columns.length, this.#reading));
    } catch (error) {
      if (error instanceof LinkFailure) throw error;
      this.rowError = error as Error;
    } finally {
      this.count += this.rows.length - length;
    }
  }

  #isNext(step: unknown): boolean {
    return typeof step === "number" && Number.isInteger(step) && step > this.#done && step <= this.#target;
  }

  /** Wants no more. */
  end(): void {
    if (!this.hasEnded) this.#cursor.end();
    this.hasEnded = true;
  }
}
