/**
 * The tracing channels: what a subscriber is told of every statement and connection, that values are not among it, and
 * that nothing is published without one.
 */
import { tracingChannel } from "node:diagnostics_channel";
import { inspect } from "node:util";
import { afterEach, expect, it } from "vitest";
import * as aio from "../../src/aio.ts";
import {
  type ConnectTrace,
  connect,
  DatabaseError,
  type ExecuteTrace,
  ProgrammingError,
} from "../../src/index.ts";
import { conformance, raised } from "./quadrants.ts";

type Event<T> = readonly [event: string, message: T & { error?: unknown }];

const CANARY = "canary7391";
let subscriptions: (() => void)[] = [];

afterEach(() => {
  for (const unsubscribe of subscriptions) unsubscribe();
  subscriptions = [];
});

/** Every event of a channel, with the message as it was at that time. */
function listen<T extends object>(name: string): Event<T>[] {
  const events: Event<T>[] = [];
  const channel = tracingChannel(name);
  const note = (event: string) => (message: object) => events.push([event, { ...message } as T]);
  const subscribers = {
    start: note("start"),
    end: note("end"),
    asyncStart: note("asyncStart"),
    asyncEnd: note("asyncEnd"),
    error: note("error"),
  };
  channel.subscribe(subscribers);
  subscriptions.push(() => channel.unsubscribe(subscribers));
  return events;
}

/** The messages of calls that have ended: at their `end` on the synchronous face, their `asyncEnd` on the other. */
function ended<T>(events: readonly Event<T>[], isSynchronous: boolean): T[] {
  const last = isSynchronous ? "end" : "asyncEnd";
  return events.filter(([event]) => event === last).map(([, message]) => message);
}

conformance("diagnostics", (db) => {
  const executions = () => listen<ExecuteTrace>("sqlite-dbapi:execute");

  it("sqlite-dbapi:execute tells SQL, database, duration and rows of every call", async () => {
    const conn = await db.connect(db.file());
    await conn.execute("CREATE TABLE t (a)");
    const events = executions();
    const many = "INSERT INTO t VALUES (?)";
    await conn.execute(many, [1]);
    await conn.executemany(many, [[2], [3]]);
    await conn.executescript("SELECT 1; SELECT 2;");
    await conn.execute("SELECT a FROM t");
    await conn.fetchall("SELECT a FROM t WHERE a > 1");
    await conn.fetchone("SELECT a FROM t LIMIT 1");
    const cursor = conn.cursor();
    await cursor.execute("VALUES (1), (2)");
    const told = ended(events, db.isSynchronous);
    expect(told.map(({ sql, rows }) => [sql, rows])).toEqual([
      [many, 0],
      [many, 0],
      ["SELECT 1; SELECT 2;", 0],
      ["SELECT a FROM t", 3],
      ["SELECT a FROM t WHERE a > 1", 2],
      ["SELECT a FROM t LIMIT 1", 1],
      ["VALUES (1), (2)", 2],
    ]);
    const address = await db.told(db.file());
    for (const { database, duration } of told) {
      expect(database).toBe(address);
      expect(duration).toBeGreaterThanOrEqual(0);
    }
  });

  it("begins with a start that knows no duration yet", async () => {
    const conn = await db.connect(db.file());
    const events = executions();
    await conn.execute("SELECT 1");
    const database = await db.told(db.file());
    expect(events[0]).toEqual(["start", { sql: "SELECT 1", database }]);
  });

  it("tells of an error, which reaches the caller all the same", async () => {
    const conn = await db.connect();
    const events = executions();
    const error = await raised(ProgrammingError, () => conn.execute("SELECT * FROM nowhere"));
    const failures = events.filter(([event]) => event === "error");
    expect(failures).toHaveLength(1);
    expect(failures[0]?.[1]).toMatchObject({ sql: "SELECT * FROM nowhere", error });
    expect(ended(events, db.isSynchronous)[0]?.rows).toBeUndefined();
  });

  it("never shows a bound value", async () => {
    const conn = await db.connect();
    await conn.execute("CREATE TABLE t (a UNIQUE)");
    const events = executions();
    await conn.execute("INSERT INTO t VALUES (?)", [CANARY]);
    await conn.executemany("INSERT INTO t VALUES (:a)", [{ a: `${CANARY}2` }]);
    await conn.sql`SELECT ${CANARY}`;
    await conn.fetchall("SELECT ?", [CANARY]);
    await raised(conn.IntegrityError, () => conn.execute("INSERT INTO t VALUES (?)", [CANARY]));
    expect(events.length).toBeGreaterThan(9);
    expect(inspect(events, { depth: 9 }).replace(/\n +at .*/g, "")).not.toContain(CANARY);
  });

  it("sqlite-dbapi:connect tells the database and how long it took, and of failures", async () => {
    const events = listen<ConnectTrace>("sqlite-dbapi:connect");
    await db.connect(db.file());
    const [told] = ended(events, db.isSynchronous);
    expect(told?.database).toBe(await db.told(db.file()));
    expect(told?.duration).toBeGreaterThanOrEqual(0);
    // Nobody listens there, or there is no such folder.
    const nowhere = db.can.files ? db.file("no/where.db") : "http://127.0.0.1:1";
    await raised(DatabaseError, () => (db.isSynchronous ? connect(nowhere) : aio.connect(nowhere)));
    expect(events.filter(([event]) => event === "error")).toHaveLength(1);
  });

  it("tells nothing more once nobody listens", async () => {
    const conn = await db.connect();
    const events = executions();
    await conn.execute("SELECT 1");
    const before = events.length;
    expect(before).toBeGreaterThan(0);
    for (const unsubscribe of subscriptions.splice(0)) unsubscribe();
    await conn.execute("SELECT 2");
    expect(events).toHaveLength(before);
    expect(tracingChannel("sqlite-dbapi:execute").hasSubscribers).toBe(false);
  });

  it("a subscriber that listens to one event only is told that one", async () => {
    const conn = await db.connect();
    const channel = tracingChannel<ExecuteTrace>("sqlite-dbapi:execute");
    const seen: string[] = [];
    const note = (message: unknown) => {
      seen.push((message as ExecuteTrace).sql);
    };
    channel.start.subscribe(note);
    subscriptions.push(() => channel.start.unsubscribe(note));
    await conn.execute("SELECT 1");
    expect(seen).toEqual(["SELECT 1"]);
  });

  it("results are the same while somebody listens", async () => {
    const conn = await db.connect();
    executions();
    const sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) SELECT i FROM n";
    const cursor = await conn.execute(sql);
    expect(await cursor.fetchone()).toEqual([1]);
    expect(await cursor.fetchall()).toHaveLength(999);
    expect(await conn.fetchall(sql)).toHaveLength(1000);
  });
});
