/**
 * A process of its own that tells what loading a driver, or each connection of it, adds to its resident memory, in bytes:
 * the scales of process-trials.ts. Run with --expose-gc.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { plain, same } from "../lib/trial.ts";
import { standing } from "./suite.ts";

const count = 8;
const [driver = "", what = ""] = process.argv.slice(2);

/** After what was only needed for a moment is gone. */
async function residentMemory(): Promise<number> {
  await sleep(50);
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

async function ofImport(): Promise<number> {
  const before = await residentMemory();
  await standing.load(driver);
  return (await residentMemory()) - before;
}

async function ofConnection(): Promise<number> {
  const library = await standing.load(driver);
  const openOne = async () => {
    const database = await library.open(":memory:");
    const find = await database.first("select 1");
    same(plain(await find()), [1]);
    return database;
  };
  // What the first connection loads is not what the next ones cost.
  const open = [await openOne()];
  const before = await residentMemory();
  for (let i = 0; i < count; i++) open.push(await openOne());
  const bytes = (await residentMemory()) - before;
  for (const database of open) await database.close();
  return bytes / count;
}

console.log(JSON.stringify(what === "import" ? await ofImport() : await ofConnection()));
