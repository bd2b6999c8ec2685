/**
 * For how long the event loop stands still while one query works for a third of a second: what the other clients of a web
 * server feel of it.
 */
import { isFull, itemScript } from "../../lib/table.ts";
import { plain, same, type Trial } from "../../lib/trial.ts";
import type { AioDatabase, First } from "../database.ts";
import { stall, timed, total } from "../timed.ts";

const milliseconds = isFull ? 300 : 60;

/** Work in proportion to its parameter, which no engine can shorten. */
const sql = "select count(*), sum(a.id * b.id % 7 >= 0) from item a, item b where a.id <= ? and b.id <= 1000";

const answer = (rows: number) => [rows * 1000, rows * 1000];

/** How many rows this driver does in that time, here and now: by the fastest of three tries. */
async function rowsInTime(find: First): Promise<number> {
  const rows = 500;
  const tries: number[] = [];
  for (let i = 0; i < 3; i++) {
    const { found, elapsed } = await total(() => find(rows));
    same(plain(found), answer(rows));
    tries.push(elapsed);
  }
  return Math.max(1, Math.round((rows * milliseconds) / Math.min(...tries)));
}

export const stalls: Trial<AioDatabase> = {
  name: `longest stall of the event loop in a ${milliseconds} ms query`,
  unit: "query",
  count: 1,
  async prepare(database) {
    await database.script(itemScript);
    const find = await database.first(sql);
    let rows = 0;
    const sample = timed(
      stall,
      () => find(rows),
      (row) => same(plain(row), answer(rows)),
    );
    return async () => {
      // Not while the other drivers prepare themselves on the same cores.
      if (rows === 0) rows = await rowsInTime(find);
      return sample();
    };
  },
};
