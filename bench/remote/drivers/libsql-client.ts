/**
 * `@libsql/client` over HTTP. It sends each call on a stream of its own, many at a time, and reads results whole.
 */
import type { Client, InValue } from "@libsql/client";
import type { Driver, Row } from "../../lib/driver.ts";
import { packageVersion } from "../../lib/package-version.ts";
import { concurrency, type First, type RemoteDatabase } from "../database.ts";
import { allRowsTrial, firstRowTrial } from "../trials/names.ts";

const tooLarge = "sqld refuses it an answer of more than 10 MB, and it knows no other way";

function open(client: Client): RemoteDatabase {
  const first =
    (sql: string): First =>
    async (...args) =>
      (await client.execute({ sql, args })).rows[0] as Row | undefined;
  const all = (sql: string) => async () => (await client.execute(sql)).rows as unknown as readonly Row[];
  return {
    script: (sql) => client.executeMultiple(sql),
    first: async (sql) => first(sql),
    async firsts(sql) {
      const find = first(sql);
      return (keys) => Promise.all(keys.map((key) => find(key)));
    },
    all: async (sql) => all(sql),
    each: async (sql) =>
      async function* () {
        yield* await all(sql)();
      },
    write: async (sql) => async (sets) => {
      const transaction = await client.transaction("write");
      for (const set of sets) await transaction.execute({ sql, args: set as InValue[] });
      await transaction.commit();
    },
    writeMany: async (sql) => async (sets) => {
      await client.batch(
        sets.map((set) => ({ sql, args: set as InValue[] })),
        "write",
      );
    },
    async close() {
      client.close();
    },
  };
}

export const libsqlClient: Driver<RemoteDatabase> = {
  name: "@libsql/client",
  runsOn: "HTTP",
  package: "@libsql/client",
  without: { [firstRowTrial]: tooLarge, [allRowsTrial]: tooLarge },
  async load() {
    const { createClient } = await import("@libsql/client");
    return {
      version: () => packageVersion("@libsql/client"),
      open: (url) => open(createClient({ url, concurrency })),
    };
  },
};
