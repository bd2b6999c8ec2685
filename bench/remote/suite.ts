/**
 * The drivers of servers side by side, on one real server, and the trials in the order of the table.
 */
import { type Suite, suiteOf } from "../lib/suite.ts";
import { libsqlClient } from "./drivers/libsql-client.ts";
import { serverless } from "./drivers/serverless.ts";
import { overHttp, overWebSocket, waiting } from "./drivers/sqlite-dbapi.ts";
import { serve } from "./server.ts";
import { lookups } from "./trials/lookup.ts";
import { reads } from "./trials/read.ts";
import { writes } from "./trials/write.ts";

export const remote: Suite = suiteOf({
  name: "remote",
  about: "One sqld on this machine, so that a round trip costs its work and no way.",
  drivers: [serverless, libsqlClient, overHttp, overWebSocket, waiting],
  trials: [...lookups, ...writes, ...reads],
  serve,
});
