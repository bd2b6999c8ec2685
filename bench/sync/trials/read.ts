/**
 * Reading many rows: a page of 100, and all 200,000 at once, one by one, and as objects.
 */
import type { Row, Value } from "../../lib/driver.ts";
import { columns, itemScript, randomKeys, rowOf, size } from "../../lib/table.ts";
import { same, type Trial } from "../../lib/trial.ts";
import type { Database } from "../database.ts";
import { timed } from "../timed.ts";

const everything = `select ${columns} from item`;
const starts = randomKeys(500).map((key) => Math.min(key, size - 99));
const [middle, last] = [size / 2, size];

/** Pages of 100 rows; `parameters` are those of the page that begins at a key. */
function page(name: string, sql: string, parameters: (start: number) => Value[]): Trial<Database> {
  return {
    name,
    unit: "row",
    count: starts.length * 100,
    prepare(database) {
      database.script(itemScript);
      const read = database.all(sql);
      for (const start of starts.slice(0, 10)) {
        const rows = Array.from({ length: 100 }, (_, at) => rowOf(start + at));
        same(read(...parameters(start)), rows);
      }
      return timed(
        () => {
          let found = 0;
          for (const start of starts) if (read(...parameters(start))[99]?.[0] === start + 99) found++;
          return found;
        },
        (found) => same(found, starts.length),
      );
    },
  };
}

function bulk(name: string, path: "all" | "allDirect"): Trial<Database> {
  return {
    name,
    unit: "row",
    count: size,
    prepare(database) {
      database.script(itemScript);
      return timed(database[path](everything), (rows: readonly Row[]) =>
        same([rows.length, rows[middle - 1], rows[last - 1]], [size, rowOf(middle), rowOf(last)]),
      );
    },
  };
}

const iteration: Trial<Database> = {
  name: "200,000 rows, for…of",
  unit: "row",
  count: size,
  prepare(database) {
    database.script(itemScript);
    const rows = database.each(everything);
    return timed(
      () => {
        let sum = 0;
        for (const row of rows()) sum += row[2] as number;
        return sum;
      },
      (sum) => same(sum, (size * (size + 1)) / 2 + size / 2),
    );
  },
};

const objects: Trial<Database> = {
  name: "200,000 rows as objects",
  unit: "row",
  count: size,
  prepare(database) {
    database.script(itemScript);
    const [id, name, score, note] = rowOf(middle);
    return timed(database.objects(everything), (rows) =>
      same([rows.length, { ...rows[middle - 1] }], [size, { id, name, score, note }]),
    );
  },
};

export const reads: readonly Trial<Database>[] = [
  page("100 rows with LIMIT, execute + fetchall", `${everything} where id >= ? limit 100`, (start) => [
    start,
  ]),
  page("100 rows without LIMIT, execute + fetchall", `${everything} where id between ? and ?`, (start) => [
    start,
    start + 99,
  ]),
  bulk("200,000 rows, execute + fetchall", "all"),
  bulk("200,000 rows, conn.fetchall", "allDirect"),
  iteration,
  objects,
];
