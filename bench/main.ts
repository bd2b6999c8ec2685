/**
 * The bench: in each suite every driver does every trial, each driver in a process of its own, in interleaved rounds.
 * `npm run bench -- --help` tells the options.
 */
import { fileURLToPath } from "node:url";
import { cache } from "./lib/cache.ts";
import { readOptions } from "./lib/options.ts";

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (typeof options === "string") return console.log(options);
  if (options.rows !== null) {
    // Before the trials are loaded, here and in the drivers' processes: their names tell how many rows there are.
    process.env.BENCH_ROWS = String(options.rows);
    // Half of a quick bench would go by with reading its own TypeScript.
    process.env.NODE_COMPILE_CACHE = fileURLToPath(new URL("compiled", cache));
  }
  const { run } = await import("./run.ts");
  await run(options);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
