/**
 * Reading 200,000 rows, at once and one by one: how long it takes, and how much of that the event loop is kept from
 * everything else.
 */
import { columns, itemScript, rowOf, size } from "../../lib/table.ts";
import { same, type Trial } from "../../lib/trial.ts";
import type { AioDatabase } from "../database.ts";
import { busy, type Clock, timed, total } from "../timed.ts";

const everything = `select ${columns} from item`;
const [middle, last] = [size / 2, size];

function bulk(name: string, clock: Clock): Trial<AioDatabase> {
  return {
    name,
    unit: "row",
    count: size,
    async prepare(database) {
      await database.script(itemScript);
      return timed(clock, await database.all(everything), (rows) =>
        same([rows.length, rows[middle - 1], rows[last - 1]], [size, rowOf(middle), rowOf(last)]),
      );
    },
  };
}

const iteration: Trial<AioDatabase> = {
  name: "200,000 rows, for await",
  unit: "row",
  count: size,
  async prepare(database) {
    await database.script(itemScript);
    const rows = await database.each(everything);
    return timed(
      total,
      async () => {
        let sum = 0;
        for await (const row of rows()) sum += row[2] as number;
        return sum;
      },
      (sum) => same(sum, (size * (size + 1)) / 2 + size / 2),
    );
  },
};

export const reads: readonly Trial<AioDatabase>[] = [
  bulk("200,000 rows, conn.fetchall", total),
  bulk("200,000 rows, conn.fetchall: main thread busy", busy),
  iteration,
];
