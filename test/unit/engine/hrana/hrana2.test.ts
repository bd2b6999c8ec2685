/**
 * Tests src/engine/hrana on a server that speaks Hrana 2 only: a real sqld behind a proxy that hides the newer version. What
 * Hrana 2 lacks (asking for autocommit, cursors) must show in nothing but the size of a result.
 */
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { HranaEngine } from "../../../../src/engine/hrana/engine.ts";
import { IntegrityError, OperationalError, ProgrammingError } from "../../../../src/errors/tree.ts";
import type { Sqld } from "../../../servers/sqld.ts";
import {
  all,
  by,
  COMMIT,
  ENDLESS,
  LONG,
  open,
  ROLLBACK,
  request,
  run,
  serve,
  WAYS,
  type Way,
} from "./support.ts";

/** A proxy to a server that knows nothing newer than Hrana 2; gives its URL. */
async function old(way: Way, server: Sqld): Promise<string> {
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const upstream = connect(server.port, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (bytes: Buffer) => {
      const text = bytes.toString("latin1");
      const hidden = text.replace(/^POST \/v3\//, "POST /v9/").replace("hrana3, hrana2", "hrana2");
      upstream.write(hidden === text ? bytes : Buffer.from(hidden, "latin1"));
    });
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const { port } = proxy.address() as { readonly port: number };
  return by(way, { url: `http://127.0.0.1:${port}` });
}

describe.each(WAYS)("a server of Hrana 2 by %s", (way) => {
  const openOld = async (script = ""): Promise<{ readonly engine: HranaEngine; readonly server: Sqld }> => {
    const server = await serve();
    const engine = await open(await old(way, server));
    if (script !== "") await run(engine, script);
    return { engine, server };
  };

  it("begins with the statement that wants it, binds the others to it, and ends by control", async () => {
    const { engine } = await openOld("CREATE TABLE t(a UNIQUE)");
    const insert = await engine.execute(request("INSERT INTO t VALUES (1)", { begin: "BEGIN IMMEDIATE" }));
    expect(insert).toMatchObject({ changes: 1, lastrowid: 1n });
    expect(engine.inTransaction).toBe(true);
    await engine.execute(request("INSERT INTO t VALUES (2)", { begin: "BEGIN", guard: true }));
    await expect(engine.execute(request("INSERT INTO t VALUES (2)", { begin: "BEGIN" }))).rejects.toThrow(
      IntegrityError,
    );
    expect(engine.inTransaction).toBe(true);
    await engine.control([...COMMIT, { sql: "BEGIN", when: "closed" }]);
    expect(engine.inTransaction).toBe(true);
    await engine.execute(request("INSERT INTO t VALUES (3)"));
    await engine.control(ROLLBACK);
    expect(engine.inTransaction).toBe(false);
    expect(await all(engine, "SELECT * FROM t")).toEqual([[1], [2]]);
    await engine.execute(request("INSERT INTO t VALUES (4)"));
    expect(engine.inTransaction).toBe(false);
  });

  it("gives the errors that SQLite gives, and leaves no transaction behind what does not compile", async () => {
    const { engine } = await openOld("CREATE TABLE t(a PRIMARY KEY)");
    for (const sql of ["SELCT", "SELECT * FROM missing", "INSERT INTO t VALUES (1, 2)"]) {
      await expect(engine.execute(request(sql, { begin: "BEGIN" }))).rejects.toThrow(ProgrammingError);
      expect(engine.inTransaction).toBe(false);
    }
    await engine.execute(request("INSERT INTO t VALUES (1)", { begin: "BEGIN" }));
    await expect(engine.execute(request("INSERT INTO t VALUES (1)"))).rejects.toMatchObject({
      code: "SQLITE_CONSTRAINT_PRIMARYKEY",
    });
    await expect(engine.execute(request("INSERT OR ROLLBACK INTO t VALUES (1)"))).rejects.toThrow(
      IntegrityError,
    );
    expect(engine.inTransaction).toBe(false);
  });

  it("reads a result whole, as far as the server sends one", async () => {
    const { engine } = await openOld();
    expect(await engine.execute(request("SELECT 9007199254740993"))).toMatchObject({
      rows: [[9007199254740993n]],
    });
    const reply = await engine.execute(request(LONG));
    expect(reply).toMatchObject({ reader: 0 });
    expect(reply.rows).toHaveLength(3000);
    await expect(all(engine, `${ENDLESS} LIMIT 200000`)).rejects.toMatchObject({
      code: "RESPONSE_TOO_LARGE",
    });
    expect(await all(engine, "SELECT 1")).toEqual([[1]]);
  });

  it("applies many sets, and scripts, and tells where they failed", async () => {
    const { engine } = await openOld("CREATE TABLE t(a UNIQUE)");
    const values = Array.from({ length: 500 }, (_, i) => BigInt(i));
    const many = {
      sql: "INSERT INTO t VALUES (?)",
      width: 1,
      count: 500,
      values,
      begin: "BEGIN",
      guard: false,
    };
    expect(await engine.executemany(many)).toEqual({ changes: 500, error: null, index: -1 });
    await engine.control(ROLLBACK);
    const twice = { ...many, values: values.map((value, i) => (i === 300 ? 7n : value)) };
    expect(await engine.executemany(twice)).toMatchObject({ changes: 300, index: 300 });
    await engine.control(ROLLBACK);
    expect(await engine.executemany({ ...twice, begin: null })).toMatchObject({ changes: 300, index: 300 });
    const parts = ["DELETE FROM t", "INSERT INTO t VALUES (1)", "SELCT", "INSERT INTO t VALUES (2)"].map(
      (sql) => ({ sql }),
    );
    expect(await engine.script({ parts, begin: null, guard: false })).toMatchObject({ index: 2 });
    expect(await all(engine, "SELECT * FROM t")).toEqual([[1]]);
  });

  it("notices a transaction that the server has given to another writer", { timeout: 60_000 }, async () => {
    const { engine, server } = await openOld("CREATE TABLE t(a)");
    const other = await open(server.url);
    await engine.execute(request("INSERT INTO t VALUES (1)", { begin: "BEGIN IMMEDIATE" }));
    await other.execute(request("INSERT INTO t VALUES (2)"));
    await expect(engine.execute(request("INSERT INTO t VALUES (3)"))).rejects.toThrow(OperationalError);
    await expect(engine.execute(request("INSERT INTO t VALUES (4)"))).rejects.toMatchObject({
      outcome: "rolled-back",
    });
    await engine.control(ROLLBACK);
    expect(await all(engine, "SELECT * FROM t")).toEqual([[2]]);
  });
});
