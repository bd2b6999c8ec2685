/**
 * Tests src/core/run.ts: operations that are stopped while they wait for an answer, and those that hand out items where
 * answers are promised.
 */
import { describe, expect, it } from "vitest";
import {
  call,
  emit,
  generateAsync,
  invoke,
  type Operation,
  runAsync,
  runUntil,
  type Stop,
} from "../../../src/core/run.ts";
import type { AsyncEngine, Cancellation } from "../../../src/engine/port.ts";
import { interrupted } from "../../../src/errors/interrupted.ts";
import { scripted } from "./scripted-engine.ts";

/** Asks for two counts, one after the other. */
function* addUp(): Operation<number> {
  const first = yield* call("totalChanges");
  const second = yield* call("totalChanges");
  return first + second;
}

/** Asks for two counts, and writes down what it sees. */
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

describe("runUntil", () => {
  const WHY: Cancellation = { message: "why", cause: 7 };
  const INTERRUPTED = { code: "SQLITE_INTERRUPT", message: "why", cause: 7 };

  /** An engine that promises: its calls end when they are told to, and are stopped as an engine stops them. */
  function stage() {
    const calls: string[] = [];
    let settle: (value: unknown) => void = () => {};
    const answer = (method: string) => {
      calls.push(method);
      return new Promise<unknown>((resolve) => {
        settle = resolve;
      });
    };
    const engine = {
      stoppable: (method: string) => {
        let reject: (reason: unknown) => void = () => {};
        const refusal = new Promise<never>((_, fail) => {
          reject = fail;
        });
        const stop = (why: Cancellation) => {
          calls.push(`stop ${method}`);
          reject(interrupted(why, "not-executed"));
        };
        return { answer: Promise.race([answer(method), refusal]), stop };
      },
      totalChanges: () => answer("totalChanges, for good"),
      discard: () => answer("discard, for good"),
    };
    const stop: Stop = { why: null, onStop: null };
    const end = (): void => {
      Object.assign(stop, { why: WHY });
      stop.onStop?.(WHY);
    };
    const answered = async (value: unknown) => {
      settle(value);
      await new Promise((resolve) => setImmediate(resolve));
    };
    return { engine: engine as unknown as AsyncEngine, calls, stop, end, answered };
  }

  it("does as runAsync where nothing stops it", async () => {
    const { engine, calls, stop, answered } = stage();
    const running = runUntil(addUp(), engine, stop);
    await answered(1);
    expect(stop.onStop).not.toBe(null);
    await answered(2);
    expect(await running).toBe(3);
    expect([calls, stop.onStop]).toEqual([["totalChanges", "totalChanges"], null]);
  });

  it("stops the call that is under way, and tells the operation once; its way out runs to the end", async () => {
    const { engine, calls, stop, end, answered } = stage();
    const log: unknown[] = [];
    const running = runUntil(careful(log), engine, stop);
    await answered(1);
    end();
    end();
    await answered(undefined);
    await answered(undefined);
    expect(await running).toBe("recovered");
    expect(log).toEqual([1, expect.objectContaining(INTERRUPTED), "finally"]);
    expect(calls).toEqual([
      "totalChanges",
      "totalChanges",
      "stop totalChanges",
      "stop totalChanges",
      "discard, for good",
    ]);
  });

  it("asks for nothing when it was stopped before", async () => {
    const { engine, calls, stop, end } = stage();
    end();
    await expect(runUntil(addUp(), engine, stop)).rejects.toMatchObject({
      ...INTERRUPTED,
      outcome: "not-executed",
    });
    expect(calls).toEqual([]);
  });

  it("asks for nothing more when it was stopped between two calls", async () => {
    const { engine, calls, stop, end, answered } = stage();
    const operation = function* (): Operation<number> {
      const first = yield* call("totalChanges");
      yield* invoke(end);
      return first + (yield* call("totalChanges"));
    };
    const running = runUntil(operation(), engine, stop);
    running.catch(() => {});
    await answered(1);
    await expect(running).rejects.toMatchObject(INTERRUPTED);
    expect(calls).toEqual(["totalChanges"]);
  });

  it("an answer that comes after all is an answer, and the next call is not made", async () => {
    const { engine, calls, stop, answered } = stage();
    const log: unknown[] = [];
    const operation = function* (): Operation<void> {
      log.push(yield* call("totalChanges"));
      log.push(yield* call("totalChanges"));
    };
    const running = runUntil(operation(), engine, stop);
    running.catch(() => {});
    // Stopped without a word to the engine, as by a limit that comes with the answer.
    Object.assign(stop, { why: WHY });
    await answered(5);
    await expect(running).rejects.toMatchObject(INTERRUPTED);
    expect([log, calls]).toEqual([[5], ["totalChanges"]]);
  });

  it("does not stop code of the caller's: whoever has wrapped it does", async () => {
    const { engine, stop, end } = stage();
    const operation = function* (): Operation<unknown> {
      return yield* invoke(async () => {
        end();
        return 5;
      });
    };
    expect(await runUntil(operation(), engine, stop)).toBe(5);
  });
});

describe("generateAsync", () => {
  function* two(log: unknown[]): Operation<void> {
    try {
      yield* emit("a");
      log.push(yield* call("totalChanges"));
      yield* emit("b");
      yield* call("totalChanges");
    } finally {
      yield* call("discard", 7);
      log.push("finally");
    }
  }
  const steps = (script: ReturnType<typeof scripted>) => (step: () => Operation<unknown>) =>
    runAsync(step(), script.engine);

  it("hands out item after item, each step in a turn of its own", async () => {
    const script = scripted({ totalChanges: () => 1 });
    const log: unknown[] = [];
    const items: unknown[] = [];
    for await (const item of generateAsync<string>(two(log), steps(script)))
      items.push(item, script.calls.length);
    expect(items).toEqual(["a", 0, "b", 1]);
    expect(log).toEqual([1, "finally"]);
  });

  it("runs the operation's finally when it is left, and when a step is stopped", async () => {
    const script = scripted({ totalChanges: () => 1 });
    const log: unknown[] = [];
    for await (const _ of generateAsync(two(log), steps(script))) break;
    expect(log).toEqual(["finally"]);
    let isStopped = true;
    const failing = generateAsync(two(log), async (step) => {
      if (isStopped) {
        isStopped = false;
        throw interrupted({ message: "why", cause: 7 }, "not-executed");
      }
      return runAsync(step(), script.engine);
    });
    await failing.next();
    await expect(failing.next()).rejects.toMatchObject({ code: "SQLITE_INTERRUPT" });
    expect(log).toEqual(["finally", "finally"]);
  });
});
