/**
 * What a pool tells: its numbers, the channel of its connections, and a warning with the stack of who holds one too long.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, it } from "vitest";
import type { PoolTrace } from "../../src/aio.ts";
import { gate, pools, until } from "./pools.ts";

interface Warning extends Error {
  readonly code?: string;
  readonly detail?: string;
}

pools("what a pool tells", (db) => {
  async function warningsOf(work: (warnings: Warning[]) => Promise<unknown>): Promise<Warning[]> {
    const warnings: Warning[] = [];
    const note = (warning: Warning) => void (warning.name === "PoolWarning" && warnings.push(warning));
    process.on("warning", note);
    await work(warnings);
    process.off("warning", note);
    return warnings;
  }

  it("who holds a connection too long, once for each holding, with the stack that acquired it", async () => {
    const pool = await db.pool({ maxHold: 20 });
    const { passed, open } = gate();
    async function forgetfulHandler() {
      await pool.transaction(() => passed);
    }
    const warnings = await warningsOf(async (told) => {
      const conn = await pool.connection({ readonly: true });
      const holding = forgetfulHandler();
      await until(() => told.length === 2);
      await new Promise((resolve) => setTimeout(resolve, 50));
      open();
      await Promise.all([holding, conn.release()]);
    });
    expect(warnings.map(({ message }) => message).sort()).toEqual([
      "a reader of the pool has been held for more than 20 ms; it was acquired here:",
      "the writer of the pool has been held for more than 20 ms; it was acquired here:",
    ]);
    const [warning] = warnings.filter(({ message }) => message.startsWith("the writer"));
    expect(warning?.code).toBe("POOL_HELD");
    expect(warning?.detail).toMatch(/^ {4}at .*forgetfulHandler.*pool-watch\.test\.ts/);
    expect(warning?.stack).toContain("forgetfulHandler");
  });

  it("nothing of those who are quick", async () => {
    const pool = await db.pool({ maxHold: 2_000 });
    const warnings = await warningsOf(() =>
      Promise.all([pool.fetchone("SELECT 1"), pool.transaction(() => 1)]),
    );
    expect(warnings).toEqual([]);
  });

  it("numbers that add up", async () => {
    const pool = await db.pool({ readers: 2, maxQueue: 1, acquireTimeout: 20 }, db.file());
    await pool.execute("CREATE TABLE t (a)");
    expect(pool.stats()).toEqual({
      readers: { total: 0, idle: 0, busy: 0, opening: 0 },
      writer: { total: 1, idle: 1, busy: 0, opening: 0 },
      waiting: { readers: 0, writer: 0 },
      acquired: 1,
      timedOut: 0,
      aborted: 0,
      refused: 0,
      rolledBack: 0,
      replaced: 0,
      retried: 0,
      longestWait: 0,
    });
    const conn = await pool.connection();
    await conn.execute("INSERT INTO t VALUES (1)");
    const waiting = pool.transaction(() => 1).catch(({ code }) => code);
    const refused = pool.transaction(() => 1).catch(({ code }) => code);
    expect(pool.stats()).toMatchObject({ writer: { busy: 1, idle: 0, total: 1 }, waiting: { writer: 1 } });
    expect(await Promise.all([waiting, refused])).toEqual(["POOL_TIMEOUT", "POOL_QUEUE_FULL"]);
    const stop = new AbortController();
    const gone = pool.transaction(() => 1, { signal: stop.signal }).catch(({ code }) => code);
    stop.abort();
    expect(await gone).toBe("SQLITE_INTERRUPT");
    await conn.release();
    expect(pool.stats()).toMatchObject({ acquired: 2, timedOut: 1, refused: 1, aborted: 1, rolledBack: 1 });
  });

  it("every connection that goes out, comes back or is lost, to those who listen", async () => {
    const events: PoolTrace[] = [];
    const note = (event: unknown) => void events.push(event as PoolTrace);
    subscribe("sqlite-dbapi:pool", note);
    try {
      const pool = await db.pool({ readers: 1 });
      await pool.execute("CREATE TABLE t (a)");
      await pool.fetchone("SELECT count(*) FROM t");
      await db.workers[0]?.terminate();
      await pool.transaction(() => 1);
    } finally {
      unsubscribe("sqlite-dbapi:pool", note);
    }
    expect(events.map(({ event, kind }) => `${event} ${kind}`)).toEqual([
      "acquire writer",
      "release writer",
      "acquire reader",
      "release reader",
      "replace writer",
      "acquire writer",
      "release writer",
    ]);
    const [acquired, released, , , replaced] = events;
    expect(acquired).toEqual({
      event: "acquire",
      kind: "writer",
      database: db.file(),
      waited: expect.any(Number),
    });
    expect(released).toEqual({
      event: "release",
      kind: "writer",
      database: db.file(),
      held: expect.any(Number),
    });
    expect(replaced).toEqual({ event: "replace", kind: "writer", database: db.file() });
  });
});
