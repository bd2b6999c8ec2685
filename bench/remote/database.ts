/**
 * What a trial may ask of a driver of servers. Each driver answers in its own idiom, the fastest one its documentation shows;
 * what the functions resolve to is what the clock runs.
 */
import type { Opened, Row, Value } from "../lib/driver.ts";

/** Finds the first row. Some rows are objects with indexes and a length. */
export type First = (...parameters: Value[]) => Promise<Row | null | undefined>;

/** Runs one write for each set of parameters, in one transaction up to its commit. */
export type Write = (sets: readonly (readonly Value[])[]) => Promise<void>;

/** A database on a server. */
export interface RemoteDatabase extends Opened {
  script(sql: string): Promise<void>;
  first(sql: string): Promise<First>;
  /** Finds first rows at one time, as many as there are keys, with at most `concurrency` connections. */
  firsts(sql: string): Promise<(keys: readonly Value[]) => Promise<readonly (Row | null | undefined)[]>>;
  /** All rows. */
  all(sql: string): Promise<() => Promise<readonly Row[]>>;
  /** Rows one after the other, as far as the loop goes. */
  each(sql: string): Promise<() => AsyncIterable<Row>>;
  /** A statement at a time, as a program does that looks at what came before it goes on. */
  write(sql: string): Promise<Write>;
  /** All at once. */
  writeMany(sql: string): Promise<Write>;
  close(): Promise<void>;
}

/** How many connections a driver may have for calls at one time: what `@libsql/client` has. */
export const concurrency = 20;
