/**
 * A row of the libSQL client: a plain object with the names of the columns, and beside them, not enumerable, `row.length` and
 * `row[0]`. It must not know results. Tests: test/client/result-set.test.ts, peer.test.ts.
 */
import type { SqlValue } from "../aio.ts";
import type { IntMode, Row, Value } from "./types.ts";

/** A property for the name of a column, and the column that its value comes from. */
interface Name {
  readonly name: string;
  readonly column: number;
}

const INDEX = /^(?:0|[1-9]\d*)$/;

/**
 * Which names become properties: the first of those that repeat, and none that means an index or the length. A number that
 * is the index of a later column is a name of that one, as with the libSQL client: `SELECT 1, 2`.
 */
function namesOf(columns: readonly string[]): Name[] {
  const seen = new Set(["length"]);
  const names: Name[] = [];
  for (const [i, name] of columns.entries()) {
    const index = INDEX.test(name) && Number(name) < columns.length ? Number(name) : null;
    if (seen.has(name) || (index !== null && index <= i)) continue;
    seen.add(name);
    names.push({ name, column: index ?? i });
  }
  return names;
}

/**
 * Makes what turns the values of the driver into rows.
 * @throws {RangeError} from what is made, for an integer that a number cannot hold, when numbers are wanted
 */
export function rowMaker(columns: readonly string[], intMode: IntMode): (values: readonly SqlValue[]) => Row {
  const names = namesOf(columns);
  const read = readers[intMode];
  // One descriptor for all: a property takes 0.3 us as it is, since V8 keeps indexes that are not enumerable in a dictionary.
  const hidden: { value: unknown } = { value: undefined };
  return (values) => {
    const row: Record<string | number, unknown> = {};
    const cells = values.map((value) => readValue(value, read));
    for (const { name, column } of names) {
      if (name === "__proto__") define(row, name, cells[column]);
      else row[name] = cells[column];
    }
    hidden.value = cells.length;
    Object.defineProperty(row, "length", hidden);
    for (let i = 0; i < cells.length; i++) {
      hidden.value = cells[i];
      Object.defineProperty(row, i, hidden);
    }
    return row as unknown as Row;
  };
}

function define(row: object, name: string, value: unknown): void {
  Object.defineProperty(row, name, { value, enumerable: true, configurable: true, writable: true });
}

type ReadInteger = (value: bigint) => bigint | string;

function readValue(value: SqlValue, read: ReadInteger): Value {
  if (typeof value === "bigint") return read(value);
  return value instanceof Uint8Array ? toArrayBuffer(value) : value;
}

const readers: { readonly [M in IntMode]: ReadInteger } = {
  // The driver gives a bigint only where a number would not be exact.
  number: () => {
    throw new RangeError(
      "an integer of the result cannot be represented exactly as a number: use another intMode",
    );
  },
  bigint: (value) => value,
  string: String,
};

/** The bytes alone, in a buffer of their own. */
function toArrayBuffer({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBuffer {
  const isWhole = byteOffset === 0 && byteLength === buffer.byteLength;
  return (isWhole ? buffer : buffer.slice(byteOffset, byteOffset + byteLength)) as ArrayBuffer;
}
