/**
 * Waiting until libsql has let go of a file. Its `close()` does not: the file stays open, and a synchronisation in the background
 * goes on, until the garbage collector has found the database and the loop has turned. This runs in a worker, whose heap is
 * small. Tests: test/faults/replica.test.ts.
 */
import { setImmediate, setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What a synchronisation in the background needs to end, milliseconds: it takes about 10. */
const GRACE = 50;

/** To be called when nothing refers to the database any more. */
export async function letGo(hasBackground: boolean): Promise<void> {
  collectGarbage();
  await setImmediate();
  await setImmediate();
  if (hasBackground) await setTimeout(GRACE);
}

/** A process started without the flag has no function for it, but a context made while the flag is set has. */
export function collectGarbage(): void {
  if (globalThis.gc !== undefined) return void globalThis.gc();
  setFlagsFromString("--expose-gc");
  try {
    (runInNewContext("gc") as () => void)();
  } finally {
    setFlagsFromString("--no-expose-gc");
  }
}
