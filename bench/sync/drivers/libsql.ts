/**
 * `libsql`: a fork of SQLite behind better-sqlite3's members.
 */
import { createRequire } from "node:module";
import type { Addon } from "../../lib/better-sqlite3.ts";
import type { Driver } from "../../lib/driver.ts";
import { packageVersion } from "../../lib/package-version.ts";
import type { Database } from "../database.ts";
import { tagTrial } from "../trials/names.ts";
import { databaseOf } from "./better-sqlite3.ts";

const require = createRequire(import.meta.url);

export const libsql: Driver<Database> = {
  name: "libsql",
  package: "libsql",
  runsOn: "main thread",
  isOptional: true,
  without: { [tagTrial]: "it has no template tag" },
  async load() {
    const Libsql = require("libsql") as new (path: string) => Addon;
    return { version: () => packageVersion("libsql"), open: (path) => databaseOf(new Libsql(path)) };
  },
};
