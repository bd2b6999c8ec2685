/**
 * Tests src/engine/hrana on a real sqld, by HTTP and by WebSocket: requests of the port, with what holds for readers, for
 * transactions on demand, and for transactions that are lost.
 */
import { describe, expect, it } from "vitest";
import {
  DataError,
  IntegrityError,
  NotSupportedError,
  OperationalError,
  ProgrammingError,
} from "../../../../src/errors/tree.ts";
import {
  all,
  by,
  COMMIT,
  drain,
  ENDLESS,
  keepServers,
  LONG,
  open,
  openWith,
  ROLLBACK,
  request,
  run,
  serve,
  WAYS,
} from "./support.ts";

keepServers();

const WHY = { message: "interrupted: enough", cause: undefined };

describe.each(WAYS)("an engine by %s", (way) => {
  describe("execute", () => {
    it("reads a small result whole and leaves the rest of a large one in a reader", async () => {
      const engine = await openWith(way);
      expect(await engine.execute(request("VALUES (1), (2)"))).toMatchObject({
        rows: [[1], [2]],
        reader: 0,
        changes: -1,
        lastrowid: null,
        error: null,
      });
      const reply = await engine.execute(request(LONG));
      expect(reply.reader).not.toBe(0);
      expect(reply.rows.length).toBeLessThanOrEqual(256);
      expect(await drain(engine, reply)).toEqual(Array.from({ length: 3000 }, (_, i) => [i + 1]));
    });

    it("reads the first row alone, or everything, where that is asked for", async () => {
      const engine = await openWith(way);
      const first = await engine.execute(request(ENDLESS, { rows: "first" }));
      expect(first).toMatchObject({ reader: 0, error: null });
      expect(first.rows).toHaveLength(1);
      expect(await all(engine, LONG)).toHaveLength(3000);
      expect(await all(engine, "SELECT 1 WHERE 0")).toEqual([]);
    });

    it("tells columns, changes and rowids as SQLite does", async () => {
      const engine = await openWith(way, "CREATE TABLE t(a INTEGER PRIMARY KEY, b varchar(9), c)");
      const insert = await engine.execute(request("INSERT INTO t VALUES (7, 'x', 1), (9, 'y', 2)"));
      expect(insert).toMatchObject({ columns: [], rows: [], changes: 2, lastrowid: 9n });
      const ignored = await engine.execute(request("INSERT OR IGNORE INTO t VALUES (7, 'x', 1)"));
      expect(ignored).toMatchObject({ changes: 0, lastrowid: 9n });
      const { columns } = await engine.execute(request("SELECT a, b, c, a + 1 AS d FROM t"));
      expect(columns).toEqual([
        { name: "a", type: "INTEGER" },
        { name: "b", type: "varchar(9)" },
        { name: "c", type: null },
        { name: "d", type: null },
      ]);
      const returning = await engine.execute(request("UPDATE t SET c = c + 1 RETURNING a, c"));
      expect(returning).toMatchObject({
        rows: [
          [7, 2],
          [9, 3],
        ],
        changes: 2,
        reader: 0,
      });
      expect(await engine.totalChanges()).toBe(4);
    });

    it("binds and reads every kind of value exactly", async () => {
      const engine = await openWith(way);
      const values = [9007199254740993n, -(2n ** 63n), -0, 0.1, "ä\0z", Buffer.from([0, 255]), null, 5n];
      const sql = `SELECT ${values.map(() => "?").join(", ")}`;
      const { rows } = await engine.execute(request(sql, { values }));
      expect(rows).toEqual([
        [9007199254740993n, -(2n ** 63n), -0, 0.1, "ä\0z", Buffer.from([0, 255]), null, 5],
      ]);
      const types = await engine.execute(
        request("SELECT typeof(?), typeof(?), typeof(?)", { values: [1n, 1.5, ""] }),
      );
      expect(types.rows).toEqual([["integer", "real", "text"]]);
      const named = await engine.execute(request("SELECT :a, @b, $c, :a", { values: ["1", "2", "3"] }));
      expect(named.rows).toEqual([["1", "2", "3", "1"]]);
      const mixed = await engine.execute(request("SELECT ?2, :a, ?", { values: ["1", "2", "3", "4"] }));
      expect(mixed.rows).toEqual([["2", "3", "4"]]);
    });

    it("keeps the rows before one that cannot be told", async () => {
      const engine = await openWith(way);
      const { rows, error, reader } = await engine.execute(
        request("SELECT 1 UNION ALL SELECT 1e999 UNION ALL SELECT 3"),
      );
      expect(rows).toEqual([[1]]);
      expect(error).toBeInstanceOf(DataError);
      expect(reader).toBe(0);
      await expect(engine.execute(request("SELECT -1e999"))).rejects.toThrow(DataError);
      await expect(
        engine.execute(request("SELECT ?", { values: [Number.POSITIVE_INFINITY] })),
      ).rejects.toThrow(DataError);
    });
  });

  describe("an error", () => {
    it.each([
      ["INSERT INTO t VALUES (1, 5)", IntegrityError, "SQLITE_CONSTRAINT_PRIMARYKEY"],
      ["INSERT INTO t VALUES (2, 1)", IntegrityError, "SQLITE_CONSTRAINT_UNIQUE"],
      ["INSERT INTO u VALUES (1, 2)", IntegrityError, "SQLITE_CONSTRAINT_PRIMARYKEY"],
      ["INSERT INTO r(rowid, x) VALUES (1, 2)", IntegrityError, "SQLITE_CONSTRAINT_ROWID"],
      ["INSERT INTO t VALUES (3, NULL)", IntegrityError, "SQLITE_CONSTRAINT_NOTNULL"],
      ["INSERT INTO t VALUES (3, -1)", IntegrityError, "SQLITE_CONSTRAINT_CHECK"],
      ["INSERT INTO f VALUES (9)", IntegrityError, "SQLITE_CONSTRAINT_FOREIGNKEY"],
      ["INSERT INTO s VALUES ('x')", IntegrityError, "SQLITE_CONSTRAINT_DATATYPE"],
      ["INSERT INTO t(a, b) VALUES ('x', 1)", IntegrityError, "SQLITE_MISMATCH"],
      ["SELECT abs(-9223372036854775808)", OperationalError, "SQLITE_ERROR"],
      ["SELECT json('{')", OperationalError, "SQLITE_ERROR"],
      ["SELECT * FROM missing", ProgrammingError, "SQLITE_ERROR"],
      ["SELECT missing FROM t", ProgrammingError, "SQLITE_ERROR"],
      ["INSERT INTO t VALUES (1)", ProgrammingError, "SQLITE_ERROR"],
      ["SELCT 1", ProgrammingError, "SQLITE_ERROR"],
      ["SELECT zeroblob(2000000000)", DataError, "SQLITE_TOOBIG"],
    ])(
      "has the class and code that it has at home, in a transaction and outside: %s",
      async (sql, Class, code) => {
        const engine = await openWith(
          way,
          "CREATE TABLE t(a INTEGER PRIMARY KEY, b UNIQUE NOT NULL CHECK (b > 0)); INSERT INTO t VALUES (1, 1);" +
            "CREATE TABLE u(x, y, PRIMARY KEY (x, y)); INSERT INTO u VALUES (1, 2);" +
            "CREATE TABLE r(x); INSERT INTO r VALUES (1); CREATE TABLE f(z REFERENCES t(a)); CREATE TABLE s(a INT) STRICT",
        );
        const attempt = () => engine.execute(request(sql));
        await expect(attempt()).rejects.toThrow(Class);
        await expect(attempt()).rejects.toMatchObject({ code, sql });
        expect(engine.inTransaction).toBe(false);
        await engine.execute(request("INSERT INTO r VALUES (2)", { begin: "BEGIN" }));
        await expect(attempt()).rejects.toThrow(Class);
        await expect(attempt()).rejects.toMatchObject({ code });
        expect(engine.inTransaction).toBe(true);
        expect(await all(engine, "SELECT count(*) FROM r")).toEqual([[2]]);
      },
    );

    it("tells the place of a syntax error, in SQLite's own words", async () => {
      const engine = await openWith(way);
      const error = engine.execute(request("SELECT 'éé',\n FROM x FROM"));
      await expect(error).rejects.toMatchObject({
        message: 'near "FROM": syntax error',
        syntax: { near: "FROM", offset: 14, line: 2, column: 2 },
      });
      await expect(engine.execute(request("SELECT ("))).rejects.toMatchObject({
        message: "incomplete input",
        syntax: { near: "", offset: 8 },
      });
    });

    it.each(["ATTACH 'x' AS y", "VACUUM", "CREATE TEMP TABLE t(a)", "PRAGMA query_only = 1"])(
      "says that the server cannot do %s",
      async (sql) => {
        const engine = await openWith(way);
        await expect(engine.execute(request(sql))).rejects.toThrow(NotSupportedError);
        await expect(engine.execute(request(sql))).rejects.toThrow(/libSQL server/);
      },
    );
  });

  it("raises what a RETURNING fails of behind its rows, since nothing of it stays", async () => {
    const engine = await openWith(
      way,
      "CREATE TABLE p(k INTEGER PRIMARY KEY); CREATE TABLE c(a REFERENCES p(k) DEFERRABLE INITIALLY DEFERRED)",
    );
    const sql = "INSERT INTO c VALUES (1), (2) RETURNING a";
    await expect(engine.execute(request(sql))).rejects.toMatchObject({
      code: "SQLITE_CONSTRAINT_FOREIGNKEY",
    });
    expect(await all(engine, "SELECT * FROM c")).toEqual([]);
  });

  describe("a transaction", () => {
    it("begins with the statement that wants it, and ends by control", async () => {
      const engine = await openWith(way, "CREATE TABLE t(a)");
      await engine.execute(request("INSERT INTO t VALUES (1)", { begin: "BEGIN IMMEDIATE" }));
      expect(engine.inTransaction).toBe(true);
      await engine.execute(request("INSERT INTO t VALUES (2)", { begin: "BEGIN IMMEDIATE" }));
      await engine.control(ROLLBACK);
      expect(engine.inTransaction).toBe(false);
      expect(await all(engine, "SELECT * FROM t")).toEqual([]);
      await engine.execute(request("INSERT INTO t VALUES (3)", { begin: "BEGIN" }));
      await engine.control(COMMIT);
      expect(await all(engine, "SELECT * FROM t")).toEqual([[3]]);
    });

    it("is not begun by a statement that does not compile, but by one that fails", async () => {
      const engine = await openWith(way, "CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES (1)");
      for (const sql of [
        "INSERT INTO missing VALUES (1)",
        "INSRT",
        "INSERT INTO t VALUES (1, 2)",
        "SELECT nope",
      ]) {
        await expect(engine.execute(request(sql, { begin: "BEGIN" }))).rejects.toThrow(ProgrammingError);
        expect(engine.inTransaction).toBe(false);
      }
      await expect(engine.execute(request("INSERT INTO t VALUES (1)", { begin: "BEGIN" }))).rejects.toThrow(
        IntegrityError,
      );
      expect(engine.inTransaction).toBe(true);
    });

    it("is begun by a query too, where that is wanted", async () => {
      const engine = await openWith(way);
      const reply = await engine.execute(request(LONG, { begin: "BEGIN" }));
      expect(engine.inTransaction).toBe(true);
      expect(await drain(engine, reply)).toHaveLength(3000);
      await engine.control(ROLLBACK);
    });

    it("takes control steps on their conditions, and asks nobody where none runs", async () => {
      const engine = await openWith(way, "CREATE TABLE t(a)");
      await engine.control([...COMMIT, ...ROLLBACK]);
      await engine.control([...ROLLBACK, { sql: "BEGIN", when: "closed" }]);
      expect(engine.inTransaction).toBe(true);
      await engine.execute(request("INSERT INTO t VALUES (1)", { guard: true }));
      await engine.control([{ sql: "SAVEPOINT s", when: "open" }]);
      await engine.execute(request("INSERT INTO t VALUES (2)", { guard: true }));
      await engine.control([
        { sql: "ROLLBACK TO s", when: "open" },
        { sql: "RELEASE s", when: "open" },
      ]);
      await engine.control([...COMMIT, { sql: "BEGIN", when: "closed" }]);
      expect(engine.inTransaction).toBe(true);
      await engine.control(ROLLBACK);
      expect(await all(engine, "SELECT * FROM t")).toEqual([[1]]);
    });

    it("stays open when its COMMIT fails", async () => {
      const engine = await openWith(
        way,
        "CREATE TABLE p(a PRIMARY KEY); CREATE TABLE c(a REFERENCES p DEFERRABLE INITIALLY DEFERRED)",
      );
      await engine.execute(request("INSERT INTO c VALUES (1)", { begin: "BEGIN" }));
      await expect(engine.control(COMMIT)).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT_FOREIGNKEY" });
      expect(engine.inTransaction).toBe(true);
      await engine.execute(request("INSERT INTO p VALUES (1)"));
      await engine.control(COMMIT);
      expect(await all(engine, "SELECT * FROM c")).toEqual([[1]]);
    });

    it("is followed when the user's own SQL begins and ends it", async () => {
      const engine = await openWith(way, "CREATE TABLE t(a UNIQUE)");
      await engine.execute(request("BEGIN"));
      expect(engine.inTransaction).toBe(true);
      await engine.execute(request("INSERT INTO t VALUES (1)"));
      await expect(engine.execute(request("INSERT OR ROLLBACK INTO t VALUES (1)"))).rejects.toThrow(
        IntegrityError,
      );
      expect(engine.inTransaction).toBe(false);
      expect(await all(engine, "SELECT * FROM t")).toEqual([]);
      await engine.execute(request("SAVEPOINT s"));
      expect(engine.inTransaction).toBe(true);
      await engine.execute(request("RELEASE s"));
      expect(engine.inTransaction).toBe(false);
    });

    it("refuses what is guarded when none is open", async () => {
      const engine = await openWith(way, "CREATE TABLE t(a)");
      const work = engine.execute(request("INSERT INTO t VALUES (1)", { guard: true }));
      await expect(work).rejects.toMatchObject({ outcome: "rolled-back" });
      expect(await all(engine, "SELECT * FROM t")).toEqual([]);
    });
  });

  describe("a lost transaction", () => {
    it("lets nothing run as if it were there, until a rollback shows that it is seen", async () => {
      const engine = await openWith(way, "CREATE TABLE t(a)");
      await engine.execute(request("INSERT INTO t VALUES (1)", { begin: "BEGIN" }));
      const { answer, stop } = engine.stoppable("execute", [request(ENDLESS, { rows: "all" })]);
      setTimeout(() => stop(WHY), 50);
      await expect(answer).rejects.toMatchObject({ code: "SQLITE_INTERRUPT", outcome: "rolled-back" });
      expect(engine.inTransaction).toBe(false);
      const attempts = [
        () => engine.execute(request("INSERT INTO t VALUES (2)", { begin: "BEGIN" })),
        () => engine.execute(request("SELECT 1")),
        () =>
          engine.executemany({
            sql: "INSERT INTO t VALUES (?)",
            width: 1,
            count: 1,
            values: [1n],
            begin: null,
            guard: false,
          }),
        () => engine.script({ parts: [{ sql: "INSERT INTO t VALUES (3)" }], begin: null, guard: false }),
        () => engine.control([{ sql: "BEGIN", when: "closed" }]),
      ];
      for (const attempt of attempts)
        await expect(attempt()).rejects.toMatchObject({ outcome: "rolled-back" });
      await engine.control([...ROLLBACK, { sql: "BEGIN", when: "closed" }]);
      await engine.execute(request("INSERT INTO t VALUES (4)", { guard: true }));
      await engine.control(COMMIT);
      expect(await all(engine, "SELECT * FROM t")).toEqual([[4]]);
    });

    it.each([
      [
        "a commit that fails of it",
        (engine: Awaited<ReturnType<typeof openWith>>) => engine.control(COMMIT).catch(() => {}),
      ],
      [
        "the user's own ROLLBACK",
        (engine: Awaited<ReturnType<typeof openWith>>) => engine.execute(request("ROLLBACK")),
      ],
    ])("is seen by %s too", async (_, see) => {
      const engine = await openWith(way, "CREATE TABLE t(a)");
      await engine.execute(request("INSERT INTO t VALUES (1)", { begin: "BEGIN" }));
      const { answer, stop } = engine.stoppable("execute", [request(ENDLESS, { rows: "all" })]);
      setTimeout(() => stop(WHY), 50);
      await expect(answer).rejects.toThrow(OperationalError);
      await see(engine);
      await engine.execute(request("INSERT INTO t VALUES (2)"));
      expect(await all(engine, "SELECT * FROM t")).toEqual([[2]]);
    });
  });

  describe("a reader", () => {
    it("does not keep others from working, outside a transaction", async () => {
      const engine = await openWith(way, "CREATE TABLE t(a)");
      const readers = [await engine.execute(request(ENDLESS)), await engine.execute(request(LONG))];
      await engine.execute(request("INSERT INTO t VALUES (1)", { begin: "BEGIN" }));
      await engine.control(COMMIT);
      await engine.execute(request("DROP TABLE t"));
      const { rows } = await engine.fetch(readers[0]?.reader ?? 0, 10);
      expect(rows[0]?.[0]).toBe((readers[0]?.rows.length ?? 0) + 1);
      expect(await drain(engine, readers[1] as never)).toHaveLength(3000);
      await engine.discard(readers[0]?.reader ?? 0);
      await expect(engine.fetch(readers[0]?.reader ?? 0, 1)).rejects.toThrow(ProgrammingError);
    });

    it("sees what its own transaction wrote, and others work beside it there too", async () => {
      const engine = await openWith(way, "CREATE TABLE t(a)");
      await engine.execute(request(`INSERT INTO t ${LONG}`, { begin: "BEGIN" }));
      await all(engine, "SELECT a FROM t LIMIT 1");
      const first = await engine.execute(request("SELECT a FROM t"));
      await engine.execute(request("INSERT INTO t VALUES (0)"));
      const rows = await drain(engine, first);
      expect(rows).toHaveLength(3000);
      await engine.control(ROLLBACK);
      expect(await all(engine, "SELECT count(*) FROM t")).toEqual([[0]]);
    });

    it("with more rows than may be held refuses the statement that needs its stream, and loses none", async () => {
      const engine = await openWith(way, "CREATE TABLE t(a)", { maxResponseBytes: 1 << 17 });
      await engine.execute(request("INSERT INTO t VALUES (1)", { begin: "BEGIN" }));
      const sql =
        "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 4000) SELECT x, hex(zeroblob(50)) FROM r";
      // The text is known to the server's parser from here on, so that it goes by a cursor.
      await engine.execute(request(`${sql}`, { rows: "first" })).catch(() => {});
      if (!engine.inTransaction) return;
      const reply = await engine.execute(request(sql));
      expect(reply.reader).not.toBe(0);
      await expect(engine.execute(request("INSERT INTO t VALUES (2)"))).rejects.toMatchObject({
        outcome: "not-executed",
      });
      expect(await drain(engine, reply)).toHaveLength(4000);
      await engine.control(COMMIT);
      expect(await all(engine, "SELECT * FROM t")).toEqual([[1]]);
    });

    it("gives the rest at once", async () => {
      const engine = await openWith(way);
      const { reader, rows } = await engine.execute(request(LONG));
      const rest = await engine.rest(reader, true);
      expect(rest).toMatchObject({ restarted: false, error: null });
      expect(rows.length + rest.rows.length).toBe(3000);
    });
  });

  describe("a call that is stopped", () => {
    it("is not sent when it waits, and ends within its time when it runs", async () => {
      const engine = await openWith(way, "CREATE TABLE t(a)");
      const running = engine.stoppable("execute", [request(ENDLESS, { rows: "all" })]);
      const waiting = engine.stoppable("execute", [request("INSERT INTO t VALUES (1)")]);
      waiting.stop(WHY);
      await expect(waiting.answer).rejects.toMatchObject({
        code: "SQLITE_INTERRUPT",
        outcome: "not-executed",
      });
      running.stop(WHY);
      await expect(running.answer).rejects.toMatchObject({ outcome: "not-executed", message: WHY.message });
      expect(await all(engine, "SELECT * FROM t")).toEqual([]);
    });

    it("leaves the outcome of a write in autocommit open", async () => {
      const engine = await openWith(way, "CREATE TABLE t(a)");
      const sql =
        "INSERT INTO t WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 3000000) SELECT x FROM r";
      const { answer, stop } = engine.stoppable("execute", [request(sql)]);
      setTimeout(() => stop(WHY), 100);
      await expect(answer).rejects.toMatchObject({ code: "SQLITE_INTERRUPT", outcome: "unknown" });
    });
  });

  describe("the end", () => {
    it("rolls back what is open, and refuses what comes after", async () => {
      const server = await serve();
      const [engine, other] = [await open(by(way, server)), await open(by(way, server))];
      await run(engine, "CREATE TABLE t(a)");
      await engine.execute(request("INSERT INTO t VALUES (1)", { begin: "BEGIN IMMEDIATE" }));
      await engine.close();
      await engine.close();
      expect(engine.inTransaction).toBe(false);
      expect(engine.life).toBe(0);
      await expect(engine.execute(request("SELECT 1"))).rejects.toThrow(ProgrammingError);
      await other.execute(request("INSERT INTO t VALUES (2)", { begin: "BEGIN IMMEDIATE" }));
      await other.control(COMMIT);
      expect(await all(other, "SELECT * FROM t")).toEqual([[2]]);
    });

    it("comes at once when the engine is killed", async () => {
      const engine = await openWith(way);
      const running = engine.execute(request(ENDLESS, { rows: "all" }));
      engine.kill();
      await expect(running).rejects.toThrow(OperationalError);
      await expect(engine.execute(request("SELECT 1"))).rejects.toThrow(ProgrammingError);
    });
  });

  it("shows every statement before it is sent, values included", async () => {
    const engine = await openWith(way, "CREATE TABLE t(a)");
    const shown: string[] = [];
    await engine.trace((sql) => shown.push(sql));
    await engine.execute(request("INSERT INTO t VALUES (?)", { values: ["x"], begin: "BEGIN" }));
    await engine.control(COMMIT);
    await engine.trace(null);
    await engine.execute(request("SELECT 1"));
    expect(shown).toEqual(["BEGIN", "INSERT INTO t VALUES ('x')", "COMMIT"]);
  });

  it("says what a server cannot do", async () => {
    const engine = await openWith(way);
    for (const method of [
      "defineFunction",
      "defineAggregate",
      "loadExtension",
      "serialize",
      "deserialize",
      "backup",
    ] as const) {
      await expect(engine[method]()).rejects.toThrow(NotSupportedError);
    }
    expect(await engine.isReadonly("SELECT 1")).toBe(true);
    expect(await engine.isReadonly("CREATE TABLE t(a)")).toBe(false);
    await expect(engine.isReadonly("SELCT")).rejects.toThrow(ProgrammingError);
  });
});
