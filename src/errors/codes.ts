/**
 * Result codes by name and names by code. Must not know what a code means for the caller (see from-sqlite.ts).
 * Tests: test/unit/errors/codes.test.ts.
 */
import * as codes from "./result-codes.ts";

export * from "./result-codes.ts";

const byName: ReadonlyMap<string, number> = new Map(Object.entries(codes));
const byCode: ReadonlyMap<number, string> = new Map(
  Object.entries(codes).map(([name, code]) => [code, name]),
);

/** What better-sqlite3 calls a code that it has no name for. */
const UNNAMED = /^UNKNOWN_SQLITE_ERROR_(\d+)$/;

/**
 * Finds a result code by its name, such as `"SQLITE_BUSY"` or better-sqlite3's `"UNKNOWN_SQLITE_ERROR_773"`.
 * @returns the code, or undefined for a name that SQLite 3.54 does not know
 */
export function codeOf(name: string): number | undefined {
  const unnamed = UNNAMED.exec(name)?.[1];
  return unnamed === undefined ? byName.get(name) : Number(unnamed);
}

/**
 * Names a result code. An extended code that is not known goes by the name of its primary one.
 * @returns the name, or undefined when the primary code is not known either
 */
export function nameOf(code: number): string | undefined {
  return byCode.get(code) ?? byCode.get(code & 0xff);
}
