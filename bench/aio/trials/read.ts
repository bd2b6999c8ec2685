/**
 * Reading 200,000 rows, at once and one by one: how long it takes, and how much of that the event loop is kept from
 * everything else.
 */
import { columns, itemScriptOf, rowOf, size, spelled } from "../../lib/table.ts";
import { plain, same, type Trial } from "../../lib/trial.ts";
import type { AioDatabase } from "../database.ts";
import { type Clock, cpu, timed, total } from "../timed.ts";

const everything = `select ${columns} from item`;

/** All rows of a table of `count` at once. */
export function bulk(name: string, count: number, clock: Clock): Trial<AioDatabase> {
  const middle = count / 2;
  return {
    name,
    unit: "row",
    count,
    async prepare(database) {
      await database.script(itemScriptOf(count));
      return timed(clock, await database.all(everything), (rows) =>
        same(
          [rows.length, plain(rows[middle - 1]), plain(rows[count - 1])],
          [count, rowOf(middle), rowOf(count)],
        ),
      );
    },
  };
}

/** All rows of a table of `count` one by one. */
export function iteration(name: string, count: number): Trial<AioDatabase> {
  return {
    name,
    unit: "row",
    count,
    async prepare(database) {
      await database.script(itemScriptOf(count));
      const rows = await database.each(everything);
      return timed(
        total,
        async () => {
          let sum = 0;
          for await (const row of rows()) sum += row[2] as number;
          return sum;
        },
        (sum) => same(sum, (count * (count + 1)) / 2 + count / 2),
      );
    },
  };
}

const name = `${spelled(size)} rows, conn.fetchall`;

export const reads: readonly Trial<AioDatabase>[] = [
  bulk(name, size, total),
  { ...bulk(`${name}: CPU time of the main thread`, size, cpu), unit: "fetch", count: 1 },
  iteration(`${spelled(size)} rows, for await`, size),
];
