/**
 * The synchronous door: PEP 249's module, the way Python's `sqlite3` has it. Names only; what they mean stands where
 * they come from. Tests: test/conformance, test/types.
 * @module
 */
export * from "./module.ts";
export { connect, sqliteVersion, sqliteVersionInfo } from "./sync/connect.ts";
export { Connection } from "./sync/connection.ts";
export { Cursor } from "./sync/cursor.ts";
