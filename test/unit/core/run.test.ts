/**
 * Tests src/core/run.ts: operations carried out on an engine that answers and on one that promises; where errors, early
 * ends and `finally` blocks go. Operations that are stopped are run-until.test.ts.
 */
import { describe, expect, it } from "vitest";
import { call, emit, generate, invoke, type Operation, run, runAsync } from "../../../src/core/run.ts";
import type { AsyncEngine } from "../../../src/engine/port.ts";
import { scripted } from "./scripted-engine.ts";

/** Asks for two counts, one after the other. */
function* addUp(): Operation<number> {
  const first = yield* call("totalChanges");
  const second = yield* call("totalChanges");
  return first + second;
}

/** Fails at the second count, and writes down what it sees. */
function* careful(log: unknown[]): Operation<string> {
  try {
    log.push(yield* call("totalChanges"));
    log.push(yield* call("totalChanges"));
    return "done";
  } catch (error) {
    log.push(error);
    return "recovered";
  } finally {
    yield* call("discard", 7);
    log.push("finally");
  }
}

/** An engine whose counts are 1, 2, … and fail at one of them. */
function counting(failAt = Number.POSITIVE_INFINITY) {
  const failure = new RangeError("count");
  let count = 0;
  const script = scripted({
    totalChanges: () => {
      if (++count === failAt) throw failure;
      return count;
    },
  });
  return { ...script, failure };
}

describe.each(["run", "runAsync", "runAsync on promises"])("%s", (how) => {
  const loop = async <T>(
    operation: Operation<T>,
    { engine }: { engine: ReturnType<typeof scripted>["engine"] },
  ): Promise<T> => {
    if (how === "run") return run(operation, engine);
    if (how === "runAsync") return await runAsync(operation, engine);
    const promising = new Proxy(engine, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return async (...args: readonly unknown[]) => Reflect.apply(member, target, args);
      },
    });
    return await runAsync(operation, promising as unknown as AsyncEngine);
  };

  it("calls the engine in order and gives what the operation returns", async () => {
    const script = counting();
    expect(await loop(addUp(), script)).toBe(3);
    expect(script.calls).toEqual([["totalChanges"], ["totalChanges"]]);
  });

  it("throws an error of the engine into the operation, which may recover", async () => {
    const script = counting(2);
    const log: unknown[] = [];
    expect(await loop(careful(log), script)).toBe("recovered");
    expect(log).toEqual([1, script.failure, "finally"]);
    expect(script.calls).toEqual([["totalChanges"], ["totalChanges"], ["discard", 7]]);
  });

  it("raises what the operation does not catch", async () => {
    const script = counting(2);
    await expect(loop(addUp(), script)).rejects.toBe(script.failure);
    expect(script.calls.length).toBe(2);
  });

  it("raises what the operation itself throws, before any call and after", async () => {
    const mine = new TypeError("mine");
    // biome-ignore lint/correctness/useYield: it throws before it asks for anything
    const early = function* (): Operation<void> {
      throw mine;
    };
    const late = function* (): Operation<void> {
      yield* call("totalChanges");
      throw mine;
    };
    await expect(loop(early(), counting())).rejects.toBe(mine);
    await expect(loop(late(), counting())).rejects.toBe(mine);
  });

  it("lets an error in a finally block take the place of the one before, and no more", async () => {
    const second = new Error("second");
    const script = scripted({
      totalChanges: () => {
        throw new Error("first");
      },
      discard: () => {
        throw second;
      },
    });
    await expect(loop(careful([]), script)).rejects.toBe(second);
  });

  it("calls a function of the caller's where it is asked for, with its error thrown back", async () => {
    const mine = new Error("mine");
    const operation = function* (): Operation<unknown[]> {
      const value = yield* invoke(() => 5);
      try {
        yield* invoke(() => {
          throw mine;
        });
      } catch (error) {
        return [value, error];
      }
      return [];
    };
    expect(await loop(operation(), counting())).toEqual([5, mine]);
  });

  it("hands out nothing where nobody collects", async () => {
    const operation = function* (): Operation<string> {
      yield* emit("lost");
      return "end";
    };
    expect(await loop(operation(), counting())).toBe("end");
  });
});

describe("runAsync", () => {
  it("waits for a promise of the caller's function", async () => {
    const operation = function* (): Operation<number> {
      return yield* invoke(() => Promise.resolve(5));
    };
    expect(await runAsync(operation(), counting().engine)).toBe(5);
  });
});

describe("generate", () => {
  function* counts(log: unknown[], most: number): Operation<void> {
    try {
      for (let i = 0; i < most; i++) yield* emit(yield* call("totalChanges"));
    } catch (error) {
      log.push(error);
      throw error;
    } finally {
      yield* call("discard", 7);
      log.push("finally");
    }
  }

  it("hands out item after item, and calls the engine no further than it is asked", () => {
    const script = counting();
    const items = generate<number>(counts([], 3), script.engine);
    expect(script.calls).toEqual([]);
    expect(items.next()).toEqual({ done: false, value: 1 });
    expect(script.calls.length).toBe(1);
    expect([...items]).toEqual([2, 3]);
    expect(script.calls.at(-1)).toEqual(["discard", 7]);
  });

  it("runs the operation's finally when the caller leaves, once", () => {
    const script = counting();
    const log: unknown[] = [];
    for (const item of generate<number>(counts(log, 1000), script.engine)) if (item === 2) break;
    expect(log).toEqual(["finally"]);
    expect(script.calls).toEqual([["totalChanges"], ["totalChanges"], ["discard", 7]]);
  });

  it("does nothing at all when it is left before it was begun", () => {
    const script = counting();
    const items = generate<number>(counts([], 3), script.engine);
    items.return();
    expect(script.calls).toEqual([]);
    expect(items.next().done).toBe(true);
  });

  it("throws an error of the engine into the operation and out of it, once", () => {
    const script = counting(2);
    const log: unknown[] = [];
    const items = generate<number>(counts(log, 5), script.engine);
    items.next();
    expect(() => items.next()).toThrow(script.failure);
    expect(log).toEqual([script.failure, "finally"]);
    expect(items.next().done).toBe(true);
  });

  it("raises what goes wrong in the operation's finally when the caller leaves", () => {
    const script = scripted({
      totalChanges: () => 1,
      discard: () => {
        throw new RangeError("late");
      },
    });
    const leave = () => {
      for (const _ of generate<number>(counts([], 5), script.engine)) break;
    };
    expect(leave).toThrow("late");
  });
});
