/**
 * Reads the rows of a query that was asked for by the group (sql/grouped.ts), bit for bit what they are when asked for plainly.
 * It must not know how they came. Tests: test/unit/engine/hrana/{grouped,grouped-rows}.test.ts.
 */
import { NotSupportedError } from "../../errors/tree.ts";
import { GROUP_ROWS, MARK, PROBE } from "../../sql/grouped.ts";
import { narrow } from "../../values/integers.ts";
import type { Reading, SqlRow, SqlValue } from "../../values/types.ts";
import { broken } from "../http/link-failure.ts";
import { checkRange, decodeFloat, decodeRow } from "../http/values.ts";
import type { RowForm } from "./entries.ts";

const AS_SENT: Reading = { integers: "auto", text: "string" };
const FIRST_OF_MARK = MARK.charCodeAt(0);
const [R, I, B, T] = [0x72, 0x69, 0x62, 0x74];

/** From this version on SQLite writes and reads numbers with more digits than a REAL has. */
const EXACT_SINCE = [3, 43] as const;

/** Bytes around a row and around a value, as the protocol writes them: at least so many. */
const [ROW_BYTES, VALUE_BYTES] = [24, 26];

export class GroupedRows implements RowForm {
  /** The server has shown that it gives every value as it is. */
  isExact = false;
  bytes = 0;
  readonly #width: number;
  readonly #reading: Reading;
  #hasBegun = false;
  /** The group at hand as it was sent. */
  #text = "";
  /** Its rows: arrays of cells, or 0 for one that comes alone. */
  #group: readonly unknown[] = [];
  /** Which of them is next. */
  #next = 0;
  /** The number of the group's first row. */
  #first = 1 - GROUP_ROWS;

  /** @param width columns of the query */
  constructor(width: number, reading: Reading) {
    this.#width = width;
    this.#reading = reading;
  }

