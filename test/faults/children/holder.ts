// Takes a lock on a file and holds it until a line comes in, then lets go and says so.
// Arguments: the file, the statements that take the lock, how to let go: "commit", or "die" with the lock in hand.
import { once } from "node:events";
import { connect } from "../../../src/index.ts";
import { parseArguments } from "./arguments.ts";

const [path, statements, end] = parseArguments<[string, readonly string[], "commit" | "die"]>();

const conn = connect(path, { isolationLevel: null });
for (const sql of statements) conn.execute(sql);
console.log("held");
await once(process.stdin, "data");
if (end === "die") process.kill(process.pid, "SIGKILL");
conn.commit();
conn.close();
console.log("released");
process.exit(0);
