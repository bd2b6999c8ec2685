/**
 * Streams that end behind a client's back: expired, stolen, cut off with the server. Nothing is half done, nothing is said
 * to be done that is not, and an engine that has heard of its loss goes on.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Answer } from "../servers/fake-hrana.ts";
import { ask, engineFor, fake, IMPATIENT, operational, query, serve, write } from "./hrana-support.ts";

const EXPIRED: readonly (readonly [string, Answer])[] = [
  [
    "sqld's word",
    { status: 400, body: '{"error":"The stream has expired due to inactivity","code":"STREAM_EXPIRED"}' },
  ],
  ["Turso Cloud's word", { status: 404, body: '{"error":"stream not found","code":"STREAM_EXPIRED"}' }],
  ["a baton that is not known", { status: 400, body: "Received an invalid baton" }],
];
const ROLLBACK = [{ sql: "ROLLBACK", when: "open" }] as const;
const COMMIT = [{ sql: "COMMIT", when: "open" }] as const;

describe.each(EXPIRED)("a stream that has expired, by %s,", (_, answer) => {
  it("is an OperationalError in a transaction, which says that it was rolled back", async () => {
    const sqld = await serve();
    const server = await fake(sqld);
    const engine = await engineFor(server.url);
    await engine.execute(write("CREATE TABLE t(a)"));
    await engine.execute(write("INSERT INTO t VALUES (1)", { begin: "BEGIN" }));
    await server.rules({ when: { body: "INSERT", times: 1 }, answer });
    const error = await operational(engine.execute(write("INSERT INTO t VALUES (2)", { guard: true })));
    expect(error.outcome).toBe("rolled-back");
    expect(engine.inTransaction).toBe(false);
    // The next one does not run by itself, as if nothing had happened.
    const next = await operational(engine.execute(write("INSERT INTO t VALUES (3)", { guard: true })));
    expect(next.outcome).toBe("rolled-back");
    await engine.control(ROLLBACK);
    await engine.execute(write("INSERT INTO t VALUES (4)"));
    const direct = await engineFor(sqld.url);
    expect(await ask(direct, "SELECT a FROM t")).toEqual([[4]]);
  });

  it("does not let a commit pass for one", async () => {
    const sqld = await serve();
    const server = await fake(sqld);
    const engine = await engineFor(server.url);
    await engine.execute(write("CREATE TABLE t(a)"));
    await engine.execute(write("INSERT INTO t VALUES (1)", { begin: "BEGIN" }));
    await server.rules({ when: { body: "COMMIT", times: 1 }, answer });
    const error = await operational(engine.control(COMMIT));
    expect(error.outcome).toBe("rolled-back");
    await engine.execute(write("INSERT INTO t VALUES (4)"));
    const direct = await engineFor(sqld.url);
    expect(await ask(direct, "SELECT a FROM t")).toEqual([[4]]);
  });

  it("is opened again where nothing is lost with it", async () => {
    const server = await fake(await serve());
    const engine = await engineFor(server.url);
    await engine.execute(write("CREATE TABLE t(a)"));
    await server.rules({ when: { body: "INSERT|SELECT", times: 1 }, answer });
    await engine.execute(write("INSERT INTO t VALUES (1)"));
    await server.rules({ when: { body: "INSERT|SELECT", times: 1 }, answer });
    expect(await ask(engine, "SELECT a FROM t")).toEqual([[1]]);
  });

  it("is not opened again for ever", async () => {
    const server = await fake(await serve());
    const engine = await engineFor(server.url, IMPATIENT);
    await server.rules({ answer });
    await operational(ask(engine, "SELECT 1"));
    expect((await server.seen()).length).toBeLessThan(10);
  });
});

describe("a real stream of sqld's", () => {
  it("that has been idle for too long is an OperationalError in a transaction, and nothing outside", async () => {
    const sqld = await serve();
    const [engine, idle, direct] = [
      await engineFor(sqld.url),
      await engineFor(sqld.url),
      await engineFor(sqld.url),
    ];
    await engine.execute(write("CREATE TABLE t(a)"));
    expect(await ask(idle, "SELECT 1")).toEqual([[1]]);
    await engine.execute(write("INSERT INTO t VALUES (1)", { begin: "BEGIN" }));
    await sleep(11_500);
    const error = await operational(engine.execute(write("INSERT INTO t VALUES (2)", { guard: true })));
    expect(error.outcome).toBe("rolled-back");
    await engine.control(ROLLBACK);
    expect(await ask(idle, "SELECT 2")).toEqual([[2]]);
    expect(await ask(engine, "SELECT count(*) FROM t")).toEqual([[0]]);
    expect(await ask(direct, "SELECT count(*) FROM t")).toEqual([[0]]);
  });

  it("whose transaction is stolen by another writer loses all of it, not the first half", async () => {
    const sqld = await serve();
    const [slow, thief] = [await engineFor(sqld.url), await engineFor(sqld.url)];
    await slow.execute(write("CREATE TABLE t(a)"));
    await slow.execute(write("INSERT INTO t VALUES ('first half')", { begin: "BEGIN IMMEDIATE" }));
    // Waits for the lock until sqld takes it away from the one who holds it.
    await thief.execute(write("INSERT INTO t VALUES ('thief')"));
    const error = await operational(
      slow.execute(write("INSERT INTO t VALUES ('second half')", { guard: true })),
    );
    expect(error.outcome).toBe("rolled-back");
    const next = await operational(
      slow.execute(write("INSERT INTO t VALUES ('third half')", { guard: true })),
    );
    expect(next.outcome).toBe("rolled-back");
    await operational(slow.control(COMMIT));
    await slow.execute(write("INSERT INTO t VALUES ('later')"));
    expect(await ask(thief, "SELECT a FROM t ORDER BY a")).toEqual([["later"], ["thief"]]);
  });

  it("whose transaction is stolen in front of the commit does not pass for committed", async () => {
    const sqld = await serve();
    const [slow, thief] = [await engineFor(sqld.url), await engineFor(sqld.url)];
    await slow.execute(write("CREATE TABLE t(a)"));
    await slow.execute(write("INSERT INTO t VALUES ('slow')", { begin: "BEGIN IMMEDIATE" }));
    await thief.execute(write("INSERT INTO t VALUES ('thief')"));
    await operational(slow.control(COMMIT));
    expect(slow.inTransaction).toBe(false);
    expect(await ask(thief, "SELECT a FROM t")).toEqual([["thief"]]);
  });

  it("does not linger: two hundred engines, one after the other and side by side", async () => {
    const sqld = await serve();
    for (let i = 0; i < 200; i++) {
      const engine = await engineFor(sqld.url);
      await ask(engine, "SELECT 1");
    }
    const engines = await Promise.all(Array.from({ length: 100 }, () => engineFor(sqld.url)));
    const answers = await Promise.all(engines.map((engine, i) => ask(engine, `SELECT ${i}`)));
    expect(answers.flat(2)).toEqual(engines.map((_engine, i) => i));
  });

  it("goes on when a reader is left in its middle", async () => {
    const sqld = await serve();
    const engine = await engineFor(sqld.url);
    const LONG =
      "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 100000) SELECT x FROM r";
    for (let i = 0; i < 20; i++) {
      const { reader } = await engine.execute(query(LONG, { rows: "page" }));
      expect(reader).not.toBe(0);
      if (i % 2 === 0) await engine.discard(reader);
      expect(await ask(engine, "SELECT 1", { discard: i % 2 === 0 ? 0 : reader })).toEqual([[1]]);
    }
  });
});
