/**
 * Writing: a transaction of 5 statements, each sent when the one before has been answered, and 10,000 rows at once.
 */
import { timed, total } from "../../aio/timed.ts";
import { rowsTo, size, spelled } from "../../lib/table.ts";
import { type Subject, same, type Trial } from "../../lib/trial.ts";
import type { RemoteDatabase } from "../database.ts";
import { roundTrips } from "../round-trips.ts";

/** Its own table for every driver: they are prepared at one time, on one server. */
async function freshTable(database: RemoteDatabase, { driver }: Subject<RemoteDatabase>): Promise<string> {
  const table = `"fresh of ${driver}"`;
  await database.script(
    `drop table if exists ${table}; create table ${table} (id integer primary key, name text, score real, note text)`,
  );
  return table;
}

/** Inserts `count` rows and looks whether they are all there, off the clock. */
function insertion(
  name: string,
  unit: string,
  count: number,
  by: "write" | "writeMany",
): Trial<RemoteDatabase> {
  return {
    name,
    unit,
    count: unit === "row" ? count : 1,
    async prepare(database, subject) {
      const table = await freshTable(database, subject);
      const sets = rowsTo(count);
      const write = await database[by](`insert into ${table} values (?, ?, ?, ?)`);
      const found = await database.first(
        `select count(*), max(id), sum(typeof(id) = 'integer') from ${table}`,
      );
      return timed(
        total,
        () => write(sets),
        async () => same(Array.from((await found()) ?? []), [count, count, count]),
        () => database.script(`delete from ${table}`),
      );
    },
  };
}

const trips: Trial<RemoteDatabase> = {
  name: "transaction of 5 statements: round trips",
  unit: "transaction",
  count: 1,
  quantity: "number",
  prepare: (_, subject) =>
    roundTrips(subject, async (database) => {
      const table = await freshTable(database, subject);
      const write = await database.write(`insert or replace into ${table} values (?, ?, ?, ?)`);
      const sets = rowsTo(5);
      return () => write(sets);
    }),
};

export const writes: readonly Trial<RemoteDatabase>[] = [
  insertion("transaction of 5 statements", "transaction", 5, "write"),
  trips,
  insertion(`executemany of ${spelled(size / 20)} × 4`, "row", size / 20, "writeMany"),
];
