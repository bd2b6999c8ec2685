/**
 * Inserting rows of 4 columns into an empty table, in one transaction: one statement a row, and many rows at once.
 */
import { columns, freshScript, rowOf, size } from "../../lib/table.ts";
import { same, type Trial } from "../../lib/trial.ts";
import type { Database } from "../database.ts";
import { timed } from "../timed.ts";

const sql = "insert into fresh values (?, ?, ?, ?)";

/** Rows of the keys 1 to `count`. */
const rows = (count: number) => Array.from({ length: count }, (_, at) => rowOf(at + 1));

/** `work` opens the transaction; the clock runs until its commit has returned. */
function insert(name: string, count: number, work: (database: Database) => () => void): Trial<Database> {
  return {
    name,
    unit: "row",
    count,
    prepare(database) {
      database.script(freshScript);
      const write = work(database);
      const found = database.first("select count(*), sum(typeof(id) = 'integer') from fresh");
      const last = database.first(`select ${columns} from fresh where id = ?`);
      return timed(
        () => {
          write();
          database.commit();
        },
        () => same([found(), last(count)], [[count, count], rowOf(count)]),
        () => database.script("delete from fresh"),
      );
    },
  };
}

export const writes: readonly Trial<Database>[] = [
  insert("20,000 inserts one by one in a transaction", 20_000, (database) => {
    const sets = rows(20_000);
    const write = database.write(sql);
    return () => {
      database.begin();
      for (const [id = null, name = null, score = null, note = null] of sets) write(id, name, score, note);
    };
  }),
  insert("executemany of 200,000 × 4", size, (database) => {
    const sets = rows(size);
    const writeMany = database.writeMany(sql);
    return () => {
      database.begin();
      writeMany(sets);
    };
  }),
];
