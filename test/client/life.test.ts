/**
 * Opening, closing and opening again; what ends a call before its time.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { createClient, createClientSync, LibsqlError } from "../../src/client.ts";
import { codeOf, everyForm, filesOnly, promisedFile, promisedOnly, raised, valueOf } from "./forms.ts";

/** Far longer than the limits here, but not without an end: a thread that has been given up runs it to there. */
const LONG =
  "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c LIMIT 10000000) SELECT count(*) FROM c";

everyForm("a client", (db) => {
  it("says what it is", () => {
    const client = db.create();
    expect([client.protocol, client.closed]).toEqual(["file", false]);
    client.close();
    expect(client.closed).toBe(true);
    client.close();
  });

  it("that is closed takes no more calls", async () => {
    const client = db.create();
    await client.execute("SELECT 1");
    client.close();
    for (const work of [
      () => client.execute("SELECT 1"),
      () => client.batch(["SELECT 1"]),
      () => client.migrate(["SELECT 1"]),
      () => client.executeMultiple("SELECT 1"),
      () => client.transaction(),
      () => client.sync(),
    ]) {
      expect(await codeOf(work)).toBe("CLIENT_CLOSED");
    }
  });

  it("rolls open transactions back when it is closed", async () => {
    const client = db.create();
    await client.execute("CREATE TABLE t (a)");
    const tx = await client.transaction();
    await tx.execute("INSERT INTO t VALUES (1)");
    client.close();
    expect(tx.closed).toBe(true);
    expect(await codeOf(() => tx.execute("SELECT 1"))).toBe("TRANSACTION_CLOSED");
    expect(await codeOf(() => tx.commit())).toBe("TRANSACTION_CLOSED");
    tx.close();
    await tx.rollback();
    client.reconnect();
    if (db.isFile) expect(await valueOf(client, "SELECT count(*) FROM t")).toBe(0);
  });

  it("can be opened again, closed or not", async () => {
    const client = db.create();
    client.close();
    client.reconnect();
    expect(client.closed).toBe(false);
    expect(await valueOf(client, "SELECT 1")).toBe(1);
    const tx = await client.transaction();
    await client.reconnect();
    expect(tx.closed).toBe(true);
    tx.close();
    expect(await valueOf(client, "SELECT 1")).toBe(1);
  });

  it("is closed by its symbols, and so is a transaction", async () => {
    const client = db.create();
    const tx = await client.transaction();
    tx[Symbol.dispose]();
    expect(tx.closed).toBe(true);
    if (!db.isSynchronous) {
      const other = await client.transaction();
      await other[Symbol.asyncDispose]();
      expect(other.closed).toBe(true);
      await client[Symbol.asyncDispose]();
    } else client[Symbol.dispose]();
    expect(client.closed).toBe(true);
  });

  it("of a local database does not synchronise", async () => {
    expect(await codeOf(() => db.create().sync())).toBe("SYNC_NOT_SUPPORTED");
  });
});

everyForm(
  "a file",
  (db) => {
    it("that cannot be opened is told: at once, or by the first call", async () => {
      const url = `file:${join(db.directory, "no", "such.db")}`;
      const open = async () => await db.create({ url }).execute("SELECT 1");
      const error = await raised(LibsqlError, open);
      expect(error).toMatchObject({ code: "SQLITE_CANTOPEN", extendedCode: "SQLITE_CANTOPEN", rawCode: 14 });
    });

    it("is the same for all its names", async () => {
      const path = join(db.directory, "a b%2520.db");
      const encoded = path.replaceAll("%", "%25").replaceAll(" ", "%20");
      const first = db.create({ url: `file:${encoded}` });
      await first.execute("CREATE TABLE t (a)");
      for (const url of [
        `file:${encoded}`,
        `file://${encoded}`,
        `file://localhost${encoded}`,
        `FILE:${encoded}`,
        pathToFileURL(path),
      ]) {
        expect(await valueOf(db.create({ url }), "SELECT name FROM sqlite_schema"), String(url)).toBe("t");
      }
    });

    it("can be opened for reading only", async () => {
      await db.create().execute("CREATE TABLE t (a)");
      const reader = db.create({ url: `${db.url()}?mode=ro` });
      expect(await valueOf(reader, "SELECT count(*) FROM t")).toBe(0);
      expect(await codeOf(() => reader.execute("INSERT INTO t VALUES (1)"))).toBe("SQLITE_READONLY");
    });
  },
  filesOnly,
);

