/**
 * The drivers with promises side by side, and the trials in the order of the table.
 */
import { type Suite, suiteOf } from "../lib/suite.ts";
import { bareWorker } from "./drivers/bare-worker.ts";
import { libsql } from "./drivers/libsql.ts";
import { libsqlClient } from "./drivers/libsql-client.ts";
import { sqliteDbapi } from "./drivers/sqlite-dbapi.ts";
import { sqlite3 } from "./drivers/sqlite3.ts";
import { turso } from "./drivers/turso.ts";
import { connection } from "./trials/connect.ts";
import { parallels } from "./trials/cores.ts";
import { lookups } from "./trials/lookup.ts";
import { reads } from "./trials/read.ts";
import { stalls } from "./trials/stall.ts";
import { insertions } from "./trials/write.ts";

export const aio: Suite = suiteOf({
  name: "promised",
  about: "Calls that promise. What runs on the main thread has no round trip, and stops the event loop.",
  drivers: [bareWorker, sqliteDbapi, libsql, libsqlClient, turso, sqlite3],
  trials: [...lookups, ...reads, ...insertions, stalls, ...parallels, connection],
});
