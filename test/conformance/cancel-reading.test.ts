/**
 * Results that are read page by page and ended in between: by the signal of `execute`, or by the limits of one fetch.
 */
import { expect, it } from "vitest";
import { InterfaceError, OperationalError } from "../../src/aio.ts";
import { CEASELESS, interruptedBy, Stage, turns } from "./cancelling.ts";
import { promised, raised } from "./quadrants.ts";

promised("a result that is read", (db) => {
  const stage = new Stage(db);

  it("for await ends with the signal, and the statement is free", async () => {
    const conn = await stage.open();
    const controller = new AbortController();
    let count = 0;
    const reading = async () => {
      for await (const [i] of conn.execute(CEASELESS, [], { signal: controller.signal })) {
        count++;
        if (i === 1000) controller.abort("enough");
      }
    };
    const error = await interruptedBy("not-executed", reading);
    expect([error.cause, count]).toEqual(["enough", 1000]);
    expect(stage.workers.length).toBe(1);
    // An open reader would hold the lock that another process needs.
    await conn.executemany(
      "INSERT INTO t VALUES (?)",
      Array.from({ length: 3000 }, (_, i) => [i]),
    );
    await conn.commit();
    const half = new AbortController();
    const cursor = await conn.execute("SELECT a FROM t", [], { signal: half.signal });
    await cursor.fetchone();
    half.abort();
    await interruptedBy("not-executed", async () => {
      for await (const row of cursor) expect(row).toHaveLength(1);
    });
    await db.secondProcess(
      "const other = new Database(args[0], { timeout: 0 }); other.exec('DELETE FROM t');",
      [db.file()],
    );
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([]);
  });

  it("so do later fetches, rows in hand included; a new execute() begins anew", async () => {
    const conn = await stage.open();
    const controller = new AbortController();
    const cursor = await conn.execute(CEASELESS, [], { signal: controller.signal });
    expect(await cursor.fetchone()).toEqual([1]);
    expect(await cursor.fetchmany(2)).toEqual([[2], [3]]);
    controller.abort();
    for (const fetch of [
      () => cursor.fetchone(),
      () => cursor.fetchmany(1),
      () => cursor.fetchall(),
      () => cursor.fetchone({ timeout: 60_000 }),
      () => cursor.fetchone({ signal: new AbortController().signal }),
      () => cursor.fetchall({ timeout: 60_000 }),
    ])
      await interruptedBy("not-executed", fetch);
    await cursor.execute("SELECT 1");
    expect(await cursor.fetchall()).toEqual([[1]]);
  });

  it("a timeout of execute() is not one of the fetches after it", async () => {
    const conn = await stage.open();
    const cursor = await conn.execute(CEASELESS, [], { timeout: 2000 });
    await new Promise((resolve) => setTimeout(resolve, 2100));
    expect(await cursor.fetchmany(600)).toHaveLength(600);
  });

  it("the limits of a fetch are for that fetch", async () => {
    const conn = await stage.open();
    const cursor = await conn.execute(CEASELESS);
    const controller = new AbortController();
    controller.abort();
    await interruptedBy("not-executed", () => cursor.fetchone({ signal: controller.signal }));
    await interruptedBy("not-executed", () => cursor.fetchmany(1, { signal: controller.signal }));
    expect(await cursor.fetchone()).toEqual([1]);
    await interruptedBy("not-executed", () => cursor.fetchall({ timeout: 100 }));
    expect(await conn.fetchone("SELECT 2")).toEqual([2]);
  });

  it("a fetch in the same breath is ended with its statement", async () => {
    const conn = await stage.open();
    const controller = new AbortController();
    setTimeout(() => controller.abort("enough"), 60);
    const error = await interruptedBy("not-executed", () =>
      conn.execute(CEASELESS, [], { signal: controller.signal }).fetchmany(1e9),
    );
    expect(error.cause).toBe("enough");
    await interruptedBy("not-executed", () => conn.execute(CEASELESS).fetchall({ timeout: 60 }));
    const cursor = await conn.execute(CEASELESS);
    await interruptedBy("not-executed", () => cursor.fetchmany(1e9, { timeout: 60 }));
    // Rows went with it: what comes behind them must not look like the next ones.
    await interruptedBy("not-executed", () => cursor.fetchone());
    expect(await conn.fetchone("SELECT 2")).toEqual([2]);
  });

  it("wrong limits are refused, rows in hand or not", async () => {
    const conn = await stage.open();
    const cursor = await conn.execute("SELECT 1 UNION SELECT 2");
    for (const wrong of [{ timeout: 0 }, { timeout: "5" }, { signal: {} }, null, 5, "no"]) {
      await raised(InterfaceError, () => cursor.fetchone(wrong as never));
      await raised(InterfaceError, () => cursor.fetchmany(1, wrong as never));
      await raised(InterfaceError, () => cursor.fetchall(wrong as never));
      await raised(InterfaceError, () => conn.execute("SELECT 1", [], wrong as never));
      await raised(InterfaceError, () => conn.execute("SELECT 1").fetchone(wrong as never));
    }
    expect(await cursor.fetchall()).toEqual([[1], [2]]);
  });

  it("iterdump() ends between two lines", async () => {
    const conn = await stage.open();
    await conn.executemany(
      "INSERT INTO t VALUES (?)",
      Array.from({ length: 2000 }, (_, i) => [i]),
    );
    await conn.commit();
    const controller = new AbortController();
    let lines = 0;
    await interruptedBy("not-executed", async () => {
      for await (const _ of conn.iterdump({ signal: controller.signal })) {
        if (++lines === 300) controller.abort();
      }
    });
    expect(lines).toBeLessThan(2000);
    await turns(3);
    expect([conn.inTransaction, stage.workers.length]).toEqual([false, 1]);
    await conn.execute("DROP TABLE t");
  });

  it("a cursor that was half read when its worker was lost says so, and never reads another's rows", async () => {
    const conn = await stage.open();
    const cursor = await conn.execute(CEASELESS);
    await cursor.fetchmany(10);
    const cursors = [await conn.execute(CEASELESS), await conn.execute(CEASELESS)];
    const other = await conn.execute("SELECT 1");
    await interruptedBy("not-executed", () =>
      conn.fetchone("SELECT begun() + stuck()", [], { signal: stage.abortedOnceBegun() }),
    );
    // What was in hand is not lost, and no reader of the next worker is taken for one of the last.
    expect(await other.fetchall()).toEqual([[1]]);
    const next = await conn.execute(CEASELESS.replace("SELECT i FROM", "SELECT -i FROM"));
    expect(await next.fetchmany(2)).toEqual([[-1], [-2]]);
    let last = 10;
    const error = await raised(OperationalError, async () => {
      for (let row = await cursor.fetchone(); row !== null; row = await cursor.fetchone()) {
        expect(row).toEqual([++last]);
      }
    });
    expect(last).toBeLessThan(10_000);
    expect(error.message).toBe("what was not read or copied yet is gone with the worker that was still busy");
    await cursor.close();
    const again = await cursors[0]?.execute("SELECT 5");
    await cursors[1]?.close();
    expect(await again?.fetchall()).toEqual([[5]]);
    const rows = await next.fetchmany(1000);
    expect([rows.length, rows[0], rows.at(-1)]).toEqual([1000, [-3], [-1002]]);
  });
});