everyForm(
  "a promised client",
  (db) => {
    it("tries again to open what could not be opened", async () => {
      if (!db.isFile) return;
      const { mkdir } = await import("node:fs/promises");
      const client = db.create({ url: `file:${join(db.directory, "later", "a.db")}` });
      expect(await codeOf(() => client.execute("SELECT 1"))).toBe("SQLITE_CANTOPEN");
      expect(await codeOf(() => client.transaction("read"))).toBe("SQLITE_CANTOPEN");
      await mkdir(join(db.directory, "later"));
      expect(await valueOf(client, "SELECT 1")).toBe(1);
      await (await client.transaction()).commit();
    });

    it("runs calls that are not awaited in their order", async () => {
      const client = db.create();
      const work = [
        client.execute("CREATE TABLE t (a)"),
        client.execute("INSERT INTO t VALUES (1)"),
        client.batch(["INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)"]),
        client.executeMultiple("INSERT INTO t VALUES (4)"),
        client.execute("INSERT INTO t VALUES (5)"),
        client.migrate(["INSERT INTO t VALUES (6)"]),
      ];
      const { rows } = await client.execute("SELECT a FROM t ORDER BY rowid");
      expect(rows.map(({ a }) => a)).toEqual([1, 2, 3, 4, 5, 6]);
      await Promise.all(work);
    });

    it("finishes the call that is on its way when it is closed, and refuses those that wait", async () => {
      const client = db.create();
      await client.execute("CREATE TABLE t (a)");
      const calls = [
        client.execute("INSERT INTO t VALUES (1)"),
        client.batch(["INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)"]),
        client.execute("SELECT 1"),
      ];
      const settled = Promise.allSettled(calls);
      client.close();
      const codes = (await settled).map((one) => (one.status === "rejected" ? one.reason.code : "done"));
      expect(codes).toEqual(["done", "CLIENT_CLOSED", "CLIENT_CLOSED"]);
      client.reconnect();
      if (db.isFile) expect(await valueOf(client, "SELECT count(*) FROM t")).toBe(1);
    });

    it("closed before it is open refuses what was asked of it", async () => {
      const client = db.create();
      const work = [client.execute("SELECT 1"), client.transaction()];
      const settled = Promise.allSettled(work);
      client.close();
      for (const one of await settled) expect(one).toMatchObject({ reason: { code: "CLIENT_CLOSED" } });
    });

    it("rejects a wrong limit", async () => {
      const client = db.create();
      for (const limits of [{ timeout: 0 }, { timeout: 1.5 }, { timeout: "1" }, { signal: {} }, 5]) {
        await raised(TypeError, () => client.execute("SELECT 1", [], limits as never));
      }
      expect(await valueOf(client, "SELECT 1")).toBe(1);
    });

    it("does nothing when the signal is aborted already", async () => {
      const client = db.create();
      const signal = AbortSignal.abort(new Error("no"));
      const error = await raised(LibsqlError, () =>
        client.execute({ sql: "CREATE TABLE t (a)" }, { signal }),
      );
      expect(error).toMatchObject({ code: "SQLITE_INTERRUPT", cause: { message: "no" } });
      expect(await codeOf(() => client.transaction("write", { signal }))).toBe("SQLITE_INTERRUPT");
      expect(await codeOf(() => client.batch(["SELECT 1"], "read", { signal }))).toBe("SQLITE_INTERRUPT");
      expect(await valueOf(client, "SELECT count(*) FROM sqlite_schema")).toBe(0);
    });

    it("stops waiting for a transaction when it is told to", async () => {
      const client = db.create();
      await client.execute("CREATE TABLE t (a)");
      const tx = await client.transaction();
      await tx.execute("INSERT INTO t VALUES (1)");
      const controller = new AbortController();
      const waiting = [
        client.execute("INSERT INTO t VALUES (2)", [], { signal: controller.signal }),
        client.transaction("write", { signal: controller.signal }),
        client.batch(["INSERT INTO t VALUES (2)"], "write", { timeout: 40 }),
      ];
      const settled = Promise.allSettled(waiting);
      setTimeout(() => controller.abort(), 30);
      for (const one of await settled) expect(one).toMatchObject({ reason: { code: "SQLITE_INTERRUPT" } });
      await tx.commit();
      expect(await valueOf(client, "SELECT count(*) FROM t")).toBe(1);
      await (await client.transaction()).commit();
    });

    it("leaves nothing behind a call that was in time", async () => {
      const client = db.create();
      const { signal } = new AbortController();
      expect((await client.execute("SELECT 1 AS n", [], { signal, timeout: 60_000 })).rows).toEqual([
        { n: 1 },
      ]);
    });
  },
  promisedOnly,
);

