/**
 * The synchronous drivers side by side, and the trials in the order of the table.
 */

import { type Suite, suiteOf } from "../lib/suite.ts";
import { cFloor } from "../programs/c-floor.ts";
import { pythonSqlite3 } from "../programs/python-sqlite3.ts";
import { betterSqlite3 } from "./drivers/better-sqlite3.ts";
import { libsql } from "./drivers/libsql.ts";
import { nodeSqlite } from "./drivers/node-sqlite.ts";
import { sqliteDbapi } from "./drivers/sqlite-dbapi.ts";
import { lookups } from "./trials/lookup.ts";
import { reads } from "./trials/read.ts";
import { writes } from "./trials/write.ts";

export const sync: Suite = suiteOf({
  name: "synchronous",
  about: "Calls that answer at once.",
  drivers: [betterSqlite3, sqliteDbapi, nodeSqlite, libsql],
  programs: [pythonSqlite3, cFloor],
  trials: [...lookups, ...reads, ...writes],
});
