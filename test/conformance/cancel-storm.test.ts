/**
 * A thousand calls that are ended at random moments, on one connection: whatever they were in the middle of, each is settled,
 * nothing of it is half done, and nobody else is hurt.
 */
import { expect, it } from "vitest";
import { OperationalError } from "../../src/aio.ts";
import { Stage, turns } from "./cancelling.ts";
import { type AnyConnection, CHILD_DEADLINE, promised } from "./quadrants.ts";

interface Limits {
  readonly signal: AbortSignal;
}

promised("a thousand calls that are ended at random", (db) => {
  const stage = new Stage(db);

  /** The same numbers in every run. */
  function dice(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (state * 48271) % 2147483647;
      return state % below;
    };
  }

  /** Aborts within so many turns of the event loop, or some milliseconds later. */
  function abortedSoon(random: (below: number) => number): AbortSignal {
    const controller = new AbortController();
    const abort = () => controller.abort();
    const when = random(10);
    if (when === 0) abort();
    else if (when === 1) queueMicrotask(abort);
    else if (when < 5) void turns(random(50)).then(abort);
    else setTimeout(abort, random(400));
    return controller.signal;
  }

  it.each([1, 2])("seed %i", { timeout: CHILD_DEADLINE }, async (seed) => {
    const random = dice(seed * 7919);
    const conn = await stage.open();
    await conn.executescript(
      `CREATE TABLE account (id INTEGER PRIMARY KEY, balance NOT NULL); CREATE TABLE done (number PRIMARY KEY);
       INSERT INTO account SELECT value, 100 FROM json_each('[0,1,2,3,4,5,6,7,8,9]');`,
    );
    await conn.commit();
    await conn.createFunction("same", 1, async (value: unknown) => value);
    const unhandled: unknown[] = [];
    const note = (error: unknown) => void unhandled.push(error);
    process.on("unhandledRejection", note);

    const transfer = (number: number, limits: Limits) =>
      conn.transaction(async (tx: AnyConnection) => {
        const [from, to] = [random(10), random(10)];
        await tx.execute("UPDATE account SET balance = balance - 1 WHERE id = ?", [from]);
        if (number % 3 === 0) await tx.fetchall("SELECT same(balance) FROM account");
        if (number % 50 === 7) await tx.fetchone("SELECT stuck()");
        await tx.execute("UPDATE account SET balance = balance + 1 WHERE id = ?", [to]);
        await tx.execute("INSERT INTO done VALUES (?)", [number]);
      }, limits);
    const sum = "SELECT sum(balance) FROM account";
    const ways: readonly ((number: number, limits: Limits) => PromiseLike<unknown>)[] = [
      transfer,
      transfer,
      (_number, limits) => conn.fetchone(sum, [], limits).then((row) => expect(row).toEqual([1000])),
      (_number, limits) => conn.execute("SELECT * FROM account", [], limits).fetchall(),
      async (_number, limits) => {
        let seen = 0;
        const sql = "SELECT a.balance FROM account a, account b, account c ORDER BY a.id, b.id, c.id";
        for await (const _ of conn.execute(sql, [], limits)) seen++;
        expect(seen).toBe(1000);
      },
      (number, limits) => conn.fetchone(number % 60 === 5 ? "SELECT stuck()" : sum, [], limits),
      (_number, limits) => conn.fetchone("SELECT same(1), same(2)", [], limits),
    ];
    const told: unknown[] = [];
    const task = async (first: number) => {
      for (let number = first; number < first + 200; number++) {
        const way = ways[random(ways.length)] ?? transfer;
        try {
          await way(number, { signal: abortedSoon(random) });
          told[number] = "fulfilled";
        } catch (error) {
          expect(error, String(error)).toBeInstanceOf(OperationalError);
          told[number] = (error as OperationalError).outcome;
        }
      }
    };
    // None hangs, and each is told something that is true of its kind.
    await Promise.all(Array.from({ length: 5 }, (_, i) => task(200 * i)));
    await turns(5);
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
    expect(conn.inTransaction).toBe(false);
    expect(await conn.fetchone(sum)).toEqual([1000]);
    expect(await conn.fetchone("PRAGMA integrity_check")).toEqual(["ok"]);
    // A transfer that was told as done is there, and one that was told as undone is not.
    const done = new Set((await conn.fetchall<[number]>("SELECT number FROM done")).flat());
    for (const number of done) expect(["fulfilled", "unknown"]).toContain(told[number]);
    expect(told).toContain("fulfilled");
    expect(told).toContain("not-executed");
    expect(await conn.fetchone("SELECT same('works')")).toEqual(["works"]);
  });
});
