/**
 * Rows as columns, for the way to another thread: numbers in typed arrays, texts joined, bytes laid end to end. What fits
 * none of these is cloned as it is. It must not know engines nor messages. The other end: unpack.ts.
 * Tests: test/unit/engine/thread/pack.test.ts.
 */
import type { SqlRow, SqlValue } from "../../values/types.ts";

/** The values of one column, row by row. */
export type PackedColumn =
  | Int32Array
  /** NaN stands for NULL: SQLite stores no NaN. */
  | Float64Array
  | BigInt64Array
  | PackedText
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
  for (let column = 0; column < width; column++) columns.push(packColumn(rows, column, from, to));
  return columns;
}

/** The buffers of packed columns, which can be handed over instead of copied. */
export function buffersOf(columns: readonly PackedColumn[]): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  for (const column of columns) {
    if (ArrayBuffer.isView(column)) buffers.push(column.buffer as ArrayBuffer);
    else if ("lengths" in column) buffers.push(column.lengths.buffer as ArrayBuffer);
    if ("bytes" in column) buffers.push(column.bytes.buffer as ArrayBuffer);
  }
  return buffers;
}

function packColumn(rows: readonly SqlRow[], column: number, from: number, to: number): PackedColumn {
  let first = from;
  while (first < to && rows[first]?.[column] === null) first++;
  const value = rows[first]?.[column];
  const packed =
    typeof value === "string"
      ? packText(rows, column, from, to)
      : typeof value === "number"
        ? packNumbers(rows, column, from, to)
        : typeof value === "bigint"
          ? packIntegers(rows, column, from, to)
          : value === undefined
            ? new Float64Array(to - from).fill(Number.NaN)
            : packBytes(rows, column, from, to);
  return packed ?? { values: rows.slice(from, to).map((row) => ownBytes(row[column] as SqlValue)) };
}

/** The same, in memory of its own: structured clone takes the whole of what a view is a view of. */
export function ownBytes(value: SqlValue): SqlValue {
  if (!(value instanceof Uint8Array) || value.byteLength === value.buffer.byteLength) return value;
  return new Uint8Array(value) as Buffer;
}

function packNumbers(
  rows: readonly SqlRow[],
  column: number,
  from: number,
  to: number,
): Int32Array | Float64Array | null {
  const small = new Int32Array(to - from);
  let at = from;
  for (; at < to; at++) {
    const value = (rows[at] as SqlRow)[column];
    if (typeof value !== "number" || (value | 0) !== value || Object.is(value, -0)) break;
    small[at - from] = value;
  }
  if (at === to) return small;
  const numbers = new Float64Array(to - from);
  for (let i = from; i < at; i++) numbers[i - from] = small[i - from] as number;
  for (; at < to; at++) {
    const value = (rows[at] as SqlRow)[column];
    if (typeof value === "number") numbers[at - from] = value;
    else if (value === null) numbers[at - from] = Number.NaN;
    else return null;
  }
  return numbers;
}

function packIntegers(
  rows: readonly SqlRow[],
  column: number,
  from: number,
  to: number,
): BigInt64Array | null {
  const integers = new BigInt64Array(to - from);
  for (let at = from; at < to; at++) {
    const value = (rows[at] as SqlRow)[column];
    if (typeof value !== "bigint") return null;
    integers[at - from] = value;
  }
  return integers;
}

function packText(rows: readonly SqlRow[], column: number, from: number, to: number): PackedText | null {
  const lengths = new Uint32Array(to - from);
  const blocks: string[] = [];
  let block = "";
  for (let at = from; at < to; at++) {
    const value = (rows[at] as SqlRow)[column];
    if (typeof value === "string") {
      lengths[at - from] = value.length;
      if (block.length + value.length <= BLOCK) block += value;
      else {
        if (block !== "") blocks.push(block);
        block = value;
      }
    } else if (value === null) lengths[at - from] = NULL_LENGTH;
    else return null;
  }
  blocks.push(block);
  return { blocks, lengths };
}

function packBytes(rows: readonly SqlRow[], column: number, from: number, to: number): PackedBytes | null {
  const lengths = new Uint32Array(to - from);
  let size = 0;
  for (let at = from; at < to; at++) {
    const value = (rows[at] as SqlRow)[column];
    if (value instanceof Uint8Array) {
      lengths[at - from] = value.byteLength;
      size += value.byteLength;
    } else if (value === null) lengths[at - from] = NULL_LENGTH;
    else return null;
  }
  const bytes = new Uint8Array(size);
  let end = 0;
  for (let at = from; at < to; at++) {
    const value = (rows[at] as SqlRow)[column];
    if (value === null) continue;
    bytes.set(value as Uint8Array, end);
    end += (value as Uint8Array).byteLength;
  }
  return { bytes, lengths };
}
