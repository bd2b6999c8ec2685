/**
 * What a trial may ask of a driver that answers at once. Each driver answers in its own idiom, the fastest one its
 * documentation shows; the functions that take SQL prepare what can be prepared, and what they return is what the clock
 * runs.
 */
import type { Opened, Row, Value } from "../lib/driver.ts";

/** A database with one connection open. */
export interface Database extends Opened {
  script(sql: string): void;
  /** The first row, by the driver's usual path. */
  first(sql: string): (...parameters: Value[]) => Row | null | undefined;
  /** The first row, by the driver's shortest path. */
  firstDirect(sql: string): (...parameters: Value[]) => Row | null | undefined;
  /** The first row of `item` with an id, by a template tag, where the driver has one. */
  byTag?(): (id: Value) => Row | null | undefined;
  /** All rows, by the usual path. */
  all(sql: string): (...parameters: Value[]) => readonly Row[];
  /** All rows, by the shortest path. */
  allDirect(sql: string): (...parameters: Value[]) => readonly Row[];
  /** Rows one after the other. */
  each(sql: string): () => Iterable<Row>;
  /** All rows as objects. */
  objects(sql: string): () => readonly Readonly<Record<string, unknown>>[];
  /** Runs one write. */
  write(sql: string): (...parameters: Value[]) => void;
  /** Runs one write for each set of parameters. */
  writeMany(sql: string): (sets: readonly (readonly Value[])[]) => void;
  /** Opens a transaction, where writing does not do so by itself. */
  begin(): void;
  commit(): void;
  close(): void;
}
