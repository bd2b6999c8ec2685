/**
 * What the worker of a promised connection may use: its limits, and what happens beyond them.
 */
import { expect, it } from "vitest";
import { connect, InterfaceError, OperationalError } from "../../src/aio.ts";
import { collect, promised, raised } from "./quadrants.ts";

promised("resourceLimits", (db) => {
  it("a worker out of memory rejects what waits for it, and the process goes on", async () => {
    const conn = await connect(db.file(), { resourceLimits: { maxOldGenerationSizeMb: 32 } });
    await conn.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    // Rows of numbers past 2^53 are objects on the worker's heap.
    const many =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000000) SELECT 9007199254740993 + i, i FROM n";
    const calls = await Promise.allSettled([conn.fetchall(many), conn.execute("SELECT 1"), conn.commit()]);
    for (const call of calls) {
      expect(call).toMatchObject({ status: "rejected", reason: expect.any(OperationalError) });
    }
    const { cause, outcome } = await raised(OperationalError, () => conn.fetchone("SELECT 1"));
    expect([(cause as { code?: string }).code, outcome]).toEqual([
      "ERR_WORKER_OUT_OF_MEMORY",
      "not-executed",
    ]);
    await conn.close();
    expect(await (await db.connect(db.file())).fetchall("SELECT a FROM t")).toEqual([[1]]);
  });

  it("reading page by page needs no more than a little", async () => {
    const conn = await connect(":memory:", { resourceLimits: { maxOldGenerationSizeMb: 32 } });
    const sql =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 400000) SELECT i FROM n";
    const rows = await collect(conn.execute(sql));
    expect(rows).toHaveLength(400_000);
    await conn.close();
  });

  it.each([
    [null],
    [5],
    [{ maxOldGenerationSizeMb: 0 }],
    [{ maxOldGenerationSizeMb: "64" }],
    [{ stackSizeMb: Number.NaN }],
    [{ memory: 64 }],
  ])("that are none are an InterfaceError: %o", async (resourceLimits) => {
    await raised(InterfaceError, () => connect(":memory:", { resourceLimits: resourceLimits as never }));
  });
});
