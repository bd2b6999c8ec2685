/**
 * How the rows of a result are made of their values, by the row factory and the converters of the connection.
 * It must not know which rows. Tests: test/conformance/rows.test.ts, test/conformance/adapters.test.ts.
 */
import { applyConverters, columnName, convertersFor } from "../values/convert.ts";
import { compileRow, type RowBuilder, type RowCursor, type RowFactory } from "../values/row-factory.ts";
import { areOwnNames, objectRow } from "../values/rows.ts";
import type { Column, SqlRow } from "../values/types.ts";
import type { Session } from "./session.ts";

/** What makes a row; null where the values are the row. @param owner what the factory is called with */
export function rowBuilder<T>(
  { settings: { detectTypes } }: Session,
  factory: RowFactory<T> | null,
  owner: RowCursor,
  columns: readonly Column[],
): RowBuilder<T> | null {
  const converters = convertersFor(columns, detectTypes);
  const names = columns.map(({ name }) => columnName(name, detectTypes));
  const make = factory === null ? null : compileRow(factory, owner, names);
  if (converters === null) return make;
  // A copy, since a row that fails is converted again.
  const convert = (values: unknown[]) => applyConverters([...values] as SqlRow, converters);
  return make === null ? (values) => convert(values) as T : (values) => make(convert(values));
}

/** Whether rows of this factory may be objects that the engine makes. @param columns are asked for where all else allows it */
export function wantsObjects(
  { hasObjects, settings }: Session,
  factory: RowFactory<unknown> | null,
  columns: () => readonly Column[],
): boolean {
  if (factory !== objectRow || !hasObjects || settings.detectTypes !== 0) return false;
  return areOwnNames(columns().map(({ name }) => name));
}
