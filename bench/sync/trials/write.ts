/**
 * Inserting rows of 4 columns into an empty table, in one transaction: one statement a row, and many rows at once.
 */
import type { Value } from "../../lib/driver.ts";
import { columns, freshScript, mixedRowOf, mixedScript, rowOf, rowsTo, size } from "../../lib/table.ts";
import { same, type Trial } from "../../lib/trial.ts";
import type { Database } from "../database.ts";
import { timed } from "../timed.ts";
import { executemanyTrial, insertCount, insertTrial, mixedTrial } from "./names.ts";

const sql = "insert into fresh values (?, ?, ?, ?)";

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

/** `count` rows by the driver's call for many. */
export function executemany(name: string, count: number): Trial<Database> {
  return insert(name, count, (database) => {
    const sets = rowsTo(count);
    const writeMany = database.writeMany(sql);
    return () => {
      database.begin();
      writeMany(sets);
    };
  });
}

const mixed: Trial<Database> = {
  name: mixedTrial,
  unit: "row",
  count: size,
  prepare(database) {
    database.script(mixedScript);
    const sets = Array.from({ length: size }, (_, at) => mixedRowOf(at));
    const write = database.writeMany("insert into mixed values (?, ?, ?, ?)");
    const types = ["a", "b", "c", "d"].map((name) => `count(${name}), sum(typeof(${name}) = 'text')`);
    const found = database.first(`select count(*), ${types.join(", ")} from mixed`);
    const last = database.first("select a, b, c, d from mixed order by rowid desc limit 1");
    // A quarter of each column is NULL, a quarter text.
    const counts: Value[] = types.flatMap(() => [(size * 3) / 4, size / 4]);
    return timed(
      () => {
        database.begin();
        write(sets);
        database.commit();
      },
      () => same([found(), last()], [[size, ...counts], mixedRowOf(size - 1)]),
      () => database.script("delete from mixed"),
    );
  },
};

export const writes: readonly Trial<Database>[] = [
  insert(insertTrial, insertCount, (database) => {
    const sets = rowsTo(insertCount);
    const write = database.write(sql);
    return () => {
      database.begin();
      for (const [id = null, name = null, score = null, note = null] of sets) write(id, name, score, note);
    };
  }),
  executemany(executemanyTrial, size),
  mixed,
];
