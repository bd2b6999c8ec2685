/**
 * Long streams through a worker, in both directions: their memory must not grow with their length.
 * A short run by default; `npm run soak` goes the whole way.
 */
import { expect } from "vitest";
import { promised } from "../conformance/quadrants.ts";
import { isLong, soak } from "./lengths.ts";

/** The heap of either thread, megabytes: a tenth of what the rows would need together. */
const HEAP = 48;
/** What the whole process may come to, megabytes: SQLite and the messages on their way are not on those heaps. */
const PROCESS = 320;

/** Runs `work` where neither thread has room for the whole, and says how large the process became. */
const measured = (work: string) => `
  const conn = await connect(":memory:", { resourceLimits: { maxOldGenerationSizeMb: ${HEAP} } });
  const count = args[0];
  let most = 0;
  const watch = setInterval(() => { most = Math.max(most, process.memoryUsage.rss()); }, 5);
  const counted = await (async () => { ${work} })();
  clearInterval(watch);
  await conn.close();
  return { counted, megabytes: most / 2 ** 20 };`;

promised("a stream of any length needs the same memory", (db) => {
  const rows = isLong ? 10_000_000 : 1_000_000;
  const run = (work: string) =>
    db.secondProcess<{ counted: number; megabytes: number }>(
      measured(work),
      [rows],
      [`--max-old-space-size=${HEAP}`],
    );

  soak(`for await over ${rows} rows`, async () => {
    const { counted, megabytes } = await run(`
      let counted = 0;
      const sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?) SELECT i, 'row ' || i, i * 0.5 FROM n";
      for await (const [i, text] of conn.execute(sql, [count])) {
        counted++;
        if (text !== "row " + i || i !== counted) throw new Error("row " + counted + " is wrong");
      }
      return counted;`);
    expect(counted).toBe(rows);
    expect(megabytes).toBeLessThan(PROCESS);
  });

  soak(`executemany of a generator of ${rows} sets`, async () => {
    const { counted, megabytes } = await run(`
      await conn.execute("CREATE TEMP TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, name TEXT)");
      // One row over and over: the database does not grow either.
      async function* sets() { for (let i = 0; i < count; i++) yield [i % 10, "name " + i]; }
      let told = 0;
      await conn.executemany("REPLACE INTO t VALUES (?, ?)", sets(), { onProgress: (done) => { told = done; } });
      await conn.commit();
      return told;`);
    expect(counted).toBe(rows);
    expect(megabytes).toBeLessThan(PROCESS);
  });
});
