import { describe, expect, it } from "vitest";
import { currentTurnstile, guardSets, inScope } from "../../../src/aio/lane.ts";

const tick = () => new Promise((resolve) => setTimeout(resolve, 1));

describe("inScope", () => {
  it("gives a turnstile that calls find, wherever they are made from", async () => {
    const owner = {};
    const found = async () => {
      await tick();
      return currentTurnstile(owner);
    };
    expect(currentTurnstile(owner)).toBe(null);
    await inScope(owner, null, async (turnstile) => {
      expect(await found()).toBe(turnstile);
      expect(currentTurnstile({})).toBe(null);
    });
    expect(currentTurnstile(owner)).toBe(null);
  });

  it("nests, also across owners", async () => {
    const [one, two] = [{}, {}];
    await inScope(one, null, (outer) =>
      inScope(two, null, (other) =>
        inScope(one, null, async (inner) => {
          expect(currentTurnstile(one)).toBe(inner);
          expect(currentTurnstile(two)).toBe(other);
          expect(inner).not.toBe(outer);
        }),
      ),
    );
  });

  it("waits for what its function left running, then closes", async () => {
    const owner = {};
    let isDone = false;
    let late: Promise<unknown> = Promise.resolve();
    await inScope(owner, null, (turnstile) => {
      void turnstile.enter(false, async () => {
        await tick();
        isDone = true;
      });
      late = new Promise((resolve) => setTimeout(() => resolve(currentTurnstile(owner)), 20));
    });
    expect(isDone).toBe(true);
    expect(await late).toBe(null);
  });
});

describe("guardSets", () => {
  it("refuses the owner to whoever makes the sets, and nobody else", async () => {
    const owner = {};
    async function* sets() {
      await tick();
      yield currentTurnstile(owner)?.refusal?.().message;
    }
    const seen: unknown[] = [];
    for await (const refusal of guardSets(owner, null, sets())) {
      seen.push(refusal, currentTurnstile(owner));
    }
    expect(seen).toEqual([expect.stringContaining("executemany() is running"), null]);
  });

  it("ends an iterable that is left early, one without return() too", async () => {
    let isEnded = false;
    async function* endless() {
      try {
        for (;;) yield 1;
      } finally {
        isEnded = true;
      }
    }
    for await (const _ of guardSets({}, null, endless())) break;
    expect(isEnded).toBe(true);
    const bare = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: 1 }) }) };
    for await (const _ of guardSets({}, null, bare as AsyncIterable<number>)) break;
  });
});
