import { describe, expect, it } from "vitest";
import { type Pending, PendingCalls } from "../../../../src/engine/thread/pending.ts";

function pending(id: number): Pending {
  const call = { id, method: "totalChanges", args: [], isStoppable: false } as const;
  return { call, resolve: () => {}, reject: () => {}, why: null };
}

const numbersOf = (all: readonly Pending[]) => all.map(({ call }) => call.id);

describe("calls on their way", () => {
  it("are found by their number until they are taken out, in any order, few and many at once", () => {
    for (const [count, from] of [
      [3, 1],
      [5000, 1],
      [5000, 2 ** 31 - 100],
      [100_000, 2 ** 32 - 5],
    ] as const) {
      const calls = new PendingCalls();
      const all = Array.from({ length: count }, (_, i) => pending(from + i));
      for (const one of all) calls.add(one);
      expect(calls.size).toBe(count);
      const isFound = ({ call: { id } }: Pending, one: unknown) =>
        calls.get(id) === one && calls.take(id) === one;
      expect(all.toReversed().every((one) => isFound(one, one) && isFound(one, undefined))).toBe(true);
      expect([calls.size, calls.all()]).toEqual([0, []]);
    }
  });

  it("are kept while any number of others come and go", () => {
    const calls = new PendingCalls();
    const long = [1, 2, 700].map(pending);
    let id = 0;
    for (const each of long) {
      while (++id < each.call.id) {
        calls.add(pending(id));
        calls.take(id);
      }
      calls.add(each);
    }
    while (++id < 20_000) {
      calls.add(pending(id));
      if (id !== 740) calls.take(id - 40);
    }
    expect(calls.size).toBe(long.length + 40);
    for (const each of long) expect(calls.get(each.call.id)).toBe(each);
    expect(numbersOf(calls.all()).slice(0, 4)).toEqual([1, 2, 700, 19_960]);
    expect(calls.take(700)).toBe(long[2]);
    expect(calls.get(700)).toBeUndefined();
    expect(numbersOf(calls.takeAll())).toEqual([1, 2, ...Array.from({ length: 40 }, (_, i) => 19_960 + i)]);
    expect([calls.size, calls.all()]).toEqual([0, []]);
    calls.add(pending(20_001));
    expect(numbersOf(calls.all())).toEqual([20_001]);
  });

  it("are where a Map would have them, whatever comes and goes", () => {
    const [calls, map] = [new PendingCalls(), new Map<number, Pending>()];
    let seed = 7;
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
      return seed % below;
    };
    for (let id = 1; id < 30_000; id++) {
      const one = pending(id);
      calls.add(one);
      map.set(id, one);
      // Long times with many on their way, and with few.
      while (map.size > (id % 9000 < 4000 ? 1500 : 20)) {
        const keys = [...map.keys()];
        const gone = keys[random(keys.length)] as number;
        expect(calls.take(gone)).toBe(map.get(gone));
        map.delete(gone);
      }
      if (id % 1000 === 0) expect(numbersOf(calls.all())).toEqual([...map.keys()]);
      expect(calls.size).toBe(map.size);
    }
  });
});
