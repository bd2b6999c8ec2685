/**
 * Interactive transactions: what is in them, what is outside, who waits for whom, and how they end.
 */
import { expect, it } from "vitest";
import { LibsqlBatchError, LibsqlError } from "../../src/client.ts";
import {
  type AnyClient,
  codeOf,
  everyForm,
  filesOnly,
  promisedFile,
  promisedOnly,
  raised,
  valueOf,
} from "./forms.ts";

const COUNT = "SELECT count(*) FROM t";

everyForm("a transaction", (db) => {
  const withTable = async (config = {}): Promise<AnyClient> => {
    const client = db.create(config);
    await client.execute("CREATE TABLE t (a UNIQUE)");
    return client;
  };

  it.each([undefined, "write", "deferred"] as const)("in mode %s keeps what is committed", async (mode) => {
    const client = await withTable();
    const tx = await client.transaction(mode);
    expect(tx.closed).toBe(false);
    expect((await tx.execute("INSERT INTO t VALUES (?)", [1])).rowsAffected).toBe(1);
    expect((await tx.execute({ sql: "INSERT INTO t VALUES (?)", args: [2] })).rowsAffected).toBe(1);
    expect(await tx.batch(["INSERT INTO t VALUES (3)", ["SELECT ?", [1]]])).toHaveLength(2);
    await tx.executeMultiple("INSERT INTO t VALUES (4); INSERT INTO t VALUES (5)");
    expect(await valueOf(tx, COUNT)).toBe(5);
    await tx.commit();
    expect(tx.closed).toBe(true);
    expect(await valueOf(client, COUNT)).toBe(5);
  });

  it.each(["rollback", "close"] as const)("is undone by %s", async (end) => {
    const client = await withTable();
    const tx = await client.transaction();
    await tx.execute("INSERT INTO t VALUES (1)");
    await tx[end]();
    expect(tx.closed).toBe(true);
    expect(await valueOf(client, COUNT)).toBe(0);
    await client.execute("INSERT INTO t VALUES (1)");
  });

  it("that is closed takes no more calls; closing it again does nothing", async () => {
    const tx = await (await withTable()).transaction();
    await tx.commit();
    for (const work of [
      () => tx.execute("SELECT 1"),
      () => tx.batch(["SELECT 1"]),
      () => tx.batch([]),
      () => tx.executeMultiple("SELECT 1"),
      () => tx.commit(),
    ]) {
      expect(await codeOf(work)).toBe("TRANSACTION_CLOSED");
    }
    await tx.rollback();
    tx.close();
    expect(tx.closed).toBe(true);
  });

  it("survives a statement that fails", async () => {
    const client = await withTable();
    const tx = await client.transaction();
    await tx.execute("INSERT INTO t VALUES (1)");
    expect(await codeOf(() => tx.execute("INSERT INTO t VALUES (1)"))).toBe("SQLITE_CONSTRAINT");
    expect(await codeOf(() => tx.execute("nonsense"))).toBe("SQLITE_ERROR");
    const error = await raised(LibsqlBatchError, () => tx.batch(["INSERT INTO t VALUES (2)", "nonsense"]));
    expect(error.statementIndex).toBe(1);
    await tx.commit();
    expect(await valueOf(client, COUNT)).toBe(2);
  });

  it("that SQLite ends is closed, and nothing of it runs in autocommit", async () => {
    const client = await withTable();
    const tx = await client.transaction();
    await tx.execute("INSERT INTO t VALUES (1)");
    expect(await codeOf(() => tx.execute("INSERT OR ROLLBACK INTO t VALUES (1)"))).toBe("SQLITE_CONSTRAINT");
    expect(tx.closed).toBe(true);
    expect(await codeOf(() => tx.execute("INSERT INTO t VALUES (2)"))).toBe("TRANSACTION_CLOSED");
    expect(await codeOf(() => tx.commit())).toBe("TRANSACTION_CLOSED");
    await tx.rollback();
    expect(await valueOf(client, COUNT)).toBe(0);
  });

  it("that SQLite ended can be rolled back without an error that hides the first", async () => {
    const tx = await (await withTable()).transaction();
    await tx.execute("ROLLBACK");
    expect(tx.closed).toBe(true);
    await tx.rollback();
  });

  it("whose COMMIT fails is closed and rolled back", async () => {
    const client = await withTable();
    await client.executeMultiple(
      "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p DEFERRABLE INITIALLY DEFERRED)",
    );
    const tx = await client.transaction();
    await tx.execute("INSERT INTO c VALUES (1)");
    expect(await codeOf(() => tx.commit())).toBe("SQLITE_CONSTRAINT");
    expect(tx.closed).toBe(true);
    expect(await valueOf(client, "SELECT count(*) FROM c")).toBe(0);
  });

  it("in mode read reads, and refuses to write; the connection writes again afterwards", async () => {
    const client = await withTable();
    for (let i = 0; i < 2; i++) {
      const tx = await client.transaction("read");
      expect(await valueOf(tx, COUNT)).toBe(i);
      expect(await codeOf(() => tx.execute("INSERT INTO t VALUES (9)"))).toBe("SQLITE_READONLY");
      await tx.commit();
      const writing = await client.transaction("deferred");
      await writing.execute("INSERT INTO t VALUES (?)", [i]);
      await writing.commit();
    }
  });

  it("in a mode that there is not is refused", async () => {
    await raised(RangeError, () => db.create().transaction("exclusive" as never));
  });

  it("has savepoints", async () => {
    const client = await withTable();
    const tx = await client.transaction();
    await tx.execute("INSERT INTO t VALUES (1)");
    await tx.execute("SAVEPOINT s");
    await tx.execute("INSERT INTO t VALUES (2)");
    await tx.execute("ROLLBACK TO s");
    await tx.execute("RELEASE s");
    await tx.commit();
    expect(await valueOf(client, COUNT)).toBe(1);
  });

  it("is followed by another, many times over", async () => {
    const client = await withTable();
    for (let i = 0; i < 30; i++) {
      const tx = await client.transaction();
      await tx.execute("INSERT INTO t VALUES (?)", [i]);
      if (i % 3 === 0) tx.close();
      else await tx.commit();
    }
    expect(await valueOf(client, COUNT)).toBe(20);
  });

  it("does not make a call from outside wait for ever", async () => {
    const client = await withTable({ timeout: 100 });
    const tx = await client.transaction();
    await tx.execute("INSERT INTO t VALUES (1)");
    const expected = db.isFile ? "SQLITE_BUSY" : "TRANSACTION_ACTIVE";
    expect(await codeOf(() => client.execute("INSERT INTO t VALUES (2)"))).toBe(expected);
    expect(await codeOf(() => client.batch(["INSERT INTO t VALUES (2)"], "write"))).toBe(expected);
    expect(await codeOf(() => client.executeMultiple("INSERT INTO t VALUES (2)"))).toBe(expected);
    expect(await codeOf(() => client.transaction())).toBe(expected);
    await tx.execute("INSERT INTO t VALUES (3)");
    await tx.commit();
    await client.execute("INSERT INTO t VALUES (2)");
    expect(await valueOf(client, COUNT)).toBe(3);
  });

  it("with timeout 0 makes nobody wait", async () => {
    const client = await withTable({ timeout: 0 });
    const tx = await client.transaction();
    const expected = db.isFile ? "SQLITE_BUSY" : "TRANSACTION_ACTIVE";
    expect(await codeOf(() => client.execute("INSERT INTO t VALUES (2)"))).toBe(expected);
    expect(await codeOf(() => client.transaction())).toBe(expected);
    tx.close();
    await client.execute("INSERT INTO t VALUES (2)");
    // What is over when it returns is waited for all the same.
    await Promise.all([client.batch(["SELECT 1"]), client.batch(["SELECT 2"]), client.execute("SELECT 3")]);
  });
});

