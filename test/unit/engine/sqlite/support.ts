// What the tests of engine/sqlite share: native databases, temporary files, and what a call throws. Not a test file.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { ExecuteRequest } from "../../../../src/engine/port.ts";
import type { NativeDatabase } from "../../../../src/engine/sqlite/driver.ts";
import { type OpenOptions, openNative } from "../../../../src/engine/sqlite/open.ts";
import type { Reading } from "../../../../src/values/types.ts";

export const MEMORY: OpenOptions = {
  path: ":memory:",
  readonly: false,
  fileMustExist: false,
  timeout: 1000,
  cachedStatements: 16,
};

export const PLAIN: Reading = { integers: "auto", text: "string" };

/** Three thousand rows, more than any first page. */
export const LONG =
  "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 3000) SELECT x FROM r";

/** A database in memory after a script, closed when the test is over. */
export function memory(script = ""): NativeDatabase {
  const db = openNative(MEMORY);
  onTestFinished(() => db.close());
  db.exec(script);
  return db;
}

/** A directory of the test's own, removed when it is over. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "sqlite-dbapi-engine-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A request for one statement, as core makes it outside of any transaction mode. */
export function request(sql: string, more: Partial<ExecuteRequest> = {}): ExecuteRequest {
  return {
    sql,
    values: [],
    rows: "page",
    discard: 0,
    begin: null,
    guard: false,
    reading: PLAIN,
    reads: false,
    ...more,
  };
}

/** What a call throws. */
export function thrown(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("expected the call to throw");
}
