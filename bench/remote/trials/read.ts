/**
 * Reading 200,000 rows: until the first of them is there, with the rest not wanted, and until all are.
 */
import { timed, total } from "../../aio/timed.ts";
import type { Row } from "../../lib/driver.ts";
import { columns, rowOf, size } from "../../lib/table.ts";
import { same, type Trial } from "../../lib/trial.ts";
import type { RemoteDatabase } from "../database.ts";
import { allRowsTrial, firstRowTrial } from "./names.ts";

const everything = `select ${columns} from item order by id`;
const [middle, last] = [size / 2, size];

const beginning: Trial<RemoteDatabase> = {
  name: firstRowTrial,
  unit: "row",
  count: 1,
  async prepare(database) {
    const rows = await database.each(everything);
    return timed(
      total,
      async (): Promise<Row | null> => {
        for await (const row of rows()) return row;
        return null;
      },
      (row) => same(row, rowOf(1)),
    );
  },
};

const whole: Trial<RemoteDatabase> = {
  name: allRowsTrial,
  unit: "row",
  count: size,
  prepare: async (database) =>
    timed(total, await database.all(everything), (rows) =>
      same([rows.length, rows[middle - 1], rows[last - 1]], [size, rowOf(middle), rowOf(last)]),
    ),
};

export const reads: readonly Trial<RemoteDatabase>[] = [beginning, whole];
