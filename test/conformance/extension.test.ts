/**
 * Loading extensions: refused until it is allowed, errors for what is none, and a real one where a C compiler is at hand.
 */
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { InterfaceError, OperationalError, ProgrammingError } from "../../src/index.ts";
import { conformanceWith, raised } from "./quadrants.ts";

const SOURCE = `
#include "sqlite3ext.h"
SQLITE_EXTENSION_INIT1
static void answer(sqlite3_context *context, int n, sqlite3_value **values) {
  sqlite3_result_int(context, 42);
}
int sqlite3_answer_init(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
  SQLITE_EXTENSION_INIT2(api);
  return sqlite3_create_function(db, "answer", 0, SQLITE_UTF8, 0, answer, 0, 0);
}
int other_entry(sqlite3 *db, char **error, const sqlite3_api_routines *api) {
  SQLITE_EXTENSION_INIT2(api);
  return sqlite3_create_function(db, "other", 0, SQLITE_UTF8, 0, answer, 0, 0);
}`;

const headers = join(
  dirname(createRequire(import.meta.url).resolve("better-sqlite3/package.json")),
  "deps/sqlite3",
);

function whyNot(): string | null {
  if (process.platform === "win32") return "the compiler's options differ";
  if (!existsSync(join(headers, "sqlite3ext.h"))) return "no sqlite3ext.h here";
  try {
    execFileSync("cc", ["--version"], { stdio: "ignore" });
    return null;
  } catch {
    return "no C compiler here";
  }
}

const missing = whyNot();
const title = missing === null ? "" : ` (skipped: ${missing})`;

conformanceWith("wholeDatabase", "loadExtension", (db) => {
  /** Compiles the extension; gives its path without the suffix, which SQLite adds. */
  function compiled(): string {
    const suffix = process.platform === "darwin" ? "dylib" : "so";
    writeFileSync(db.file("answer.c"), SOURCE);
    const output = db.file(`answer.${suffix}`);
    execFileSync("cc", ["-shared", "-fPIC", `-I${headers}`, "-o", output, db.file("answer.c")]);
    return db.file("answer");
  }

  it("is not authorized before it is enabled, nor after it is disabled again", async () => {
    const conn = await db.connect();
    for (const enable of [null, true, false] as const) {
      if (enable !== null) await conn.enableLoadExtension(enable);
      const { message } = await raised(OperationalError, () => conn.loadExtension(db.file("nothing")));
      if (enable) expect(message).not.toContain("not authorized");
      else expect(message).toContain("not authorized");
    }
  });

  it("enabling it does not enable load_extension() in SQL", async () => {
    const conn = await db.connect();
    await conn.enableLoadExtension(true);
    const error = await raised(OperationalError, () => conn.fetchone("SELECT load_extension('x')"));
    expect(error.message).toBe("not authorized");
  });

  it("of a missing file, and of one that is none, is an OperationalError", async () => {
    const conn = await db.connect();
    await conn.enableLoadExtension(true);
    await raised(OperationalError, () => conn.loadExtension(db.file("missing.so")));
    writeFileSync(db.file("text.so"), "not a library");
    await raised(OperationalError, () => conn.loadExtension(db.file("text.so")));
    expect(await conn.fetchone("SELECT 1")).toEqual([1]);
  });

  it("checks its arguments", async () => {
    const conn = await db.connect();
    for (const enabled of [1, "yes", undefined]) {
      await raised(InterfaceError, () => conn.enableLoadExtension(enabled as never));
    }
    await conn.enableLoadExtension(true);
    for (const path of ["", 5, null]) await raised(InterfaceError, () => conn.loadExtension(path as never));
    await raised(ProgrammingError, () => conn.loadExtension("a\0b"));
    await raised(InterfaceError, () => conn.loadExtension("a", { entryPoint: 5 as never }));
  });

  it.skipIf(missing !== null || !db.can.wholeDatabase)(`loads a real one${title}`, async () => {
    const path = compiled();
    const conn = await db.connect();
    await raised(ProgrammingError, () => conn.fetchone("SELECT answer()"));
    await conn.enableLoadExtension(true);
    await conn.loadExtension(path);
    expect(await conn.fetchone("SELECT answer()")).toEqual([42]);
    await raised(ProgrammingError, () => conn.fetchone("SELECT other()"));
    await conn.loadExtension(path, { entryPoint: "other_entry" });
    expect(await conn.fetchone("SELECT other()")).toEqual([42]);
    await raised(OperationalError, () => conn.loadExtension(path, { entryPoint: "no_entry" }));
  });

  it.skipIf(missing !== null || !db.can.wholeDatabase)(
    `loads one while a cursor is half read${title}`,
    async () => {
      const path = compiled();
      const conn = await db.connect();
      const sql =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) SELECT i FROM n";
      const cursor = await conn.execute(sql);
      await cursor.fetchone();
      await conn.enableLoadExtension(true);
      await conn.loadExtension(path);
      expect(await conn.fetchone("SELECT answer()")).toEqual([42]);
      expect(await cursor.fetchall()).toHaveLength(999);
    },
  );
});
