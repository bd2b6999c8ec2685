/**
 * The counter of round-trips.ts: passes bytes on, and counts how often a client speaks when it was the server's turn before.
 * It need not know what they say, and works while the driver's thread stands still.
 */
import { type AddressInfo, connect, createServer } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

const { port, trips } = workerData as { readonly port: number; readonly trips: Int32Array };

const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ host: "127.0.0.1", port, noDelay: true });
  let isAnswered = true;
  client.on("data", () => {
    if (isAnswered) Atomics.add(trips, 0, 1);
    isAnswered = false;
  });
  upstream.on("data", () => {
    isAnswered = true;
  });
  client.pipe(upstream);
  upstream.pipe(client);
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
  }
});
server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as AddressInfo).port));
