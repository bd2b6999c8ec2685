/**
 * PEP 249's type objects: which kind a column's declared type is of. SQLite lets any text be a declared type, so they
 * go by its affinity rules, dates set apart. Must not know cursors. Tests: test/unit/values/type-objects.test.ts.
 */

/**
 * Compares equal to the type codes in `cursor.description` that are of its kind.
 * @see https://peps.python.org/pep-0249/#type-objects-and-constructors
 */
export class DBAPITypeObject {
  readonly name: string;
  readonly #matches: (declared: string) => boolean;

  constructor(name: string, matches: (declared: string) => boolean) {
    this.name = name;
    this.#matches = matches;
    Object.freeze(this);
  }

  /** Whether a column of this type code is of this kind; an expression, with null for its type, is of none. */
  equals(typeCode: string | null): boolean {
    return typeCode !== null && this.#matches(typeCode);
  }

  toString(): string {
    return this.name;
  }
}

const isDate = (type: string): boolean => /^\s*(date|datetime|time|timestamp|timestamptz)\b/i.test(type);
const isInteger = (type: string): boolean => /int/i.test(type);
const isText = (type: string): boolean => /char|clob|text/i.test(type);
const isBlob = (type: string): boolean => /blob|binary/i.test(type);
const isNumeric = (type: string): boolean => /real|floa|doub|num|dec|bool/i.test(type);

/** Declared types that hold text: CHAR, CLOB or TEXT in the name, and no INT. */
export const STRING = new DBAPITypeObject(
  "STRING",
  (type) => !isDate(type) && !isInteger(type) && isText(type),
);

/** Declared types that hold bytes: BLOB, BINARY. */
export const BINARY = new DBAPITypeObject(
  "BINARY",
  (type) => !isDate(type) && !isInteger(type) && !isText(type) && isBlob(type),
);

/** Declared types that hold numbers: INT in the name, or REAL, FLOAT, DOUBLE, NUMERIC, DECIMAL, BOOLEAN. */
export const NUMBER = new DBAPITypeObject(
  "NUMBER",
  (type) => !isDate(type) && (isInteger(type) || (!isText(type) && !isBlob(type) && isNumeric(type))),
);

/** DATE, DATETIME, TIME, TIMESTAMP: a word of SQL alone, SQLite has no such storage class. */
export const DATETIME = new DBAPITypeObject("DATETIME", isDate);

/**
 * A column declared `ROWID`. SQLite reports the rowid itself, and an INTEGER PRIMARY KEY, as plain INTEGER: those
 * cannot be told from other integers and are NUMBER.
 */
export const ROWID = new DBAPITypeObject("ROWID", (type) => /^\s*rowid\s*$/i.test(type));
