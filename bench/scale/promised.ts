/**
 * The promised face as the work grows.
 */
import { bareWorker } from "../aio/drivers/bare-worker.ts";
import { sqliteDbapi } from "../aio/drivers/sqlite-dbapi.ts";
import { total } from "../aio/timed.ts";
import { lookup } from "../aio/trials/lookup.ts";
import { bulk, iteration } from "../aio/trials/read.ts";
import { executemany } from "../aio/trials/write.ts";
import { suiteOf } from "../lib/suite.ts";
import { about, scaled } from "./scaled.ts";

export const promisedScale = suiteOf({
  name: "promised scale",
  about,
  drivers: [bareWorker, sqliteDbapi],
  trials: scaled({
    "conn.fetchone, 64 in flight": (name, count) => ({
      ...lookup(name, "firstDirect", count, 64),
      unit: "call",
    }),
    "conn.fetchall": (name, count) => bulk(name, count, total),
    "for await": iteration,
    executemany,
  }),
});