everyForm(
  "beside a transaction on a file",
  (db) => {
    it("others read what was there before, and it reads its own", async () => {
      const client = db.create();
      await client.execute("CREATE TABLE t (a)");
      const tx = await client.transaction();
      await tx.execute("INSERT INTO t VALUES (1)");
      expect(await valueOf(client, COUNT)).toBe(0);
      expect(await valueOf(tx, COUNT)).toBe(1);
      const reading = await client.transaction("read");
      expect(await valueOf(reading, COUNT)).toBe(0);
      await reading.commit();
      await tx.commit();
      expect(await valueOf(client, COUNT)).toBe(1);
    });

    it("there may be as many others as concurrency says", async () => {
      const client = db.create({ concurrency: 2, timeout: 50 });
      const first = await client.transaction("read");
      const second = await client.transaction("read");
      expect(await codeOf(() => client.transaction("read"))).toBe("TRANSACTION_ACTIVE");
      expect(await valueOf(client, "SELECT 1")).toBe(1);
      await first.commit();
      const third = await client.transaction("read");
      await second.commit();
      await third.commit();
    });

    it("a COMMIT that readers keep from the file gives up, and is rolled back", async () => {
      const [client, other] = [db.create({ timeout: 60 }), db.create()];
      await client.execute("CREATE TABLE t (a)");
      const reading = await other.transaction("read");
      await valueOf(reading, COUNT);
      const tx = await client.transaction();
      await tx.execute("INSERT INTO t VALUES (1)");
      expect(await codeOf(() => tx.commit())).toBe("SQLITE_BUSY");
      expect(tx.closed).toBe(true);
      expect(await valueOf(reading, COUNT)).toBe(0);
      await reading.commit();
      expect(await valueOf(client, COUNT)).toBe(0);
      await client.execute("INSERT INTO t VALUES (1)");
    });

    it("a lock of another client is waited for, or not", async () => {
      const [client, other] = [db.create({ timeout: 60 }), db.create()];
      await client.execute("CREATE TABLE t (a)");
      const tx = await other.transaction("write");
      await tx.execute("INSERT INTO t VALUES (1)");
      const error = await raised(LibsqlError, () => client.execute("INSERT INTO t VALUES (2)"));
      expect(error).toMatchObject({ code: "SQLITE_BUSY", extendedCode: "SQLITE_BUSY", rawCode: 5 });
      expect(await codeOf(() => client.transaction("write"))).toBe("SQLITE_BUSY");
      expect(await codeOf(() => client.migrate(["INSERT INTO t VALUES (2)"]))).toBe("SQLITE_BUSY");
      expect(await valueOf(client, COUNT)).toBe(0);
      await tx.commit();
      expect(await valueOf(client, COUNT)).toBe(1);
      await client.execute("INSERT INTO t VALUES (2)");
    });
  },
  filesOnly,
);

