/**
 * A web server on the cities of the world. Run it with `npm run web-server`, and in another terminal:
 *
 *     curl 'localhost:8000/cities?q=san&country=US&limit=3'       search
 *     curl localhost:8000/cities/1                                one city
 *     curl -X PATCH -d '{"visits":1}' localhost:8000/cities/1     an update
 *     curl localhost:8000/cities.ndjson > cities.ndjson           all of them, streamed
 *     curl localhost:8000/report                                  a query that takes a while
 *     curl localhost:8000/stats                                   how the server is
 *
 * It listens on PORT, or on a free one, and the database is DATABASE, or a temporary file. docs/guide/web-server.md tells
 * why it is built like this.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import type { AsyncConnection } from "../../src/aio.ts";
import { type City, openCities } from "./web-server/cities.ts";
import { type Exchange, HttpError, HttpService } from "./web-server/http.ts";
import { changesOf, jsonOf, searchOf } from "./web-server/input.ts";

const { DATABASE = join(tmpdir(), "sqlite-dbapi-web-server", "cities.db"), PORT = "0" } = process.env;

/** How long a query may take, its waiting included, in milliseconds. */
const SHORT = { timeout: 15_000 };
const LONG = { timeout: 60_000 };
/** How many long ones at a time: fewer than there are readers, so that short ones find one free. */
const MOST_LONG = 2;
/** How much of an export is written at once, in characters. */
const CHUNK = 32_768;

async function search({ query, signal }: Exchange) {
  const { q, country, limit } = searchOf(query);
  const where = country === null ? "" : "AND country = :country";
  const sql = `SELECT * FROM city WHERE name BETWEEN :q AND :q || char(0x10ffff) ${where}
               ORDER BY name, id LIMIT :limit`;
  return { cities: await pool.fetchall(sql, { q, country, limit }, { signal, ...SHORT }) };
}

async function byId({ path: { id }, signal }: Exchange) {
  return known(await pool.fetchone("SELECT * FROM city WHERE id = ?", [Number(id)], { signal, ...SHORT }));
}

function known(city: City | null): City {
  if (city === null) throw new HttpError(404, "there is no such city");
  return city;
}

/** Adds visits to a city, or gives it another name. */
async function update({ request, path: { id }, signal }: Exchange) {
  const { visits = 0, ...changes } = changesOf(await jsonOf(request));
  return pool.transaction(
    async (tx) => {
      const city = known(await tx.fetchone("SELECT * FROM city WHERE id = ?", [Number(id)]));
      // What has been read is still so: nobody else's transaction comes between.
      const changed = { ...city, ...changes, visits: city.visits + visits };
      await tx.execute("UPDATE city SET name = :name, visits = :visits WHERE id = :id", changed);
      return changed;
    },
    { signal, ...SHORT },
  );
}

/** Every city as a line of JSON, all as they were at one moment, no faster than the client takes them. */
async function exportAll({ response, signal }: Exchange) {
  const write = async (conn: AsyncConnection<City>) => {
    const cities = await conn.execute("SELECT * FROM city ORDER BY id");
    response.setHeader("content-type", "application/x-ndjson");
    await pipeline(linesOf(cities), response, { end: false });
  };
  await oneOfFew(() => pool.read(write, { signal, ...LONG }));
  // The reader is back in the pool before the client knows that this was all.
  response.end();
}

async function* linesOf(rows: AsyncIterable<City>) {
  let text = "";
  for await (const row of rows) {
    text += `${JSON.stringify(row)}\n`;
    if (text.length < CHUNK) continue;
    yield text;
    text = "";
    // Rows and socket may both be faster than this loop, which would then never make room for other requests.
    await setImmediate();
  }
  yield text;
}

/** The names that most countries share: a query that keeps one processor busy for some 300 ms. */
function report({ signal }: Exchange) {
  const sql = `SELECT name, count(DISTINCT country) AS countries, count(*) AS cities
               FROM city GROUP BY name ORDER BY countries DESC, cities DESC LIMIT 10`;
  return oneOfFew(async () => ({ names: await pool.fetchall(sql, [], { signal, ...LONG }) }));
}

let long = 0;
async function oneOfFew<R>(work: () => Promise<R>): Promise<R> {
  if (long >= MOST_LONG) throw new HttpError(503, "too many long requests at a time");
  long++;
  try {
    return await work();
  } finally {
    long--;
  }
}

/** How often the event loop's delay is measured, in milliseconds; the histogram counts that in. */
const RESOLUTION = 10;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION });

/** What the pool has done since the start, and how late the event loop has been since this was asked last. */
function stats() {
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION);
  const eventLoopDelay = { p99: late(delay.percentile(99)), max: late(delay.max) };
  delay.reset();
  return { underWay: service.underWay, eventLoopDelay, rss: process.memoryUsage.rss(), pool: pool.stats() };
}

const pool = await openCities(DATABASE);
const service = new HttpService([
  ["GET", /^\/cities$/, search],
  ["GET", /^\/cities\.ndjson$/, exportAll],
  ["GET", /^\/cities\/(?<id>\d{1,15})$/, byId],
  ["PATCH", /^\/cities\/(?<id>\d{1,15})$/, update],
  ["GET", /^\/report$/, report],
  ["GET", /^\/stats$/, stats],
]);
console.log(`listening on ${await service.listen(Number(PORT))}`);
delay.enable();

/** Answers what has been asked and closes the database; then nothing keeps the process alive. A second signal kills it. */
async function stop() {
  await service.stop(10_000);
  await pool.close({ timeout: 1000 });
}
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, stop);
