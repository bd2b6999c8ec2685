/**
 * Tests src/engine/thread/cancels.ts: the two threads agree on what is carried out, whoever looks first.
 */
import { MessageChannel, Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { CancelsReceived, CancelsSent } from "../../../../src/engine/thread/cancels.ts";

const channels: MessageChannel[] = [];
afterEach(() => {
  for (const { port1, port2 } of channels.splice(0)) {
    port1.close();
    port2.close();
  }
});

function ends(): { sent: CancelsSent; received: CancelsReceived } {
  const channel = new MessageChannel();
  channels.push(channel);
  const memory = new Int32Array(new SharedArrayBuffer(64));
  return {
    sent: new CancelsSent(channel.port1, memory),
    received: new CancelsReceived(channel.port2, memory),
  };
}

describe("a cancel", () => {
  it("that comes first is certain, and its call is left out", () => {
    const { sent, received } = ends();
    expect(received.begin(1)).toBe(false);
    expect([sent.cancel(3), sent.cancel(4)]).toEqual([true, true]);
    expect([2, 3, 4, 5].map((id) => received.begin(id))).toEqual([false, true, true, false]);
  });

  it("that comes last is not, and the call that has begun can see it", () => {
    const { sent, received } = ends();
    expect(received.begin(1)).toBe(false);
    expect(received.has(1)).toBe(false);
    expect(sent.cancel(1)).toBe(false);
    expect(received.has(1)).toBe(true);
    received.end(1);
    expect(received.has(1)).toBe(false);
  });

  it("works as well when there have been more calls than the memory can count", () => {
    const { sent, received } = ends();
    for (const id of [2 ** 31 - 1, 2 ** 31, 2 ** 32 + 1, 2 ** 32 + 2]) {
      expect([received.begin(id), sent.hasBegun(id), sent.hasBegun(id + 1)]).toEqual([false, true, false]);
    }
    expect(sent.cancel(2 ** 32 + 3)).toBe(true);
    expect(received.begin(2 ** 32 + 3)).toBe(true);
    expect(sent.abandonAt(2 ** 32 + 3)).toBe(true);
    expect(received.begin(2 ** 32 + 4)).toBe(true);
  });

  it("tells which calls have begun", () => {
    const { sent, received } = ends();
    expect(sent.hasBegun(1)).toBe(false);
    received.begin(1);
    received.begin(2);
    expect([1, 2, 3].map((id) => sent.hasBegun(id))).toEqual([true, true, false]);
  });
});

describe("abandoning", () => {
  it("in time forbids everything behind the call", () => {
    const { sent, received } = ends();
    received.begin(1);
    received.begin(2);
    expect(sent.abandonAt(2)).toBe(true);
    expect([3, 4, 5].map((id) => received.begin(id))).toEqual([true, true, true]);
  });

  it("too late changes nothing", () => {
    const { sent, received } = ends();
    received.begin(1);
    received.begin(2);
    expect(sent.abandonAt(1)).toBe(false);
    expect(received.begin(3)).toBe(false);
    expect(sent.hasBegun(3)).toBe(true);
  });
});

/** The worker's end in a thread of its own: begins call after call, and says which it has carried out. */
const RACER = `
  import { workerData, parentPort } from "node:worker_threads";
  import { CancelsReceived } from ${JSON.stringify(new URL("../../../../src/engine/thread/cancels.ts", import.meta.url).href)};
  const { port, memory, count } = workerData;
  const received = new CancelsReceived(port, memory);
  const done = [];
  for (let id = 1; id <= count; id++) {
    if (!received.begin(id)) done.push(id);
    received.end(id);
    for (let i = 0; i < (id * 7919) % 300; i++) Math.sqrt(i);
  }
  parentPort.postMessage(done);
  port.close();`;

/** Runs the worker's end, and `race` on this one as long as that goes on. */
async function against(
  count: number,
  race: (sent: CancelsSent, memory: Int32Array) => void,
): Promise<Set<number>> {
  const channel = new MessageChannel();
  channels.push(channel);
  const memory = new Int32Array(new SharedArrayBuffer(64));
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(RACER)}`), {
    workerData: { port: channel.port2, memory, count },
    transferList: [channel.port2],
    execArgv: [],
  });
  const answer = new Promise<number[]>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  race(new CancelsSent(channel.port1, memory), memory);
  return new Set(await answer);
}

describe("in two threads", () => {
  it("what is certain not to be carried out never is", async () => {
    const COUNT = 20_000;
    const certain: number[] = [];
    const done = await against(COUNT, (sent) => {
      // Just ahead of the other, where the two meet.
      for (let id = 1; id <= COUNT; id++) {
        while (!sent.hasBegun(Math.max(1, id - 2)));
        if (sent.cancel(id)) certain.push(id);
      }
    });
    expect(certain.filter((id) => done.has(id))).toEqual([]);
    expect(done.size + certain.length).toBeGreaterThan(0);
  });

  it.each([10, 500, 5000])("what is behind an abandoned call is not carried out (at %i)", async (at) => {
    let abandoned = 0;
    const done = await against(20_000, (sent) => {
      for (let id = at; id <= 20_000 && abandoned === 0; id++) {
        while (!sent.hasBegun(id));
        if (sent.abandonAt(id)) abandoned = id;
      }
    });
    const behind = [...done].filter((id) => abandoned > 0 && id > abandoned);
    expect(behind).toEqual([]);
    // Too late for every one of them, or in time for one.
    expect(abandoned === 0 ? done.size : Math.max(...done)).toBe(abandoned === 0 ? 20_000 : abandoned);
  });
});