everyForm(
  "promised transactions",
  (db) => {
    it("of 50 tasks lose no update", async () => {
      const client = db.create();
      await client.executeMultiple("CREATE TABLE t (n); INSERT INTO t VALUES (0)");
      const add = async (mode?: "write") => {
        const tx = await client.transaction(mode);
        const n = (await valueOf(tx, "SELECT n FROM t")) as number;
        await new Promise(setImmediate);
        await tx.execute("UPDATE t SET n = ?", [n + 1]);
        await tx.commit();
      };
      const one = () => client.execute("UPDATE t SET n = n + 1");
      const two = () => client.batch(["UPDATE t SET n = n + 1", "UPDATE t SET n = n + 1"], "write");
      await Promise.all(
        Array.from({ length: 50 }, (_, i) => [() => add(), one, two, () => add("write")][i % 4]?.()),
      );
      expect(await valueOf(client, "SELECT n FROM t")).toBe(62);
    });

    it("that wait begin in the order in which they were asked for", async () => {
      const client = db.create();
      const order: number[] = [];
      const work = Array.from({ length: 5 }, async (_, i) => {
        const tx = await client.transaction();
        order.push(i);
        await new Promise((resolve) => setTimeout(resolve, 5 - i));
        await tx.commit();
      });
      await Promise.all(work);
      expect(order).toEqual([0, 1, 2, 3, 4]);
    });

    it("run calls that are not awaited in their order, up to the end", async () => {
      const client = db.create();
      await client.execute("CREATE TABLE t (a)");
      const tx = await client.transaction();
      const work = [
        tx.execute("INSERT INTO t VALUES (1)"),
        tx.batch(["INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (3)"]),
        tx.execute("SELECT count(*) AS n FROM t"),
        tx.commit(),
      ] as const;
      expect(tx.closed).toBe(true);
      expect(await codeOf(() => tx.execute("INSERT INTO t VALUES (4)"))).toBe("TRANSACTION_CLOSED");
      const [, , result] = await Promise.all(work);
      expect(result.rows).toEqual([{ n: 3 }]);
      expect(await valueOf(client, COUNT)).toBe(3);
    });

    it("closed with calls on their way finish them, and are rolled back", async () => {
      const client = db.create();
      await client.execute("CREATE TABLE t (a)");
      const tx = await client.transaction();
      const insert = tx.execute("INSERT INTO t VALUES (1)");
      tx.close();
      expect(tx.closed).toBe(true);
      expect((await insert).rowsAffected).toBe(1);
      expect(await valueOf(client, COUNT)).toBe(0);
    });

    it("that are lost half way take the calls behind with them", async () => {
      const client = db.create();
      await client.execute("CREATE TABLE t (a UNIQUE)");
      const tx = await client.transaction();
      const work = [
        tx.execute("INSERT INTO t VALUES (1)"),
        tx.execute("INSERT OR ROLLBACK INTO t VALUES (1)"),
        tx.execute("INSERT INTO t VALUES (2)"),
        tx.commit(),
      ];
      const codes = (await Promise.allSettled(work)).map((one) =>
        one.status === "rejected" ? one.reason.code : "",
      );
      expect(codes).toEqual(["", "SQLITE_CONSTRAINT", "TRANSACTION_CLOSED", "TRANSACTION_CLOSED"]);
      expect(await valueOf(client, COUNT)).toBe(0);
    });

    it("make a writer outside wait for their end", async () => {
      const client = db.create();
      await client.execute("CREATE TABLE t (a)");
      const tx = await client.transaction();
      await tx.execute("INSERT INTO t VALUES (1)");
      const writes = [
        client.execute("INSERT INTO t VALUES (2)"),
        client.batch(["INSERT INTO t VALUES (3)"], "write"),
        client.migrate(["INSERT INTO t VALUES (4)"]),
      ];
      await new Promise((resolve) => setTimeout(resolve, 30));
      await tx.execute("INSERT INTO t VALUES (5)");
      await tx.commit();
      await Promise.all(writes);
      expect(await valueOf(client, COUNT)).toBe(5);
    });
  },
  promisedOnly,
);

