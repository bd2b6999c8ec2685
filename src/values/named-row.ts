/**
 * `Row`, as Python's sqlite3 has it: a row by position and by name, that cannot be changed.
 * Must not know cursors or statements. Tests: test/unit/values/named-row.test.ts.
 */
import { InterfaceError } from "../errors/tree.ts";
import { builtIn, type RowBuilder, type RowCursor } from "./row-factory.ts";
import type { SqlValue } from "./types.ts";

/**
 * A row by position and by name. It cannot be changed.
 * Names are found in any case (ASCII letters only, as in SQLite), and the first of several equal ones wins.
 * @see https://docs.python.org/3/library/sqlite3.html#row-objects
 */
export interface Row<V = SqlValue> extends Iterable<V> {
  readonly [index: number]: V;
  readonly length: number;
  /** The value at a position; a negative one counts from the end. */
  at(index: number): V | undefined;
  /** A part of the values as an array. */
  slice(start?: number, end?: number): V[];
  /**
   * The value of a column.
   * @throws {InterfaceError} when no column has this name
   */
  get(name: string): V;
  /** The names of the columns. */
  keys(): string[];
  /** The row as a plain object; of several columns of one name the first. */
  toObject(): Record<string, V>;
  /** The same as {@link Row.toObject}: this is what JSON.stringify writes. */
  toJSON(): Record<string, V>;
  /** Whether the other is a Row with the same names and values; bytes and dates are compared by content. */
  equals(other: unknown): boolean;
}

/** `Row` as a value: the row factory, which is a class too as in Python, so that `instanceof Row` holds. */
export interface RowConstructor {
  (cursor: RowCursor, values: unknown[]): Row;
  new (cursor: RowCursor, values: unknown[]): Row;
  readonly prototype: Row;
}

/** What all rows of a statement have in common. */
interface Shape {
  readonly names: readonly string[];
  /** Where a name is, first as it is written, then in lower case. */
  readonly positions: ReadonlyMap<string, number>;
}

/** What is used of Array, which would otherwise bring a `keys()` of another kind. */
interface Cells extends Iterable<unknown> {
  [index: number]: unknown;
  readonly length: number;
}

const Cells: new (length: number) => Cells = Array;

class NamedRow extends Cells {
  readonly #shape: Shape;

  /** What slice() and map() give is a plain array. */
  static get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  constructor(shape: Shape, values: readonly unknown[]) {
    super(values.length);
    this.#shape = shape;
    for (let i = 0; i < values.length; i++) this[i] = values[i];
    Object.freeze(this);
  }

  get(name: string): unknown {
    const { positions } = this.#shape;
    const position = positions.get(name) ?? positions.get(fold(String(name)));
    if (position === undefined) throw new InterfaceError("No item with that key");
    return this[position];
  }

  keys(): string[] {
    return [...this.#shape.names];
  }

  toObject(): Record<string, unknown> {
    const { names } = this.#shape;
    // From the last to the first, whose value stays; `__proto__` too is a property of its own.
    const values = new Map(names.map((name) => [name, undefined as unknown]));
    for (let i = names.length - 1; i >= 0; i--) values.set(names[i] as string, this[i]);
    return Object.fromEntries(values);
  }

  toJSON(): Record<string, unknown> {
    return this.toObject();
  }

  equals(other: unknown): boolean {
    if (!(other instanceof NamedRow) || other.length !== this.length) return false;
    const [own, others] = [this.#shape.names, other.#shape.names];
    if (own.length !== others.length || own.some((name, i) => name !== others[i])) return false;
    for (let i = 0; i < this.length; i++) if (!isSame(this[i], other[i])) return false;
    return true;
  }

  /** `Row { id: 1 }` in console.log. */
  [Symbol.for("nodejs.util.inspect.custom")](
    _depth: number,
    options: object,
    inspect: (value: unknown, options: object) => string,
  ): string {
    return `Row ${inspect({ ...this.toObject() }, options)}`;
  }
}

function compile(names: readonly string[]): RowBuilder<Row> {
  const positions = new Map<string, number>();
  for (const [i, name] of names.entries()) {
    const folded = fold(name);
    const position = positions.get(folded) ?? i;
    positions.set(folded, position).set(name, position);
  }
  const shape: Shape = { names, positions };
  return (values) => new NamedRow(shape, values) as object as Row;
}

/** Only ASCII letters have a case here, as in SQLite's own names. */
function fold(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b || Object.is(a, b)) return true;
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
  }
  return a instanceof Date && b instanceof Date && Object.is(a.getTime(), b.getTime());
}

/**
 * The row factory that makes a {@link Row}: `conn.rowFactory = Row`. As in Python it can also be called by hand,
 * `Row(cursor, values)`, from a factory of one's own.
 * @see https://docs.python.org/3/library/sqlite3.html#sqlite3.Row
 */
export const Row = builtIn(compile) as RowConstructor;

Object.defineProperty(Row, "name", { value: "Row" });
Object.defineProperty(Row, "prototype", { value: NamedRow.prototype });
Object.defineProperty(NamedRow.prototype, "constructor", { value: Row });
