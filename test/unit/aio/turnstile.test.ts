import { describe, expect, it } from "vitest";
import { Turnstile } from "../../../src/aio/turnstile.ts";
import { ProgrammingError } from "../../../src/errors/tree.ts";

/** Work that ends when it is told to, and what has happened so far. */
function stage() {
  const events: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const work = (name: string) => () =>
    new Promise<string>((resolve, reject) => {
      events.push(`${name} begins`);
      ends.set(name, (error) => {
        events.push(error === undefined ? `${name} ends` : `${name} fails`);
        if (error === undefined) resolve(name);
        else reject(error);
      });
    });
  const end = async (name: string, error?: Error) => {
    ends.get(name)?.(error);
    await settle();
  };
  return { events, work, end };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("Turnstile", () => {
  it("lets shared work in together, in order, after the caller's own code", async () => {
    const turnstile = new Turnstile();
    const { events, work } = stage();
    void turnstile.enter(false, work("a"));
    void turnstile.enter(false, work("b"));
    expect(events).toEqual([]);
    await settle();
    expect(events).toEqual(["a begins", "b begins"]);
  });

  it("work that wants to be alone waits for all before it, and holds up all behind it", async () => {
    const turnstile = new Turnstile();
    const { events, work, end } = stage();
    void turnstile.enter(false, work("a"));
    void turnstile.enter(false, work("b"));
    void turnstile.enter(true, work("alone"));
    void turnstile.enter(false, work("c"));
    void turnstile.enter(true, work("last"));
    await settle();
    await end("b");
    expect(events).toEqual(["a begins", "b begins", "b ends"]);
    await end("a");
    expect(events.slice(3)).toEqual(["a ends", "alone begins"]);
    await end("alone");
    expect(events.slice(5)).toEqual(["alone ends", "c begins"]);
    await end("c");
    expect(events.slice(7)).toEqual(["c ends", "last begins"]);
  });

  it("is open where nobody is before, and what begins then counts like the others", async () => {
    const turnstile = new Turnstile();
    const { events, work, end } = stage();
    expect(turnstile.isOpen).toBe(true);
    turnstile.begin();
    expect(turnstile.isOpen).toBe(true);
    let isIdle = false;
    void turnstile.idle().then(() => {
      isIdle = true;
    });
    void turnstile.enter(true, work("alone"));
    expect(turnstile.isOpen).toBe(false);
    await settle();
    expect([events, isIdle]).toEqual([[], false]);
    turnstile.end();
    expect([events, turnstile.isOpen]).toEqual([["alone begins"], false]);
    await end("alone");
    expect([turnstile.isOpen, isIdle]).toEqual([true, true]);
    turnstile.refusal = () => new RangeError("no");
    expect(turnstile.isOpen).toBe(false);
  });

  it("lets work pass at the end of the tick, in order with the others, until whoever called ends it", async () => {
    const turnstile = new Turnstile();
    const { events, work, end } = stage();
    expect(turnstile.isSoonOpen).toBe(true);
    const passed = turnstile.pass(work("a"));
    const failed = turnstile.pass(() => {
      events.push("b begins");
      throw new RangeError("b");
    });
    expect([turnstile.isSoonOpen, turnstile.isOpen, events]).toEqual([true, false, []]);
    void turnstile.enter(false, work("c"));
    void turnstile.enter(true, work("alone"));
    expect(turnstile.isSoonOpen).toBe(false);
    await expect(failed).rejects.toThrow("b");
    expect(events).toEqual(["a begins", "b begins", "c begins"]);
    await end("a");
    await end("c");
    expect(await passed).toBe("a");
    turnstile.end();
    await settle();
    expect(events).not.toContain("alone begins");
    turnstile.end();
    expect([events.at(-1), turnstile.isSoonOpen]).toEqual(["alone begins", false]);
    await end("alone");
    expect(turnstile.isSoonOpen).toBe(true);
  });

  it("gives each its own result, and a failure is nobody else's", async () => {
    const turnstile = new Turnstile();
    const results = await Promise.allSettled([
      turnstile.enter(true, async () => 1),
      turnstile.enter(true, async () => {
        throw new RangeError("rejected");
      }),
      turnstile.enter(false, () => {
        throw new RangeError("thrown");
      }),
      turnstile.enter(true, async () => 2),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
  });

  it("is idle when nothing runs or waits, what comes meanwhile included", async () => {
    const turnstile = new Turnstile();
    await turnstile.idle();
    const { work, end } = stage();
    void turnstile.enter(true, work("a"));
    let isIdle = false;
    void turnstile.idle().then(() => {
      isIdle = true;
    });
    await settle();
    void turnstile.enter(false, work("b"));
    await end("a");
    expect(isIdle).toBe(false);
    await end("b");
    expect(isIdle).toBe(true);
  });

  it("refuses everybody while it has a reason to", async () => {
    const turnstile = new Turnstile();
    turnstile.refusal = () => new ProgrammingError("not now");
    await expect(turnstile.enter(false, async () => 1)).rejects.toThrow(ProgrammingError);
    turnstile.refusal = null;
    expect(await turnstile.enter(false, async () => 1)).toBe(1);
  });
});
