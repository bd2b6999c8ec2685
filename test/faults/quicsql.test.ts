/**
 * A quicSQL server that lies, breaks off or is gone: valid rows or an error of the tree, never a hang, and never the token.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { ExecuteRequest } from "../../src/engine/port.ts";
import type { QuicsqlEngine } from "../../src/engine/quicsql/engine.ts";
import { openQuicsql } from "../../src/engine/quicsql/open.ts";
import { DatabaseError, OperationalError } from "../../src/errors/tree.ts";
import { type FakeQuicsql, startFakeQuicsql } from "../servers/fake-quicsql.ts";

const CANARY = "canary-91c2d0";
let server: FakeQuicsql;
let engine: QuicsqlEngine;

beforeEach(async () => {
  server = await startFakeQuicsql({ token: CANARY });
  engine = await openQuicsql({
    url: `quicsql://${server.host}/app`,
    authToken: CANARY,
    totalTimeout: 20_000,
  });
});
afterEach(async () => {
  await engine.close();
  await server.stop();
});

function request(sql: string, reads: boolean): ExecuteRequest {
  const reading = { integers: "auto", text: "string" } as const;
  return { discard: 0, sql, values: [], begin: null, guard: false, rows: "all", reading, reads };
}

const read = () => engine.execute(request("SELECT 1", true));
const write = () => engine.execute(request("CREATE TABLE IF NOT EXISTS t (a)", false));

async function failure(work: Promise<unknown>): Promise<DatabaseError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DatabaseError);
  const shown = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error);
  expect(shown).not.toContain(CANARY);
  return error as DatabaseError;
}

const SELECTED = '{"columns":["1"],"rows":[[1]],"rows_affected":0,"last_insert_id":0}';

describe("an answer that is none", () => {
  it.each([
    "",
    "<html>",
    SELECTED.slice(0, -1),
    "null",
    "[]",
    '{"rows":[[1]],"columns":["a","b"],"rows_affected":0,"last_insert_id":0}',
    '{"columns":["a"],"rows":[[{"base64":7}]],"rows_affected":0,"last_insert_id":0}',
    '{"results":[]}',
    '{"error":"no"}',
    `\uFEFF${SELECTED}`,
  ])("breaks the protocol: %s", async (body) => {
    await server.answerNext(200, body);
    expect(await failure(read())).toMatchObject({ code: "PROTOCOL", outcome: "not-executed" });
    await server.answerNext(200, body);
    expect(await failure(write())).toMatchObject({ code: "PROTOCOL", outcome: "unknown" });
    expect((await read()).rows).toEqual([[1]]);
  });

  it("to several statements leaves it unknown whether they ran", async () => {
    await server.answerNext(200, '{"results":[]}');
    const parts = [{ sql: "SELECT 1" }, { sql: "SELECT 2" }];
    expect(await failure(engine.script({ parts, begin: null, guard: false }))).toMatchObject({
      outcome: "unknown",
    });
  });

  it("to the counters behind a RETURNING leaves it unknown too", async () => {
    const broken = SELECTED.replace("[[1]]", "[[1,2]]");
    await server.answerNext(200, `{"results":[${SELECTED},${broken}]}`);
    const work = engine.execute(request("INSERT INTO t VALUES (1) RETURNING a", false));
    expect(await failure(work)).toMatchObject({ code: "PROTOCOL", outcome: "unknown" });
  });

  it("mutated at will gives valid rows or an error", async () => {
    const long =
      '{"columns":["a","b"],"rows":[[1,"x"],[9007199254740993,{"base64":"eA=="}]],"rows_affected":0,"last_insert_id":0,"truncated":true}';
    const mutation = fc.tuple(
      fc.nat(long.length),
      fc.nat(3),
      fc.constantFrom("", "0", '"', "{", "]", ",", "null", "\n"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        let body = long;
        for (const [at, length, text] of mutations) body = body.slice(0, at) + text + body.slice(at + length);
        await server.answerNext(200, body);
        let reply: Awaited<ReturnType<typeof read>>;
        try {
          reply = await read();
        } catch (error) {
          expect(error).toBeInstanceOf(DatabaseError);
          return;
        }
        for (const row of reply.rows) expect(row).toHaveLength(reply.columns.length);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a refusal", () => {
  it.each([
    [401, "HTTP_401", "not-executed"],
    [403, "HTTP_403", "not-executed"],
    [404, "HTTP_404", "not-executed"],
    [413, "HTTP_413", "not-executed"],
    [429, "HTTP_429", "not-executed"],
    [500, "HTTP_500", "unknown"],
    [503, "HTTP_503", "not-executed"],
    [504, "HTTP_504", "unknown"],
    [302, "HTTP_302", "not-executed"],
  ])("of HTTP %i says what became of a write, without the token", async (status, code, outcome) => {
    const impatient = await openQuicsql({ url: engine.path, authToken: CANARY, maxRetries: 0 });
    await server.answerNext(status, `{"error":{"message":"no: Bearer ${CANARY}"}}`);
    const error = await failure(impatient.execute(request("CREATE TABLE t (a)", false)));
    expect(error).toMatchObject({ code, outcome });
    await impatient.close();
  });

  it("that only asks for patience is followed by another try", async () => {
    await server.answerNext(503, '{"error":{"message":"database temporarily unavailable"}}');
    expect((await write()).changes).toBe(-1);
    expect(engine.inTransaction).toBe(false);
  });

  it("of a statement, with the token in it or without a code, shows no token", async () => {
    await server.answerNext(200, `{"error":{"message":"near ${CANARY}: syntax error","code":1}}`);
    await failure(read());
    await server.answerNext(200, `{"error":{"message":"internal error ${CANARY}"}}`);
    expect(await failure(write())).toMatchObject({ code: "SERVER", outcome: "unknown" });
  });
});

describe("a server that is gone", () => {
  it("is said at once, and the token is not", async () => {
    await server.stop();
    expect(await failure(read())).toMatchObject({ code: "CONNECTION" });
    const opened = openQuicsql({ url: engine.path, authToken: CANARY });
    expect(await failure(opened)).toMatchObject({ code: "CONNECTION", outcome: "not-executed" });
  });

  it("and comes back finds the connection as it was", async () => {
    await write();
    const { port } = server;
    await server.stop();
    await failure(read());
    server = await startFakeQuicsql({ token: CANARY, port });
    expect((await read()).rows).toEqual([[1]]);
  });
});

describe("a call", () => {
  it("that is stopped while it waits never ran", async () => {
    const first = read();
    const second = engine.stoppable("execute", [request("CREATE TABLE late (a)", false)]);
    second.stop({ message: "enough", cause: undefined });
    await expect(second.answer).rejects.toMatchObject({ code: "SQLITE_INTERRUPT", outcome: "not-executed" });
    await first;
    expect(
      (await engine.execute(request("SELECT count(*) FROM sqlite_schema WHERE name = 'late'", true))).rows,
    ).toEqual([[0]]);
  });

  it("whose answer is too large is an error", async () => {
    const small = await openQuicsql({ url: engine.path, authToken: CANARY, maxResponseBytes: 1024 });
    const error = await failure(small.execute(request("SELECT hex(zeroblob(1000))", true)));
    expect(error).toBeInstanceOf(OperationalError);
    expect(error).toMatchObject({ code: "RESPONSE_TOO_LARGE" });
    await small.close();
  });

  it("on a killed connection is refused", async () => {
    engine.kill();
    await expect(read()).rejects.toThrow("Cannot operate on a closed database.");
    expect(engine.life).toBe(0);
  });
});

/** A server that does with each request what it is told, the first aside, which it answers. */
async function scripted(...answers: readonly ((response: ServerResponse) => void)[]): Promise<string> {
  const answer = (response: ServerResponse) => void response.end(SELECTED);
  let requests = 0;
  const scriptedServer = createServer((message, response) => {
    message.resume().on("end", () => (answers[requests++ - 1] ?? answer)(response));
  });
  await new Promise<void>((resolve) => scriptedServer.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    scriptedServer.closeAllConnections();
    scriptedServer.close();
  });
  return `quicsql://127.0.0.1:${(scriptedServer.address() as AddressInfo).port}/app`;
}

