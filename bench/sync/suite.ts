/**
 * The synchronous drivers side by side, and the trials in the order of the table.
 */
import { startup } from "../lib/process-trials.ts";
import { type Suite, suiteOf } from "../lib/suite.ts";
import { betterSqlite3 } from "./drivers/better-sqlite3.ts";
import { nodeSqlite } from "./drivers/node-sqlite.ts";
import { sqliteDbapi } from "./drivers/sqlite-dbapi.ts";
import { lookups } from "./trials/lookup.ts";
import { reads } from "./trials/read.ts";
import { writes } from "./trials/write.ts";

export const sync: Suite = suiteOf({
  name: "synchronous",
  about: "Calls that answer at once.",
  drivers: [betterSqlite3, sqliteDbapi, nodeSqlite],
  trials: [...lookups, ...reads, ...writes, startup],
});
