/**
 * Which SQLite is built into better-sqlite3. Tests: test/conformance/dbapi20.test.ts.
 */
import { NotSupportedError } from "../../errors/tree.ts";
import { loadDriver } from "./driver.ts";

/** @returns the version, or `""` where better-sqlite3 does not load: importing the driver must not fail, connecting does */
export function readSqliteVersion(): string {
  try {
    const db = new (loadDriver())(":memory:", {});
    const row = db.prepare("SELECT sqlite_version()").raw().get();
    db.close();
    return String(row?.[0]);
  } catch (error) {
    if (error instanceof NotSupportedError) return "";
    throw error;
  }
}