  /**
   * Takes a row as the server has sent it, and adds the rows that it tells to `rows`.
   * @throws {LinkFailure} of kind "protocol" for what is no such row, or comes out of order
   * @throws {NotSupportedError} when the server does not give every value as it is
   * @throws {DataError} as for a plain row: those before it have been added
   */
  take(sent: unknown, rows: SqlRow[]): void {
    const width = this.#width;
    if (!Array.isArray(sent) || sent.length !== width + 2)
      throw broken("a row does not have the columns asked for");
    const [number = null, text = null] = decodeRow(sent.slice(width), 2, AS_SENT);
    const isProbe = !this.#hasBegun;
    this.#hasBegun = true;
    if (isProbe) this.isExact = number === 0 && isProof(text);
    if (!this.isExact) throw new NotSupportedError("the server does not give every value as it is");
    if (isProbe) return;
    if (text !== null) {
      this.#begin(number, text);
      this.#deliver(rows);
      // Otherwise the first row of the group is a long one, and comes with it.
      if (this.#next > 0) return;
    }
    if (!this.#isWaiting || number !== this.#first + this.#next) throw broken("a row comes out of its group");
    this.#next++;
    const row = decodeRow(sent.slice(0, width), width, this.#reading);
    for (const value of row) this.bytes += bytesOf(value);
    this.bytes += ROW_BYTES;
    rows.push(row);
    this.#deliver(rows);
  }

  /** Nothing more comes. @throws {LinkFailure} when something is missing */
  end(): void {
    if (this.#isWaiting) throw broken("a group lacks rows");
  }

  /** The rows of the latest group once more, as far as they have been told: null for each that came alone. */
  latest(): (SqlRow | null)[] {
    const told = parseCells(`[${this.#text}]`).slice(0, this.#next);
    return told.map((cells) => (cells === 0 ? null : this.#row(cells)));
  }

  get #isWaiting(): boolean {
    return this.#next < this.#group.length;
  }

  #begin(number: SqlValue, text: SqlValue): void {
    const isFirst = this.#group.length === 0;
    const isFull = this.#group.length === GROUP_ROWS && !this.#isWaiting;
    if (number !== this.#first + GROUP_ROWS || !(isFirst || isFull)) throw broken("a group is out of order");
    if (typeof text !== "string") throw broken("a group of rows is no text");
    const group = parseCells(`[${text}]`);
    if (group.length === 0 || group.length > GROUP_ROWS) throw broken("a group is empty or too large");
    this.#first += GROUP_ROWS;
    this.#text = text;
    this.#group = group;
    this.#next = 0;
  }

  /** The rows of the group up to the next one that comes alone. */
  #deliver(rows: SqlRow[]): void {
    const group = this.#group;
    while (this.#next < group.length) {
      const cells = group[this.#next];
      if (cells === 0) return;
      const row = this.#row(cells);
      this.#next++;
      rows.push(row);
    }
  }

  /** The cells become the row: they are nobody else's. */
  #row(cells: unknown): SqlRow {
    const width = this.#width;
    if (!Array.isArray(cells) || cells.length !== width) throw broken(`a row does not have ${width} columns`);
    for (let i = 0; i < width; i++) {
      const value = readCell(cells[i], this.#reading);
      this.bytes += bytesOf(value);
      cells[i] = value;
    }
    this.bytes += ROW_BYTES;
    return cells;
  }
}

/** How many bytes a value takes at least when it is asked for plainly: what is limited by bytes is so either way. */
function bytesOf(value: SqlValue): number {
  if (typeof value === "string") return VALUE_BYTES + value.length;
  if (typeof value !== "object") return VALUE_BYTES + 1;
  return value === null ? VALUE_BYTES / 2 : VALUE_BYTES + value.byteLength * (4 / 3);
}

function parseCells(text: string): readonly unknown[] {
  try {
    const cells: unknown = JSON.parse(text);
    if (Array.isArray(cells)) return cells;
  } catch {
    // Said below.
  }
  throw broken("a group of rows is no array");
}

function readCell(cell: unknown, reading: Reading): SqlValue {
  if (typeof cell === "string") {
    if (cell.charCodeAt(0) === FIRST_OF_MARK) return readMarked(cell, reading);
    return readText(cell, reading);
  }
  if (typeof cell === "number" && Number.isSafeInteger(cell))
    return reading.integers === "bigint" ? BigInt(cell) : cell + 0;
  if (cell === null) return null;
  throw broken("a value in a group is of no known kind");
}

function readText(text: string, reading: Reading): SqlValue {
  if (!text.isWellFormed()) throw broken("a text is no well-formed string");
  return reading.text === "string" ? text : Buffer.from(text);
}

function readMarked(cell: string, reading: Reading): SqlValue {
  const rest = cell.slice(2);
  switch (cell.charCodeAt(1)) {
    case R:
      return readReal(rest);
    case T:
      return readText(rest, reading);
    case I:
      if (!/^-?\d{16,19}$/.test(rest)) throw broken("an integer is no integer");
      return narrow(checkRange(BigInt(rest)), reading.integers);
    case B:
      if (rest.length % 2 !== 0 || /[^\dA-F]/.test(rest)) throw broken("a blob is not hexadecimal");
      return Buffer.from(rest, "hex");
    default:
      throw broken("a value in a group has no known mark");
  }
}

/** @throws {DataError} for an infinity, which a server cannot send when it is asked plainly */
function readReal(text: string): number {
  if (text === "Inf" || text === "-Inf") return decodeFloat(null);
  const value = text === "" ? Number.NaN : Number(text);
  if (Number.isNaN(value)) throw broken("a float is no number");
  return decodeFloat(value);
}

function isProof(text: SqlValue): boolean {
  try {
    const cells = parseCells(String(text));
    const [major = 0, minor = 0] = String(cells[0]).split(".").map(Number);
    if (major !== EXACT_SINCE[0] || minor < EXACT_SINCE[1] || cells.length !== PROBE.length + 1) return false;
    return PROBE.every(({ value }, i) => Object.is(readCell(cells[i + 1], AS_SENT), value));
  } catch {
    return false;
  }
}
