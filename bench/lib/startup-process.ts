/**
 * A process of its own that loads one driver, opens a database and reads a row: the clock of trials/startup.ts.
 */
import { drivers } from "../drivers/all.ts";

const driver = drivers.find(({ name }) => name === process.argv[2]);
if (driver === undefined) throw new Error(`no driver is called ${process.argv[2]}`);

const start = performance.now();
const library = await driver.load();
const database = library.open(":memory:");
const row = database.first("select 1")();
const elapsed = performance.now() - start;
database.close();
console.log(JSON.stringify({ row: row?.[0], elapsed }));
