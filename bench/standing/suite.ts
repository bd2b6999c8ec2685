/**
 * What a driver costs before it does anything: each door of this library beside its peers, loaded in new processes.
 */
import { libsqlClient } from "../aio/drivers/libsql-client.ts";
import { sqliteDbapi as promisedDoor } from "../aio/drivers/sqlite-dbapi.ts";
import { turso } from "../aio/drivers/turso.ts";
import type { Driver, Opened } from "../lib/driver.ts";
import { build, doorOf } from "../lib/own-build.ts";
import { type Suite, suiteOf } from "../lib/suite.ts";
import { betterSqlite3 } from "../sync/drivers/better-sqlite3.ts";
import { libsql } from "../sync/drivers/libsql.ts";
import { nodeSqlite } from "../sync/drivers/node-sqlite.ts";
import { sqliteDbapi as synchronousDoor } from "../sync/drivers/sqlite-dbapi.ts";
import { ownPackage, ownSize, sizes, wholeSize } from "./package-size.ts";
import { processTrials } from "./process-trials.ts";

const clientDoor: Driver<Opened> = {
  name: "sqlite-dbapi/client",
  runsOn: "worker thread",
  async load() {
    const library: typeof import("../../src/client.ts") = await import(doorOf("client"));
    return {
      version: () => `0.18 of @libsql/client (${build})`,
      open(path) {
        const client = library.createClient({ url: path === ":memory:" ? path : `file:${path}` });
        return {
          script: (sql) => client.executeMultiple(sql),
          first:
            (sql) =>
            async (...args) =>
              Array.from((await client.execute({ sql, args })).rows[0] ?? []),
          close: () => client.close(),
        };
      },
    };
  },
};

const noPackage = "Node brings it";
const unbuilt = build === "dist" ? {} : { [ownSize]: "not built", [wholeSize]: "not built" };

/** Drivers as the other suites have them; the trials that these cannot do are not those. */
const doors: readonly Driver<Opened>[] = [
  betterSqlite3,
  { ...synchronousDoor, package: ownPackage, without: unbuilt },
  ...[promisedDoor, clientDoor].map((door) => ({
    ...door,
    without: { [ownSize]: "the package of sqlite-dbapi", [wholeSize]: "the package of sqlite-dbapi" },
  })),
  { ...nodeSqlite, without: { [ownSize]: noPackage, [wholeSize]: noPackage } },
  libsql,
  libsqlClient,
  turso,
];

export const standing: Suite = suiteOf({
  name: "standing",
  about: "What a driver costs that only stands around.",
  drivers: doors,
  trials: [...processTrials, ...sizes],
});
