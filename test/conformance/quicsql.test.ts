/**
 * A quicSQL server on both faces: its dialect of Hrana (`http:`), and its JSON API (`quicsql:`), where every call is a transaction of
 * its own. Answers come from a fake server that speaks as quicSQL's documentation says.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as aio from "../../src/aio.ts";
import {
  type ConnectOptions,
  connect,
  DataError,
  IntegrityError,
  InterfaceError,
  LEGACY_TRANSACTION_CONTROL,
  NotSupportedError,
  OperationalError,
  PARSE_COLNAMES,
  ProgrammingError,
} from "../../src/index.ts";
import { type FakeQuicsql, startFakeQuicsql } from "../servers/fake-quicsql.ts";
import { type AnyConnection, raised } from "./quadrants.ts";

const TOKEN = "canary-5e1f77";
let server: FakeQuicsql;
const open: { close(): unknown }[] = [];

beforeAll(async () => {
  server = await startFakeQuicsql({ token: TOKEN, maxRows: 1000 });
});
afterAll(() => server.stop());

const faces: readonly (readonly [string, (url: string, options: ConnectOptions) => unknown])[] = [
  ["sync", connect],
  ["aio", aio.connect],
];

async function reach(face: unknown, scheme: string, options: ConnectOptions = {}): Promise<AnyConnection> {
  const opened = (face as (typeof faces)[0][1])(`${scheme}://${server.host}/app`, {
    authToken: TOKEN,
    ...options,
  });
  const conn = (await opened) as AnyConnection;
  open.push(conn);
  return conn;
}

afterEach(async () => {
  for (const conn of open.splice(0)) await conn.close();
});

beforeEach(async () => {
  const conn = await reach(aio.connect, "quicsql");
  await conn.executescript(`
    DROP TABLE IF EXISTS t;
    CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE, b NOT NULL DEFAULT 0 CHECK (b <> 99));
  `);
});

const body = async (n: number) => (await server.requests()).at(n)?.body ?? "";
const count = async () => (await server.requests()).length;

describe.each(faces)("both ways to quicSQL (%s)", (_face, face) => {
  describe.each(["quicsql", "http"])("%s:", (scheme) => {
    it("values come back as they went, large integers with every digit", async () => {
      const conn = await reach(face, scheme, { autocommit: true });
      const values = [
        null,
        1,
        9007199254740993n,
        -(2n ** 63n),
        1.5,
        'ä\u{1f600}"\\\n',
        Buffer.from([0, 255]),
        Buffer.alloc(0),
      ];
      const marks = values.map(() => "?").join();
      expect(await conn.fetchone(`SELECT ${marks}`, values)).toEqual(values);
      const types = values.map((_, i) => `typeof(?${i + 1})`).join();
      expect(await conn.fetchone(`SELECT ${types}`, values)).toEqual([
        "null",
        "integer",
        "integer",
        "integer",
        "real",
        "text",
        "blob",
        "blob",
      ]);
      const large = await reach(face, scheme, { integers: "bigint" });
      expect(await large.fetchone("SELECT 1, 2.5")).toEqual([1n, 2.5]);
      const small = await reach(face, scheme, { integers: "number" });
      await raised(DataError, () => small.fetchone("SELECT 9007199254740993"));
    });

    it("parameters go by number and by name", async () => {
      const conn = await reach(face, scheme);
      expect(await conn.fetchone("SELECT ?2, ?1, ?2", [1, 2])).toEqual([2, 1, 2]);
      expect(await conn.fetchone("SELECT :b, @a, :b, $c", { a: 1, b: 2, c: "x" })).toEqual([2, 1, 2, "x"]);
      await raised(InterfaceError, () => conn.fetchone("SELECT ?", []));
    });

    it("rowcount and lastrowid are those of SQLite", async () => {
      const conn = await reach(face, scheme, { autocommit: true });
      const first = await conn.execute("INSERT INTO t (a) VALUES (1), (2), (3)");
      expect([first.rowcount, first.lastrowid, first.description]).toEqual([3, 3, null]);
      expect((await conn.execute("UPDATE t SET b = 1 WHERE id > 1")).rowcount).toBe(2);
      const returning = await conn.execute("DELETE FROM t WHERE id > 1 RETURNING id");
      expect([returning.rowcount, await returning.fetchall()]).toEqual([2, [[2], [3]]]);
      expect((await conn.execute("SELECT * FROM t")).rowcount).toBe(-1);
      expect(await conn.totalChanges).toBe(7);
    });

    it.each([
      ["INSERT INTO t (a) VALUES (1)", IntegrityError, "SQLITE_CONSTRAINT_UNIQUE", "unique"],
      ["INSERT INTO t (id) VALUES (1)", IntegrityError, "SQLITE_CONSTRAINT_PRIMARYKEY", "primary key"],
      ["INSERT INTO t (b) VALUES (NULL)", IntegrityError, "SQLITE_CONSTRAINT_NOTNULL", "not null"],
      ["INSERT INTO t (b) VALUES (99)", IntegrityError, "SQLITE_CONSTRAINT_CHECK", "check"],
      ["SELEC 1", ProgrammingError, "SQLITE_ERROR", undefined],
      ["SELECT * FROM missing", ProgrammingError, "SQLITE_ERROR", undefined],
      ["SELECT abs(-9223372036854775808)", OperationalError, "SQLITE_ERROR", undefined],
    ] as const)("%s fails as it does at home", async (sql, Class, code, kind) => {
      const conn = await reach(face, scheme, { autocommit: true });
      await conn.execute("INSERT INTO t (id, a) VALUES (1, 1)");
      const error = await raised(Class as never, () => conn.execute(sql));
      expect(error).toMatchObject({ code, sql });
      expect((error as { constraint?: { kind: string } }).constraint?.kind).toBe(kind);
      expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([1]);
    });

    it("a result that the server cuts off raises behind its last row", async () => {
      const conn = await reach(face, scheme);
      const long =
        "WITH RECURSIVE r (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 1001) SELECT x FROM r";
      const error = await raised(OperationalError, () => conn.fetchall(long));
      expect(error).toMatchObject({ code: "RESULT_TRUNCATED" });
      const cursor = await conn.execute(long);
      expect((await cursor.fetchmany(999)).length).toBe(999);
      expect(await cursor.fetchone()).toEqual([1000]);
      await raised(OperationalError, () => cursor.fetchone());
      expect(await conn.fetchone(long)).toEqual([1]);
      expect(await conn.fetchall(long.replace("1001", "1000"))).toHaveLength(1000);
    });

    it("iterdump writes the database", async () => {
      const conn = await reach(face, scheme, { autocommit: true });
      await conn.execute("INSERT INTO t (a) VALUES (x'00')");
      const lines: string[] = [];
      for await (const line of conn.iterdump()) lines.push(line);
      expect(lines.join("\n")).toContain(`INSERT INTO "t" VALUES(1,X'00',0);`);
    });

    it("what a server cannot do says so", async () => {
      const conn = await reach(face, scheme);
      await raised(NotSupportedError, () => conn.createFunction("f", 0, () => 1));
      await raised(NotSupportedError, () => conn.serialize());
      await raised(NotSupportedError, () => reach(face, scheme, { readonly: true }));
    });

    it("a database that is not there, and a wrong token, are said in words without the token", async () => {
      const connectTo = face as unknown as (url: string, options: ConnectOptions) => unknown;
      const missing = await raised(OperationalError, () =>
        connectTo(`${scheme}://${server.host}/missing`, { authToken: TOKEN }),
      );
      expect(missing).toMatchObject({ code: "HTTP_404", outcome: "not-executed" });
      const refused = await raised(OperationalError, () =>
        reach(face, scheme, { authToken: "canary-wrong" }),
      );
      expect(refused).toMatchObject({ code: "HTTP_401", outcome: "not-executed" });
      expect(`${missing.stack}${refused.stack}`).not.toMatch(/canary/);
    });
  });

  it("over Hrana there are transactions", async () => {
    const conn = await reach(face, "http");
    await conn.execute("INSERT INTO t (a) VALUES (1)");
    expect(conn.inTransaction).toBe(true);
    await conn.rollback();
    expect(await conn.transaction(() => "done" as never)).toBe("done");
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([0]);
  });

  it("over Hrana a result that is cut off raises inside a transaction too, which stays open", async () => {
    const conn = await reach(face, "http");
    await conn.execute("INSERT INTO t (a) VALUES (1)");
    const long =
      "WITH RECURSIVE r (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 1002) SELECT x FROM r";
    for (let i = 0; i < 2; i++) {
      expect(await raised(OperationalError, () => conn.fetchall(long))).toMatchObject({
        code: "RESULT_TRUNCATED",
      });
    }
    expect(conn.inTransaction).toBe(true);
    await conn.commit();
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([1]);
  });

  it("over Hrana executemany counts its rows, and says which set failed", async () => {
    const conn = await reach(face, "http");
    const sets = Array.from({ length: 2000 }, (_, i) => [i, i === 7 ? "seven" : i + 0.25]);
    const insert = "INSERT INTO t (a, b) VALUES (?, ?)";
    expect((await conn.executemany(insert, sets)).rowcount).toBe(2000);
    await conn.commit();
    const again = [...sets.map(([a]) => [Number(a) + 5000, 1]), [1, 1]];
    expect(await raised(IntegrityError, () => conn.executemany(insert, again))).toMatchObject({
      index: 2000,
    });
    expect(conn.inTransaction).toBe(true);
    await conn.rollback();
    expect(await conn.fetchone("SELECT count(*), sum(typeof(b) = 'text') FROM t")).toEqual([2000, 1]);
  });

  it("over Hrana a RETURNING counts its rows, and its rowid is not known", async () => {
    const conn = await reach(face, "http", { autocommit: true });
    await conn.execute("INSERT INTO t (a) VALUES (1)");
    const { rowcount, lastrowid } = await conn.execute("INSERT INTO t (a) VALUES (2), (3) RETURNING id");
    expect([rowcount, lastrowid]).toEqual([2, null]);
  });
});

describe.each(faces)("the JSON API (%s)", (_face, face) => {
  it("is in autocommit, where commit and rollback have nothing to do", async () => {
    const conn = await reach(face, "quicsql");
    await conn.execute("INSERT INTO t (a) VALUES (1)");
    expect([conn.autocommit, conn.inTransaction]).toEqual([true, false]);
    await conn.rollback();
    await conn.commit();
    expect(await (await reach(face, "quicsql")).fetchone("SELECT count(*) FROM t")).toEqual([1]);
  });

  it.each([false, LEGACY_TRANSACTION_CONTROL] as const)(
    "refuses autocommit: %s, and names the way out",
    async (autocommit) => {
      const { message } = await raised(NotSupportedError, () => reach(face, "quicsql", { autocommit }));
      expect(message).toMatch(/executemany\(\).*http:\/\//);
      await reach(face, "quicsql", { autocommit: true });
    },
  );

  it("refuses transactions of more than one call, whatever begins them", async () => {
    const conn = await reach(face, "quicsql");
    const ran: unknown[] = [];
    for (const begin of [
      () => conn.transaction(() => void ran.push(1) as never),
      () => conn.execute("BEGIN"),
      () => conn.execute("SAVEPOINT a"),
      () => conn.executescript("BEGIN; DELETE FROM t"),
    ]) {
      const { message } = await raised(NotSupportedError, begin);
      expect(message).toContain("http://");
    }
    expect(ran).toEqual([]);
    expect(await conn.fetchone("SELECT 1")).toEqual([1]);
  });

  it("executemany of any length is one request, and all or nothing", async () => {
    const conn = await reach(face, "quicsql");
    const before = await count();
    const sets = Array.from({ length: 3000 }, (_, i) => [i]);
    const done: unknown[] = [];
    const { rowcount, lastrowid } = await conn.executemany("INSERT INTO t (a) VALUES (?)", sets, {
      onProgress: (so, of) => done.push([so, of]),
    });
    expect([rowcount, lastrowid, await count()]).toEqual([3000, null, before + 1]);
    expect(done).toEqual([[3000, 3000]]);
    const error = await raised(IntegrityError, () =>
      conn.executemany("INSERT INTO t (a) VALUES (?)", [...sets.map(([i]) => [Number(i) + 5000]), [7], [8]]),
    );
    expect(error).toMatchObject({ index: 3000, outcome: "rolled-back", code: "SQLITE_CONSTRAINT_UNIQUE" });
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([3000]);
  });

  it("executemany sends nothing when its own sets fail", async () => {
    const conn = await reach(face, "quicsql");
    function* sets() {
      for (let i = 0; i < 600; i++) yield [i];
      throw new RangeError("no more");
    }
    await raised(RangeError, () => conn.executemany("INSERT INTO t (a) VALUES (?)", sets()));
    const wrong = await raised(InterfaceError, () =>
      conn.executemany("INSERT INTO t (a) VALUES (?)", [[1], []]),
    );
    expect(wrong).toMatchObject({ index: 1 });
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([0]);
  });

  it("executemany counts what the server does not: RETURNING and WITH", async () => {
    const conn = await reach(face, "quicsql");
    const sql =
      "WITH n (x) AS (VALUES (?)) INSERT INTO t (a) SELECT x FROM n UNION ALL SELECT x + 100 FROM n";
    expect((await conn.executemany(sql, [[1], [2]])).rowcount).toBe(4);
    const error = await raised(IntegrityError, () => conn.executemany(sql, [[3], [1]]));
    expect(error).toMatchObject({ index: 1 });
    expect((await conn.executemany("DELETE FROM t WHERE a < ? RETURNING id", [[2], [100]])).rowcount).toBe(2);
    const text = await conn.execute("INSERT INTO t (a) VALUES ('returning')");
    expect([text.rowcount, text.lastrowid]).toEqual([1, 5]);
    const tail = await conn.execute("INSERT INTO t (a) VALUES (9), (10) RETURNING a");
    expect([tail.rowcount, tail.lastrowid]).toEqual([2, 7]);
  });

  it("executescript is one request, and all or nothing; its failure has its place", async () => {
    const conn = await reach(face, "quicsql");
    const before = await count();
    const script = "BEGIN;\nINSERT INTO t (a) VALUES (1);\nINSERT INTO t (a) VALUES (1);\nCOMMIT";
    const error = await raised(IntegrityError, () => conn.executescript(script));
    expect(error).toMatchObject({ index: 2, outcome: "rolled-back", syntax: { line: 3, column: 1 } });
    expect(await count()).toBe(before + 1);
    await conn.executescript(script.replace("VALUES (1);\nCOMMIT", "VALUES (2);\nCOMMIT"));
    expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1], [2]]);
    const syntax = await raised(ProgrammingError, () => conn.executescript("SELECT 1;\nSELEC 2"));
    expect(syntax).toMatchObject({ index: 1, syntax: { line: 2, column: 1, near: "SELEC" } });
    await conn.executescript("-- nothing\n;");
  });

  it("sends a statement with its values beside it", async () => {
    const conn = await reach(face, "quicsql");
    await conn.execute("INSERT INTO t (a, b) VALUES (:a, :b)", { a: Buffer.from("x"), b: 2 });
    expect(JSON.parse(await body(-1))).toEqual({
      sql: "INSERT INTO t (a, b) VALUES (?1, ?2)",
      args: [{ base64: "eA==" }, 2],
    });
  });

  it("columns have names, and no declared types; converters go by name", async () => {
    const conn = await reach(face, "quicsql", { detectTypes: PARSE_COLNAMES });
    const { description } = await conn.execute("SELECT id, b AS x FROM t");
    expect(description?.map(([name, type]) => [name, type])).toEqual([
      ["id", null],
      ["x", null],
    ]);
    expect(await conn.fetchone(`SELECT '2026-01-02' AS "d [date]"`)).toEqual([new Date("2026-01-02")]);
  });

  it("a trace sees every statement, once", async () => {
    const conn = await reach(face, "quicsql");
    const seen: string[] = [];
    await conn.setTraceCallback((sql) => void seen.push(sql));
    await conn.executemany("INSERT INTO t (a) VALUES (?)", [[1], ["x"]]);
    await conn.executescript("SELECT 1; SELECT 2");
    await conn.setTraceCallback(null);
    expect(seen).toEqual([
      "INSERT INTO t (a) VALUES (1)",
      "INSERT INTO t (a) VALUES ('x')",
      "SELECT 1;",
      "SELECT 2",
    ]);
  });

  it("a closed connection says so", async () => {
    const conn = await reach(face, "quicsql");
    await conn.close();
    await raised(ProgrammingError, () => conn.execute("SELECT 1"));
  });
});

describe("a pool on the JSON API", () => {
  it("routes by SQLite's word on what writes", async () => {
    await using pool = await aio.createPool(`quicsql://${server.host}/app`, { authToken: TOKEN, readers: 2 });
    await pool.execute("INSERT INTO t (a) VALUES (1)");
    expect(await pool.fetchone("SELECT a FROM t")).toEqual([1]);
    await raised(NotSupportedError, () => pool.transaction(async () => {}));
  });
});
