/**
 * The client on a real libSQL server, beside `@libsql/client` on the same one: what it reads, what it refuses, and that the
 * token of a server that asks for one is nowhere to be seen.
 */
import { inspect } from "node:util";
import * as peer from "@libsql/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Client,
  createClient,
  createClientSync,
  LibsqlBatchError,
  LibsqlError,
} from "../../src/client.ts";
import { type Sqld, startSqld } from "../servers/sqld.ts";
import { codeOf, raised, valueOf } from "./forms.ts";

describe("on a server", () => {
  let server: Sqld;
  let client: Client;

  beforeAll(async () => {
    server = await startSqld();
    client = createClient({ url: server.url, concurrency: 4 });
  });
  afterAll(async () => {
    client.close();
    await server.stop();
  });

  const table = async (name: string) => {
    await client.execute(`CREATE TABLE ${name} (id INTEGER PRIMARY KEY, a UNIQUE)`);
    return name;
  };

  it("a client says by which protocol", () => {
    expect([client.protocol, client.closed]).toEqual(["http", false]);
  });

  it("values come back as the peer reads them", async () => {
    const other = peer.createClient({ url: server.url });
    const sql = "SELECT ? AS a, ? AS b, ? AS c, ? AS d, ? AS e, 'x' AS e";
    const args = [2.5, "é", null, Uint8Array.of(1, 2), 2n ** 53n - 1n];
    const read = async (one: peer.Client) => {
      const { columns, columnTypes, rows } = await one.execute(sql, args);
      return {
        columns,
        columnTypes,
        rows: rows.map((row) => [Object.entries(row), Array.prototype.slice.call(row)]),
      };
    };
    expect(await read(client)).toEqual(await read(other));
    other.close();
  });

  it("a hundred calls at a time share a few connections", async () => {
    const calls = Array.from({ length: 100 }, (_, i) => client.execute("SELECT ? AS n", [i]));
    const rows = (await Promise.all(calls)).map((result) => result[0]?.n);
    expect(rows).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  it("failures have the codes that they have on a file", async () => {
    const name = await table("codes");
    await client.execute(`INSERT INTO ${name} (a) VALUES (1)`);
    const error = await raised(LibsqlError, () => client.execute(`INSERT INTO ${name} (a) VALUES (1)`));
    expect(error).toMatchObject({
      code: "SQLITE_CONSTRAINT",
      extendedCode: "SQLITE_CONSTRAINT_UNIQUE",
      rawCode: 2067,
    });
    expect(await codeOf(() => client.execute("nonsense"))).toBe("SQLITE_ERROR");
    expect(await codeOf(() => client.execute("SELECT * FROM nowhere"))).toBe("SQLITE_ERROR");
  });

  it("a batch succeeds whole or not at all", async () => {
    const name = await table("batches");
    const insert = `INSERT INTO ${name} (a) VALUES (?)`;
    const results = await client.batch(
      [[insert, [1]], [insert, [2]], `SELECT count(*) AS n FROM ${name}`],
      "write",
    );
    expect(results.map(({ rowsAffected }) => rowsAffected)).toEqual([1, 1, 0]);
    expect(results[2]?.[0]?.n).toBe(2);
    const error = await raised(LibsqlBatchError, () =>
      client.batch(
        [
          [insert, [3]],
          [insert, [1]],
        ],
        "write",
      ),
    );
    expect(error.statementIndex).toBe(1);
    expect(await valueOf(client, `SELECT count(*) FROM ${name}`)).toBe(2);
  });

  it("a transaction is seen by nobody until it is committed", async () => {
    const name = await table("transactions");
    const tx = await client.transaction("write");
    await tx.execute(`INSERT INTO ${name} (a) VALUES (1)`);
    expect(await valueOf(client, `SELECT count(*) FROM ${name}`)).toBe(0);
    await tx.commit();
    expect(await valueOf(client, `SELECT count(*) FROM ${name}`)).toBe(1);
    const undone = await client.transaction("write");
    await undone.executeMultiple(`DELETE FROM ${name}; DELETE FROM ${name}`);
    undone.close();
    expect(await codeOf(() => undone.execute("SELECT 1"))).toBe("TRANSACTION_CLOSED");
    await client.execute(`INSERT INTO ${name} (a) VALUES (2)`);
    expect(await valueOf(client, `SELECT count(*) FROM ${name}`)).toBe(2);
  });

  it("there are as many transactions as concurrency says", async () => {
    const few = createClient({ url: server.url, concurrency: 1, timeout: 50 });
    const tx = await few.transaction("read");
    expect(await codeOf(() => few.execute("SELECT 1"))).toBe("TRANSACTION_ACTIVE");
    await tx.rollback();
    expect(await valueOf(few, "SELECT 1")).toBe(1);
    few.close();
  });

  it("migrations and scripts run", async () => {
    await client.migrate(["CREATE TABLE migrated (a)", "INSERT INTO migrated VALUES (1)"]);
    await client.executeMultiple("INSERT INTO migrated VALUES (2); INSERT INTO migrated VALUES (3)");
    expect(await valueOf(client, "SELECT count(*) FROM migrated")).toBe(3);
    expect(await codeOf(() => client.sync())).toBe("SYNC_NOT_SUPPORTED");
  });

  it("the synchronous client reaches it too", () => {
    const other = createClientSync({ url: server.url });
    other.execute("CREATE TABLE plain (a)");
    const tx = other.transaction("write");
    tx.execute("INSERT INTO plain VALUES (?)", [1]);
    tx.commit();
    const results = other.batch(["INSERT INTO plain VALUES (2)", "SELECT count(*) AS n FROM plain"], "write");
    expect(results[1]?.[0]?.n).toBe(2);
    other.close();
  });

  it("a closed client can be opened again", async () => {
    const other = createClient({ url: server.url });
    const tx = await other.transaction("write");
    other.close();
    expect(tx.closed).toBe(true);
    expect(await codeOf(() => other.execute("SELECT 1"))).toBe("CLIENT_CLOSED");
    other.reconnect();
    expect(await valueOf(other, "SELECT 1")).toBe(1);
    other.close();
  });
});

describe("on a server that asks for a token", () => {
  let server: Sqld;
  beforeAll(async () => {
    server = await startSqld({ jwt: true });
  });
  afterAll(() => server.stop());

  it("it is given in the configuration, by a function or in the URL, and never shown", async () => {
    const token = server.token();
    const inUrl = `${server.url}?authToken=${encodeURIComponent(token)}`;
    const configs = [
      { url: server.url, authToken: token },
      { url: server.url, authToken: () => token },
      { url: inUrl, authToken: "another" },
    ];
    for (const config of configs) {
      const client = createClient(config);
      expect(await valueOf(client, "SELECT 1")).toBe(1);
      const error = await raised(LibsqlError, () => client.execute("nonsense"));
      expect(inspect([client, error], { depth: 9, showHidden: true })).not.toContain(token);
      client.close();
    }
  });

  it("without one nothing works, and the error says so", async () => {
    const client = createClient({ url: server.url });
    const error = await raised(LibsqlError, () => client.execute("SELECT 1"));
    expect(error.message).toMatch(/401|unauthor/i);
    client.close();
  });
});
