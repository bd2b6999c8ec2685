/**
 * `transaction(fn, { retries })`: against a lock that is really held, by another connection or another process.
 */
import { expect, it } from "vitest";
import { IntegrityError, OperationalError } from "../../src/index.ts";
import { flow } from "./flow.ts";
import { type AnyConnection, conformance, raised } from "./quadrants.ts";

conformance("transaction() with retries", (db) => {
  async function open(): Promise<AnyConnection> {
    const conn = await db.connect(db.file(), db.can.busyTimeout ? { timeout: 0 } : {});
    if (db.can.maintenance) await conn.execute("PRAGMA journal_mode = WAL");
    await conn.execute("CREATE TABLE IF NOT EXISTS t (a UNIQUE)");
    return conn;
  }

  /** Reads, lets another process write while `stale()` says so, and writes: on a snapshot that is too old, then. */
  const readThenWrite = (conn: AnyConnection, stale: () => boolean) =>
    flow(function* () {
      const [count] = (yield conn.fetchone("SELECT count(*) FROM t")) as [number];
      if (stale())
        db.secondProcessSync(
          "const c = await connect(args[0]); await c.execute('INSERT INTO t VALUES (random())'); await c.commit(); await c.close();",
          [db.file()],
        );
      yield conn.execute("INSERT INTO t VALUES (?)", [-count]);
      return count;
    });

  it.skipIf(!db.can.files)("runs the function again after a second process wrote in between", async () => {
    const conn = await open();
    let calls = 0;
    const work = readThenWrite(conn, () => ++calls <= 2);
    expect(await conn.transaction(work, { mode: "DEFERRED", retries: 5 })).toBe(2);
    expect(calls).toBe(3);
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([3]);
  });

  it.skipIf(!db.can.files)("gives up after so many, with the error of the last", async () => {
    const conn = await open();
    let calls = 0;
    const work = readThenWrite(conn, () => ++calls > 0);
    const error = await raised(OperationalError, () =>
      conn.transaction(work, { mode: "DEFERRED", retries: 1 }),
    );
    expect(error).toMatchObject({ code: "SQLITE_BUSY_SNAPSHOT", retryable: true });
    expect(calls).toBe(2);
    expect(conn.inTransaction).toBe(false);
  });

  it.skipIf(!db.can.files)("does not retry unless it is told to", async () => {
    const conn = await open();
    let calls = 0;
    const work = readThenWrite(conn, () => ++calls > 0);
    await raised(OperationalError, () => conn.transaction(work, { mode: "DEFERRED" }));
    expect(calls).toBe(1);
  });

  it("does not retry what running again cannot help", async () => {
    const conn = await open();
    let calls = 0;
    const work = flow(function* () {
      calls++;
      yield conn.execute("INSERT INTO t VALUES (1)");
      yield conn.execute("INSERT INTO t VALUES (1)");
    });
    await raised(IntegrityError, () => conn.transaction(work, { retries: 3 }));
    await raised(RangeError, () =>
      conn.transaction(
        () => {
          calls++;
          throw new RangeError("not of the database");
        },
        { retries: 3 },
      ),
    );
    expect(calls).toBe(2);
  });

  it.skipIf(!db.can.files)(
    "does not retry where it joins an open transaction: the whole must be",
    async () => {
      const conn = await open();
      await conn.execute("BEGIN");
      let calls = 0;
      const work = readThenWrite(conn, () => ++calls > 0);
      await raised(OperationalError, () => conn.transaction(work, { retries: 3 }));
      expect(calls).toBe(1);
    },
  );

  it.skipIf(!db.can.files)("retries the outermost, not a nested one", async () => {
    const conn = await open();
    let calls = 0;
    const inner = readThenWrite(conn, () => ++calls === 1);
    const outer = flow(function* () {
      yield conn.transaction(inner, { retries: 3 });
    });
    await conn.transaction(outer, { mode: "DEFERRED", retries: 1 });
    expect(calls).toBe(2);
  });

  it.skipIf(!db.can.files)("retries a BEGIN that another connection keeps waiting", async () => {
    const conn = await open();
    const holder = await db.connect(db.file());
    await holder.execute("INSERT INTO t VALUES (1)");
    let calls = 0;
    const error = await raised(OperationalError, () =>
      conn.transaction(() => calls++, { mode: "IMMEDIATE", retries: 2 }),
    );
    expect(error).toMatchObject({ code: "SQLITE_BUSY", retryable: true });
    expect(calls).toBe(0);
    await holder.commit();
    await conn.transaction(() => calls++, { mode: "IMMEDIATE" });
    expect(calls).toBe(1);
  });

  it.skipIf(!db.can.files)(
    "retries in autocommit false, where the open transaction holds no work yet",
    async () => {
      await (await open()).close();
      const conn = await db.connect(db.file(), { timeout: 0, autocommit: false });
      let calls = 0;
      const work = readThenWrite(conn, () => ++calls === 1);
      await conn.transaction(work, { mode: "DEFERRED", retries: 2 });
      expect(calls).toBe(2);
    },
  );

  it("begins in its own mode in autocommit false, unless there is work to join", async () => {
    const conn = await open();
    conn.autocommit = false;
    const seen: string[] = [];
    await conn.setTraceCallback((sql) => seen.push(sql));
    await conn.commit();
    seen.length = 0;
    await conn.transaction(() => undefined);
    expect(seen).toEqual(["ROLLBACK", "BEGIN IMMEDIATE", "COMMIT", "BEGIN"]);
    seen.length = 0;
    await conn.execute("INSERT INTO t VALUES (1)");
    await conn.transaction(() => undefined);
    expect(seen).toEqual(["INSERT INTO t VALUES (1)", "COMMIT", "BEGIN"]);
  });
});
