/**
 * What is many statements in one call: `batch`, `migrate`, `executeMultiple`.
 */
import { expect, it } from "vitest";
import { LibsqlBatchError, LibsqlError } from "../../src/client.ts";
import { type AnyClient, codeOf, everyForm, raised, valueOf } from "./forms.ts";

const count = (client: AnyClient): Promise<unknown> => valueOf(client, "SELECT count(*) FROM t");

everyForm("a batch", (db) => {
  const withTable = async (): Promise<AnyClient> => {
    const client = db.create();
    await client.execute("CREATE TABLE t (a UNIQUE)");
    return client;
  };

  it.each([undefined, "write", "deferred"] as const)(
    "in mode %s gives a result for each statement",
    async (mode) => {
      const client = await withTable();
      const results = await client.batch(
        [
          "INSERT INTO t VALUES (1)",
          { sql: "INSERT INTO t VALUES (?)", args: [2] },
          ["INSERT INTO t VALUES (:a)", { a: 3 }],
          ["SELECT count(*) AS n FROM t"],
        ],
        mode,
      );
      expect(results.map(({ rowsAffected }) => rowsAffected)).toEqual([1, 1, 1, 0]);
      expect(results[3]?.rows).toEqual([{ n: 3 }]);
      expect(await count(client)).toBe(3);
    },
  );

  it("of nothing gives nothing", async () => {
    expect(await db.create().batch([])).toEqual([]);
  });

  it("that fails is undone, and its error says where", async () => {
    const client = await withTable();
    const error = await raised(LibsqlBatchError, () =>
      client.batch(
        ["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (2)", "INSERT INTO t VALUES (1)"],
        "write",
      ),
    );
    expect(error).toMatchObject({
      name: "LibsqlBatchError",
      message: "SQLITE_CONSTRAINT: UNIQUE constraint failed: t.a",
      statementIndex: 2,
      code: "SQLITE_CONSTRAINT",
      extendedCode: "SQLITE_CONSTRAINT_UNIQUE",
      rawCode: 2067,
    });
    expect(error).toBeInstanceOf(LibsqlError);
    expect(await count(client)).toBe(0);
    await client.batch(["INSERT INTO t VALUES (1)"]);
    expect(await count(client)).toBe(1);
  });

  it("with a value that cannot be bound does nothing", async () => {
    const client = await withTable();
    await raised(RangeError, () => client.batch(["INSERT INTO t VALUES (1)", ["SELECT ?", [Number.NaN]]]));
    expect(await count(client)).toBe(0);
  });

  it("with a result that cannot be read is undone", async () => {
    const client = await withTable();
    await raised(RangeError, () => client.batch(["INSERT INTO t VALUES (1)", "SELECT 9007199254740993"]));
    expect(await count(client)).toBe(0);
  });

  it.each([
    [["INSERT INTO t VALUES (1)", "ROLLBACK", "INSERT INTO t VALUES (2)"], 2, 0],
    [["INSERT INTO t VALUES (1)", "COMMIT", "INSERT INTO t VALUES (2)"], 2, 1],
    [["INSERT INTO t VALUES (1)", "INSERT OR ROLLBACK INTO t VALUES (1)", "SELECT 1"], 1, 0],
    [["INSERT INTO t VALUES (1)", "COMMIT"], 1, 1],
  ])("%o, which ends its transaction, goes no further", async (statements, index, left) => {
    const client = await withTable();
    const error = await raised(LibsqlBatchError, () => client.batch(statements));
    expect(error.statementIndex).toBe(index);
    expect(["TRANSACTION_CLOSED", "SQLITE_CONSTRAINT"]).toContain(error.code);
    expect(await count(client)).toBe(left);
  });

  it("that breaks a deferred foreign key is undone by COMMIT", async () => {
    const client = db.create();
    await client.executeMultiple(
      "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (p REFERENCES p DEFERRABLE INITIALLY DEFERRED)",
    );
    expect(await codeOf(() => client.batch(["INSERT INTO t VALUES (5)"], "write"))).toBe("SQLITE_CONSTRAINT");
    expect(await count(client)).toBe(0);
  });

  it("in mode read reads, and refuses to write", async () => {
    const client = await withTable();
    expect((await client.batch(["SELECT 1 AS n"], "read"))[0]?.rows).toEqual([{ n: 1 }]);
    const error = await raised(LibsqlBatchError, () => client.batch(["INSERT INTO t VALUES (1)"], "read"));
    expect(error).toMatchObject({ code: "SQLITE_READONLY", statementIndex: 0 });
    await client.execute("INSERT INTO t VALUES (1)");
    expect(await count(client)).toBe(1);
  });

  it("in a mode that there is not is refused", async () => {
    await raised(RangeError, () => db.create().batch(["SELECT 1"], "exclusive" as never));
    await raised(TypeError, () => db.create().batch("SELECT 1" as never));
  });
});

everyForm("a migration", (db) => {
  const prepare = async (): Promise<AnyClient> => {
    const client = db.create();
    await client.executeMultiple(`
      CREATE TABLE p (id INTEGER PRIMARY KEY);
      CREATE TABLE t (p REFERENCES p);
      INSERT INTO p VALUES (1);
      INSERT INTO t VALUES (1);`);
    return client;
  };

  it("runs without foreign keys, which are back afterwards", async () => {
    const client = await prepare();
    const results = await client.migrate(["DROP TABLE p", "CREATE TABLE p (id INTEGER PRIMARY KEY, name)"]);
    expect(results).toHaveLength(2);
    expect(await valueOf(client, "PRAGMA foreign_keys")).toBe(1);
    expect(await codeOf(() => client.execute("INSERT INTO t VALUES (9)"))).toBe("SQLITE_CONSTRAINT");
  });

  it("that fails is undone whole", async () => {
    const client = await prepare();
    const error = await raised(LibsqlBatchError, () => client.migrate(["DROP TABLE p", "nonsense"]));
    expect(error.statementIndex).toBe(1);
    expect(await valueOf(client, "SELECT count(*) FROM p")).toBe(1);
    expect(await valueOf(client, "PRAGMA foreign_keys")).toBe(1);
  });

  it("leaves foreign keys off where they were off", async () => {
    const client = await prepare();
    await client.execute("PRAGMA foreign_keys = off");
    await client.migrate(["INSERT INTO t VALUES (9)"]);
    expect(await valueOf(client, "PRAGMA foreign_keys")).toBe(0);
  });
});

everyForm("a script", (db) => {
  it("runs to its end, and gives nothing", async () => {
    const client = db.create();
    const script = "CREATE TABLE t (a); INSERT INTO t VALUES ('a;b'); INSERT INTO t VALUES (2); -- end";
    expect(await client.executeMultiple(script)).toBeUndefined();
    expect(await count(client)).toBe(2);
  });

  it("that fails keeps what came before", async () => {
    const client = db.create();
    expect(await codeOf(() => client.executeMultiple("CREATE TABLE t (a); nonsense; DROP TABLE t"))).toBe(
      "SQLITE_ERROR",
    );
    expect(await count(client)).toBe(0);
  });

  it("that leaves a transaction open is rolled back", async () => {
    const client = db.create();
    await client.executeMultiple("CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1)");
    expect(await count(client)).toBe(0);
    await client.executeMultiple("BEGIN; INSERT INTO t VALUES (1); COMMIT");
    expect(await count(client)).toBe(1);
  });

  it("is text", async () => {
    await raised(TypeError, () => db.create().executeMultiple(["SELECT 1"] as never));
  });
});
