/**
 * A thread with nothing to do, to compare with: how late its event loop is tells what this machine does to anybody.
 */
import { Worker } from "node:worker_threads";

const CODE = `
  const { monitorEventLoopDelay } = require("node:perf_hooks");
  const { parentPort } = require("node:worker_threads");
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  parentPort.on("message", () => {
    parentPort.postMessage(Math.max(0, delay.percentile(99) / 1e6 - 10));
    delay.reset();
  });
`;

export interface IdleLoop {
  /** The 99th percentile of its delay since this was asked last, in milliseconds. */
  p99(): Promise<number>;
  end(): Promise<unknown>;
}

export function idleLoop(): IdleLoop {
  const worker = new Worker(CODE, { eval: true });
  const p99 = (): Promise<number> =>
    new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
      worker.postMessage(null);
    });
  return { p99, end: () => worker.terminate() };
}
