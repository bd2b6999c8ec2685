import { once } from "node:events";
import { MessageChannel, Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { wake } from "../../../../src/engine/thread/mailbox.ts";

const MAILBOX = new URL("../../../../src/engine/thread/mailbox.ts", import.meta.url).href;

/** A message, the turns of the event loop by then, and how often there was nothing to do, or the worker has left. */
type Answer = readonly [message: number, turns: number, idle: number, left: number];

/** A worker that answers each message with it, and with how often its event loop has turned. */
const SCRIPT = `
  const { parentPort, workerData } = await import("node:worker_threads");
  const { listen } = await import(workerData.mailbox);
  let turns = 0;
  const turn = () => { turns++; setTimeout(turn, 1); };
  turn();
  const { port, memory } = workerData;
  let idle = 0;
  let left = 0;
  listen(port, memory, {
    take: (message) => port.postMessage([message, turns, idle, left]),
    idle: () => { idle++; return !workerData.isBusy; },
    leave: () => { left++; },
  });
  parentPort.postMessage("ready");
`;

describe("a mailbox", () => {
  const workers: Worker[] = [];
  afterEach(async () => {
    for (const worker of workers.splice(0)) await worker.terminate();
  });

  async function start(isBusy = false) {
    const memory = new Int32Array(new SharedArrayBuffer(16));
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(SCRIPT)}`), {
      workerData: { mailbox: MAILBOX, memory, port: port2, isBusy },
      transferList: [port2],
      execArgv: [],
    });
    workers.push(worker);
    await once(worker, "message");
    const answers: Answer[] = [];
    let told = () => {};
    port1.on("message", (answer: Answer) => {
      answers.push(answer);
      told();
    });
    const post = (message: number) => {
      port1.postMessage(message);
      wake(memory, 1);
    };
    const until = async (count: number) => {
      while (answers.length < count) {
        await new Promise<void>((resolve) => {
          told = resolve;
        });
      }
      return answers;
    };
    return { worker, post, until };
  }

  it("brings every message, in order, one by one and many at once, waited for or not", async () => {
    const { post, until } = await start();
    for (let i = 0; i < 200; i++) {
      post(i);
      if (i % 3 === 0) await until(i + 1);
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 8));
    }
    const answers = await until(200);
    expect(answers.map(([message]) => message)).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  it("leaves a worker that is never idle to its event loop now and then", async () => {
    const { post, until } = await start();
    let turns = 0;
    for (let count = 1; turns < 5; count++) {
      post(count);
      turns = (await until(count)).at(-1)?.[1] ?? 0;
    }
    expect(turns).toBeGreaterThanOrEqual(5);
  });

  it("tells when there is nothing to do, and whenever the worker leaves", async () => {
    const { post, until } = await start();
    let [idle, left] = [0, 0];
    for (let count = 1; idle < 5 || left < 5; count++) {
      await new Promise((resolve) => setTimeout(resolve, 8));
      post(count);
      const [, , idleNow, leftNow] = (await until(count)).at(-1) as Answer;
      expect([idleNow >= idle, leftNow >= left, leftNow <= idleNow]).toEqual([true, true, true]);
      [idle, left] = [idleNow, leftNow];
    }
  });

  it("does not keep a worker that waits from being ended", async () => {
    const { worker, post, until } = await start();
    post(1);
    await until(1);
    expect(await worker.terminate()).toBe(1);
  });

  it("does not wait where something is under way that wants the event loop", async () => {
    const { post, until } = await start(true);
    for (let i = 0; i < 50; i++) {
      post(i);
      await until(i + 1);
    }
    expect((await until(50)).map(([message]) => message)).toHaveLength(50);
  });
});
