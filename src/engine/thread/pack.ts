/**
 * Rows as columns, for the way to another thread: numbers in typed arrays, texts joined, bytes laid end to end. What fits
 * none of these is cloned as it is. It must not know engines nor messages. The other end: unpack.ts.
 * Tests: test/unit/engine/thread/pack.test.ts.
 */
import type { BoundValue, SqlRow, SqlValue } from "../../values/types.ts";
import { type PackedWords, packWords } from "./words.ts";

/** The values of one column, row by row. */
export type PackedColumn =
  | Int32Array
  /** NaN stands for NULL: SQLite stores no NaN. */
  | Float64Array
  | BigInt64Array
  | PackedText
  | PackedWords
  | PackedBytes
  | { readonly values: readonly SqlValue[] };

/** Texts one after the other; none goes over the end of its block. */
export interface PackedText {
  readonly blocks: readonly string[];
  /** In characters; {@link NULL_LENGTH} for NULL. */
  readonly lengths: Uint32Array;
}

export interface PackedBytes {
  readonly bytes: Uint8Array;
  readonly lengths: Uint32Array;
}

export const NULL_LENGTH = 0xffff_ffff;

/**
 * Characters in a block. A string that is cut out of another keeps it in memory, so that a block is all that one value
 * can keep.
 */
const BLOCK = 4096;

/** Packs the rows from `from` up to `to`. */
export function packRows(rows: readonly SqlRow[], from: number, to: number): PackedColumn[] {
  const columns: PackedColumn[] = [];
  const width = rows[from]?.length ?? 0;
  for (let column = 0; column < width; column++) {
    const values = new Array<SqlValue>(to - from);
    for (let at = from; at < to; at++) values[at - from] = (rows[at] as SqlRow)[column] as SqlValue;
    columns.push(packColumn(values));
  }
  return columns;
}

/** Packs rows whose values lie one after the other. */
export function packValues(all: readonly BoundValue[], width: number, count: number): PackedColumn[] {
  const columns: PackedColumn[] = [];
  for (let column = 0; column < width; column++) {
    const values = new Array<SqlValue>(count);
    for (let at = 0; at < count; at++) values[at] = all[at * width + column] as SqlValue;
    columns.push(packColumn(values));
  }
  return columns;
}

/** The buffers of packed columns, which can be handed over instead of copied. */
export function buffersOf(columns: readonly PackedColumn[]): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  for (const column of columns) {
    if (ArrayBuffer.isView(column)) buffers.push(column.buffer as ArrayBuffer);
    else if ("places" in column) buffers.push(column.places.buffer as ArrayBuffer);
    else if ("lengths" in column) buffers.push(column.lengths.buffer as ArrayBuffer);
    if ("bytes" in column) buffers.push(column.bytes.buffer as ArrayBuffer);
  }
  return buffers;
}

function packColumn(values: readonly SqlValue[]): PackedColumn {
  const value = values.find((one) => one !== null);
  const packed =
    typeof value === "string"
      ? (packWords(values) ?? packText(values))
      : typeof value === "number"
        ? packNumbers(values)
        : typeof value === "bigint"
          ? packIntegers(values)
          : value === undefined
            ? new Float64Array(values.length).fill(Number.NaN)
            : packBytes(values);
  return packed ?? { values: values.map(ownBytes) };
}

/** The same, in memory of its own: structured clone takes the whole of what a view is a view of. */
export function ownBytes(value: SqlValue): SqlValue {
  if (!(value instanceof Uint8Array) || value.byteLength === value.buffer.byteLength) return value;
  return new Uint8Array(value) as Buffer;
}

function packNumbers(values: readonly SqlValue[]): Int32Array | Float64Array | null {
  const count = values.length;
  const small = new Int32Array(count);
  let at = 0;
  for (; at < count; at++) {
    const value = values[at];
    if (typeof value !== "number" || (value | 0) !== value || Object.is(value, -0)) break;
    small[at] = value;
  }
  if (at === count) return small;
  const numbers = new Float64Array(count);
  numbers.set(small.subarray(0, at));
  for (; at < count; at++) {
    const value = values[at];
    if (typeof value === "number") numbers[at] = value;
    else if (value === null) numbers[at] = Number.NaN;
    else return null;
  }
  return numbers;
}

function packIntegers(values: readonly SqlValue[]): BigInt64Array | null {
  const integers = new BigInt64Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (typeof value !== "bigint") return null;
    integers[at] = value;
  }
  return integers;
}

function packText(values: readonly SqlValue[]): PackedText | null {
  const lengths = new Uint32Array(values.length);
  const blocks: string[] = [];
  let block = "";
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (typeof value === "string") {
      lengths[at] = value.length;
      if (block.length + value.length <= BLOCK) block += value;
      else {
        if (block !== "") blocks.push(block);
        block = value;
      }
    } else if (value === null) lengths[at] = NULL_LENGTH;
    else return null;
  }
  blocks.push(block);
  return { blocks, lengths };
}

function packBytes(values: readonly SqlValue[]): PackedBytes | null {
  const lengths = new Uint32Array(values.length);
  let size = 0;
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (value instanceof Uint8Array) {
      lengths[at] = value.byteLength;
      size += value.byteLength;
    } else if (value === null) lengths[at] = NULL_LENGTH;
    else return null;
  }
  const bytes = new Uint8Array(size);
  let end = 0;
  for (const value of values) {
    if (!(value instanceof Uint8Array)) continue;
    bytes.set(value, end);
    end += value.byteLength;
  }
  return { bytes, lengths };
}