everyForm(
  "a waiting writer",
  (db) => {
    it("does not keep the owner of the transaction from reading", async () => {
      const client = db.create();
      await client.execute("CREATE TABLE t (a)");
      const tx = await client.transaction();
      await tx.execute("INSERT INTO t VALUES (1)");
      const write = client.execute("INSERT INTO t VALUES (2)");
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(await valueOf(client, COUNT)).toBe(0);
      await tx.commit();
      await write;
      expect(await valueOf(client, COUNT)).toBe(2);
    });

    it("in a deferred transaction waits with its first statement, and with no later one", async () => {
      const client = db.create();
      await client.execute("CREATE TABLE t (a)");
      const [first, second, third] = [
        await client.transaction("write"),
        await client.transaction("deferred"),
        await client.transaction("deferred"),
      ];
      await first.execute("INSERT INTO t VALUES (1)");
      expect(await valueOf(third, COUNT)).toBe(0);
      expect(await codeOf(() => third.execute("INSERT INTO t VALUES (3)"))).toBe("SQLITE_BUSY");
      await third.rollback();
      const write = second.batch(["INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (2)"]);
      await new Promise((resolve) => setTimeout(resolve, 30));
      await first.commit();
      await write;
      await second.commit();
      expect(await valueOf(client, COUNT)).toBe(3);
    });

    it("gets the lock that another client lets go of", async () => {
      const [client, other] = [db.create(), db.create()];
      await client.execute("CREATE TABLE t (a)");
      const tx = await other.transaction();
      await tx.execute("INSERT INTO t VALUES (1)");
      const writes = [
        client.execute("INSERT INTO t VALUES (2)"),
        client.executeMultiple("INSERT INTO t VALUES (3)"),
      ];
      const second = client.transaction();
      await new Promise((resolve) => setTimeout(resolve, 60));
      await tx.commit();
      await (await second).commit();
      await Promise.all(writes);
      expect(await valueOf(client, COUNT)).toBe(3);
    });
  },
  promisedFile,
);
