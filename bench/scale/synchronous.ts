/**
 * The synchronous face as the work grows.
 */
import { suiteOf } from "../lib/suite.ts";
import { betterSqlite3 } from "../sync/drivers/better-sqlite3.ts";
import { sqliteDbapi } from "../sync/drivers/sqlite-dbapi.ts";
import { direct, lookup } from "../sync/trials/lookup.ts";
import { bulk, iteration } from "../sync/trials/read.ts";
import { executemany } from "../sync/trials/write.ts";
import { about, scaled } from "./scaled.ts";

export const synchronousScale = suiteOf({
  name: "synchronous scale",
  about,
  drivers: [betterSqlite3, sqliteDbapi],
  trials: scaled({
    "conn.fetchone": (name, count) => ({ ...lookup(name, count, direct), unit: "call" }),
    "conn.fetchall": (name, count) => bulk(name, count, "allDirect"),
    "for…of": iteration,
    executemany,
  }),
});
