/**
 * The line of callers by itself: its order, and every way to leave it.
 */
import { getEventListeners } from "node:events";
import { expect, it } from "vitest";
import { Counters } from "../../../src/aio/pool/counters.ts";
import { Limits } from "../../../src/aio/pool/limits.ts";
import { Line } from "../../../src/aio/pool/line.ts";

const FREE = new Limits(undefined);

function line(acquireTimeout = 0): { line: Line<string>; counters: Counters } {
  const counters = new Counters();
  return { line: new Line("the one", acquireTimeout, counters), counters };
}

it("serves in the order of coming, those who are still there", async () => {
  const { line: waiting } = line();
  const controller = new AbortController();
  const [a, b, c] = [
    waiting.wait(FREE),
    waiting.wait(new Limits({ signal: controller.signal })),
    waiting.wait(FREE),
  ];
  const left = expect(b).rejects.toMatchObject({ code: "SQLITE_INTERRUPT" });
  controller.abort();
  await left;
  expect(waiting.length).toBe(2);
  expect([waiting.serve("1"), waiting.serve("2"), waiting.serve("3")]).toEqual([true, true, false]);
  expect([await a, await c]).toEqual(["1", "2"]);
});

it("who was served leaves no timer and no listener behind", async () => {
  const { line: waiting, counters } = line(5);
  const { signal } = new AbortController();
  const served = waiting.wait(new Limits({ signal, timeout: 5 }));
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  waiting.serve("1");
  expect(await served).toBe("1");
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(counters).toMatchObject({ timedOut: 0, aborted: 0 });
});

it("counts those who leave by the pool's time, and those who leave by their own", async () => {
  const { line: waiting, counters } = line(5);
  await expect(waiting.wait(FREE)).rejects.toMatchObject({ code: "POOL_TIMEOUT", outcome: "not-executed" });
  await expect(waiting.wait(new Limits({ timeout: 1 }))).rejects.toMatchObject({ code: "SQLITE_INTERRUPT" });
  expect(counters).toMatchObject({ timedOut: 1, aborted: 1 });
  expect(waiting.length).toBe(0);
});

it("sends everybody away with the same reason", async () => {
  const { line: waiting } = line();
  const settled = Promise.allSettled([waiting.wait(FREE), waiting.wait(FREE)]);
  waiting.refuseAll("closed");
  expect(await settled).toEqual([1, 2].map(() => ({ status: "rejected", reason: "closed" })));
  expect(waiting.serve("1")).toBe(false);
});
