/**
 * One row by its key, one after the other and many at a time. 4 columns, random keys in 200,000 rows.
 */

import { timed, total } from "../../aio/timed.ts";
import { columns, randomKeys, rowOf } from "../../lib/table.ts";
import { plain, same, type Trial } from "../../lib/trial.ts";
import type { RemoteDatabase } from "../database.ts";
import { roundTrips } from "../round-trips.ts";
import { togetherTrial } from "./names.ts";

const sql = `select ${columns} from item where id = ?`;

const lookup: Trial<RemoteDatabase> = {
  name: "one row by key",
  unit: "row",
  count: 50,
  async prepare(database) {
    const find = await database.first(sql);
    const keys = randomKeys(50);
    for (const key of keys.slice(0, 5)) same(plain(await find(key)), rowOf(key));
    return timed(
      total,
      async () => {
        let found = 0;
        for (const key of keys) if ((await find(key))?.[0] === key) found++;
        return found;
      },
      (found) => same(found, keys.length),
    );
  },
};

const trips: Trial<RemoteDatabase> = {
  name: "one row by key: round trips",
  unit: "row",
  count: 1,
  quantity: "number",
  prepare: (_, subject) =>
    roundTrips(subject, async (database) => {
      const find = await database.first(sql);
      return async () => same(plain(await find(7)), rowOf(7));
    }),
};

const together: Trial<RemoteDatabase> = {
  name: togetherTrial,
  unit: "row",
  count: 100,
  async prepare(database) {
    const find = await database.firsts(sql);
    const keys = randomKeys(100);
    return timed(
      total,
      () => find(keys),
      (rows) => same(rows.map(plain), keys.map(rowOf)),
    );
  },
};

export const lookups: readonly Trial<RemoteDatabase>[] = [lookup, trips, together];
