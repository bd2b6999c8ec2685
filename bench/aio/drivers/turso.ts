/**
 * `@tursodatabase/database`: SQLite rewritten in Rust. Its members are promised; statements are stepped on the main thread.
 */
import type { Database } from "@tursodatabase/database";
import type { Driver } from "../../lib/driver.ts";
import { packageVersion } from "../../lib/package-version.ts";
import type { AioDatabase } from "../database.ts";

/**
 * It binds a call's values before the call's turn has come: two at a time on one statement read each other's rows.
 */
function oneByOne<Values extends unknown[], Result>(
  call: (...values: Values) => Promise<Result>,
): typeof call {
  let last: Promise<unknown> = Promise.resolve();
  return (...values) => {
    const result = last.then(() => call(...values));
    last = result.catch(() => {});
    return result;
  };
}

function open(database: Database): AioDatabase {
  const first: AioDatabase["first"] = async (sql) => {
    const statement = (await database.prepare(sql)).raw(true);
    return oneByOne((...parameters) => statement.get(...parameters));
  };
  return {
    script: (sql) => database.exec(sql),
    first,
    firstDirect: first,
    async all(sql) {
      const statement = (await database.prepare(sql)).raw(true);
      return () => statement.all();
    },
    async each(sql) {
      const statement = (await database.prepare(sql)).raw(true);
      return () => statement.iterate();
    },
    async writeMany(sql) {
      const statement = await database.prepare(sql);
      return async (sets) => {
        await database.exec("begin");
        for (const set of sets) await statement.run(...set);
        await database.exec("commit");
      };
    },
    close: () => database.close(),
  };
}

export const turso: Driver<AioDatabase> = {
  name: "@tursodatabase/database",
  package: "@tursodatabase/database",
  runsOn: "main thread",
  isOptional: true,
  async load() {
    const { connect } = await import("@tursodatabase/database");
    return {
      version: () => packageVersion("@tursodatabase/database"),
      open: async (path) => open(await connect(path)),
    };
  },
};
