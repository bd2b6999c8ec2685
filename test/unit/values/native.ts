/** A real better-sqlite3 for unit tests of rooms that know no engine: just enough of its types. */
import { createRequire } from "node:module";

export interface NativeStatement {
  run(...values: readonly unknown[]): unknown;
  get(...values: readonly unknown[]): unknown;
  raw(): NativeStatement;
  safeIntegers(): NativeStatement;
}

export interface NativeDatabase {
  exec(sql: string): void;
  prepare(sql: string): NativeStatement;
  close(): void;
}

const Native: new (path: string) => NativeDatabase = createRequire(import.meta.url)("better-sqlite3");

export function memory(): NativeDatabase {
  return new Native(":memory:");
}

/** What better-sqlite3 throws. */
export interface NativeError {
  readonly message: string;
  readonly code: string;
}

/** Runs a statement that fails, and tells how. */
export function failure(
  database: NativeDatabase,
  sql: string,
): NativeError & { readonly phase: "prepare" | "run" } {
  let phase: "prepare" | "run" = "prepare";
  try {
    const statement = database.prepare(sql);
    phase = "run";
    statement.run();
  } catch (error) {
    const { message, code } = error as NativeError;
    return { message, code, phase };
  }
  throw new TypeError(`expected to fail: ${sql}`);
}
