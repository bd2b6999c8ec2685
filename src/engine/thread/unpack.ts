/**
 * Rows out of packed columns, on the thread that waits for them: as little work for each as can be, without code made at run
 * time. It must not know messages. The other end: pack.ts. Tests: test/unit/engine/thread/pack.test.ts.
 */
import type { SqlRow, SqlValue } from "../../values/types.ts";
import { NULL_LENGTH, type PackedBytes, type PackedColumn, type PackedText } from "./pack.ts";

/**
 * Puts the rows of packed columns behind those that are there. The rows are made first, then filled column by column: one loop
 * for each kind of column, and no column in between. That takes a third of the time of structured clone.
 */
export function unpackRows(columns: readonly PackedColumn[], rows: SqlRow[]): void {
  const first = rows.length;
  const blank: SqlRow = columns.map(() => null);
  for (let left = countOf(columns[0]); left > 0; left--) rows.push(blank.slice());
  for (const [column, packed] of columns.entries()) fill(rows, first, column, packed);
}

function countOf(column: PackedColumn | undefined): number {
  if (column === undefined) return 0;
  if (ArrayBuffer.isView(column)) return column.length;
  return "values" in column ? column.values.length : column.lengths.length;
}

function fill(rows: SqlRow[], first: number, column: number, packed: PackedColumn): void {
  if (packed instanceof Int32Array) fillIntegers(rows, first, column, packed);
  else if (packed instanceof Float64Array) fillNumbers(rows, first, column, packed);
  else if (packed instanceof BigInt64Array) fillBigIntegers(rows, first, column, packed);
  else if ("blocks" in packed) fillText(rows, first, column, packed);
  else if ("bytes" in packed) fillBytes(rows, first, column, packed);
  else fillMixed(rows, first, column, packed.values);
}

function fillIntegers(rows: SqlRow[], first: number, column: number, integers: Int32Array): void {
  for (let i = 0; i < integers.length; i++) (rows[first + i] as SqlRow)[column] = integers[i] as number;
}

function fillNumbers(rows: SqlRow[], first: number, column: number, numbers: Float64Array): void {
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] as number;
    if (!Number.isNaN(value)) (rows[first + i] as SqlRow)[column] = value;
  }
}

function fillBigIntegers(rows: SqlRow[], first: number, column: number, integers: BigInt64Array): void {
  for (let i = 0; i < integers.length; i++) (rows[first + i] as SqlRow)[column] = integers[i] as bigint;
}

function fillText(rows: SqlRow[], first: number, column: number, { blocks, lengths }: PackedText): void {
  let block = "";
  let next = 0;
  let start = 0;
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i] as number;
    if (length === NULL_LENGTH) continue;
    if (start + length > block.length) {
      block = blocks[next++] as string;
      start = 0;
    }
    (rows[first + i] as SqlRow)[column] = block.substring(start, start + length);
    start += length;
  }
}

function fillBytes(rows: SqlRow[], first: number, column: number, { bytes, lengths }: PackedBytes): void {
  let start = 0;
  for (let i = 0; i < lengths.length; i++) {
    const length = lengths[i] as number;
    if (length === NULL_LENGTH) continue;
    // A copy: a view would keep the bytes of all the other rows, and show them.
    (rows[first + i] as SqlRow)[column] = Buffer.from(bytes.subarray(start, start + length));
    start += length;
  }
}

function fillMixed(rows: SqlRow[], first: number, column: number, values: readonly SqlValue[]): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as SqlValue | Uint8Array;
    (rows[first + i] as SqlRow)[column] =
      value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
  }
}
