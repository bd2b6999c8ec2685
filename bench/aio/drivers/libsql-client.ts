/**
 * `@libsql/client` on files and in memory: it promises, and works on the main thread. Rows are objects with indexes.
 */
import type { InValue } from "@libsql/client";
import type { Driver, Row } from "../../lib/driver.ts";
import { packageVersion } from "../../lib/package-version.ts";
import type { AioDatabase } from "../database.ts";

type Library = typeof import("@libsql/client");

function open({ createClient }: Library, path: string): AioDatabase {
  const client = createClient({ url: path === ":memory:" ? path : `file:${path}` });
  const first: AioDatabase["first"] =
    async (sql) =>
    async (...args) =>
      (await client.execute({ sql, args })).rows[0] as Row | undefined;
  const all: AioDatabase["all"] = async (sql) => async () =>
    (await client.execute(sql)).rows as unknown as readonly Row[];
  return {
    script: (sql) => client.executeMultiple(sql),
    first,
    firstDirect: first,
    all,
    // It has no other way to loop.
    async each(sql) {
      const read = await all(sql);
      return async function* () {
        yield* await read();
      };
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

export const libsqlClient: Driver<AioDatabase> = {
  name: "@libsql/client",
  package: "@libsql/client",
  runsOn: "main thread",
  isOptional: true,
  async load() {
    const library = await import("@libsql/client");
    return { version: () => packageVersion("@libsql/client"), open: (path) => open(library, path) };
  },
};