describe("a server that does not answer", () => {
  const silent = () => {};
  const reset = (response: ServerResponse) => void response.socket?.resetAndDestroy();

  it("is left when the call is stopped, and what became of a write is not known", async () => {
    const stalled = await openQuicsql({ url: await scripted(silent), authToken: CANARY });
    const call = stalled.stoppable("execute", [request("CREATE TABLE t (a)", false)]);
    setTimeout(() => call.stop({ message: "enough", cause: undefined }), 50);
    expect(await failure(call.answer)).toMatchObject({ code: "SQLITE_INTERRUPT", outcome: "unknown" });
    expect((await stalled.execute(request("SELECT 1", true))).rows).toEqual([[1]]);
    await stalled.close();
  });

  it("is left when its time is over", async () => {
    const stalled = await openQuicsql({
      url: await scripted(silent),
      authToken: CANARY,
      firstByteTimeout: 50,
    });
    expect(await failure(stalled.execute(request("SELECT 1", true)))).toMatchObject({
      code: "TIMEOUT",
      outcome: "not-executed",
    });
    await stalled.close();
  });

  it("but breaks off is asked again for a query, once, and never for a write", async () => {
    const once = await openQuicsql({ url: await scripted(reset), authToken: CANARY });
    expect((await once.execute(request("SELECT 1", true))).rows).toEqual([[1]]);
    const twice = await openQuicsql({ url: await scripted(reset, reset), authToken: CANARY });
    await failure(twice.execute(request("SELECT 1", true)));
    const write = await openQuicsql({ url: await scripted(reset), authToken: CANARY });
    const error = await failure(write.execute(request("CREATE TABLE t (a)", false)));
    expect(error).toMatchObject({ code: "CONNECTION", outcome: "unknown" });
    for (const each of [once, twice, write]) await each.close();
  });
});
