/**
 * The table all trials use: 200,000 rows of an integer key, a text, a real and a text that is sometimes NULL.
 * A row can be computed from its key, so every trial can check what it has read.
 */
import type { Database, Value } from "../drivers/driver.ts";

export const size = 200_000;

export const columns = "id, name, score, note";

const layout = "(id integer primary key, name text, score real, note text)";

/** The row of a key, as it must come back. */
export function rowOf(id: number): Value[] {
  return [id, `name ${id}`, id + 0.5, id % 4 === 0 ? null : `a note on ${id}`];
}

/** Makes the full table `item`. */
export function fillItems(database: Database): void {
  database.script(`
    create table item ${layout};
    with recursive n(id) as (select 1 union all select id + 1 from n where id < ${size})
    insert into item
      select id, 'name ' || id, id + 0.5, case when id % 4 <> 0 then 'a note on ' || id end from n;
  `);
}

/** Makes the empty table `fresh`. */
export function makeFresh(database: Database): void {
  database.script(`create table fresh ${layout}`);
}

/** The same keys in the same random order for every driver: a linear congruential generator. */
export function randomKeys(count: number): number[] {
  let state = 20_240_229;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 1 + Math.floor((state / 2 ** 32) * size);
  });
}
