/**
 * Servers that send us elsewhere or say no: nothing goes to anybody else, and least of all the token; what is put off is tried
 * again within bounds; what may have run does not run twice.
 */
import { describe, expect, it } from "vitest";
import { ask, engineFor, fake, IMPATIENT, operational, serve, write } from "./hrana-support.ts";

describe("a server that sends us elsewhere", () => {
  it.each([301, 302, 303, 307, 308])("by a redirect with %i is not followed", async (status) => {
    const [server, elsewhere] = [await fake(await serve()), await fake()];
    await server.rules({ answer: { status, headers: { location: `${elsewhere.url}/v3/pipeline` } } });
    const engine = await engineFor(server.url, { ...IMPATIENT, authToken: "canary" }).catch(() => null);
    if (engine !== null) await operational(ask(engine, "SELECT 42"));
    expect(await elsewhere.seen()).toEqual([]);
  });

  it.each<[string, (port: number) => string]>([
    ["another host", (port) => `http://localhost:${port}`],
    ["another port", (port) => `http://127.0.0.1:${port}`],
    ["the same host with a user", (port) => `http://user@127.0.0.1:${port}`],
    ["no host", () => "/elsewhere"],
    ["no URL", () => "::::"],
    ["a file", () => "file:///etc/passwd"],
  ])("by a base_url with %s is refused before anything is sent there", async (_, urlOf) => {
    const [server, elsewhere] = [await fake(await serve()), await fake()];
    const replace = [{ find: '"base_url":null', with: `"base_url":"${urlOf(elsewhere.port)}"` }];
    await server.rules({ answer: { upstream: true, replace } });
    const early = await operational(engineFor(server.url, { ...IMPATIENT, authToken: "canary" }));
    expect([early.code, early.message]).toEqual(["PROTOCOL", expect.stringContaining("base_url")]);

    await server.rules({ when: { body: "INSERT" }, answer: { upstream: true, replace } });
    const engine = await engineFor(server.url, { ...IMPATIENT, authToken: "canary" });
    await engine.execute(write("CREATE TABLE t(a)"));
    const late = await operational(engine.execute(write("INSERT INTO t VALUES (1)", { begin: "BEGIN" })));
    expect(late.code).toBe("PROTOCOL");
    await operational(ask(engine, "SELECT a FROM t", { guard: true }));
    expect(await elsewhere.seen()).toEqual([]);
    for (const { headers } of await server.seen()) expect(headers.host).toBe(`127.0.0.1:${server.port}`);
  });

  it("by a base_url without encryption, from a server that had it, is refused", async () => {
    const server = await fake(await serve(), { tls: true });
    const plain = await fake();
    await server.rules({
      answer: {
        upstream: true,
        replace: [{ find: '"base_url":null', with: `"base_url":"http://127.0.0.1:${plain.port}"` }],
      },
    });
    const tls = { ca: server.certificate ?? "" };
    const work = engineFor(server.url, { ...IMPATIENT, authToken: "canary", tls }).then(async (engine) => {
      await engine.execute(write("CREATE TABLE t(a)", { begin: "BEGIN" }));
      await engine.execute(write("INSERT INTO t VALUES (2)", { guard: true }));
    });
    await operational(work);
    expect(await plain.seen()).toEqual([]);
  });

  it("by a base_url that is its own goes on", async () => {
    const sqld = await serve();
    const server = await fake(sqld);
    await server.rules({
      answer: { upstream: true, replace: [{ find: '"base_url":null', with: `"base_url":"${server.url}"` }] },
    });
    const engine = await engineFor(server.url);
    await engine.execute(write("CREATE TABLE t(a)"));
    await engine.execute(write("INSERT INTO t VALUES (1)", { begin: "BEGIN" }));
    await engine.execute(write("INSERT INTO t VALUES (2)", { guard: true }));
    await engine.control([{ sql: "COMMIT", when: "open" }]);
    expect(await ask(engine, "SELECT count(*) FROM t")).toEqual([[2]]);
  });
});

describe("a certificate that nobody trusts", () => {
  it("ends before a request is sent", async () => {
    const server = await fake(await serve(), { tls: true });
    const work = engineFor(server.url, { ...IMPATIENT, authToken: "canary" }).then((engine) =>
      ask(engine, "SELECT 1"),
    );
    const error = await operational(work);
    expect(error.outcome).toBe("not-executed");
    expect(await server.seen()).toEqual([]);
  });
});

describe("a server that says no", () => {
  it.each([401, 403])("with %i is believed at once", async (status) => {
    const server = await fake();
    await server.rules({ answer: { status, body: '{"error":"not you"}' } });
    const work = engineFor(server.url, { authToken: "canary" }).then((engine) => ask(engine, "SELECT 1"));
    const error = await operational(work);
    expect(error.outcome).toBe("not-executed");
    expect(error.message).toContain("not you");
    expect((await server.seen()).filter(({ method }) => method === "POST").length).toBe(1);
  });

  it.each([429, 503])("with %i is asked again, when it has said so, and not for ever", async (status) => {
    const server = await fake(await serve());
    const engine = await engineFor(server.url, { ...IMPATIENT, totalTimeout: 60_000, maxRetries: 3 });
    const busy = { status, headers: { "retry-after": "0" }, body: "busy" };
    await server.rules({ when: { body: "CREATE", times: 2 }, answer: busy });
    await engine.execute(write("CREATE TABLE t(a)"));
    expect((await server.seen()).filter(({ body }) => body.includes("CREATE")).length).toBe(3);
    await server.rules({ when: { body: "INSERT" }, answer: busy });
    const error = await operational(engine.execute(write("INSERT INTO t VALUES (1)")));
    expect(error.outcome).toBe("not-executed");
    expect((await server.seen()).filter(({ body }) => body.includes("INSERT")).length).toBe(4);
    await server.rules();
    expect(await ask(engine, "SELECT count(*) FROM t")).toEqual([[0]]);
  });

  it("with a Retry-After past the time of the call is not waited for", async () => {
    const server = await fake(await serve());
    const engine = await engineFor(server.url, { ...IMPATIENT, totalTimeout: 2000, maxRetries: 9 });
    await server.rules({ answer: { status: 503, headers: { "retry-after": "86400" }, body: "busy" } });
    const error = await operational(ask(engine, "SELECT 1"));
    expect(error.outcome).toBe("not-executed");
  });

  it("with a Retry-After of a second is given that second", async () => {
    const server = await fake(await serve());
    const engine = await engineFor(server.url, { totalTimeout: 60_000 });
    await server.rules({
      when: { times: 1 },
      answer: { status: 503, headers: { "retry-after": "1" }, body: "busy" },
    });
    const since = Date.now();
    expect(await ask(engine, "SELECT 1")).toEqual([[1]]);
    // Not a speed: the server has asked for it. A timer may be a hair early.
    expect(Date.now() - since).toBeGreaterThan(950);
  });

  it.each([400, 404, 418, 500, 502])("with %i does not run a write twice", async (status) => {
    const sqld = await serve();
    const server = await fake(sqld);
    const engine = await engineFor(server.url, IMPATIENT);
    await engine.execute(write("CREATE TABLE t(a)"));
    await server.rules({ when: { body: "INSERT" }, answer: { upstream: true, status, body: "no" } });
    const error = await operational(engine.execute(write("INSERT INTO t VALUES (1)")));
    expect(error.outcome).not.toBe("rolled-back");
    await server.rules();
    expect(await ask(engine, "SELECT count(*) FROM t")).toEqual([[1]]);
  });
});
