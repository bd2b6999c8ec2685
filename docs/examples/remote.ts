/**
 * The job of the quickstart on a server: all cities of the world over the network, and back out. It uses the server that
 * `--url` names, and takes away what it made there; without one it starts a real sqld for itself.
 *
 *   node docs/examples/remote.ts [--url http://127.0.0.1:8080] [--token TOKEN]
 *
 * In a project of your own the import is `from "sqlite-dbapi/aio"`.
 */
import { parseArgs } from "node:util";
import {
  type AsyncConnection,
  connect,
  createPool,
  Error as DatabaseError,
  IntegrityError,
} from "../../src/aio.ts";
import { startSqld } from "../../test/servers/sqld.ts";
import { INSERT, rows, SCHEMA, startBar } from "./quickstart/cities.ts";
import { print, step, wholeNumber } from "./quickstart/print.ts";

interface Place {
  readonly url: string;
  readonly authToken: string | null;
}

async function fill(conn: AsyncConnection): Promise<void> {
  step("1. A table with rules, in one round trip");
  await conn.executescript(SCHEMA);
  console.log("created: city, city_lat");

  step("2. executemany: thousands of rows in a round trip, one transaction for all");
  const bar = startBar();
  const start = performance.now();
  const insert = await conn.executemany(INSERT, rows(), { onProgress: (done) => bar.update(done) });
  await conn.commit();
  bar.stop();
  const seconds = (performance.now() - start) / 1000;
  const count = wholeNumber(insert.rowcount);
  console.log(
    `${count} rows in ${seconds.toFixed(2)} s: ${wholeNumber(insert.rowcount / seconds)} rows per second`,
  );
}

async function ask(conn: AsyncConnection): Promise<void> {
  step("3. A query with parameters, its rows typed");
  const north = await conn.fetchall<[name: string, country: string, lat: number]>(
    "SELECT name, country, lat FROM city WHERE country IN (?, ?) ORDER BY lat DESC LIMIT 5",
    ["NO", "FI"],
  );
  print(["name", "country", "lat"], north);

  step("4. All rows, as they come: constant memory, the first of them at once");
  const start = performance.now();
  let first = 0;
  let count = 0;
  for await (const _ of conn.execute("SELECT name, lat, lng FROM city")) {
    if (count++ === 0) first = performance.now() - start;
  }
  console.log(
    `the first after ${first.toFixed(0)} ms, ${wholeNumber(count)} after ${(performance.now() - start).toFixed(0)} ms`,
  );
}

async function fail(conn: AsyncConnection): Promise<void> {
  step("5. A rule that says no is an IntegrityError, as on a file");
  try {
    await conn.execute("INSERT INTO city (name, country, lat, lng) VALUES (?, ?, ?, ?)", [
      "Nowhere",
      "NO",
      91,
      0,
    ]);
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
  await conn.rollback();

  step("6. A transaction that throws leaves nothing behind");
  const countCities = async () => Number((await conn.fetchone("SELECT count(*) FROM city"))?.[0]);
  const before = await countCities();
  try {
    await conn.transaction(async () => {
      const { rowcount } = await conn.execute("DELETE FROM city WHERE country = ?", ["FR"]);
      console.log(`inside:  ${wholeNumber(rowcount)} rows deleted, ${wholeNumber(await countCities())} left`);
      throw new RangeError("on second thought, no");
    });
  } catch (error) {
    console.log(`thrown:  ${error}`);
  }
  const after = await countCities();
  console.log(`after:   ${wholeNumber(after)} rows, ${after === before ? "as before" : "CHANGED"}`);
}

async function askAtOnce({ url, authToken }: Place): Promise<void> {
  step("7. Many questions at one time, by a pool");
  await using pool = await createPool(url, { authToken, readers: 5 });
  const sql = "SELECT ?1, count(*), min(lat), max(lat) FROM city WHERE country = ?1";
  const found = await Promise.all(
    ["BR", "DE", "IN", "KE", "NZ"].map((country) => pool.fetchone(sql, [country])),
  );
  print(
    ["country", "cities", "southernmost", "northernmost"],
    found.map((row) => row ?? []),
  );
}

async function run(place: Place): Promise<void> {
  await using conn = await connect(place.url, { authToken: place.authToken });
  const [version] = (await conn.fetchone("SELECT sqlite_version()")) ?? [];
  console.log(`SQLite ${version} on a server, database ${place.url}`);
  if ((await conn.fetchone("SELECT 1 FROM sqlite_schema WHERE name = 'city'")) !== null) {
    throw new Error(
      "the database has a table called city already, which this example would have to take away",
    );
  }
  try {
    await fill(conn);
    await ask(conn);
    await fail(conn);
    await askAtOnce(place);
  } catch (error) {
    // What fails now would only hide what has failed before.
    await takeAway(conn).catch(() => {});
    throw error;
  }
  await takeAway(conn);
}

async function takeAway(conn: AsyncConnection): Promise<void> {
  await conn.rollback();
  await conn.execute("DROP TABLE IF EXISTS city");
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { url: { type: "string" }, token: { type: "string" } } });
  if (values.url !== undefined) return run({ url: values.url, authToken: values.token ?? null });
  const server = await startSqld();
  try {
    await run({ url: server.url, authToken: null });
  } finally {
    await server.stop();
  }
}

try {
  await main();
} catch (error) {
  // What went wrong on the way has a code, and says what became of the work.
  const more =
    error instanceof DatabaseError
      ? ` (${error.code ?? error.name}, ${error.outcome ?? "outcome unknown"})`
      : "";
  console.error(`${error instanceof Error ? error.message : error}${more}`);
  process.exitCode = 1;
}
