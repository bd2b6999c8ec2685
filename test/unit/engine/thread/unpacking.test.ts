import { expect, it } from "vitest";
import { packRows } from "../../../../src/engine/thread/pack.ts";
import { Unpacking } from "../../../../src/engine/thread/unpacking.ts";
import type { SqlRow } from "../../../../src/values/types.ts";

const CHUNK = Array.from({ length: 4096 }, (_, i): SqlRow => [i, `row ${i}`, i + 0.5, null]);
const PACKED = packRows(CHUNK, 0, CHUNK.length);

it("makes few rows at once", () => {
  const unpacking = new Unpacking(3);
  expect(unpacking.isDone).toBe(true);
  unpacking.add(packRows(CHUNK, 0, 3));
  expect(unpacking.isDone).toBe(true);
  expect(unpacking.rows).toEqual(CHUNK.slice(0, 3));
});

it("makes many in slices, between which the event loop turns, and in their order", async () => {
  const unpacking = new Unpacking(200 * CHUNK.length);
  for (let i = 0; i < 200; i++) unpacking.add(PACKED);
  expect(unpacking.isDone).toBe(false);
  let isOver = false;
  let turns = 0;
  const turn = () => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await unpacking.finish();
  isOver = true;
  expect(turns).toBeGreaterThan(3);
  expect(unpacking.rows).toHaveLength(200 * CHUNK.length);
  expect(unpacking.rows.includes(undefined as never)).toBe(false);
  for (const at of [0, 1, 4095, 4096, 819_199]) expect(unpacking.rows[at]).toEqual(CHUNK[at % CHUNK.length]);
});