everyForm(
  "a query that takes too long",
  (db) => {
    it("is ended by a timeout, and the client goes on", async () => {
      const client = db.create();
      await client.execute("CREATE TABLE t (a)");
      expect(await codeOf(() => client.execute(LONG, [], { timeout: 250 }))).toBe("SQLITE_INTERRUPT");
      expect(await valueOf(client, "SELECT count(*) FROM t")).toBe(0);
      expect(
        await codeOf(() => client.batch(["INSERT INTO t VALUES (1)", LONG], "write", { timeout: 250 })),
      ).toBe("SQLITE_INTERRUPT");
    });

    it("takes its transaction with it, and nothing else", async () => {
      const client = db.create();
      await client.execute("CREATE TABLE t (a)");
      const tx = await client.transaction("deferred");
      expect(await valueOf(tx, "SELECT count(*) FROM t")).toBe(0);
      expect(await codeOf(() => tx.execute(LONG, [], { timeout: 250 }))).toBe("SQLITE_INTERRUPT");
      expect(tx.closed).toBe(true);
      expect(await codeOf(() => tx.execute("INSERT INTO t VALUES (2)"))).toBe("TRANSACTION_CLOSED");
      await tx.rollback();
      const next = await client.transaction("deferred");
      expect(await valueOf(next, "SELECT count(*) FROM t")).toBe(0);
      await next.commit();
    });
  },
  promisedFile,
);

it.each(["createClient", "createClientSync"])(
  "a process ends by itself with a client open: %s",
  async (make) => {
    const program = `
    import * as door from "./src/client.ts";
    const client = door.${make}({ url: ":memory:" });
    await client.execute("CREATE TABLE t (a)");
    const tx = await client.transaction();
    await tx.execute("INSERT INTO t VALUES (1)");
    console.log((await tx.execute("SELECT count(*) FROM t"))[0][0]);`;
    const command = ["--input-type=module-typescript", "--eval", program];
    const { stdout } = await promisify(execFile)(process.execPath, command, { timeout: 50_000 });
    expect(stdout).toBe("1\n");
  },
);

it.each(["createClient", "createClientSync"])(
  "a transaction that is dropped is rolled back: %s",
  async (make) => {
    const program = `
    import * as door from "./src/client.ts";
    const client = door.${make}({ url: ":memory:" });
    await client.execute("CREATE TABLE t (a)");
    const leak = async () => void (await (await client.transaction()).execute("INSERT INTO t VALUES (1)"));
    await leak();
    const warned = new Promise((resolve) => process.on("warning", resolve));
    const collecting = setInterval(gc, 20);
    console.log((await warned).message);
    clearInterval(collecting);
    console.log((await client.execute("SELECT count(*) FROM t"))[0][0]);
    client.close();`;
    const command = ["--expose-gc", "--no-warnings", "--input-type=module-typescript", "--eval", program];
    const { stdout } = await promisify(execFile)(process.execPath, command, { timeout: 50_000 });
    expect(stdout).toBe(
      "a transaction was dropped without commit(), rollback() or close(): it is rolled back\n0\n",
    );
  },
);

it("a client of either form is created without waiting", () => {
  for (const create of [createClient, createClientSync]) {
    const client = create({ url: "http://127.0.0.1:1" });
    expect([client.protocol, client.closed]).toEqual(["http", false]);
    client.close();
  }
});
