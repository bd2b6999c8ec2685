/**
 * Servers that are silent, slow, gone, too generous or somewhere else: an OperationalError in bounded time, whose outcome is
 * true, and an engine that goes on when the server does.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Stop } from "../servers/fake/rules.ts";
import { freePorts } from "../servers/ports.ts";
import { ask, engineFor, fake, IMPATIENT, operational, query, serve, write } from "./hrana-support.ts";

const STOPS: readonly (readonly [string, Stop])[] = [
  ["nothing at all", { at: "request", how: "silence" }],
  ["a header and silence", { at: 0, how: "silence" }],
  ["half an answer and silence", { at: 60, how: "silence" }],
  ["a broken connection", { at: "request", how: "reset" }],
  ["half an answer and a broken connection", { at: 60, how: "reset" }],
  ["half an answer and an end", { at: 60, how: "end" }],
];

describe.each(STOPS)("a server that gives %s", (_, stop) => {
  it("ends a read in an OperationalError, and a later one well", async () => {
    const server = await fake(await serve());
    const engine = await engineFor(server.url, IMPATIENT);
    expect(await ask(engine, "SELECT 1")).toEqual([[1]]);
    await server.rules({ when: { body: "42" }, answer: { upstream: true, stop } });
    const error = await operational(ask(engine, "SELECT 42, hex(zeroblob(200))"));
    expect(error.outcome).toBe("not-executed");
    await server.rules();
    expect(await ask(engine, "SELECT 42")).toEqual([[42]]);
  });

  // Silence is not heard twice: the same query would keep the server busy a second time.
  it.skipIf(stop.how === "silence")("reads again by itself when it happens once", async () => {
    const server = await fake(await serve());
    const engine = await engineFor(server.url, IMPATIENT);
    await server.rules({ when: { body: "42", times: 1 }, answer: { upstream: true, stop } });
    expect(await ask(engine, "SELECT 42, length(hex(zeroblob(200)))")).toEqual([[42, 400]]);
  });

  it("does not repeat a write in autocommit, whose outcome is unknown", async () => {
    const sqld = await serve();
    const server = await fake(sqld);
    const [direct, engine] = [await engineFor(sqld.url), await engineFor(server.url, IMPATIENT)];
    await direct.execute(write("CREATE TABLE t(a)"));
    await server.rules({ when: { body: "INSERT" }, answer: { upstream: true, stop } });
    const error = await operational(
      engine.execute(write("INSERT INTO t VALUES (hex(zeroblob(200))) RETURNING a")),
    );
    expect(error.outcome).toBe("unknown");
    expect(await ask(direct, "SELECT count(*) FROM t")).toEqual([[1]]);
    await server.rules();
    expect(await ask(engine, "SELECT count(*) FROM t")).toEqual([[1]]);
  });

  it("loses the transaction in which it happens, and says rolled-back", async () => {
    const sqld = await serve();
    const server = await fake(sqld);
    const [direct, engine] = [await engineFor(sqld.url), await engineFor(server.url, IMPATIENT)];
    await direct.execute(write("CREATE TABLE t(a)"));
    await engine.execute(write("INSERT INTO t VALUES (1)", { begin: "BEGIN" }));
    expect(engine.inTransaction).toBe(true);
    await server.rules({ when: { body: "SECOND" }, answer: { upstream: true, stop } });
    const error = await operational(
      engine.execute(
        write("INSERT INTO t VALUES ('SECOND' || hex(zeroblob(200))) RETURNING a", { guard: true }),
      ),
    );
    expect(error.outcome).toBe("rolled-back");
    await server.rules();
    const refused = await operational(engine.execute(write("INSERT INTO t VALUES (3)", { guard: true })));
    expect(refused.outcome).toBe("rolled-back");
    await engine.control([{ sql: "ROLLBACK", when: "open" }]);
    expect(await ask(engine, "SELECT count(*) FROM t")).toEqual([[0]]);
  });

  it("cannot tell what became of a commit", async () => {
    const sqld = await serve();
    const server = await fake(sqld);
    const [direct, engine] = [await engineFor(sqld.url), await engineFor(server.url, IMPATIENT)];
    await direct.execute(write("CREATE TABLE t(a)"));
    await engine.execute(write("INSERT INTO t VALUES (1)", { begin: "BEGIN" }));
    await server.rules({ when: { body: "COMMIT" }, answer: { upstream: true, stop } });
    const error = await operational(engine.control([{ sql: "COMMIT", when: "open" }]));
    expect(error.outcome).toBe("unknown");
    expect(await ask(direct, "SELECT a FROM t")).toEqual([[1]]);
  });
});

describe("a transaction that the client has lost and the server not yet", () => {
  it("does not keep the next one from its lock for long", async () => {
    const sqld = await serve();
    const server = await fake(sqld);
    const engine = await engineFor(server.url);
    await engine.execute(write("CREATE TABLE t(a)"));
    await engine.execute(write("INSERT INTO t VALUES (1)", { begin: "BEGIN" }));
    // The answer would have brought the baton to end the stream with.
    const stop: Stop = { at: "request", how: "reset" };
    await server.rules({ when: { body: "INSERT", times: 1 }, answer: { upstream: true, stop } });
    await operational(engine.execute(write("INSERT INTO t VALUES (2)", { guard: true })));
    await engine.control([{ sql: "ROLLBACK", when: "open" }]);
    await engine.execute(write("INSERT INTO t VALUES (3)", { begin: "BEGIN" }));
    await engine.control([{ sql: "COMMIT", when: "open" }]);
    expect(await ask(engine, "SELECT a FROM t")).toEqual([[3]]);
  });
});

describe("a slow server", () => {
  it("that drips is ended by the time of the whole call, though it never pauses", async () => {
    const server = await fake(await serve());
    const engine = await engineFor(server.url, {
      ...IMPATIENT,
      idleTimeout: 5000,
      totalTimeout: 700,
      maxRetries: 0,
    });
    await server.rules({ when: { body: "42" }, answer: { upstream: true, drip: { bytes: 1, every: 20 } } });
    const error = await operational(ask(engine, "SELECT 42, hex(zeroblob(5000))"));
    expect(error.message).toMatch(/700/);
  });

  it("that drips fast enough is waited for", async () => {
    const server = await fake(await serve());
    const engine = await engineFor(server.url);
    await server.rules({
      when: { body: "42" },
      answer: { upstream: true, drip: { bytes: 40, every: 1 }, delay: 50 },
    });
    expect(await ask(engine, "SELECT 42, length(hex(zeroblob(500)))")).toEqual([[42, 1000]]);
  });

  it("keeps nobody's close() waiting for ever", async () => {
    const sqld = await serve();
    const engine = await engineFor(sqld.url, IMPATIENT);
    await engine.execute(write("CREATE TABLE t(a)"));
    await engine.execute(write("INSERT INTO t VALUES (1)", { begin: "BEGIN" }));
    sqld.pause();
    await engine.close().catch(() => {});
    sqld.resume();
    await engine.close();
  });
});

describe("a server that is not there", () => {
  it("is an OperationalError that names the server, and nothing has been executed", async () => {
    const [port = 0] = await freePorts(1);
    const work = engineFor(`http://127.0.0.1:${port}`, IMPATIENT).then((engine) =>
      engine.execute(write("CREATE TABLE t(a)")),
    );
    const error = await operational(work);
    expect(error.outcome).toBe("not-executed");
    expect(error.message).toContain(`127.0.0.1:${port}`);
  });

  it("is found again when it comes back", async () => {
    const sqld = await serve();
    const engine = await engineFor(sqld.url, IMPATIENT);
    await engine.execute(write("CREATE TABLE t(a)"));
    await sqld.kill();
    await operational(ask(engine, "SELECT * FROM t"));
    await sqld.restart();
    expect(await ask(engine, "SELECT * FROM t")).toEqual([]);
  });
});

describe("too large an answer", () => {
  const CAP = { maxResponseBytes: 1 << 20, totalTimeout: 20_000, maxRetries: 0 };

  it.each([
    ["a gzip bomb", { upstream: true, gzip: true, padding: 300 << 20 }],
    ["a gzip bomb without an answer in it", { body: " ", gzip: true, padding: 300 << 20 }],
    ["white space without end", { body: " ".repeat(1 << 16), endless: true }],
    ["a line without end", { body: `{"baton":"${"x".repeat(1 << 16)}`, endless: true }],
    ["an answer far too long", { upstream: true, padding: 300 << 20 }],
  ])("is an OperationalError before it is in memory: %s", async (_, answer) => {
    const server = await fake(await serve());
    const engine = await engineFor(server.url, CAP);
    expect(await ask(engine, "SELECT 1")).toEqual([[1]]);
    for (const rows of ["first", "page", "all"] as const) {
      await server.rules({ when: { body: "42" }, answer });
      const before = process.memoryUsage().rss;
      await operational(ask(engine, "SELECT 42", { rows }));
      expect(process.memoryUsage().rss - before).toBeLessThan(150 << 20);
    }
    await server.rules();
    expect(await ask(engine, "SELECT 1")).toEqual([[1]]);
  });

  it("does not stop a result that is longer than the cap, read page by page", async () => {
    const sqld = await serve();
    const engine = await engineFor(sqld.url, CAP);
    const LONG =
      "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 5000) SELECT x, hex(zeroblob(500)) FROM r";
    let { rows, reader } = await engine.execute(query(LONG, { rows: "page" }));
    let count = rows.length;
    while (reader !== 0) {
      const page = await engine.fetch(reader, 500);
      expect(page.error).toBeNull();
      ({ rows, reader } = page);
      count += rows.length;
    }
    expect(count).toBe(5000);
  });
});

describe("an idle connection that the server has closed", () => {
  it("does not fail the next write", async () => {
    const server = await fake(await serve());
    const engine = await engineFor(server.url);
    await engine.execute(write("CREATE TABLE t(a)"));
    for (let i = 0; i < 5; i++) {
      await server.dropConnections();
      await sleep(30);
      await engine.execute(write("INSERT INTO t VALUES (1)"));
    }
    expect(await ask(engine, "SELECT count(*) FROM t")).toEqual([[5]]);
  });
});
