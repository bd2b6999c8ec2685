/**
 * What a trial may ask of a driver that promises. Each driver answers in its own idiom, the fastest one its documentation
 * shows; the functions that take SQL prepare what can be prepared, and what they resolve to is what the clock runs.
 */
import type { Opened, Row, Value } from "../lib/driver.ts";

/** Finds the first row. */
export type First = (...parameters: Value[]) => Promise<Row | null | undefined>;

/** A database with one connection open. */
export interface AioDatabase extends Opened {
  script(sql: string): Promise<void>;
  /** The first row, by the driver's usual path. */
  first(sql: string): Promise<First>;
  /** The first row, by the driver's shortest path. */
  firstDirect(sql: string): Promise<First>;
  /** All rows. */
  all(sql: string): Promise<() => Promise<readonly Row[]>>;
  /** Rows one after the other, as far as the loop goes. */
  each(sql: string): Promise<() => AsyncIterable<Row>>;
  /**
   * Runs one write for each set of parameters, in one transaction up to its commit: by the driver's call for that, or one
   * call a set, awaited only where the driver cannot do with more of them at a time.
   */
  writeMany(sql: string): Promise<(sets: readonly (readonly Value[])[]) => Promise<void>>;
  close(): Promise<void>;
}
