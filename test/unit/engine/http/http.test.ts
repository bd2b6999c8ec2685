/**
 * Tests src/engine/http/http.ts, http-body.ts, http-stream.ts and open.ts on scripted servers: what goes out, and what no
 * server may do. More of the latter in test/faults/hrana*.test.ts.
 */
import { describe, expect, it } from "vitest";
import { OperationalError } from "../../../../src/errors/tree.ts";
import { COMMIT, open, plainAnswer, request, scripted } from "../hrana/support.ts";

describe("what goes out", () => {
  it("keeps the path of the URL, sends the token as a header and asks for no compression", async () => {
    const server = await scripted(({ body }, response) => response.end(plainAnswer(body)));
    const engine = await open(`${server.url}/app/`, { authToken: "canary" });
    await engine.execute(request("CREATE TABLE t(a)"));
    for (const { path, headers, body } of server.seen) {
      expect(path).toBe("/app/v3/pipeline");
      expect(headers).toMatchObject({ authorization: "Bearer canary", "accept-encoding": "identity" });
      expect(body).not.toContain("canary");
    }
  });

  it("asks a token function before every request", async () => {
    const server = await scripted(({ body }, response) => response.end(plainAnswer(body)));
    let count = 0;
    const engine = await open(server.url, { authToken: async () => `t${++count}` });
    await engine.execute(request("CREATE TABLE t(a)"));
    expect(server.seen.map(({ headers }) => headers.authorization)).toEqual(["Bearer t1", "Bearer t2"]);
  });

  it("is one request for a statement that begins, one for each further one, and one for the commit", async () => {
    const server = await scripted(({ body }, response) => {
      const answer = plainAnswer(body, "baton").replaceAll(
        '"is_autocommit":true',
        `"is_autocommit":${body.includes("COMMIT")}`,
      );
      response.end(body.includes('"close"') ? plainAnswer(body) : answer);
    });
    const engine = await open(server.url);
    const before = server.seen.length;
    await engine.execute(request("INSERT INTO t VALUES (1)", { begin: "BEGIN" }));
    await engine.execute(request("INSERT INTO t VALUES (2)", { begin: "BEGIN" }));
    await engine.control(COMMIT);
    expect(server.seen.length - before).toBe(3);
    const [first, second, third] = server.seen.slice(before).map(({ body }) => JSON.parse(body));
    expect(first.baton).toBeNull();
    expect(second.baton).toBe("baton");
    expect(first.requests[0].batch.steps.map(({ stmt }: { stmt: { sql: string } }) => stmt.sql)).toEqual([
      "BEGIN",
      "INSERT INTO t VALUES (1)",
    ]);
    expect(second.requests[0].batch.steps).toEqual([
      {
        stmt: { sql: "INSERT INTO t VALUES (2)" },
        condition: { type: "not", cond: { type: "is_autocommit" } },
      },
    ]);
    expect(third.requests.map(({ type }: { type: string }) => type)).toEqual(["batch", "get_autocommit"]);
  });
});

describe("opening", () => {
  it("goes back to Hrana 2 where there is no 3, and says so where there is neither", async () => {
    const old = await scripted(({ path, body }, response) => {
      if (path.startsWith("/v3")) response.writeHead(404).end();
      else response.end(plainAnswer(body));
    });
    await open(old.url);
    expect(old.seen.map(({ path }) => path)).toEqual(["/v3/pipeline", "/v2/pipeline"]);
    const none = await scripted((_, response) => response.writeHead(404).end());
    await expect(open(none.url)).rejects.toThrow(/no libSQL server/);
  });

  it("fails cleanly, and shows what the server says without the token in it", async () => {
    const server = await scripted((_, response) => {
      response.writeHead(401).end('{"error":"canary is not welcome"}');
    });
    const error = await open(server.url, { authToken: "canary" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OperationalError);
    expect(error).toMatchObject({ code: "HTTP_401", outcome: "not-executed" });
    expect((error as Error).message).toContain("*** is not welcome");
  });
});

describe("an answer", () => {
  it.each<[string, (body: string) => string]>([
    ["too few results", (body) => plainAnswer(body).replace(/"results":\[.*\]/, '"results":[]')],
    ["a result of another type", (body) => plainAnswer(body).replace('"type":"batch"', '"type":"execute"')],
    [
      "a batch without its steps",
      (body) => plainAnswer(body).replace(/"step_results":\[[^\]]*\]\}?\]?/, '"step_results":[]'),
    ],
    [
      "no word on the transaction",
      (body) => plainAnswer(body).replaceAll('"is_autocommit":true', '"is_autocommit":1'),
    ],
    ["a baton that is none", (body) => plainAnswer(body).replace('"baton":null', '"baton":5')],
    [
      "an open transaction without a baton",
      (body) => plainAnswer(body).replaceAll('"is_autocommit":true', '"is_autocommit":false'),
    ],
    [
      "a step that was left out for nothing",
      (body) =>
        plainAnswer(body).replace(/"step_results":\[\{[^\]]*\],"rows":\[\][^\]]*\]/, '"step_results":[null]'),
    ],
    ["no JSON", () => "<html>"],
    ["nothing", () => ""],
  ])("with %s is an OperationalError of code PROTOCOL", async (_, spoil) => {
    const server = await scripted(({ body }, response, count) => {
      response.end(count === 1 ? plainAnswer(body) : spoil(body));
    });
    const engine = await open(server.url);
    await expect(engine.execute(request("CREATE TABLE t(a)"))).rejects.toMatchObject({ code: "PROTOCOL" });
    expect(engine.inTransaction).toBe(false);
  });

  it("that is compressed is refused", async () => {
    const server = await scripted(({ body }, response, count) => {
      if (count > 1) response.setHeader("content-encoding", "gzip");
      response.end(plainAnswer(body));
    });
    const engine = await open(server.url);
    await expect(engine.execute(request("CREATE TABLE t(a)"))).rejects.toMatchObject({ code: "PROTOCOL" });
  });

  it("of a cursor that is cut short is no result", async () => {
    const head = '{"baton":null,"base_url":null}\n{"type":"step_begin","step":0,"cols":[{"name":"a"}]}\n';
    const row = '{"type":"row","row":[{"type":"integer","value":"1"}]}\n';
    const end = '{"type":"step_end","affected_row_count":0,"last_insert_rowid":null}\n';
    for (const [text, isWhole] of [
      [head + row + end, true],
      [head + row, false],
      [head, false],
      ['{"baton":null,"base_url":null}\n', false],
      ["", false],
    ] as const) {
      const server = await scripted(({ path, body }, response) => {
        response.end(path.endsWith("cursor") ? text : plainAnswer(body));
      });
      const work = open(server.url)
        .then((engine) => engine.execute(request("SELECT a FROM t", { rows: "all" })))
        .then(({ rows, error }) => {
          if (error !== null) throw error;
          return rows;
        });
      if (isWhole) expect(await work).toEqual([[1]]);
      else await expect(work).rejects.toMatchObject({ code: "PROTOCOL" });
    }
  });
});
