/**
 * One row by its key: what most statements of most programs do. 4 columns, random keys in 200,000 rows.
 */
import { columns, itemScript, randomKeys, rowOf } from "../../lib/table.ts";
import { same, type Trial } from "../../lib/trial.ts";
import type { Database } from "../database.ts";
import { timed } from "../timed.ts";

const sql = `select ${columns} from item where id = ?`;
const keys = randomKeys(20_000);

function lookup(name: string, path: "first" | "firstDirect", onFile: boolean): Trial<Database> {
  return {
    name,
    unit: "row",
    count: keys.length,
    onFile,
    prepare(database) {
      database.script(itemScript);
      const find = database[path](sql);
      for (const key of keys.slice(0, 100)) same(find(key), rowOf(key));
      return timed(
        () => {
          let found = 0;
          for (const key of keys) if (find(key)?.[0] === key) found++;
          return found;
        },
        (found) => same(found, keys.length),
      );
    },
  };
}

export const lookups: readonly Trial<Database>[] = [
  lookup("one row by key, execute + fetchone", "first", false),
  lookup("one row by key, conn.fetchone", "firstDirect", false),
  lookup("one row by key, execute + fetchone, WAL file", "first", true),
];
