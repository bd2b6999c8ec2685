import { describe, expect, it } from "vitest";
import type { Call } from "../../../../src/engine/thread/messages.ts";
import { Outbox } from "../../../../src/engine/thread/outbox.ts";

function call(id: number): Call {
  return { id, method: "totalChanges", args: [], isStoppable: false };
}

/** An outbox, and the numbers of the calls of each message. */
function outbox(isOpen = true, before = 0) {
  const messages: number[][] = [];
  let here = 0;
  const post = (calls: readonly Call[]) => {
    here = 0;
    messages.push(calls.map(({ id }) => id));
  };
  const box = new Outbox(post, () => before + ++here);
  if (isOpen) box.open();
  return { box, messages };
}

const tick = () => new Promise<void>((resolve) => queueMicrotask(resolve));

describe("Outbox", () => {
  it("posts the few calls of a tick together, when it is over", async () => {
    const { box, messages } = outbox();
    for (const id of [1, 2, 3]) box.add(call(id));
    expect(messages).toEqual([]);
    await tick();
    expect(messages).toEqual([[1, 2, 3]]);
    box.add(call(4));
    await tick();
    expect(messages).toEqual([[1, 2, 3], [4]]);
  });

  it("posts the first of many at once, in messages that become longer, every call once and in order", async () => {
    const { box, messages } = outbox();
    for (let id = 0; id < 300; id++) box.add(call(id));
    expect(messages.length).toBeGreaterThan(4);
    await tick();
    expect(messages.flat()).toEqual(Array.from({ length: 300 }, (_, id) => id));
    expect(messages[0]).toHaveLength(8);
    expect(Math.max(...messages.map(({ length }) => length))).toBe(128);
    for (let id = 0; id < 8; id++) box.add(call(id));
    expect(messages.at(-1)).toHaveLength(8);
  });

  it("waits for the end of the tick while the worker has enough to do, but not for any number of calls", async () => {
    const { box, messages } = outbox(true, 16);
    for (let id = 0; id < 100; id++) box.add(call(id));
    expect(messages).toEqual([]);
    await tick();
    expect(messages.map(({ length }) => length)).toEqual([100]);
    for (let id = 0; id < 300; id++) box.add(call(id));
    expect(messages.map(({ length }) => length)).toEqual([100, 128, 128]);
    await tick();
    expect(messages.at(-1)).toHaveLength(44);
  });

  it("keeps what comes before it is open, and forgets what it has when it closes", async () => {
    const { box, messages } = outbox(false);
    for (let id = 0; id < 100; id++) box.add(call(id));
    await tick();
    expect(messages).toEqual([]);
    box.open();
    expect(messages.flat()).toHaveLength(100);
    box.add(call(100));
    box.close();
    box.add(call(101));
    await tick();
    box.open();
    expect(messages.at(-1)).toEqual([101]);
  });

  it("gives a call back that has not been posted", async () => {
    const { box, messages } = outbox();
    const [one, two] = [call(1), call(2)];
    box.add(one);
    box.add(two);
    expect(box.remove(one)).toBe(true);
    await tick();
    expect(messages).toEqual([[2]]);
    expect([box.remove(one), box.remove(two)]).toEqual([false, false]);
  });
});
