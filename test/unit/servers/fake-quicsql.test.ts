/**
 * Tests test/servers/fake-quicsql.ts: it speaks as quicSQL's documentation says.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type FakeQuicsql, startFakeQuicsql } from "../../servers/fake-quicsql.ts";

let server: FakeQuicsql;
beforeAll(async () => {
  server = await startFakeQuicsql({ token: "t", maxRows: 2 });
});
afterAll(() => server.stop());

async function post(path: string, body: object, token = "t") {
  const response = await fetch(`http://${server.host}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

const query = async (body: object) => JSON.parse((await post("/app/query", body)).text) as unknown;

it("answers a statement, exact and with every digit", async () => {
  const { text } = await post("/app/query", {
    sql: "SELECT 9007199254740993 AS a, ? AS b, x'ff' AS c",
    args: [1.5],
  });
  expect(text).toBe(
    '{"columns":["a","b","c"],"rows":[[9007199254740993,1.5,{"base64":"/w=="}]],"rows_affected":0,"last_insert_id":0}',
  );
});

it("runs a batch as one transaction, and says with HTTP 200 which statement failed", async () => {
  await query({ sql: "CREATE TABLE t (a UNIQUE)" });
  const insert = { sql: "INSERT INTO t VALUES (?)", args: [1] };
  const { status, text } = await post("/app/query", { statements: [insert, insert] });
  expect([status, JSON.parse(text)]).toEqual([
    200,
    { error: { message: "UNIQUE constraint failed: t.a", code: 19, extended_code: 2067 }, failed_index: 1 },
  ]);
  expect(await query({ sql: "SELECT * FROM t" })).toMatchObject({ rows: [] });
});

it("cuts a result off and says so", async () => {
  expect(await query({ sql: "VALUES (1), (2), (3)" })).toMatchObject({ rows: [[1], [2]], truncated: true });
});

it.each([
  ["/app/query", { sql: "SELECT 1", statements: [{ sql: "SELECT 1" }] }, 400],
  ["/app/query", {}, 400],
  ["/app/query", { sql: "SELECT 1", more: 1 }, 400],
  ["/missing/query", { sql: "SELECT 1" }, 404],
  ["/app/else", { sql: "SELECT 1" }, 404],
])("refuses POST %s %j with %i", async (path, body, status) => {
  expect((await post(path, body)).status).toBe(status);
});

it("lets nobody in without the token", async () => {
  expect((await post("/app/query", { sql: "SELECT 1" }, "other")).status).toBe(401);
});

it("speaks Hrana, with the extended code by name", async () => {
  const requests = [
    { type: "execute", stmt: { sql: "SELECT * FROM missing" } },
    { type: "execute", stmt: { sql: "CREATE TABLE u (a PRIMARY KEY)" } },
    { type: "execute", stmt: { sql: "INSERT INTO u VALUES (1)" } },
    { type: "execute", stmt: { sql: "INSERT INTO u VALUES (1)" } },
    { type: "close" },
  ];
  const { baton, results } = JSON.parse((await post("/app/v3/pipeline", { baton: null, requests })).text);
  expect(baton).toBeNull();
  expect(results.map(({ error }: { error?: { code: string } }) => error?.code)).toEqual([
    "SQLITE_ERROR",
    undefined,
    undefined,
    "SQLITE_CONSTRAINT_PRIMARYKEY",
    undefined,
  ]);
});
