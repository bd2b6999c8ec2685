/**
 * One row by its key: what most statements of most programs do. 4 columns, random keys in 200,000 rows.
 */
import type { Row, Value } from "../../lib/driver.ts";
import { columns, itemScript, randomKeys, rowOf } from "../../lib/table.ts";
import { same, type Trial } from "../../lib/trial.ts";
import type { Database } from "../database.ts";
import { timed } from "../timed.ts";
import { lookupTrial, tagTrial } from "./names.ts";

const sql = `select ${columns} from item where id = ?`;

type Find = (key: Value) => Row | null | undefined;

/** `count` lookups, one after the other, by what `finder` prepares. */
export function lookup(
  name: string,
  count: number,
  finder: (database: Database) => Find,
  onFile = false,
): Trial<Database> {
  const keys = randomKeys(count);
  return {
    name,
    unit: "row",
    count,
    onFile,
    prepare(database) {
      database.script(itemScript);
      const find = finder(database);
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

function byTag(database: Database): Find {
  if (database.byTag === undefined) throw new Error("this driver has no template tag");
  return database.byTag();
}

const usual = (database: Database): Find => database.first(sql);

/** By the shortest path. */
export const direct = (database: Database): Find => database.firstDirect(sql);

const count = 20_000;

export const lookups: readonly Trial<Database>[] = [
  lookup(lookupTrial, count, usual),
  lookup("one row by key, conn.fetchone", count, direct),
  lookup(tagTrial, count, byTag),
  lookup(`${lookupTrial}, WAL file`, count, usual, true),
];
