/**
 * The part of better-sqlite3 in use here; it comes without types.
 */
import { createRequire } from "node:module";
import type { Row, Value } from "./driver.ts";

export interface Statement {
  readonly reader: boolean;
  raw(): Statement;
  get(...parameters: readonly Value[]): Row | undefined;
  all(...parameters: readonly Value[]): Row[];
  iterate(...parameters: readonly Value[]): IterableIterator<Row>;
  run(...parameters: readonly Value[]): unknown;
}

export interface ObjectStatement {
  all(): Record<string, unknown>[];
}

export interface Addon {
  prepare(sql: string): Statement & ObjectStatement;
  exec(sql: string): unknown;
  close(): unknown;
}

const require = createRequire(import.meta.url);

export function loadBetterSqlite3(): new (path: string) => Addon {
  return require("better-sqlite3") as new (
    path: string,
  ) => Addon;
}
