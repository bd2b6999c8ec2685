// Writes one transaction after the other through the remote engine, two rows that belong together in each, and says which have
// been committed. What fails is tried again until the server is back. Arguments: the URL, the first number.
import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openHrana } from "../../../src/engine/hrana/open.ts";
import type { AsyncEngine, ExecuteReply } from "../../../src/engine/port.ts";
import { OperationalError } from "../../../src/errors/tree.ts";
import { parseArguments } from "./arguments.ts";

const [url, first] = parseArguments<[string, number]>();

function insert(engine: AsyncEngine, n: number, half: number): Promise<ExecuteReply> {
  return engine.execute({
    sql: "INSERT INTO pair VALUES (?, ?, ?)",
    values: [BigInt(n), BigInt(half), Buffer.alloc(3000, n)],
    begin: half === 0 ? "BEGIN IMMEDIATE" : null,
    guard: half !== 0,
    discard: 0,
    rows: "all",
    reads: false,
    reading: { integers: "auto", text: "string" },
  });
}

async function writePair(engine: AsyncEngine, n: number): Promise<"committed" | "unknown" | "lost"> {
  let isCommitting = false;
  try {
    await insert(engine, n, 0);
    await insert(engine, n, 1);
    isCommitting = true;
    await engine.control([{ sql: "COMMIT", when: "open" }]);
    return "committed";
  } catch (error) {
    if (!(error instanceof OperationalError)) throw error;
    await engine.control([{ sql: "ROLLBACK", when: "open" }]).catch(() => {});
    if (error.outcome !== "unknown") return "lost";
    if (!isCommitting) throw error;
    return "unknown";
  }
}

const engine = await openHrana({ url, connectTimeout: 2000, firstByteTimeout: 5000, maxRetries: 2 });
for (let n = first; ; ) {
  const outcome = await writePair(engine, n);
  // Written through at once: what was said before the end counts.
  writeSync(1, `${outcome} ${n}\n`);
  if (outcome === "lost") await sleep(20);
  else n++;
}
