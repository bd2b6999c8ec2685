/**
 * A row of the libSQL client: `row.length` and `row[0]` beside the names of the columns, of which only the names are
 * enumerable. It must not know results. Tests: test/client/result-set.test.ts, peer.test.ts.
 */
import type { SqlValue } from "../aio.ts";
import type { IntMode, Row, Value } from "./types.ts";

/** A row without its names. */
type RowClass = new (values: readonly Value[]) => object;

/** A property for the name of a column, and the column that its value comes from. */
interface Name {
  readonly name: string;
  readonly column: number;
  /** The prototype has something by that name already. */
  readonly isOdd: boolean;
}

/**
 * Row classes by the number of columns. That indexes live on the prototype makes a row of four columns in a tenth of the
 * time (0.2 us instead of 2) that own properties take, which V8 keeps in a dictionary when they are not enumerable.
 */
const classes: RowClass[] = [];

function classFor(width: number): RowClass {
  classes[width] ??= makeClass(width);
  return classes[width];
}

function makeClass(width: number): RowClass {
  class Values {
    readonly #values: readonly Value[];

    constructor(values: readonly Value[]) {
      this.#values = values;
    }

    static at(row: Values, i: number): Value | undefined {
      return row.#values[i];
    }
  }
  const { prototype, at } = Values;
  for (let i = 0; i < width; i++) {
    Object.defineProperty(prototype, i, {
      get(this: Values) {
        return at(this, i);
      },
    });
  }
  Object.defineProperty(prototype, "length", { value: width });
  // To whoever prints or compares it, a row is a plain object.
  Object.defineProperty(prototype, "constructor", { value: Object });
  return Values;
}

/**
 * Which names become properties: the first of those that repeat, and none that means an index or the length. A number that
 * is the index of a later column is a name of that one, as with the libSQL client: `SELECT 1, 2`.
 */
function namesOf(columns: readonly string[]): Name[] {
  const seen = new Set(["length"]);
  const names: Name[] = [];
  for (const [i, name] of columns.entries()) {
    const index = /^(?:0|[1-9]\d*)$/.test(name) && Number(name) < columns.length ? Number(name) : null;
    if (seen.has(name) || (index !== null && index <= i)) continue;
    seen.add(name);
    names.push({ name, column: index ?? i, isOdd: index !== null || name in Object.prototype });
  }
  return names;
}

/**
 * Makes what turns the values of the driver into rows.
 * @throws {RangeError} from what is made, for an integer that a number cannot hold, when numbers are wanted
 */
export function rowMaker(columns: readonly string[], intMode: IntMode): (values: SqlValue[]) => Row {
  const Values = classFor(columns.length);
  const names = namesOf(columns);
  const isPlain = !names.some(({ isOdd }) => isOdd);
  const read = readers[intMode];
  return (values) => {
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (typeof value === "bigint") values[i] = read(value);
      else if (value instanceof Uint8Array) values[i] = toArrayBuffer(value) as unknown as SqlValue;
    }
    const row = new Values(values as unknown as readonly Value[]) as Record<string, unknown>;
    if (isPlain) for (const { name, column } of names) row[name] = values[column];
    else for (const name of names) define(row, name, values[name.column]);
    return row as unknown as Row;
  };
}

function define(row: object, { name }: Name, value: unknown): void {
  Object.defineProperty(row, name, { value, enumerable: true, configurable: true, writable: true });
}

const readers: { readonly [M in IntMode]: (value: bigint) => bigint | string } = {
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
function toArrayBuffer({ buffer, byteOffset, byteLength }: Uint8Array): ArrayBufferLike {
  if (byteOffset === 0 && byteLength === buffer.byteLength) return buffer;
  return buffer.slice(byteOffset, byteOffset + byteLength);
}
