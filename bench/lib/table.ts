/**
 * The table all trials use: 200,000 rows of an integer key, a text, a real and a text that is sometimes NULL.
 * A row can be computed from its key, so every trial can check what it has read.
 */
import type { Value } from "./driver.ts";

/** How many rows it has. A quick bench says so by BENCH_ROWS, before anything of a suite is loaded: see main.ts. */
export const size = Number(process.env.BENCH_ROWS ?? 200_000);

/** Whether this is no quick bench. */
export const isFull = process.env.BENCH_ROWS === undefined;

/** `200,000` */
export const spelled = (count: number): string => count.toLocaleString("en-US");

export const columns = "id, name, score, note";

const layout = "(id integer primary key, name text, score real, note text)";

/** The row of a key, as it must come back. */
export function rowOf(id: number): Value[] {
  return [id, `name ${id}`, id + 0.5, id % 4 === 0 ? null : `a note on ${id}`];
}

/** The rows of the keys 1 to `count`. */
export function rowsTo(count: number): Value[][] {
  return Array.from({ length: count }, (_, at) => rowOf(at + 1));
}

/** A row whose values change their places from key to key, so that every column holds values of all four types. */
export function mixedRowOf(id: number): Value[] {
  const values = [id, `name ${id}`, id + 0.5, null];
  return values.map((_, at) => values[(at + id) % values.length] ?? null);
}

/** Copies rows to the keys `by` higher. Not every driver here knows recursive queries. */
function copyRows(by: number, size: number): string {
  const id = `(id + ${by})`;
  const note = `case when ${id} % 4 <> 0 then 'a note on ' || ${id} end`;
  const last = Math.min(by, size - by);
  return `insert into item select ${id}, 'name ' || ${id}, ${id} + 0.5, ${note} from item where id <= ${last};`;
}

/** Makes the table `item` with the rows of the keys 1 to `size`. */
export function itemScriptOf(size: number): string {
  const doublings = Array.from({ length: Math.ceil(Math.log2(size)) }, (_, power) => 2 ** power);
  return [
    `create table item ${layout};`,
    "insert into item values (1, 'name 1', 1.5, 'a note on 1');",
    ...doublings.map((by) => copyRows(by, size)),
  ].join("\n");
}

/** Makes the full table `item`. */
export const itemScript = itemScriptOf(size);

/** Makes the empty table `fresh`. */
export const freshScript = `create table fresh ${layout}`;

/** Makes the empty table `mixed`, whose columns take any type. */
export const mixedScript = "create table mixed (a, b, c, d)";

/** The same keys in the same random order for every driver: a linear congruential generator. */
export function randomKeys(count: number, highest: number = size): number[] {
  let state = 20_240_229;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 1 + Math.floor((state / 2 ** 32) * highest);
  });
}
