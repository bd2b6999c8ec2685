/**
 * `cursor.description`: PEP 249's seven-item tuples, from the columns that SQLite describes.
 * Must not know cursors. Tests: test/unit/values/description.test.ts.
 */
import { columnName } from "./convert.ts";
import type { Column } from "./types.ts";

/** Name and declared type (null where SQLite knows none, as for an expression); the other five are always null. */
export type ColumnDescription = readonly [
  name: string,
  typeCode: string | null,
  displaySize: null,
  internalSize: null,
  precision: null,
  scale: null,
  nullOk: null,
];

/** One item for each column of a result. */
export type Description = readonly ColumnDescription[];

/**
 * Describes the columns of a result. The type code is the declared type as it stands in the schema, to be compared
 * with the type objects of dbapi.ts.
 * @param detectTypes - with PARSE_COLNAMES a `[type]` at the end of a name is not part of it
 * @see https://peps.python.org/pep-0249/#description
 */
export function describe(columns: readonly Column[], detectTypes: number): Description {
  return columns.map(({ name, type }) => [columnName(name, detectTypes), type, null, null, null, null, null]);
}
