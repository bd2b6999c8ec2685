// Writes one transaction after the other, two rows that belong together in each, and says which have been committed.
// Arguments: the file, the journal mode, the first number.
import { writeSync } from "node:fs";
import { connect } from "../../../src/index.ts";
import { parseArguments } from "./arguments.ts";

const [path, mode, first] = parseArguments<[string, string, number]>();

const conn = connect(path);
conn.execute(`PRAGMA journal_mode = ${mode}`);
conn.execute("CREATE TABLE IF NOT EXISTS pair(n, half, filler)");
for (let n = first; ; n++) {
  const rows = Array.from({ length: 2 }, (_, half) => [n, half, Buffer.alloc(3000, n)]);
  conn.transaction(() => conn.executemany("INSERT INTO pair VALUES (?, ?, ?)", rows));
  // Written through at once: what was said before the end counts.
  writeSync(1, `${n}\n`);
}
