/**
 * How often a driver waits for its server: counted on the way, by a thread in between.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Sample, Subject } from "../lib/trial.ts";
import type { RemoteDatabase } from "./database.ts";

/**
 * @param prepare gets a database that is reached through the counter; what it resolves to is counted.
 * @returns a sample of the round trips from the call until the promise is settled. The first call is not counted: it may
 * prepare what later ones find.
 */
export function roundTrips(
  { library, place }: Subject<RemoteDatabase>,
  prepare: (database: RemoteDatabase) => Promise<() => Promise<unknown>>,
): Sample {
  return async () => {
    const trips = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const counter = new Worker(new URL("round-trips-thread.ts", import.meta.url), {
      workerData: { port: Number(new URL(place).port), trips },
      execArgv: [],
    });
    try {
      const [port] = (await once(counter, "message")) as [number];
      const database = await library.open(`http://127.0.0.1:${port}`);
      const work = await prepare(database);
      await work();
      const before = Atomics.load(trips, 0);
      await work();
      const count = Atomics.load(trips, 0) - before;
      await database.close();
      return count;
    } finally {
      await counter.terminate();
    }
  };
}
