/**
 * Embedded replicas, on both faces, against a real server: queries are answered by the file, everything else by the primary, and
 * what a connection has written it sees.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createPool } from "../../src/aio.ts";
import { DatabaseError, OperationalError, ProgrammingError } from "../../src/index.ts";
import { startSqld } from "../servers/sqld.ts";
import { raised } from "./quadrants.ts";
import { replicas } from "./replicas.ts";

replicas("a replica", (db) => {
  it("has at once what the primary has, and brings the rest with sync()", async () => {
    await db.elsewhere("CREATE TABLE town (name)", "INSERT INTO town VALUES ('Bath')");
    const conn = await db.replica();
    expect(await conn.fetchall("SELECT name FROM town")).toEqual([["Bath"]]);
    await db.elsewhere("INSERT INTO town VALUES ('York')");
    expect(await conn.fetchall("SELECT name FROM town")).toEqual([["Bath"]]);
    const { framesSynced, frameNo } = await conn.sync();
    expect(framesSynced).toBeGreaterThan(0);
    expect(frameNo).toBeGreaterThan(0);
    expect(await conn.fetchall("SELECT name FROM town")).toEqual([["Bath"], ["York"]]);
    expect(await conn.sync()).toEqual({ framesSynced: 0, frameNo });
  });

  it("has one value where an expression gives another each time that it is computed", async () => {
    const conn = await db.shared();
    const rows = await conn.fetchall(
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) SELECT iif(random() > 0, 'text', 1) FROM n",
    );
    expect(new Set(rows.map(([value]) => value))).toEqual(new Set(["text", 1]));
    expect(rows).toHaveLength(200);
  });

  it("shows a write of its own when it is committed, and nobody else's", async () => {
    const conn = await db.replica();
    await conn.execute("CREATE TABLE own (a)");
    for (let n = 1; n <= 20; n++) {
      await conn.execute("INSERT INTO own VALUES (?)", [n]);
      expect(await conn.fetchone("SELECT count(*) FROM own")).toEqual([n]);
      if (n % 3 === 0) await conn.commit();
    }
    await conn.commit();
    expect(await conn.fetchone("SELECT count(*) FROM own")).toEqual([20]);
    expect(await db.elsewhere("SELECT count(*) FROM own")).toEqual([[20]]);
  });

  it.each([
    ["execute", (conn) => conn.execute("INSERT INTO way VALUES (1)")],
    ["RETURNING", (conn) => conn.fetchall("INSERT INTO way VALUES (1) RETURNING a")],
    ["batch", (conn) => conn.batch(["INSERT INTO way VALUES (1)"])],
    ["executemany", (conn) => conn.executemany("INSERT INTO way VALUES (?)", [[1]])],
    ["executescript", (conn) => conn.executescript("INSERT INTO way VALUES (1);")],
    ["transaction", (conn) => conn.transaction((tx) => tx.execute("INSERT INTO way VALUES (1)") as never)],
    ["BEGIN and COMMIT", (conn) => conn.executescript("BEGIN; INSERT INTO way VALUES (1); COMMIT")],
  ] as const satisfies readonly (readonly [
    string,
    (conn: Awaited<ReturnType<typeof db.replica>>) => unknown,
  ])[])("shows what %s has written", async (_, write) => {
    await db.elsewhere("DROP TABLE IF EXISTS way", "CREATE TABLE way (a)");
    const conn = await db.shared({ autocommit: true });
    await conn.sync();
    expect(await conn.fetchall("SELECT a FROM way")).toEqual([]);
    await write(conn);
    expect(await conn.fetchall("SELECT a FROM way")).toEqual([[1]]);
  });

  it("undoes what is rolled back, there and here", async () => {
    const conn = await db.replica();
    await conn.execute("CREATE TABLE undone (a)");
    await conn.execute("INSERT INTO undone VALUES (1)");
    expect(await conn.fetchall("SELECT a FROM undone")).toEqual([[1]]);
    await conn.rollback();
    expect(await conn.fetchall("SELECT a FROM undone")).toEqual([]);
    await raised(RangeError, () =>
      conn.transaction(async () => {
        throw new RangeError("no");
      }),
    ).catch((error) => {
      // The synchronous face takes no function that promises.
      if (!db.isSynchronous) throw error;
    });
    await raised(RangeError, () =>
      conn.transaction(((tx: typeof conn) => {
        const done = tx.execute("INSERT INTO undone VALUES (2)");
        if (db.isSynchronous) throw new RangeError("no");
        return done.then(() => {
          throw new RangeError("no");
        });
      }) as never),
    );
    expect(await conn.fetchall("SELECT a FROM undone")).toEqual([]);
    expect(await db.elsewhere("SELECT a FROM undone")).toEqual([]);
  });

  it("brings a sync in a transaction, and what that commits comes after it", async () => {
    await db.elsewhere("CREATE TABLE within (a)");
    const conn = await db.replica();
    await conn.execute("INSERT INTO within VALUES (1)");
    await conn.sync();
    expect(conn.inTransaction).toBe(true);
    await conn.commit();
    expect(await conn.fetchall("SELECT a FROM within")).toEqual([[1]]);
  });

  it("says what statements did, as a local database does", async () => {
    const conn = await db.replica();
    await conn.execute("CREATE TABLE said (id INTEGER PRIMARY KEY, name TEXT)");
    const insert = await conn.execute("INSERT INTO said VALUES (9007199254740993, 'a'), (7, 'b')");
    expect([insert.rowcount, insert.lastrowid]).toEqual([2, 7]);
    const large = await conn.execute("INSERT INTO said VALUES (9223372036854775807, 'c')");
    expect(large.lastrowid).toBe(9223372036854775807n);
    const returning = await conn.execute("UPDATE said SET name = 'd' WHERE id > 7 RETURNING id");
    expect([returning.rowcount, await returning.fetchall()]).toEqual([
      2,
      [[9007199254740993n], [9223372036854775807n]],
    ]);
    await conn.commit();
    const query = await conn.execute("SELECT id, name AS nick, 1 FROM said ORDER BY id LIMIT 1");
    expect([query.rowcount, query.description?.map(([name, type]) => [name, type])]).toEqual([
      -1,
      [
        ["id", "INTEGER"],
        ["nick", "TEXT"],
        ["1", null],
      ],
    ]);
    expect(await query.fetchone()).toEqual([7, "b", 1]);
    expect(await conn.totalChanges).toBe(5);
    expect(await conn.fetchone("SELECT total_changes() > 0")).toEqual([1]);
  });

  it("reads every value as it is stored", async () => {
    const conn = await db.replica();
    await conn.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, value)");
    const values = [
      null,
      0,
      -1,
      2 ** 53 - 1,
      9223372036854775807n,
      -9223372036854775808n,
      0.1,
      -0,
      1e300,
      "",
      "a\0b",
    ];
    const others = [
      "é😀\uFFFD\uFEFF",
      "x".repeat(70_000),
      Buffer.alloc(0),
      Buffer.from([0, 255]),
      Buffer.alloc(70_000, 7),
    ];
    const all = [...values, ...others];
    await conn.executemany(
      "INSERT INTO kept (value) VALUES (?)",
      all.map((value) => [value]),
    );
    await conn.commit();
    const rows = await conn.fetchall<[(typeof all)[number]]>("SELECT value FROM kept ORDER BY id");
    expect(rows.map(([value]) => value)).toStrictEqual(all);
    for (const value of all) {
      const [same, read] =
        (await conn.fetchone("SELECT ? IS value, ? FROM kept WHERE value IS ?", [value, value, value])) ?? [];
      expect([same, read]).toStrictEqual([1, value]);
    }
    expect(await conn.fetchone("SELECT typeof(?), typeof(?), 5 / ?", [1, 1.5, 2])).toEqual([
      "integer",
      "real",
      2,
    ]);
    expect(await conn.fetchone("SELECT :b, @a", { a: 1, b: 2 })).toEqual([2, 1]);
    expect(await conn.fetchone("SELECT 9e999, -9e999")).toEqual([Infinity, -Infinity]);
    const exact = await db.replica({ integers: "bigint" }, db.file("exact.db"));
    expect(await exact.fetchone("SELECT 1, 1.0, NULL")).toEqual([1n, 1, null]);
  });

  it("reads text that is not UTF-8 as an error, or as bytes, and lives on", async () => {
    await db.elsewhere(
      "CREATE TABLE bad (id, t)",
      "INSERT INTO bad VALUES (1, 'good'), (2, CAST(x'ff41' AS TEXT)), (3, 'after')",
    );
    const conn = await db.replica();
    const cursor = await conn.execute("SELECT t FROM bad ORDER BY id");
    expect(await cursor.fetchone()).toEqual(["good"]);
    const error = await raised(OperationalError, () => cursor.fetchone());
    expect(error.message).toContain("UTF-8");
    conn.textFactory = "buffer";
    expect(await conn.fetchall("SELECT t FROM bad ORDER BY id")).toEqual([
      [Buffer.from("good")],
      [Buffer.from([0xff, 0x41])],
      [Buffer.from("after")],
    ]);
  });

  it("hands out the rows before one that fails", async () => {
    await db.elsewhere(
      "CREATE TABLE number (n INTEGER)",
      "INSERT INTO number VALUES (1), (2), (3), (4), (-9223372036854775808), (6)",
    );
    const conn = await db.replica();
    const cursor = await conn.execute("SELECT abs(n) FROM number");
    const rows: unknown[] = [];
    const error = await raised(OperationalError, async () => {
      for (let row = await cursor.fetchone(); row !== null; row = await cursor.fetchone()) rows.push(row);
    });
    expect(rows).toEqual([[1], [2], [3], [4]]);
    expect(error).toMatchObject({ code: "SQLITE_ERROR", message: "integer overflow" });
  });

  it.each([
    ["SELECT * FROM nowhere", ProgrammingError, "no such table: nowhere"],
    ["SELECT missing", ProgrammingError, "no such column: missing"],
    ["SELECT nofunction()", ProgrammingError, "no such function: nofunction"],
    ["SELECT * FROM", ProgrammingError, "incomplete input"],
    ["SELECT 1 FROM FROM", ProgrammingError, 'near "FROM": syntax error'],
    ["SELECT json('{')", OperationalError, "malformed JSON"],
    ["SELECT 1; SELECT 2", ProgrammingError, "You can only execute one statement at a time."],
  ])("%s is the error that it is everywhere", async (sql, Class, message) => {
    const conn = await db.shared();
    const error = await raised(Class, () => conn.execute(sql));
    expect(error.message).toBe(message);
    if (sql.includes("FROM FROM")) expect(error.syntax).toMatchObject({ near: "FROM", offset: 14 });
    expect(await conn.fetchone("SELECT 1")).toEqual([1]);
  });

  it("follows a schema that others change, in names, types and widths", async () => {
    await db.elsewhere(
      "DROP TABLE IF EXISTS moving",
      "CREATE TABLE moving (a INTEGER)",
      "INSERT INTO moving VALUES (1)",
    );
    const conn = await db.replica();
    const look = async () => {
      const cursor = await conn.execute("SELECT * FROM moving");
      return [cursor.description?.map(([name, type]) => `${name} ${type}`), await cursor.fetchall()];
    };
    expect(await look()).toEqual([["a INTEGER"], [[1]]]);
    await db.elsewhere("ALTER TABLE moving RENAME COLUMN a TO b");
    expect(await look()).toEqual([["a INTEGER"], [[1]]]);
    await conn.sync();
    expect(await look()).toEqual([["b INTEGER"], [[1]]]);
    await conn.execute("ALTER TABLE moving ADD COLUMN c TEXT DEFAULT 'x'");
    expect(await look()).toEqual([["b INTEGER", "c TEXT"], [[1, "x"]]]);
    await db.elsewhere("DROP TABLE moving");
    await conn.sync();
    await raised(ProgrammingError, () => conn.execute("SELECT * FROM moving"));
  });

  it("asks the primary what its file cannot say yet, and is up to date from then on", async () => {
    const conn = await db.replica();
    await db.elsewhere("CREATE TABLE fresh (a)", "INSERT INTO fresh VALUES (1)", "CREATE TABLE later (a)");
    expect(await conn.fetchall("SELECT a FROM fresh")).toEqual([[1]]);
    expect(await conn.fetchall("SELECT a FROM later")).toEqual([]);
    expect(await conn.fetchone("SELECT user_version FROM pragma_user_version")).toEqual([0]);
    expect(await conn.fetchall("PRAGMA table_info(fresh)")).toHaveLength(1);
  });

  it("reads the same snapshot in a transaction, and never an old one outside of it", async () => {
    await db.elsewhere("CREATE TABLE snap (a)", "INSERT INTO snap VALUES (1), (2), (3)");
    const conn = await db.replica();
    expect(await conn.fetchone("SELECT a FROM snap")).toEqual([1]);
    const cursor = await conn.execute("SELECT a FROM snap");
    expect(await cursor.fetchone()).toEqual([1]);
    await conn.execute("UPDATE snap SET a = a + 10");
    await conn.commit();
    expect(await conn.fetchall("SELECT a FROM snap")).toEqual([[11], [12], [13]]);
    expect(await cursor.fetchall()).toEqual([[2], [3]]);
  });

  it("traces what it answers itself and what it passes on", async () => {
    const conn = await db.replica();
    await conn.execute("CREATE TABLE traced (a)");
    const seen: string[] = [];
    await conn.setTraceCallback((sql) => void seen.push(sql));
    await conn.execute("INSERT INTO traced VALUES (?)", ["it's"]);
    await conn.commit();
    await conn.fetchall("SELECT a FROM traced WHERE a <> ?", [1]);
    await conn.setTraceCallback(null);
    await conn.fetchall("SELECT 1");
    expect(seen).toEqual([
      expect.stringMatching(/^BEGIN/),
      "INSERT INTO traced VALUES ('it''s')",
      "COMMIT",
      "SELECT a FROM traced WHERE a <> 1",
    ]);
  });

  it("is brought up to date in the background", async () => {
    await db.elsewhere("CREATE TABLE ticking (a)");
    const conn = await db.replica({ syncInterval: 0.05 });
    expect(await conn.fetchone("SELECT count(*) FROM ticking")).toEqual([0]);
    await db.elsewhere("INSERT INTO ticking VALUES (1)");
    await expect.poll(() => conn.fetchone("SELECT count(*) FROM ticking"), { timeout: 20_000 }).toEqual([1]);
  });

  it("is opened again where it was left, with another connection's writes in it", async () => {
    const first = await db.replica();
    await first.execute("CREATE TABLE left_off (a)");
    await first.close();
    await db.elsewhere("INSERT INTO left_off VALUES (1)");
    const second = await db.replica();
    expect(await second.fetchall("SELECT a FROM left_off")).toEqual([[1]]);
  });

  it("is encrypted with a key, and refused without it", async () => {
    await db.elsewhere("CREATE TABLE sealed (a)", "INSERT INTO sealed VALUES ('in the clear')");
    const conn = await db.replica({ encryptionKey: "open sesame" });
    expect(await conn.fetchall("SELECT a FROM sealed")).toEqual([["in the clear"]]);
    await conn.close();
    for (const options of [{}, { encryptionKey: "open barley" }]) {
      const error = await raised(DatabaseError, () => db.replica(options));
      expect(error.code).toBe("SQLITE_NOTADB");
      expect(error.message).not.toContain("barley");
    }
    const again = await db.replica({ encryptionKey: "open sesame" });
    expect(await again.fetchall("SELECT a FROM sealed")).toEqual([["in the clear"]]);
  });

  it("dumps what the primary has", async () => {
    await db.elsewhere("CREATE TABLE dumped (a)", "INSERT INTO dumped VALUES (x'00ff')");
    const conn = await db.replica();
    const lines: string[] = [];
    for await (const line of conn.iterdump({ filter: "dumped" })) lines.push(line);
    expect(lines).toContain("INSERT INTO \"dumped\" VALUES(X'00FF');");
  });

  it("works after close() as every connection does: not at all", async () => {
    const conn = await db.replica();
    await conn.close();
    await conn.close();
    for (const work of [
      () => conn.sync(),
      () => conn.fetchall("SELECT 1"),
      () => conn.execute("CREATE TABLE no (a)"),
    ]) {
      expect((await raised(ProgrammingError, work)).message).toBe("Cannot operate on a closed database.");
    }
  });
});

describe("a pool of a replica", () => {
  it("is a pool of one, that reads, writes and queues", async () => {
    const server = await startSqld();
    onTestFinished(() => server.stop());
    const directory = await mkdtemp(join(tmpdir(), "sqlite-dbapi-replica-pool-"));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const pool = await createPool(join(directory, "a.db"), { syncUrl: server.url, readers: 3 });
    await pool.execute("CREATE TABLE t (a)");
    const writes = Array.from({ length: 10 }, (_, n) =>
      pool.transaction((tx) => tx.execute("INSERT INTO t VALUES (?)", [n])),
    );
    await Promise.all(writes);
    const reads = [1, 2, 3].map(() => pool.read((conn) => conn.fetchall("SELECT count(*) FROM t")));
    expect(await Promise.all(reads)).toEqual([[[10]], [[10]], [[10]]]);
    expect(await pool.fetchone("SELECT count(*) FROM t")).toEqual([10]);
    await using conn = await pool.connection();
    expect(await conn.sync()).toMatchObject({ framesSynced: 0 });
    await conn[Symbol.asyncDispose]();
    expect(pool.stats()).toMatchObject({ writer: { total: 1 }, readers: { total: 0 } });
    await pool.close();
  });
});
