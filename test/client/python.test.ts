/**
 * What the page of Python's `libsql-client` shows, in both forms: a client that closes itself, positional and named values,
 * rows by index and by name, results as sequences, batches, and interactive transactions that end with `close`.
 * @see https://docs.turso.tech/libsql/client-access/python-sdk
 */
import { expect, it } from "vitest";
import { everyForm, raised } from "./forms.ts";

everyForm("as in Python", (db) => {
  const open = async () => {
    const client = db.create();
    await client.batch([
      "CREATE TABLE player (uid TEXT PRIMARY KEY, email TEXT)",
      "CREATE TABLE score (uid TEXT, level INTEGER, points INTEGER, PRIMARY KEY (uid, level))",
      "INSERT INTO player VALUES ('ada', 'ada@example.com'), ('bob', 'bob@example.com')",
      "INSERT INTO score VALUES ('ada', 1, 100), ('ada', 2, 250), ('bob', 1, 70)",
    ]);
    return client;
  };

  it("a query gives rows that are read by index and by name", async () => {
    const result = await (await open()).execute("SELECT * FROM player ORDER BY uid");
    expect(result.columns).toEqual(["uid", "email"]);
    expect([result.length, result.rows.length]).toEqual([2, 2]);
    expect([result[0]?.[0], result[0]?.uid, result.rows[1]?.email]).toEqual([
      "ada",
      "ada",
      "bob@example.com",
    ]);
    const uids: unknown[] = [];
    for (const row of result) uids.push(row.uid);
    for (const row of result.rows) uids.push(row[0]);
    expect(uids).toEqual(["ada", "bob", "ada", "bob"]);
    expect({ ...result[0] }).toEqual({ uid: "ada", email: "ada@example.com" });
  });

  it("a write has neither columns nor rows", async () => {
    const result = await (await open()).execute("UPDATE score SET points = points + 1");
    expect([result.columns, result.rows, result.rowsAffected]).toEqual([[], [], 3]);
  });

  it("values are given by position", async () => {
    const client = await open();
    const sql = "SELECT points FROM score WHERE uid = ? AND level = ?";
    expect((await client.execute(sql, ["ada", 2]))[0]?.points).toBe(250);
    expect((await client.execute([sql, ["ada", 2]]))[0]?.points).toBe(250);
  });

  it.each([":", "@", "$"])("values are given by name, with %s", async (prefix) => {
    const client = await open();
    const sql = `SELECT points FROM score WHERE uid = ${prefix}uid AND level = ${prefix}level`;
    expect((await client.execute(sql, { uid: "ada", level: 1 }))[0]?.points).toBe(100);
    expect((await client.execute(sql, { [`${prefix}uid`]: "bob", [`${prefix}level`]: 1 }))[0]?.points).toBe(
      70,
    );
  });

  it("a batch succeeds whole or not at all", async () => {
    const client = await open();
    const results = await client.batch([
      ["INSERT INTO player VALUES (?, ?)", ["eve", "eve@example.com"]],
      ["INSERT INTO score VALUES (:uid, 1, 5)", { uid: "eve" }],
      "SELECT count(*) AS n FROM player",
    ]);
    expect(results[2]?.[0]?.n).toBe(3);
    await raised(Error, () => client.batch(["DELETE FROM score", "DELETE FROM nowhere"]));
    expect((await client.execute("SELECT count(*) FROM score"))[0]?.[0]).toBe(4);
  });

  it("a transaction ends with commit, with rollback, or with close", async () => {
    const client = await open();
    const add = async (points: number, end: "commit" | "rollback" | "close") => {
      const transaction = await client.transaction();
      try {
        await transaction.execute("UPDATE score SET points = points + ? WHERE uid = 'bob'", [points]);
        if (end !== "close") await transaction[end]();
      } finally {
        transaction.close();
      }
      expect(transaction.closed).toBe(true);
    };
    await add(1, "commit");
    await add(10, "rollback");
    await add(100, "close");
    expect((await client.execute("SELECT points FROM score WHERE uid = 'bob'"))[0]?.points).toBe(71);
  });

  it("close is no promise", async () => {
    const client = await open();
    const transaction = await client.transaction();
    expect(transaction.close()).toBeUndefined();
    expect(client.close()).toBeUndefined();
    expect(client.closed).toBe(true);
  });
});
