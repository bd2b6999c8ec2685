/**
 * Inserting 200,000 rows of 4 columns into an empty table, in one transaction.
 */
import { columns, freshScript, rowOf, size } from "../../lib/table.ts";
import { same, type Trial } from "../../lib/trial.ts";
import type { AioDatabase } from "../database.ts";
import { timed, total } from "../timed.ts";

export const insertion: Trial<AioDatabase> = {
  name: "executemany of 200,000 × 4",
  unit: "row",
  count: size,
  async prepare(database) {
    await database.script(freshScript);
    const sets = Array.from({ length: size }, (_, at) => rowOf(at + 1));
    const write = await database.writeMany("insert into fresh values (?, ?, ?, ?)");
    const found = await database.first("select count(*), sum(typeof(id) = 'integer') from fresh");
    const last = await database.first(`select ${columns} from fresh where id = ?`);
    return timed(
      total,
      () => write(sets),
      async () => same([await found(), await last(size)], [[size, size], rowOf(size)]),
      () => database.script("delete from fresh"),
    );
  },
};
