/**
 * Storage to JavaScript: converters by declared type or by column name, as in Python. One registry for the module.
 * Must not know cursors or how rows are read. Tests: test/unit/values/convert.test.ts.
 */
import { Error as DbError, InterfaceError, OperationalError } from "../errors/tree.ts";
import { parseDate } from "./dates.ts";
import type { Column, SqlRow, SqlValue } from "./types.ts";

/** For `detectTypes`: look converters up by the declared type of the column. */
export const PARSE_DECLTYPES = 1;
/** For `detectTypes`: look converters up by `[type]` in the name of the column: `SELECT d AS "d [date]"`. */
export const PARSE_COLNAMES = 2;

/** Makes of a stored value what the caller gets. It is never called for NULL. */
export type Converter = (value: Exclude<SqlValue, null>) => unknown;

const registry = new Map<string, Converter>([
  ["DATE", parseDate],
  ["TIMESTAMP", parseDate],
]);

/**
 * Registers what becomes of the values of a declared type, for connections with `detectTypes`.
 * `date` and `timestamp` are there from the start and give a Date.
 * @param name - the type, in any case
 * @param fn - gets the stored value (not bytes, as in Python); null takes the converter away
 * @throws {InterfaceError} when `name` is no name or `fn` neither a function nor null
 * @see https://docs.python.org/3/library/sqlite3.html#sqlite3.register_converter
 */
export function registerConverter(name: string, fn: Converter | null): void {
  if (typeof name !== "string") throw new InterfaceError(`expected a type name, got ${typeof name}`);
  // Neither rule for finding a name could ever find these.
  if (!/^[^[\]]+$/.test(name)) throw new InterfaceError("expected a type name without brackets, got another");
  if (fn === null) registry.delete(name.toUpperCase());
  else if (typeof fn === "function") registry.set(name.toUpperCase(), fn);
  else throw new InterfaceError(`expected a function or null as the converter, got ${typeof fn}`);
}

/**
 * Finds the converters of a result. A name in brackets wins over a declared type; of a declared type only what
 * stands before the first space or parenthesis counts.
 * @returns one entry for each column, or null when no column has a converter
 */
export function convertersFor(
  columns: readonly Column[],
  detectTypes: number,
): readonly (Converter | null)[] | null {
  if (detectTypes === 0 || registry.size === 0) return null;
  const converters = columns.map((column) => converterOf(column, detectTypes));
  return converters.some((converter) => converter !== null) ? converters : null;
}

function converterOf({ name, type }: Column, detectTypes: number): Converter | null {
  let converter: Converter | undefined;
  if ((detectTypes & PARSE_COLNAMES) !== 0) {
    // From the last "[" before the first "]" that follows one.
    const bracketed = /\[([^[\]]*)\]/.exec(name)?.[1];
    if (bracketed !== undefined) converter = registry.get(bracketed.toUpperCase());
  }
  if (converter === undefined && (detectTypes & PARSE_DECLTYPES) !== 0 && type !== null) {
    converter = registry.get(type.replace(/[ (].*$/s, "").toUpperCase());
  }
  return converter ?? null;
}

/** The name of a column as the caller sees it: with PARSE_COLNAMES it ends before ` [`. */
export function columnName(name: string, detectTypes: number): string {
  if ((detectTypes & PARSE_COLNAMES) === 0) return name;
  return name.replace(/ ?\[.*$/s, "");
}

/**
 * Converts the values of a row, in place: the row is the cursor's own.
 * @throws {OperationalError} when a converter throws, with that as `cause`; an error of the tree comes through as it is
 */
export function applyConverters(row: SqlRow, converters: readonly (Converter | null)[]): unknown[] {
  const values: unknown[] = row;
  for (let i = 0; i < row.length; i++) {
    const converter = converters[i];
    const value = row[i];
    if (converter === null || converter === undefined || value === null || value === undefined) continue;
    try {
      values[i] = converter(value);
    } catch (cause) {
      if (cause instanceof DbError) throw cause;
      throw new OperationalError("user-defined converter raised exception", { cause });
    }
  }
  return values;
}
