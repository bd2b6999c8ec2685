/**
 * Reading many rows: pages of 10 and 100, and all 200,000 at once, one by one, and as objects.
 */
import type { Row, Value } from "../../lib/driver.ts";
import { columns, itemScript, itemScriptOf, randomKeys, rowOf, size, spelled } from "../../lib/table.ts";
import { same, type Trial } from "../../lib/trial.ts";
import type { Database } from "../database.ts";
import { timed } from "../timed.ts";
import { fetchallTrial, hundredRowsTrial, iterationTrial, tenRowsTrial } from "./names.ts";

const everything = `select ${columns} from item`;
/** Rows of a sample in pages: as many calls as take longer than the noise of a clock and of compilers that are still at work. */
const pagedRows = 50_000;

/** Pages of `length` rows; `parameters` are those of the page that begins at a key. */
function page(
  name: string,
  length: number,
  sql: string,
  parameters: (start: number) => Value[],
): Trial<Database> {
  const pages = pagedRows / length;
  const starts = randomKeys(pages).map((key) => Math.min(key, size - length + 1));
  const last = length - 1;
  return {
    name,
    unit: "row",
    count: pagedRows,
    prepare(database) {
      database.script(itemScript);
      const read = database.all(sql);
      for (const start of starts.slice(0, 10)) {
        const rows = Array.from({ length }, (_, at) => rowOf(start + at));
        same(read(...parameters(start)), rows);
      }
      return timed(
        () => {
          let found = 0;
          for (const start of starts) if (read(...parameters(start))[last]?.[0] === start + last) found++;
          return found;
        },
        (found) => same(found, starts.length),
      );
    },
  };
}

/** All rows of a table of `count` at once. */
export function bulk(name: string, count: number, path: "all" | "allDirect"): Trial<Database> {
  const middle = count / 2;
  return {
    name,
    unit: "row",
    count,
    prepare(database) {
      database.script(itemScriptOf(count));
      return timed(database[path](everything), (rows: readonly Row[]) =>
        same([rows.length, rows[middle - 1], rows[count - 1]], [count, rowOf(middle), rowOf(count)]),
      );
    },
  };
}

/** All rows of a table of `count` one by one. */
export function iteration(name: string, count: number): Trial<Database> {
  return {
    name,
    unit: "row",
    count,
    prepare(database) {
      database.script(itemScriptOf(count));
      const rows = database.each(everything);
      return timed(
        () => {
          let sum = 0;
          for (const row of rows()) sum += row[2] as number;
          return sum;
        },
        (sum) => same(sum, (count * (count + 1)) / 2 + count / 2),
      );
    },
  };
}

const objects: Trial<Database> = {
  name: `${spelled(size)} rows as objects`,
  unit: "row",
  count: size,
  prepare(database) {
    database.script(itemScript);
    const middle = size / 2;
    const [id, name, score, note] = rowOf(middle);
    return timed(database.objects(everything), (rows) =>
      same([rows.length, { ...rows[middle - 1] }], [size, { id, name, score, note }]),
    );
  },
};

export const reads: readonly Trial<Database>[] = [
  page(tenRowsTrial, 10, `${everything} where id >= ? limit 10`, (start) => [start]),
  page(hundredRowsTrial, 100, `${everything} where id >= ? limit 100`, (start) => [start]),
  page(
    "100 rows without LIMIT, execute + fetchall",
    100,
    `${everything} where id between ? and ?`,
    (start) => [start, start + 99],
  ),
  bulk(`${spelled(size)} rows, execute + fetchall`, size, "all"),
  bulk(fetchallTrial, size, "allDirect"),
  iteration(iterationTrial, size),
  objects,
];
