/**
 * Tests src/engine/thread/reader-numbers.ts: a number that a cursor holds means one reader, whatever became of its worker.
 */
import { describe, expect, it } from "vitest";
import type { Call } from "../../../../src/engine/thread/messages.ts";
import { ReaderNumbers, withoutReader } from "../../../../src/engine/thread/reader-numbers.ts";

const reply = (reader: number) => ({ rows: [], reader });
const execute = (discard: number) => [{ sql: "SELECT 1", discard }];

describe("the readers of the first worker", () => {
  it("keep their numbers", () => {
    const numbers = new ReaderNumbers();
    const [answer, args] = [reply(7), [7, 256]];
    expect(numbers.outward(answer)).toBe(answer);
    expect(answer.reader).toBe(7);
    expect(numbers.inward("fetch", args)).toBe(args);
  });
});

describe("the readers of another", () => {
  it("have numbers of their own, there and back", () => {
    const numbers = new ReaderNumbers();
    numbers.restart();
    const { reader } = numbers.outward(reply(7)) as { reader: number };
    expect(reader).toBeGreaterThan(7);
    expect(numbers.inward("fetch", [reader, 256])).toEqual([7, 256]);
    expect(numbers.inward("rest", [reader, true])).toEqual([7, true]);
    expect(numbers.inward("discard", [reader])).toEqual([7]);
    expect(numbers.inward("execute", execute(reader))).toEqual(execute(7));
  });

  it("are not taken for those before, however many there were", () => {
    const numbers = new ReaderNumbers();
    const held = [1, 7, 4_000_000];
    for (let life = 0; life < 5; life++) {
      numbers.restart();
      for (const reader of held) {
        expect(numbers.inward("fetch", [reader, 256])).toBe(null);
        expect(numbers.inward("rest", [reader, true])).toBe(null);
        expect(numbers.inward("discard", [reader])).toEqual([0]);
        expect(numbers.inward("execute", execute(reader))).toEqual(execute(0));
      }
      held.push((numbers.outward(reply(7)) as { reader: number }).reader);
    }
  });

  it("and what is no reader stays as it is", () => {
    const numbers = new ReaderNumbers();
    numbers.restart();
    for (const value of [null, undefined, 5, "text", { rows: [] }, reply(0)]) {
      const copy = structuredClone(value);
      expect(numbers.outward(value)).toBe(value);
      expect(value).toEqual(copy);
    }
    const args = execute(0);
    expect(numbers.inward("execute", args)).toBe(args);
    expect(numbers.inward("totalChanges", [])).toEqual([]);
  });
});

describe("a call that is sent again", () => {
  it("ends no reader of the next worker", () => {
    const call: Call = { id: 1, method: "execute", args: execute(3), isStoppable: false };
    expect(withoutReader(call)).toEqual({ ...call, args: execute(0) });
    const other: Call = { id: 1, method: "control", args: [[]], isStoppable: false };
    expect(withoutReader(other)).toBe(other);
  });
});
