/**
 * A process of its own that loads one driver and, unless it is only to load it, opens a database and reads a row: the clock
 * of process-trials.ts.
 */
import { plain, same } from "../lib/trial.ts";
import { standing } from "./suite.ts";

const [driver = "", upTo = ""] = process.argv.slice(2);

const start = performance.now();
const library = await standing.load(driver);
let elapsed = performance.now() - start;
if (upTo === "open") {
  const database = await library.open(":memory:");
  const find = await database.first("select 1");
  const row = await find();
  elapsed = performance.now() - start;
  same(plain(row), [1]);
  await database.close();
}
console.log(JSON.stringify(elapsed));
