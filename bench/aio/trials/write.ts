/**
 * Inserting 200,000 rows of 4 columns into an empty table, in one transaction.
 */
import {
  columns,
  freshScript,
  mixedRowOf,
  mixedScript,
  rowOf,
  rowsTo,
  size,
  spelled,
} from "../../lib/table.ts";
import { plain, same, type Trial } from "../../lib/trial.ts";
import type { AioDatabase } from "../database.ts";
import { timed, total } from "../timed.ts";

/** `count` rows by the driver's call for many. */
export function executemany(name: string, count: number): Trial<AioDatabase> {
  return {
    name,
    unit: "row",
    count,
    async prepare(database) {
      await database.script(freshScript);
      const sets = rowsTo(count);
      const write = await database.writeMany("insert into fresh values (?, ?, ?, ?)");
      const found = await database.first("select count(*), sum(typeof(id) = 'integer') from fresh");
      const last = await database.first(`select ${columns} from fresh where id = ?`);
      return timed(
        total,
        () => write(sets),
        async () => same([plain(await found()), plain(await last(count))], [[count, count], rowOf(count)]),
        () => database.script("delete from fresh"),
      );
    },
  };
}

const mixed: Trial<AioDatabase> = {
  name: `executemany of ${spelled(size)} × 4, types mixed in every column`,
  unit: "row",
  count: size,
  async prepare(database) {
    await database.script(mixedScript);
    const sets = Array.from({ length: size }, (_, at) => mixedRowOf(at));
    const write = await database.writeMany("insert into mixed values (?, ?, ?, ?)");
    const found = await database.first("select count(*), count(a), sum(typeof(d) = 'text') from mixed");
    const last = await database.first("select a, b, c, d from mixed order by rowid desc limit 1");
    return timed(
      total,
      () => write(sets),
      async () =>
        same(
          [plain(await found()), plain(await last())],
          [[size, (size * 3) / 4, size / 4], mixedRowOf(size - 1)],
        ),
      () => database.script("delete from mixed"),
    );
  },
};

export const insertions: readonly Trial<AioDatabase>[] = [
  executemany(`executemany of ${spelled(size)} × 4`, size),
  mixed,
];
