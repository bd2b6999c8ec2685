/**
 * Text in, rows out: a generator reads lines, `executemany` inserts what it yields, and an error says which line.
 * In a project of your own the import is `from "sqlite-dbapi"`.
 */
import { connect, Error as DatabaseFailure } from "../../src/index.ts";

const good = "sensor,celsius\nroof,21.5\ncellar,12\nroof,22.25\n";
const bad = "sensor,celsius\nroof,23\ncellar,\nroof,24\n";

/** The rows of a text with a head and commas; an empty field is NULL. One row at a time is in memory. */
function* rowsOf(text: string): Generator<(string | number | null)[]> {
  const lines = text.trimEnd().split("\n");
  for (const line of lines.slice(1)) {
    const [sensor = "", celsius = ""] = line.split(",");
    yield [sensor, celsius === "" ? null : Number(celsius)];
  }
}

const conn = connect(":memory:");
conn.execute("CREATE TABLE reading (id INTEGER PRIMARY KEY, sensor TEXT NOT NULL, celsius REAL NOT NULL)");

/** All lines of a text or none of them. */
function load(text: string): number {
  return conn.transaction(
    () => conn.executemany("INSERT INTO reading (sensor, celsius) VALUES (?, ?)", rowsOf(text)).rowcount,
  );
}

console.log(`good: ${load(good)} rows`);
try {
  load(bad);
} catch (error) {
  if (!(error instanceof DatabaseFailure) || error.index === undefined) throw error;
  // `index` counts the rows from 0; the text counts its lines from 1 and has a head.
  console.log(`bad:  line ${error.index + 2}: ${error.message}`);
}
for (const [sensor, count, mean] of conn.execute(
  "SELECT sensor, count(*), avg(celsius) FROM reading GROUP BY sensor ORDER BY sensor",
)) {
  console.log(`${sensor}: ${count} readings, mean ${mean}`);
}
conn.close();
