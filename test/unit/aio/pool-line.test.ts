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

it("whoever comes back is before all others, by when he first came, and tells whether he would share", async () => {
  const { line: waiting } = line();
  const order: string[] = [];
  const now = performance.now();
  const wait = (name: string, isShared: boolean, since: number | null) =>
    waiting.wait(FREE, isShared, since).then(() => order.push(name));
  const all = [
    wait("last", false, null),
    wait("second", true, now - 5),
    wait("third", true, now - 5),
    wait("first", false, now - 10),
  ];
  expect(waiting.length).toBe(4);
  const shared: boolean[] = [];
  for (let i = 0; i < 4; i++) {
    shared.push(waiting.isNextShared);
    waiting.serve("1");
  }
  await Promise.all(all);
  expect(order).toEqual(["first", "second", "third", "last"]);
  expect(shared).toEqual([false, true, true, false]);
  expect([waiting.isNextShared, waiting.length]).toEqual([false, 0]);
});

it("whoever comes back has the rest of his time, and can be sent away", async () => {
  const { line: waiting, counters } = line(40);
  const overdue = waiting.wait(FREE, true, performance.now() - 100);
  const fresh = waiting.wait(FREE);
  const first = await Promise.race([overdue.catch(() => "overdue"), fresh.catch(() => "fresh")]);
  expect(first).toBe("overdue");
  await expect(fresh).rejects.toMatchObject({ code: "POOL_TIMEOUT" });
  expect(counters.timedOut).toBe(2);
  const settled = Promise.allSettled([waiting.wait(FREE, true, performance.now()), waiting.wait(FREE)]);
  waiting.refuseAll("closed");
  expect(await settled).toEqual([1, 2].map(() => ({ status: "rejected", reason: "closed" })));
  expect(waiting.length).toBe(0);
});
