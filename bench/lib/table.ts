/**
 * The table all trials use: 200,000 rows of an integer key, a text, a real and a text that is sometimes NULL.
 * A row can be computed from its key, so every trial can check what it has read.
 */
import type { Value } from "./driver.ts";

export const size = 200_000;

export const columns = "id, name, score, note";

const layout = "(id integer primary key, name text, score real, note text)";

/** The row of a key, as it must come back. */
export function rowOf(id: number): Value[] {
  return [id, `name ${id}`, id + 0.5, id % 4 === 0 ? null : `a note on ${id}`];
}

/** Copies rows to the keys `by` higher. Not every driver here knows recursive queries. */
function copyRows(by: number): string {
  const id = `(id + ${by})`;
  const note = `case when ${id} % 4 <> 0 then 'a note on ' || ${id} end`;
  const last = Math.min(by, size - by);
  return `insert into item select ${id}, 'name ' || ${id}, ${id} + 0.5, ${note} from item where id <= ${last};`;
}

const doublings = Array.from({ length: Math.ceil(Math.log2(size)) }, (_, power) => 2 ** power);

/** Makes the full table `item`. */
export const itemScript = [
  `create table item ${layout};`,
  "insert into item values (1, 'name 1', 1.5, 'a note on 1');",
  ...doublings.map(copyRows),
].join("\n");

/** Makes the empty table `fresh`. */
export const freshScript = `create table fresh ${layout}`;

/** The same keys in the same random order for every driver: a linear congruential generator. */
export function randomKeys(count: number): number[] {
  let state = 20_240_229;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 1 + Math.floor((state / 2 ** 32) * size);
  });
}
