/**
 * The worker behind a promised connection: how it begins and ends, what becomes of calls when it dies, whom it keeps
 * alive, and what an error from the other thread says.
 */
import type { Worker } from "node:worker_threads";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { connect, IntegrityError, OperationalError, ProgrammingError } from "../../src/aio.ts";
import { type AnyConnection, promised, raised } from "./quadrants.ts";

promised("the worker of a connection", (db) => {
  const workers: Worker[] = [];
  const note = (worker: Worker) => void workers.push(worker);
  beforeAll(() => void process.on("worker", note));
  afterAll(() => void process.off("worker", note));
  afterEach(() => void workers.splice(0));

  /** A connection and its worker. */
  async function open(database = db.file()): Promise<{ conn: AnyConnection; worker: Worker }> {
    const conn = await db.connect(database);
    return { conn, worker: workers.at(-1) as Worker };
  }

  const CEASELESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
  const outcomes = async (calls: readonly Promise<unknown>[]) =>
    (await Promise.allSettled(calls)).map((settled) => {
      if (settled.status === "fulfilled") return "fulfilled";
      expect(settled.reason).toBeInstanceOf(OperationalError);
      return (settled.reason as OperationalError).outcome;
    });

  it("works while the event loop goes on turning", async () => {
    const { conn } = await open(":memory:");
    let isOver = false;
    let turns = 0;
    const query = conn.fetchone(`SELECT count(*) FROM (${CEASELESS} LIMIT 2000000)`).finally(() => {
      isOver = true;
    });
    // A query that held this thread would be over before the first turn.
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
    }
    expect(await query).toEqual([2_000_000]);
    expect(turns).toBeGreaterThan(20);
  });

  it("that dies rejects what is in flight and what is queued, and each is told what became of it", async () => {
    const { conn, worker } = await open();
    await conn.execute("CREATE TABLE t (a)");
    await conn.execute("INSERT INTO t VALUES (1)");
    const inFlight = [conn.executemany("INSERT INTO t SELECT ?", [[1]])];
    const dying = new Promise((resolve) => setImmediate(() => resolve(worker.terminate())));
    // These need the connection to themselves, so they are still here.
    const queued = [conn.commit(), conn.executescript("SELECT 1"), conn.transaction(() => 1)];
    const settled = await outcomes([...inFlight, ...queued]);
    await dying;
    expect(settled).toHaveLength(4);
    for (const outcome of settled)
      expect(["fulfilled", "rolled-back", "unknown", "not-executed"]).toContain(outcome);
    expect(await outcomes([conn.execute("SELECT 1"), conn.commit()])).toEqual(["rolled-back", "rolled-back"]);
    expect(conn.inTransaction).toBe(false);
    await conn.close();
  });

  it("killed in the middle of an open transaction: rolled back, and so for what is behind it", async () => {
    const { conn, worker } = await open();
    await conn.execute("CREATE TABLE t (a)");
    await conn.execute("INSERT INTO t VALUES (1)");
    function* ceaseless() {
      for (;;) yield [2];
    }
    const writing = conn.executemany("INSERT INTO t VALUES (?)", ceaseless());
    const later = conn.commit();
    const settled = outcomes([writing, later]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await worker.terminate();
    expect(await settled).toEqual(["rolled-back", "rolled-back"]);
    const other = await db.connect(db.file());
    expect(await other.fetchall("SELECT * FROM t")).toEqual([]);
  });

  it("killed while a commit is on its way: unknown, unless it is known that the commit had not begun", async () => {
    const { conn, worker } = await open();
    await conn.execute("CREATE TABLE t (a)");
    await conn.execute("INSERT INTO t VALUES (1)");
    const committing = outcomes([conn.commit()]);
    // The call is sent at the end of this tick.
    await new Promise((resolve) => process.nextTick(resolve));
    void worker.terminate();
    const [outcome] = await committing;
    const rows = await (await db.connect(db.file())).fetchall("SELECT a FROM t");
    if (outcome === "rolled-back") expect(rows).toEqual([]);
    else if (outcome === "fulfilled") expect(rows).toEqual([[1]]);
    else expect(outcome).toBe("unknown");
  });

  it("killed while it is idle: later calls reject, and close() still works", async () => {
    const { conn, worker } = await open();
    const cursor = await conn.execute(CEASELESS);
    await worker.terminate();
    const error = await raised(OperationalError, () => conn.execute("SELECT 1"));
    expect(error.outcome).toBe("not-executed");
    await raised(OperationalError, async () => {
      for await (const row of cursor) expect(row).toHaveLength(1);
    });
    await conn.close();
    await raised(ProgrammingError, () => conn.execute("SELECT 1"));
  });

  it("a database that cannot be opened rejects, and leaves no worker", async () => {
    const error = await raised(OperationalError, () => db.connect(db.file("no/where.db")));
    expect(error.code).toBe("SQLITE_CANTOPEN");
    expect(error.stack).toContain("aio-life.test.ts");
    const [worker] = workers;
    if (worker?.threadId !== -1) await new Promise((resolve) => worker?.once("exit", resolve));
    expect(worker?.threadId).toBe(-1);
  });

  it("ends with close(), which runs what is queued before it", async () => {
    const { conn, worker } = await open();
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    void conn.execute("CREATE TABLE t (a)");
    void conn.executemany("INSERT INTO t VALUES (?)", [[1], [2]]);
    void conn.commit();
    const reading = conn.fetchone("SELECT count(*) FROM t");
    const closing = conn.close();
    const late = raised(ProgrammingError, () => conn.fetchone("SELECT 1"));
    expect(await reading).toEqual([2]);
    await closing;
    expect((await late).message).toBe("Cannot operate on a closed database.");
    expect(await ended).toBe(0);
    expect(await (await db.connect(db.file())).fetchone("SELECT count(*) FROM t")).toEqual([2]);
  });

  it("await using closes it, and what is not committed is rolled back", async () => {
    {
      await using conn = await connect(db.file());
      await conn.executescript("CREATE TABLE t (a)");
      await using cursor = await conn.execute("INSERT INTO t VALUES (1)");
      expect(cursor.rowcount).toBe(1);
    }
    expect(await (await db.connect(db.file())).fetchall("SELECT * FROM t")).toEqual([]);
  });

  it("idle does not keep the process alive; with work to do it does", async () => {
    const answer = await db.secondProcess(
      `globalThis.idle = await connect(":memory:");
       const conn = await connect(":memory:");
       globalThis.kept = conn;
       return conn.fetchone("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT count(*) FROM n");`,
    );
    expect(answer).toEqual([1_000_000]);
  });

  it("process.exit() in the middle of a write leaves a sound file", async () => {
    const setup = await db.connect(db.file());
    await setup.execute("CREATE TABLE t (a)");
    await setup.close();
    await db.secondProcess(
      `const conn = await connect(args[0]);
       conn.executemany("INSERT INTO t VALUES (?)", (function* () { for (;;) yield ["row"]; })()).catch(() => {});
       await new Promise((resolve) => setTimeout(resolve, 50));
       process.stdout.write("\\nnull", () => process.exit(0));
       await new Promise(() => {});`,
      [db.file()],
    );
    const conn = await db.connect(db.file());
    expect(await conn.fetchone("PRAGMA integrity_check")).toEqual(["ok"]);
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([0]);
  });

  it("leaving a loop early frees the statement: another process can write and checkpoint", async () => {
    const { conn } = await open();
    await conn.executescript("PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY)");
    await conn.execute(
      "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) SELECT i FROM n",
    );
    await conn.commit();
    for await (const [id] of conn.execute("SELECT id FROM t ORDER BY id")) if (id === 700) break;
    const [checkpoint] = await db.secondProcess<object[]>(
      `const other = new Database(args[0], { timeout: 0 });
       other.exec("INSERT INTO t VALUES (0)");
       return other.pragma("wal_checkpoint(TRUNCATE)");`,
      [db.file()],
    );
    expect(checkpoint).toEqual({ busy: 0, log: 0, checkpointed: 0 });
  });

  it("an error carries the caller's stack and the database's fields", async () => {
    const conn = await db.connect();
    await conn.execute("CREATE TABLE t (a UNIQUE)");
    await conn.execute("INSERT INTO t VALUES (1)");
    async function repository(): Promise<void> {
      await conn.execute("INSERT INTO t VALUES (1)");
    }
    async function service(): Promise<void> {
      await repository();
    }
    const error = await raised(IntegrityError, service);
    expect(error.stack).toContain("repository");
    expect(error.stack).toContain("service");
    expect(error).toMatchObject({
      code: "SQLITE_CONSTRAINT_UNIQUE",
      constraint: { kind: "unique", table: "t", columns: ["a"] },
    });
    const fetched = await raised(OperationalError, async function reader() {
      await conn.execute("SELECT abs(-9223372036854775808)").fetchall();
    });
    expect(fetched.stack).toContain("reader");
  });

  it("a function's own exception is the cause, the very same; a progress's is thrown itself", async () => {
    const conn = await db.connect();
    const mine = Object.assign(new RangeError("mine"), { circle: {} });
    mine.circle = mine;
    await conn.createFunction("fail", 0, () => {
      throw mine;
    });
    const error = await raised(OperationalError, () => conn.fetchone("SELECT fail()"));
    expect(error.cause).toBe(mine);
    const nothing = await conn.backup(db.file("copy.db"), { progress: (async () => {}) as never });
    expect(nothing).toBe(undefined);
  });
});
