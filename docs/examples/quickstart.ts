/**
 * The main job on real input: all cities of the world into a file, and back out. Run it with `npm run quickstart`.
 * In a project of your own the import is `from "sqlite-dbapi"`; here it is the source, so that nothing needs building.
 */
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, IntegrityError, objectRow, scalarRow, sqliteVersion } from "../../src/index.ts";
import { INSERT, rows, SCHEMA, startBar } from "./quickstart/cities.ts";
import { print, step, wholeNumber } from "./quickstart/print.ts";

// A new file on each run. It stays there afterwards: any SQLite tool can open it.
const folder = join(tmpdir(), "sqlite-dbapi-quickstart");
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const file = join(folder, "cities.db");
const conn = connect(file);
console.log(`SQLite ${sqliteVersion} on Node ${process.versions.node}, database ${file}`);

step("1. A table with rules");
conn.executescript(SCHEMA);
console.log("created: city, city_lat");

step("2. executemany takes a generator: no list of all rows is made");
const bar = startBar();
const start = performance.now();
const insert = conn.executemany(INSERT, rows(), { onProgress: (done) => bar.update(done) });
conn.commit();
bar.stop();
const seconds = (performance.now() - start) / 1000;
const count = wholeNumber(insert.rowcount);
console.log(
  `${count} rows in ${seconds.toFixed(2)} s: ${wholeNumber(insert.rowcount / seconds)} rows per second`,
);

step("3. A query with parameters, its rows typed");
const north = conn.execute<[name: string, country: string, lat: number]>(
  "SELECT name, country, lat FROM city WHERE country IN (?, ?) ORDER BY lat DESC LIMIT 5",
  ["NO", "FI"],
);
print(["name", "country", "lat"], north.fetchall());

step("4. A rule that says no is an IntegrityError, with the rule in it");
try {
  conn.execute("INSERT INTO city (name, country, lat, lng) VALUES (?, ?, ?, ?)", ["Nowhere", "NO", 91, 0]);
} catch (error) {
  if (!(error instanceof IntegrityError)) throw error;
  print(
    ["field", "value"],
    [
      ["class", error.name],
      ["message", error.message],
      ["code", error.code],
      ["constraint", JSON.stringify(error.constraint)],
    ],
  );
}
conn.rollback();

step("5. A transaction that throws leaves nothing behind");
const countCities = () =>
  conn
    .cursor(scalarRow<number>)
    .execute("SELECT count(*) FROM city")
    .fetchone();
const before = countCities();
try {
  conn.transaction(() => {
    const { rowcount } = conn.execute("DELETE FROM city WHERE country = ?", ["FR"]);
    console.log(`inside:  ${wholeNumber(rowcount)} rows deleted, ${wholeNumber(countCities() ?? 0)} left`);
    throw new RangeError("on second thought, no");
  });
} catch (error) {
  console.log(`thrown:  ${error}`);
}
console.log(
  `after:   ${wholeNumber(countCities() ?? 0)} rows, ${countCities() === before ? "as before" : "CHANGED"}`,
);

step("6. An aggregate, its rows as objects");
interface Summary {
  readonly country: string;
  readonly cities: number;
  readonly south: number;
  readonly north: number;
}
const summary = conn
  .cursor(objectRow<Summary>)
  .execute(
    `SELECT country, count(*) AS cities, min(lat) AS south, max(lat) AS north
     FROM city GROUP BY country ORDER BY cities DESC LIMIT 5`,
  )
  .fetchall();
print(
  ["country", "cities", "southernmost", "northernmost"],
  summary.map((row) => [row.country, row.cities, row.south, row.north]),
);
conn.close();
