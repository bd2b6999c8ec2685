import { describe, expect, it } from "vitest";
import type { Page, Rest } from "../../../../src/engine/port.ts";
import { ReadAhead } from "../../../../src/engine/thread/read-ahead.ts";
import type { SqlRow } from "../../../../src/values/types.ts";

/** Readers of so many rows, and what was asked of them. */
class Readers {
  readonly asked: string[] = [];
  readonly #left = new Map<number, SqlRow[]>();
  #most = Number.POSITIVE_INFINITY;

  constructor(...counts: number[]) {
    for (const [i, count] of counts.entries()) {
      this.#left.set(
        i + 1,
        Array.from({ length: count }, (_, row): SqlRow => [row]),
      );
    }
  }

  /** From now on they take their time. */
  slow(): void {
    this.#most = 2;
  }

  fetch(id: number, count: number): Page {
    this.asked.push(`fetch ${id} ${count}`);
    const left = this.#left.get(id);
    if (left === undefined) throw new RangeError("no such reader");
    const rows = left.splice(0, Math.min(count, this.#most));
    if (left.length === 0) this.#left.delete(id);
    return { rows, reader: left.length === 0 ? 0 : id, error: null };
  }

  rest(id: number, untouched: boolean): Rest {
    this.asked.push(`rest ${id} ${untouched}`);
    const rows = this.#left.get(id) ?? [];
    this.#left.delete(id);
    return { rows, restarted: untouched, error: null };
  }

  discard(id: number): void {
    this.asked.push(`discard ${id}`);
    this.#left.delete(id);
  }
}

/** The rows of a result, page after page, with an idle moment after each. */
function readAll(ahead: ReadAhead, count: () => number): number[] {
  const seen: number[] = [];
  for (let reader = 1; reader !== 0; ) {
    const page = ahead.fetch(1, count());
    for (const [row] of page.rows) seen.push(row as number);
    ({ reader } = page);
    ahead.idle();
  }
  return seen;
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe("reading ahead", () => {
  it("reads the next page, larger than the one before, when there is time, and only one", () => {
    const readers = new Readers(100_000);
    const ahead = new ReadAhead(readers);
    ahead.fetch(1, 256);
    expect(readers.asked).toEqual(["fetch 1 256"]);
    ahead.idle();
    ahead.idle();
    expect(readers.asked).toEqual(["fetch 1 256", "fetch 1 512"]);
    expect(ahead.fetch(1, 512).rows[0]).toEqual([256]);
    expect(readers.asked).toHaveLength(2);
    for (let i = 0; i < 4; i++) {
      ahead.idle();
      ahead.fetch(1, [1024, 2048, 2048, 2048][i] as number);
    }
    expect(readers.asked.at(-1)).toBe("fetch 1 2048");
  });

  it("loses no row and changes no order, however many are asked for", () => {
    for (const length of [0, 1, 3, 256, 257, 768, 769, 5000]) {
      for (const counts of [[256], [1], [100, 7], [2048, 3]]) {
        let turn = 0;
        const count = () => counts[turn++ % counts.length] as number;
        expect(readAll(new ReadAhead(new Readers(length)), count)).toEqual(upTo(length));
      }
    }
  });

  it("does not begin with rows that take their time, nor where a page was not full", () => {
    const readers = new Readers(1000);
    readers.slow();
    const ahead = new ReadAhead(readers);
    ahead.fetch(1, 256);
    ahead.idle();
    expect(readers.asked).toEqual(["fetch 1 256"]);
  });

  it("the rest is that, with what has been read in front of it", () => {
    for (const length of [600, 1000, 5000]) {
      const readers = new Readers(length);
      const ahead = new ReadAhead(readers);
      const { rows } = ahead.fetch(1, 256);
      ahead.idle();
      const rest = ahead.rest(1, false);
      expect([...rows, ...rest.rows].map(([row]) => row)).toEqual(upTo(length));
      expect(rest.restarted).toBe(false);
      ahead.idle();
      expect(readers.asked.filter((asked) => asked.startsWith("fetch"))).toHaveLength(2);
    }
    const readers = new Readers(10);
    expect(new ReadAhead(readers).rest(1, true)).toMatchObject({ restarted: true });
  });

  it("a result that is ended is read no further, and another's page stays", () => {
    const readers = new Readers(1000, 1000);
    const ahead = new ReadAhead(readers);
    ahead.fetch(1, 100);
    ahead.discard(1);
    ahead.idle();
    expect(readers.asked).toEqual(["fetch 1 100", "discard 1"]);
    ahead.fetch(2, 100);
    ahead.idle();
    ahead.discard(1);
    expect(ahead.fetch(2, 10).rows[0]).toEqual([100]);
    expect(readers.asked.at(-1)).toBe("discard 1");
  });

  it("does not begin once there are functions, nor after something else, and keeps what it has", () => {
    const readers = new Readers(5000);
    const ahead = new ReadAhead(readers);
    ahead.fetch(1, 100);
    ahead.before("control");
    ahead.idle();
    expect(readers.asked).toHaveLength(1);
    ahead.fetch(1, 100);
    ahead.idle();
    expect(readers.asked).toHaveLength(3);
    ahead.before("defineFunction");
    expect(ahead.fetch(1, 200).rows[0]).toEqual([200]);
    ahead.idle();
    expect(readers.asked).toHaveLength(3);
  });

  it("a page of a database that is gone is not handed out", () => {
    const readers = new Readers(1000);
    const ahead = new ReadAhead(readers);
    ahead.fetch(1, 100);
    ahead.idle();
    ahead.before("deserialize");
    readers.discard(1);
    expect(() => ahead.fetch(1, 100)).toThrow("no such reader");
    const gone = new Readers(1000);
    const late = new ReadAhead(gone);
    late.fetch(1, 100);
    gone.discard(1);
    late.idle();
    expect(() => late.fetch(1, 100)).toThrow("no such reader");
  });
});
