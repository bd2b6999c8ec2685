/**
 * Rows out of packed columns, on the thread that waits for them: as little work for each as can be, without code made at run
 * time. It must not know messages. The other end: pack.ts. Tests: test/unit/engine/thread/pack.test.ts.
 */
import type { SqlRow, SqlValue } from "../../values/types.ts";
import { NULL_LENGTH, type PackedBytes, type PackedColumn, type PackedText } from "./pack.ts";
import { takeWord } from "./words.ts";

/** Takes the value of a row out of a column, which is asked for every row, from the first to the last. */
type Take = (row: number) => SqlValue;

/**
 * Puts the rows of packed columns into their places, from `first` on. A row is made at once with its values in it, and the
 * array that it goes into has its length from the beginning: so V8 comes to make rows where they stay, and has less than
 * half as much to clean up as for blank rows that are filled and pushed (20 ms of this thread's time for 200,000 rows of
 * four instead of 28, where structured clone takes 50).
 * @returns how many they are
 */
export function unpackRows(columns: readonly PackedColumn[], rows: SqlRow[], first: number): number {
  const count = countOf(columns[0]);
  const make = maker(columns.map(taker));
  for (let i = 0; i < count; i++) rows[first + i] = make(i);
  return count;
}

/** The values of packed columns, row after row: what `packValues` has packed. */
export function unpackValues(columns: readonly PackedColumn[], count: number): SqlValue[] {
  const width = columns.length;
  const values = new Array<SqlValue>(width * count);
  for (const [column, packed] of columns.entries()) {
    const take = taker(packed);
    for (let row = 0; row < count; row++) values[row * width + column] = take(row);
  }
  return values;
}

function countOf(column: PackedColumn | undefined): number {
  if (column === undefined) return 0;
  if (ArrayBuffer.isView(column)) return column.length;
  if ("places" in column) return column.places.length;
  return "values" in column ? column.values.length : column.lengths.length;
}

/** Makes a row. The widths that most have are written out: V8 learns of a literal, and of nothing else, how long it lives. */
function maker(takes: readonly Take[]): (row: number) => SqlRow {
  const [a, b, c, d, e, f, g, h] = takes as [Take, Take, Take, Take, Take, Take, Take, Take];
  switch (takes.length) {
    case 1:
      return (row) => [a(row)];
    case 2:
      return (row) => [a(row), b(row)];
    case 3:
      return (row) => [a(row), b(row), c(row)];
    case 4:
      return (row) => [a(row), b(row), c(row), d(row)];
    case 5:
      return (row) => [a(row), b(row), c(row), d(row), e(row)];
    case 6:
      return (row) => [a(row), b(row), c(row), d(row), e(row), f(row)];
    case 7:
      return (row) => [a(row), b(row), c(row), d(row), e(row), f(row), g(row)];
    case 8:
      return (row) => [a(row), b(row), c(row), d(row), e(row), f(row), g(row), h(row)];
    default:
      return wideMaker(takes);
  }
}

function wideMaker(takes: readonly Take[]): (row: number) => SqlRow {
  const blank: SqlRow = [];
  for (let i = takes.length; i > 0; i--) blank.push(null);
  return (row) => {
    const values = blank.slice();
    for (let i = 0; i < takes.length; i++) values[i] = (takes[i] as Take)(row);
    return values;
  };
}

function taker(column: PackedColumn): Take {
  if (column instanceof Int32Array) return (row) => column[row] as number;
  if (column instanceof BigInt64Array) return (row) => column[row] as bigint;
  if (column instanceof Float64Array) return takeNumber(column);
  if ("blocks" in column) return takeText(column);
  if ("places" in column) return takeWord(column);
  return "bytes" in column ? takeBytes(column) : takeAny(column.values);
}

function takeNumber(numbers: Float64Array): Take {
  return (row) => {
    const value = numbers[row] as number;
    return Number.isNaN(value) ? null : value;
  };
}

function takeText({ blocks, lengths }: PackedText): Take {
  let block = "";
  let next = 0;
  let end = 0;
  return (row) => {
    const length = lengths[row] as number;
    if (length === NULL_LENGTH) return null;
    if (end + length > block.length) {
      block = blocks[next++] as string;
      end = 0;
    }
    const start = end;
    end += length;
    return block.substring(start, end);
  };
}

function takeBytes({ bytes, lengths }: PackedBytes): Take {
  let end = 0;
  return (row) => {
    const length = lengths[row] as number;
    if (length === NULL_LENGTH) return null;
    const start = end;
    end += length;
    // A copy: a view would keep the bytes of all the other rows, and show them.
    return Buffer.from(bytes.subarray(start, end));
  };
}

function takeAny(values: readonly (SqlValue | Uint8Array)[]): Take {
  return (row) => {
    const value = values[row] as SqlValue | Uint8Array;
    if (!(value instanceof Uint8Array)) return value;
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  };
}
