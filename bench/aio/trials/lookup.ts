/**
 * One row by its key, one after the other and many in flight. 4 columns, random keys in 200,000 rows.
 */
import { columns, itemScript, randomKeys, rowOf } from "../../lib/table.ts";
import { plain, same, type Trial } from "../../lib/trial.ts";
import type { AioDatabase, First } from "../database.ts";
import { timed, total } from "../timed.ts";

const sql = `select ${columns} from item where id = ?`;

/** Looks for each key, and waits for it before the next. */
async function lookUp(find: First, keys: readonly number[]): Promise<number> {
  let found = 0;
  for (const key of keys) if ((await find(key))?.[0] === key) found++;
  return found;
}

/** @param tasks how many of them look up at a time, each one row after the other. */
export function lookup(
  name: string,
  path: "first" | "firstDirect",
  count: number,
  tasks: number,
): Trial<AioDatabase> {
  const keys = randomKeys(count);
  const shares = Array.from({ length: tasks }, (_, task) => keys.filter((_, at) => at % tasks === task));
  return {
    name,
    unit: "row",
    count,
    async prepare(database) {
      await database.script(itemScript);
      const find = await database[path](sql);
      for (const key of keys.slice(0, 100)) same(plain(await find(key)), rowOf(key));
      return timed(
        total,
        async () => {
          const found = await Promise.all(shares.map((share) => lookUp(find, share)));
          return found.reduce((sum, one) => sum + one);
        },
        (found) => same(found, count),
      );
    },
  };
}

export const lookups: readonly Trial<AioDatabase>[] = [
  lookup("one row by key, execute + fetchone", "first", 2_000, 1),
  lookup("one row by key, conn.fetchone", "firstDirect", 2_000, 1),
  lookup("one row by key, conn.fetchone, 64 in flight", "firstDirect", 6_400, 64),
  lookup("one row by key, conn.fetchone, 1,000 in flight", "firstDirect", 10_000, 1_000),
];
