// Leaves cursors half read and forgets them, then sees whether another connection gets its lock once they are collected.
// Argument: the file. Needs --expose-gc. Says "free", or "locked".
import { setTimeout } from "node:timers/promises";
import { type Connection, connect } from "../../../src/index.ts";
import { parseArguments } from "./arguments.ts";

const [path] = parseArguments<[string]>();
const collect: unknown = Reflect.get(globalThis, "gc");
if (typeof collect !== "function") throw new Error("start this with --expose-gc");

function leave(conn: Connection): void {
  for (let i = 0; i < 20; i++) conn.execute("SELECT x FROM t").fetchone();
  for (const _ of conn.cursor().execute("SELECT x FROM t")) return;
}

const reader = connect(path);
reader.execute(
  "CREATE TABLE t AS WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 3000) SELECT x FROM r",
);
leave(reader);

const writer = connect(path, { timeout: 0, isolationLevel: null });
let state = "locked";
for (let tries = 0; tries < 100 && state === "locked"; tries++) {
  collect();
  await setTimeout(10);
  try {
    writer.execute("BEGIN EXCLUSIVE");
    writer.execute("ROLLBACK");
    state = "free";
  } catch (error) {
    if (!(error instanceof writer.OperationalError) || !error.retryable) throw error;
  }
}
console.log(state);
// The reader is still in use: only its cursors were forgotten.
reader.close();
writer.close();
