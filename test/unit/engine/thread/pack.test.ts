import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buffersOf, ownBytes, packRows } from "../../../../src/engine/thread/pack.ts";
import { unpackRows } from "../../../../src/engine/thread/unpack.ts";
import type { SqlRow, SqlValue } from "../../../../src/values/types.ts";

/** The rows, packed, handed over as to another thread, and unpacked. */
function crossed(rows: readonly SqlRow[], from = 0, to = rows.length): SqlRow[] {
  const packed = packRows(rows, from, to);
  const received: SqlRow[] = [];
  const count = unpackRows(structuredClone(packed, { transfer: buffersOf(packed) }), received, 0);
  expect(count).toBe(received.length);
  return received;
}

/** Tells 0 from -0, a Buffer from its bytes, and a number from a bigint. */
function same(received: readonly SqlRow[], rows: readonly SqlRow[]): void {
  expect(received).toStrictEqual(rows);
  for (const [i, row] of rows.entries()) {
    for (const [j, value] of row.entries()) {
      const got = received[i]?.[j];
      if (Buffer.isBuffer(value)) expect(Buffer.isBuffer(got)).toBe(true);
      else expect(Object.is(got, value)).toBe(true);
    }
  }
}

const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }).filter((string) => string.isWellFormed()),
  fc.constantFrom("", "\0", "a\0b", "😀".repeat(3), "\u{10ffff}", "x".repeat(5000), "é".repeat(4097)),
);
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.constantFrom(0, -0, 2 ** 31, -(2 ** 31), 2 ** 53 - 1, 0.1, Number.POSITIVE_INFINITY, 5e-324),
);
const bigint = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array): SqlValue => Buffer.from(array));
const mixed = fc.oneof(fc.constant(null), text, number, bigint, bytes);
const kinds: readonly fc.Arbitrary<SqlValue>[] = [
  text,
  number,
  bigint,
  bytes,
  fc.integer(),
  fc.constant(null),
];

/** A column's values: of one kind, of one kind and NULL, or of any. */
const column = fc.oneof(...kinds, ...kinds.map((kind) => fc.option(kind)), mixed);

/** Rows of columns that each have a kind. */
const table = fc
  .array(fc.constantFrom(...kinds, ...kinds.map((kind) => fc.option(kind)), mixed, column), {
    minLength: 1,
    maxLength: 12,
  })
  .chain((columns) =>
    fc.array(
      fc.tuple(...columns).map((row): SqlRow => [...row]),
      { maxLength: 40 },
    ),
  );

describe("packed rows", () => {
  it("are what they were, whatever is in them", () => {
    fc.assert(
      fc.property(table, (rows) => same(crossed(rows), rows)),
      { numRuns: 500 },
    );
  });

  it("are those of the part that was packed, in the places that they are put into", () => {
    const rows = Array.from({ length: 10 }, (_, i): SqlRow => [i, `row ${i}`]);
    same(crossed(rows, 3, 7), rows.slice(3, 7));
    const received: SqlRow[] = [["before"], [], [], ["after"]];
    unpackRows(packRows(rows, 0, 2), received, 1);
    same(received, [["before"], [0, "row 0"], [1, "row 1"], ["after"]]);
  });

  it("keep a value that is not of the kind of those before it, wherever it is", () => {
    for (const odd of [null, "x", "", 1, -0, 0.5, 1n, 2n ** 62n, Buffer.from("x"), Buffer.alloc(0)]) {
      for (const usual of [null, "text", 7, 7.5, 7n, Buffer.from("bytes")]) {
        for (const at of [0, 3, 5]) {
          const rows = Array.from({ length: 6 }, (_, i): SqlRow => [i === at ? odd : usual]);
          same(crossed(rows), rows);
        }
      }
    }
  });

  it("of none, and of more columns than anybody has, are right too", () => {
    same(crossed([]), []);
    const wide = Array.from({ length: 2000 }, (_, i): SqlValue => (i % 3 === 0 ? i : `c${i}`));
    same(crossed([wide, [...wide].reverse()]), [wide, [...wide].reverse()]);
  });

  it("texts longer than a block, and blocks that are just full, are cut where they were joined", () => {
    const lengths = [4096, 1, 4095, 1, 4096, 0, 5000, 4094, 1, 1, 1, 0, 12_000];
    const rows = lengths.map((length, i): SqlRow => [String.fromCodePoint(97 + i).repeat(length)]);
    same(crossed(rows), rows);
    same(crossed([[""], [""]]), [[""], [""]]);
  });

  it("no text keeps more of the others in memory than a block", () => {
    const rows = Array.from({ length: 4096 }, (_, i): SqlRow => [`a text of some length, number ${i}`]);
    const [packed] = packRows(rows, 0, rows.length);
    const blocks = packed !== undefined && "blocks" in packed ? packed.blocks : [];
    expect(blocks.length).toBeGreaterThan(20);
    for (const block of blocks) expect(block.length).toBeLessThanOrEqual(4096);
  });

  it("a Buffer has its bytes for itself", () => {
    const rows = Array.from({ length: 3 }, (_, i): SqlRow => [Buffer.from([i, i])]);
    const received = crossed(rows);
    const [[first] = []] = received;
    (first as Buffer).fill(9);
    same(received.slice(1), rows.slice(1));
  });
});

describe("ownBytes", () => {
  it("leaves what has its memory to itself, and copies what has not", () => {
    const whole = Buffer.from(new Uint8Array([1, 2, 3]).buffer);
    expect(ownBytes(whole)).toBe(whole);
    const view = ownBytes(whole.subarray(1, 2)) as Uint8Array;
    expect([...view, view.buffer.byteLength]).toEqual([2, 1]);
    for (const value of [null, 1, 1n, "x"]) expect(ownBytes(value)).toBe(value);
  });
});
