/**
 * The built-in row factories: objects, single values, instances of a class. The Row class is in named-row.ts.
 * Must not know cursors or statements. Tests: test/unit/values/rows.test.ts.
 */
import { InterfaceError, ProgrammingError } from "../errors/tree.ts";
import { builtIn, type RowBuilder, type RowCursor, type RowFactory } from "./row-factory.ts";
import type { SqlValue } from "./types.ts";

export { Row, type RowConstructor } from "./named-row.ts";
export { compileRow, type RowCursor, type RowFactory } from "./row-factory.ts";

/** A class whose constructor takes a row as an object. */
export type RowClass<T> = new (row: never) => T;

/**
 * Rows as plain objects: `{ id: 1, name: "Ada" }`. A column called `__proto__` or `constructor` is a property of its own like any other.
 * The type of the row can be given: `conn.cursor(objectRow<City>)`.
 * @throws {ProgrammingError} at the first row, when two columns have the same name: give one an alias
 */
export const objectRow: <T = Record<string, SqlValue>>(cursor: RowCursor, values: unknown[]) => T = builtIn(
  compileObject,
) as <T>(cursor: RowCursor, values: unknown[]) => T;

/**
 * The first column alone: `conn.cursor(scalarRow<number>).execute("SELECT count(*) FROM t").fetchone()`.
 * @throws {ProgrammingError} when there is no column
 */
export const scalarRow: <T = SqlValue>(cursor: RowCursor, values: unknown[]) => T = builtIn(
  compileScalar,
) as <T>(cursor: RowCursor, values: unknown[]) => T;

/**
 * Rows as instances of a class: each is `new Class(row)`, with the row as {@link objectRow} makes it. The constructor
 * runs, so that it can check and convert; what it throws is not wrapped.
 * @throws {InterfaceError} when it is not given a class
 * @throws {ProgrammingError} at the first row, when two columns have the same name: give one an alias
 */
export function classRow<T>(Class: RowClass<T>): RowFactory<T> {
  if (typeof Class !== "function" || Class.prototype === undefined) {
    throw new InterfaceError(`expected a class to make rows of, got ${typeof Class}`);
  }
  return builtIn((names) => {
    const toObject = compileObject(names);
    return (values) => new Class(toObject(values) as never);
  });
}

/** Columns up to which `{}` keeps a hidden class while it is filled by computed names: past them V8 makes a hash table of it. */
const FILLED = 17;
/** Columns up to which V8 copies a template with its hidden class: from 128 on, a copy takes ten times as long. */
const COPIED = 100;

/**
 * Makes the builder for columns of these names. Without code made for each statement, which a program may forbid, these are the
 * fastest ways to objects that share a hidden class (and so read four times as fast as hash tables), whether a program has
 * one statement or many: 0.05 us for 4 columns, 0.15 for 12, 0.2 to 0.5 for 20 instead of 0.75.
 */
function compileObject(names: readonly string[]): RowBuilder<Record<string, unknown>> {
  const repeated = repeatedName(names);
  if (repeated !== undefined) {
    return () => {
      throw new ProgrammingError(
        `expected columns of different names, got two named "${repeated}": alias one`,
      );
    };
  }
  if (names.some(isInherited))
    return (values) => Object.fromEntries(names.map((name, i) => [name, values[i]]));
  if (names.length <= FILLED || names.length > COPIED) return (values) => fill({}, names, values);
  // Parsed, since an object filled by computed names would be a hash table, and so would each copy of it.
  const template = JSON.parse(`{${names.map((name) => `${JSON.stringify(name)}:null`).join()}}`) as object;
  return (values) => fill({ ...template }, names, values);
}

function fill(
  row: Record<string, unknown>,
  names: readonly string[],
  values: readonly unknown[],
): Record<string, unknown> {
  for (let i = 0; i < names.length; i++) row[names[i] as string] = values[i];
  return row;
}

/** Whether a literal with these names makes what {@link objectRow} does: each once, and none that sets the prototype. */
export function areOwnNames(names: readonly string[]): boolean {
  return repeatedName(names) === undefined && !names.includes("__proto__");
}

/** Assigning to a name that objects inherit may call a setter (`__proto__`) or be refused (where Object.prototype is frozen). */
function isInherited(name: string): boolean {
  return name in Object.prototype;
}

function repeatedName(names: readonly string[]): string | undefined {
  if (new Set(names).size === names.length) return undefined;
  return names.find((name, i) => names.indexOf(name) !== i);
}

function compileScalar(names: readonly string[]): RowBuilder<unknown> {
  if (names.length > 0) return (values) => values[0];
  return () => {
    throw new ProgrammingError("expected a first column, got a result without columns");
  };
}
