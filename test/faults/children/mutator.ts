// Damages copies of a database in random places and uses each copy in every way, looking for errors that are not ours.
// Arguments: the sound file, a directory to work in, a seed, how many copies.
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Connection, connect, DatabaseError } from "../../../src/index.ts";
import { parseArguments } from "./arguments.ts";

const [path, directory, seed, copies] = parseArguments<[string, string, number, number]>();

// mulberry32: the same damage for the same seed.
let state = seed;
function random(below: number): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}

const sound = readFileSync(path);

function flip(bytes: Buffer, at: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
}

function damaged(): Buffer {
  const bytes = Buffer.from(sound);
  const at = () => (random(3) === 0 ? random(512) : random(bytes.length));
  for (let hits = 1 + random(8); hits > 0; hits--) {
    const kind = random(4);
    if (kind === 0) bytes[at()] = random(256);
    else if (kind === 1) flip(bytes, at());
    else if (kind === 2) bytes.fill(random(256), at(), at() + random(64));
    else bytes.copy(bytes, at(), at(), at() + random(200));
  }
  return bytes;
}

const USES: readonly ((conn: Connection) => unknown)[] = [
  (conn) => conn.fetchall("SELECT * FROM t"),
  (conn) => conn.fetchone("SELECT * FROM t WHERE id = 30"),
  (conn) => conn.fetchone("SELECT b FROM t WHERE name = 'name 40'"),
  (conn) => conn.fetchall("SELECT count(*), sum(length(b)) FROM t INDEXED BY i WHERE length(b) > 0"),
  (conn) => conn.fetchall("SELECT * FROM f WHERE f MATCH 'name'"),
  (conn) => [...conn.execute("SELECT * FROM t ORDER BY name DESC")],
  (conn) => [...conn.iterdump()],
  (conn) => conn.fetchall("PRAGMA integrity_check"),
  (conn) =>
    conn.executemany(
      "INSERT INTO t(name, b) VALUES (?, ?)",
      Array.from({ length: 70 }, (_, i) => [`new ${i}`, null]),
    ),
  (conn) => conn.execute("UPDATE t SET b = zeroblob(5000)"),
  (conn) => conn.execute("DELETE FROM t WHERE id % 2"),
  (conn) => conn.commit(),
  (conn) => conn.executescript("DROP INDEX IF EXISTS i; VACUUM"),
  (conn) => connect(":memory:").deserialize(conn.serialize()),
];

const copy = join(directory, "copy.db");
const strangers: string[] = [];
let failed = 0;
for (let n = 0; n < copies; n++) {
  for (const end of ["", "-journal", "-wal", "-shm"]) rmSync(copy + end, { force: true });
  if (n % 10 === 9) copyFileSync(path, copy);
  else writeFileSync(copy, damaged());
  let hasFailed = false;
  const conn = connect(copy, { timeout: 0 });
  for (const use of USES) {
    try {
      use(conn);
    } catch (error) {
      hasFailed = true;
      if (!(error instanceof DatabaseError) || error.name === "InternalError")
        strangers.push(`${n} ${String(use)}: ${String(error)}`);
    }
  }
  try {
    conn.close();
  } catch (error) {
    strangers.push(`${n} close: ${String(error)}`);
  }
  if (hasFailed) failed++;
}
console.log(JSON.stringify({ failed, strangers: strangers.slice(0, 20) }));
