/**
 * `@tursodatabase/serverless`: `fetch` and nothing else. One connection does one call at a time; opening one costs nothing.
 */
import type { Connection } from "@tursodatabase/serverless";
import type { Driver, Row } from "../../lib/driver.ts";
import { packageVersion } from "../../lib/package-version.ts";
import { concurrency, type First, type RemoteDatabase } from "../database.ts";

/**
 * A server ends the stream of a connection that is idle for ten seconds, as these are while the other drivers have their turns,
 * and this driver does not open another.
 */
const idle = 3000;

function open(openOne: () => Connection): RemoteDatabase {
  const conn = openOne();
  const others: Connection[] = [];
  const keepAlive = setInterval(() => {
    for (const one of [conn, ...others]) one.exec("select 1").catch(() => {});
  }, idle).unref();
  const prepare = async (sql: string) => (await conn.prepare(sql)).raw(true);
  return {
    script: (sql) => conn.exec(sql),
    async first(sql): Promise<First> {
      const statement = await prepare(sql);
      return (...parameters) => statement.get(parameters);
    },
    async firsts(sql) {
      while (others.length < concurrency) others.push(openOne());
      const statements = await Promise.all(others.map((other) => other.prepare(sql)));
      const finds = statements.map((statement) => statement.raw(true));
      return (keys) =>
        Promise.all(keys.map((key, at) => finds[at % concurrency]?.get([key]) as Promise<Row>));
    },
    async all(sql) {
      const statement = await prepare(sql);
      return () => statement.all();
    },
    async each(sql) {
      const statement = await prepare(sql);
      return () => statement.iterate();
    },
    write: async (sql) => async (sets) => {
      await conn.transactionAsync(async (transaction) => {
        for (const set of sets) await transaction.run(sql, [...set]);
      })();
    },
    writeMany: async (sql) => async (sets) => {
      await conn.batch(
        sets.map((set) => ({ sql, args: [...set] })),
        { mode: "write", raw: true },
      );
    },
    async close() {
      clearInterval(keepAlive);
      await Promise.all([conn, ...others].map((one) => one.close()));
    },
  };
}

export const serverless: Driver<RemoteDatabase> = {
  name: "@tursodatabase/serverless",
  package: "@tursodatabase/serverless",
  runsOn: "HTTP",
  async load() {
    const { connect } = await import("@tursodatabase/serverless");
    return {
      version: () => packageVersion("@tursodatabase/serverless"),
      open: async (url) => open(() => connect({ url })),
    };
  },
};
