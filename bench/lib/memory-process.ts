/**
 * A process of its own that opens connections and tells what each of them adds to its resident memory, in bytes: the
 * scales of process-trials.ts. Run with --expose-gc.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { suiteNamed } from "../suites.ts";
import { same } from "./trial.ts";

const count = 8;
const [suiteName = "", driver = ""] = process.argv.slice(2);
const library = await suiteNamed(suiteName).load(driver);

async function openOne() {
  const database = await library.open(":memory:");
  const find = await database.first("select 1");
  same(await find(), [1]);
  return database;
}

/** After what was only needed for a moment is gone. */
async function residentMemory(): Promise<number> {
  await sleep(50);
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

// What the first connection loads is not what the next ones cost.
const open = [await openOne()];
const before = await residentMemory();
for (let i = 0; i < count; i++) open.push(await openOne());
const bytes = (await residentMemory()) - before;
for (const database of open) await database.close();
console.log(JSON.stringify(bytes / count));
