/**
 * Tests src/aio/turn.ts: what stops a call, once, and everything inside of it; and that nothing of it is left behind.
 */
import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Turn } from "../../../src/aio/turn.ts";
import type { Cancellation } from "../../../src/engine/port.ts";
import { InterfaceError, OperationalError } from "../../../src/errors/tree.ts";

const WHY: Cancellation = { message: "why", cause: 7 };

/** A turn, and why it was stopped, each time that it was. */
function watched(turn = new Turn()): { turn: Turn; stops: Cancellation[] } {
  const stops: Cancellation[] = [];
  turn.onStop = (why) => void stops.push(why);
  return { turn, stops };
}

describe("the limits of a turn", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("none makes no turn, and an empty one nothing that could stop it", () => {
    expect(Turn.of(undefined, null)).toBe(null);
    expect(Turn.of({}, null)).toBe(null);
    expect(Turn.of({ signal: undefined, timeout: undefined }, null)).toBe(null);
    expect(new Turn().isLimited).toBe(false);
  });

  it.each([[null], [5], ["5"], [{ timeout: 0 }], [{ timeout: "5" }], [{ signal: {} }], [{ signal: null }]])(
    "%o are refused",
    (options) => {
      expect(() => Turn.of(options as never, null)).toThrow(InterfaceError);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it("a wrong timeout leaves no listener on a right signal, nor the other way round", () => {
    const { signal } = new AbortController();
    expect(() => Turn.of({ signal, timeout: -1 }, null)).toThrow(InterfaceError);
    expect(() => Turn.of({ signal: 5 as never, timeout: 5 }, null)).toThrow(InterfaceError);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("a signal stops it, with the reason", () => {
    const controller = new AbortController();
    const { turn, stops } = watched(Turn.of({ signal: controller.signal }, null) ?? undefined);
    expect([turn.isLimited, turn.why]).toEqual([true, null]);
    controller.abort("enough");
    expect(stops).toEqual([{ message: "interrupted: the signal is aborted", cause: "enough" }]);
    expect(turn.why).toBe(stops[0]);
  });

  it("a signal that is aborted already stops it from the beginning", () => {
    const turn = Turn.of({ signal: AbortSignal.abort("before") }, null);
    expect(turn?.why?.cause).toBe("before");
  });

  it("the time limit stops it, and no earlier", () => {
    const { turn, stops } = watched(Turn.of({ timeout: 50 }, null) ?? undefined);
    vi.advanceTimersByTime(49);
    expect(turn.why).toBe(null);
    vi.advanceTimersByTime(1);
    expect(stops.map(({ message }) => message)).toEqual(["interrupted: the call has taken more than 50 ms"]);
    expect(stops[0]?.cause).toMatchObject({ name: "TimeoutError" });
  });

  it("only the first of several counts", () => {
    const controller = new AbortController();
    const { turn, stops } = watched(Turn.of({ signal: controller.signal, timeout: 50 }, null) ?? undefined);
    controller.abort("first");
    vi.advanceTimersByTime(100);
    turn.stop(WHY);
    expect(stops.map(({ cause }) => cause)).toEqual(["first"]);
  });

  it("can be added, one after the other", () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const { turn, stops } = watched();
    turn.limit({ signal: one.signal });
    turn.limit(undefined);
    turn.limit({ signal: two.signal, timeout: 10 });
    expect(turn.isLimited).toBe(true);
    two.abort("two");
    one.abort("one");
    expect(stops.map(({ cause }) => cause)).toEqual(["two"]);
    turn.end();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("end() takes back timers and listeners, and limits come too late after it", () => {
    const controller = new AbortController();
    const { signal } = controller;
    const { turn, stops } = watched(Turn.of({ signal, timeout: 50 }, null) ?? undefined);
    expect([getEventListeners(signal, "abort").length, vi.getTimerCount()]).toEqual([1, 1]);
    turn.end();
    turn.limit({ signal, timeout: 50 });
    expect([getEventListeners(signal, "abort").length, vi.getTimerCount()]).toEqual([0, 0]);
    controller.abort();
    turn.end();
    expect([turn.why, stops]).toEqual([null, []]);
    expect(() => turn.limit({ timeout: 0 })).toThrow(InterfaceError);
  });
});

describe("a turn inside of another", () => {
  it("is stopped with it, and not the other way round", () => {
    const { turn: outer, stops } = watched();
    const inner = Turn.of(undefined, outer);
    const innermost = Turn.of({}, inner);
    inner?.stop(WHY);
    expect([outer.why, innermost?.why]).toEqual([null, WHY]);
    const other = Turn.of(undefined, outer);
    const cause = { message: "outer", cause: null };
    outer.stop(cause);
    expect([other?.why, inner?.why]).toEqual([cause, WHY]);
    expect(stops).toEqual([cause]);
  });

  it("that has been stopped already never begins", () => {
    const outer = new Turn();
    outer.stop(WHY);
    expect(Turn.of(undefined, outer)?.why).toBe(WHY);
  });

  it("is let go when it is over", () => {
    const outer = new Turn();
    const inner = Turn.of(undefined, outer);
    inner?.end();
    outer.stop(WHY);
    expect(inner?.why).toBe(null);
  });

  it("twice is the same as once", () => {
    const outer = new Turn();
    const { turn, stops } = watched();
    turn.within(outer);
    turn.within(outer);
    turn.within(null);
    outer.stop(WHY);
    expect(stops).toEqual([WHY]);
  });
});

describe("race", () => {
  it("gives what the promise gives, and a value that is none", async () => {
    const turn = new Turn();
    expect(await turn.race(Promise.resolve(5))).toBe(5);
    expect(await turn.race(6)).toBe(6);
    const mine = new RangeError("mine");
    await expect(turn.race(Promise.reject(mine))).rejects.toBe(mine);
    expect(turn.onStop).toBe(null);
  });

  it("rejects at the stop, with an outcome that is left open", async () => {
    const turn = new Turn();
    const racing = turn.race(new Promise(() => {}));
    turn.stop(WHY);
    const error = await racing.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OperationalError);
    expect(error).toMatchObject({ message: "why", cause: 7, code: "SQLITE_INTERRUPT" });
    expect(error).not.toHaveProperty("outcome");
    expect(turn.onStop).toBe(null);
  });

  it("of a turn that is stopped already rejects, and a late rejection is handled", async () => {
    const turn = new Turn();
    turn.stop(WHY);
    let fail = (_: Error) => {};
    const late = new Promise((_, reject) => {
      fail = reject;
    });
    await expect(turn.race(late)).rejects.toThrow("why");
    fail(new Error("nobody handles this twice"));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
