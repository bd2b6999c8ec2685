import { expect, it } from "vitest";
import { packWords, takeWord } from "../../../../src/engine/thread/words.ts";
import type { SqlValue } from "../../../../src/values/types.ts";

function columnOf(count: number, value: (row: number) => SqlValue): SqlValue[] {
  return Array.from({ length: count }, (_, row) => value(row));
}

/** The values of a column, packed and taken out again; null where they are not packed. */
function crossed(values: readonly SqlValue[]): SqlValue[] | null {
  const packed = packWords(values);
  if (packed === null) return null;
  const { places } = packed;
  const take = takeWord(structuredClone(packed, { transfer: [places.buffer as ArrayBuffer] }));
  return values.map((_, row) => take(row));
}

const COUNTRIES = ["Österreich", "", "日本", "a".repeat(20_000), null];

it("texts that come again are what they were, NULL among them", () => {
  const countries = columnOf(1000, (row) => COUNTRIES[row % 5] as SqlValue);
  expect(crossed(countries)).toEqual(countries);
  expect(packWords(countries)?.words).toEqual(COUNTRIES);
});

it("as many words as a byte can tell apart are packed, and one more is not", () => {
  const lastOf = (words: number) => (row: number) => (row < 5000 ? "often" : `word ${row % (words - 1)}`);
  const most = columnOf(6000, lastOf(256));
  expect(crossed(most)).toEqual(most);
  expect(crossed(columnOf(6000, lastOf(257)))).toBeNull();
});

it("texts of their own are not packed, nor what is no text", () => {
  expect(crossed(columnOf(1000, (row) => `text ${row}`))).toBeNull();
  for (const odd of [0, 1n, 0.5, Buffer.from("often")]) {
    expect(crossed(columnOf(1000, (row) => (row === 777 ? odd : "often")))).toBeNull();
  }
});
