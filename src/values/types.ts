/**
 * What a value is, on the three sides of the driver: what a caller passes, what an engine is handed, what comes back.
 * This room knows JavaScript and SQLite's five storage classes. It must not know statements, engines or connections.
 */

/**
 * A value on its way to an engine: bigint is INTEGER, string is TEXT, Uint8Array is BLOB. A number is INTEGER where it is a
 * safe integer, else REAL (and so is -0): whoever binds or writes it sees to that, see `isInteger`.
 */
export type BoundValue = null | bigint | number | string | Uint8Array;

/** A value as read from SQLite, before any converter. INTEGER is a number or a bigint, see {@link IntegerMode}. */
export type SqlValue = null | number | bigint | string | Buffer;

/** A row as the engine delivers it: the values in column order. */
export type SqlRow = SqlValue[];

/** The same as an object, by the names of the columns. */
export type SqlObject = Record<string, SqlValue>;

/** A value that binds without a registered adapter. */
export type SqlInput = null | number | bigint | string | boolean | Date | ArrayBuffer | ArrayBufferView;

/** What `execute` accepts for one placeholder: a {@link SqlInput}, or an instance of a class with an adapter. */
export type Parameter = SqlInput | object;

/** What `execute` accepts for all placeholders: a sequence for `?` and `?N`, a plain object for `:a`, `@a` and `$a`. */
export type Parameters = readonly Parameter[] | ArrayLike<Parameter> | Readonly<Record<string, Parameter>>;

/**
 * How INTEGER is read: `"auto"` is a number when it is safe and a bigint past 2^53; `"bigint"` always a bigint;
 * `"number"` always a number, and a DataError where that would lose a bit.
 */
export type IntegerMode = "auto" | "bigint" | "number";

/** How TEXT is read: `"string"` (invalid UTF-8 is an OperationalError) or `"buffer"` (the bytes as they are stored). */
export type TextMode = "string" | "buffer";

/** How the values of a result are read. */
export interface Reading {
  readonly integers: IntegerMode;
  readonly text: TextMode;
}

/** A column of a result, as SQLite describes it. `null` where it is an expression. */
export interface Column {
  /** The name or alias. */
  readonly name: string;
  /** The declared type of the column it comes from. */
  readonly type: string | null;
}
