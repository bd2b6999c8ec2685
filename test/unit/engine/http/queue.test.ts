/**
 * Tests src/engine/http/queue.ts, call.ts and pause.ts: calls in their order, and how one is stopped.
 */
import { describe, expect, it } from "vitest";
import { Call } from "../../../../src/engine/http/call.ts";
import { LinkFailure } from "../../../../src/engine/http/link-failure.ts";
import { pause } from "../../../../src/engine/http/pause.ts";
import { Queue } from "../../../../src/engine/http/queue.ts";

const WHY = { message: "interrupted: enough", cause: new Error("enough") };
const never = (call: Call) =>
  call.wait<never>(
    () => () => {},
    0,
    () => new LinkFailure("timeout", ""),
  );

describe("Queue", () => {
  it("runs one call at a time, in the order they were made, whatever becomes of them", async () => {
    const queue = new Queue(60_000);
    const log: string[] = [];
    const work = (name: string, fails = false) =>
      queue.add(async () => {
        log.push(`${name} begins`);
        await new Promise(setImmediate);
        log.push(`${name} ends`);
        if (fails) throw new Error(name);
      });
    const results = await Promise.allSettled([work("a", true), work("b"), work("c")]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
    expect(log).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("drops a call that waits, which never runs", async () => {
    const queue = new Queue(60_000);
    let hasRun = false;
    const running = queue.start(never);
    const waiting = queue.start(async () => {
      hasRun = true;
    });
    waiting.stop(WHY);
    await expect(waiting.answer).rejects.toMatchObject({
      code: "SQLITE_INTERRUPT",
      outcome: "not-executed",
      cause: WHY.cause,
    });
    running.stop(WHY);
    await expect(running.answer).rejects.toMatchObject({ code: "SQLITE_INTERRUPT", message: WHY.message });
    await queue.add(async () => {});
    expect(hasRun).toBe(false);
  });

  it("stops a call after its total time, which is no interruption", async () => {
    const queue = new Queue(5);
    // The queue's timer keeps no process alive, so something else has to.
    const alive = setInterval(() => {}, 1000);
    await expect(queue.add(never)).rejects.toMatchObject({ code: "TIMEOUT" });
    clearInterval(alive);
  });

  it("stops everything at once", async () => {
    const queue = new Queue(60_000);
    const calls = [queue.add(never), queue.add(never), queue.add(never)];
    queue.stopAll(WHY);
    const results = await Promise.allSettled(calls);
    expect(results.every(({ status }) => status === "rejected")).toBe(true);
  });

  it("ignores a stop that comes too late", async () => {
    const { answer, stop } = new Queue(60_000).start(async () => 5);
    expect(await answer).toBe(5);
    stop(WHY);
    expect(await answer).toBe(5);
  });
});

describe("Call.wait", () => {
  it("tidies up once, however it ends", async () => {
    let tidied = 0;
    const wait = (call: Call, settle: boolean) =>
      call.wait<number>(
        (resolve) => {
          if (settle) resolve(1);
          return () => {
            tidied++;
          };
        },
        5,
        () => new LinkFailure("timeout", "late"),
      );
    expect(await wait(new Call(), true)).toBe(1);
    await expect(wait(new Call(), false)).rejects.toThrow("late");
    const call = new Call();
    const stopped = wait(call, false);
    call.stop(new LinkFailure("cancelled", "enough"));
    call.stop(new LinkFailure("cancelled", "again"));
    await expect(stopped).rejects.toThrow("enough");
    expect(tidied).toBe(3);
    await expect(wait(call, true)).rejects.toThrow("enough");
    expect(() => call.check()).toThrow("enough");
  });
});

describe("pause", () => {
  it("waits no longer than anybody would", async () => {
    expect(await pause(0, 86_400_000, new Call())).toBe(false);
    expect(await pause(0, 0, new Call())).toBe(true);
  });

  it("ends with its call", async () => {
    const call = new Call();
    const waiting = pause(30, 9000, call);
    call.stop(new LinkFailure("cancelled", "enough"));
    await expect(waiting).rejects.toThrow("enough");
  });
});
