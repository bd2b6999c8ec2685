/**
 * A process of its own that loads one driver, opens a database and reads a row: the clock of process-trials.ts.
 */
import { suiteNamed } from "../suites.ts";
import { same } from "./trial.ts";

const [suiteName = "", driver = ""] = process.argv.slice(2);
const suite = suiteNamed(suiteName);

const start = performance.now();
const library = await suite.load(driver);
const database = await library.open(":memory:");
const find = await database.first("select 1");
const row = await find();
const elapsed = performance.now() - start;
same(row, [1]);
await database.close();
console.log(JSON.stringify(elapsed));
