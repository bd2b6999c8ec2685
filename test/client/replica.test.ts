/**
 * Embedded replicas through the client door, in both forms, against a real server.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Client, type Config, createClient, createClientSync, LibsqlError } from "../../src/client.ts";
import { type Sqld, startSqld } from "../servers/sqld.ts";

let server: Sqld;
let directory: string;
const clients: { close(): unknown }[] = [];
beforeAll(async () => {
  server = await startSqld();
});
afterAll(() => server.stop());
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sqlite-dbapi-client-replica-"));
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await rm(directory, { recursive: true, force: true });
});

const caught = async (work: () => unknown): Promise<unknown> => {
  try {
    return await work();
  } catch (error) {
    return error;
  }
};

describe.each([
  ["synchronous", createClientSync as unknown as (config: Config) => Client],
  ["promised", createClient],
] as const)("a replica of the %s form", (form, make) => {
  const create = (config: Partial<Config> = {}): Client => {
    const client = make({ url: `file:${join(directory, "replica.db")}`, syncUrl: server.url, ...config });
    clients.push(client);
    return client;
  };
  const table = form;

  it("reads its own writes, and what others wrote after sync()", async () => {
    const client = create();
    const other = createClient({ url: server.url });
    clients.push(other);
    await client.execute(`CREATE TABLE ${table} (a)`);
    await client.execute({ sql: `INSERT INTO ${table} VALUES (?)`, args: [1] });
    expect((await client.execute(`SELECT a FROM ${table}`)).toJSON().rows).toEqual([[1]]);
    await other.execute(`INSERT INTO ${table} VALUES (2)`);
    expect((await client.execute(`SELECT count(*) FROM ${table}`)).rows[0]?.[0]).toBe(1);
    const synced = await client.sync();
    expect(synced).toEqual({ frame_no: expect.any(Number), frames_synced: 1 });
    expect((await client.execute(`SELECT count(*) FROM ${table}`)).rows[0]?.[0]).toBe(2);
    expect(client.protocol).toBe("file");
  });

  it("has batches and transactions", async () => {
    const client = create();
    await client.batch(
      [`CREATE TABLE many_${table} (a)`, `INSERT INTO many_${table} VALUES (1), (2)`],
      "write",
    );
    const tx = await client.transaction("write");
    await tx.execute(`INSERT INTO many_${table} VALUES (3)`);
    expect((await tx.execute(`SELECT count(*) FROM many_${table}`)).rows[0]?.[0]).toBe(3);
    await tx.commit();
    expect((await client.execute(`SELECT count(*) FROM many_${table}`)).rows[0]?.[0]).toBe(3);
    const undone = await client.transaction("write");
    await undone.execute(`DELETE FROM many_${table}`);
    await undone.rollback();
    expect((await client.execute(`SELECT count(*) FROM many_${table}`)).rows[0]?.[0]).toBe(3);
  });

  it("is brought up to date in the background, and read in full integers where asked", async () => {
    const client = create({ syncInterval: 0.05, intMode: "bigint" });
    const other = createClient({ url: server.url });
    clients.push(other);
    await other.execute(`CREATE TABLE later_${table} AS SELECT 9007199254740993 AS a`);
    const read = async () => (await client.execute(`SELECT a FROM later_${table}`)).rows[0]?.[0];
    await expect.poll(read, { timeout: 20_000 }).toBe(9007199254740993n);
  });

  it("reconnects, and can be made again at once", async () => {
    const client = create();
    expect((await client.execute("SELECT 1 AS a")).rows[0]?.[0]).toBe(1);
    client.reconnect();
    expect((await client.execute("SELECT 2 AS a")).rows[0]?.[0]).toBe(2);
    client.close();
    expect((await create().execute("SELECT 3 AS a")).rows[0]?.[0]).toBe(3);
  });

  it("has the codes of its failures", async () => {
    const client = create();
    expect(await caught(() => client.execute("SELECT * FROM nowhere"))).toMatchObject({
      code: "SQLITE_ERROR",
    });
    const plain = make({ url: `file:${join(directory, "plain.db")}` });
    clients.push(plain);
    expect(await caught(() => plain.sync())).toMatchObject({ code: "SYNC_NOT_SUPPORTED" });
    await client.execute("SELECT 1");
    const error = await caught(() => create().execute("SELECT 1"));
    expect(error).toBeInstanceOf(LibsqlError);
    expect(error).toMatchObject({ code: "FILE_IN_USE" });
  });
});
