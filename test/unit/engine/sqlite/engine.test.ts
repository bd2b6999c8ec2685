/**
 * Tests src/engine/sqlite/engine.ts: requests of the port carried out on a real database, with what holds for readers, for
 * transactions on demand, and for results that outlive the schema they were read under.
 */
import { join, relative } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { SqliteEngine } from "../../../../src/engine/sqlite/engine.ts";
import type { OpenOptions } from "../../../../src/engine/sqlite/open.ts";
import { DataError, OperationalError, ProgrammingError } from "../../../../src/errors/tree.ts";
import { LONG, MEMORY, request, temporaryDirectory, thrown } from "./support.ts";

function open(options: Partial<OpenOptions> = {}): SqliteEngine {
  const engine = new SqliteEngine({ ...MEMORY, ...options });
  onTestFinished(() => engine.close());
  return engine;
}

function openWith(script: string, options: Partial<OpenOptions> = {}): SqliteEngine {
  const engine = open(options);
  const parts = script.split(";").map((sql) => ({ sql }));
  expect(engine.script({ parts, begin: null, guard: false })).toEqual({ error: null, index: -1 });
  return engine;
}

const all = (engine: SqliteEngine, sql: string) => engine.execute(request(sql, { rows: "all" })).rows;

describe("path", () => {
  it("is absolute, whatever becomes of the working directory, and no path in memory", () => {
    const file = join(temporaryDirectory(), "a.db");
    expect(open({ path: relative(process.cwd(), file) }).path).toBe(file);
    const engine = open();
    expect(engine.path).toBe(":memory:");
    expect(open({ path: "" }).path).toBe("");
  });
});

describe("execute", () => {
  it("reads a small result whole and leaves the rest of a large one in a reader", async () => {
    const engine = open();
    // A page ends early where a row takes longer than a millisecond, as it may on a busy machine.
    await vi.waitFor(() =>
      expect(engine.execute(request("VALUES (1), (2)"))).toMatchObject({
        rows: [[1], [2]],
        reader: 0,
        error: null,
        changes: -1,
      }),
    );
    const page = engine.execute(request(LONG));
    expect(page.reader).toBeGreaterThan(0);
    expect(page.rows[0]).toEqual([1]);
    expect(engine.execute(request(LONG, { rows: "all" }))).toMatchObject({
      reader: 0,
      rows: { length: 3000 },
    });
    expect(engine.execute(request(LONG, { rows: "first" }))).toMatchObject({ reader: 0, rows: [[1]] });
  });

  it("ends the reader that it is told to", () => {
    const engine = open();
    const { reader } = engine.execute(request(LONG));
    engine.execute(request("SELECT 1", { discard: reader }));
    expect(thrown(() => engine.fetch(reader, 1))).toBeInstanceOf(ProgrammingError);
  });

  it("begins a transaction on demand, after the statement has been prepared", () => {
    const engine = openWith("CREATE TABLE t(a)");
    expect(
      thrown(() => engine.execute(request("INSERT INTO u VALUES (1)", { begin: "BEGIN" }))),
    ).toBeInstanceOf(ProgrammingError);
    expect(engine.inTransaction).toBe(false);
    engine.execute(request("INSERT INTO t VALUES (1)", { begin: "BEGIN IMMEDIATE" }));
    expect(engine.inTransaction).toBe(true);
    engine.execute(request("INSERT INTO t VALUES (2)", { begin: "BEGIN" }));
    engine.control([{ sql: "ROLLBACK", when: "open" }]);
    expect(all(engine, "SELECT a FROM t")).toEqual([]);
  });

  it("refuses to go on in autocommit where the transaction has been lost", () => {
    const engine = openWith("CREATE TABLE t(a UNIQUE)");
    const insert = request("INSERT OR ROLLBACK INTO t VALUES (1)", { guard: true });
    expect(thrown(() => engine.execute(insert))).toMatchObject({ outcome: "rolled-back" });
    engine.control([{ sql: "BEGIN", when: "closed" }]);
    engine.execute(insert);
    expect(thrown(() => engine.execute(insert))).toMatchObject({ code: "SQLITE_CONSTRAINT_UNIQUE" });
    expect(thrown(() => engine.execute(insert))).toMatchObject({ outcome: "rolled-back" });
    expect(all(engine, "SELECT a FROM t")).toEqual([]);
  });

  it("tells changes and rowid of a write, exactly", () => {
    const engine = openWith("CREATE TABLE t(id INTEGER PRIMARY KEY, a)");
    const id = 2n ** 53n + 1n;
    expect(engine.execute(request(`INSERT INTO t VALUES (${id}, 1)`))).toMatchObject({
      changes: 1,
      lastrowid: id,
    });
    expect(engine.execute(request("INSERT INTO t(a) VALUES (1), (2) RETURNING id"))).toMatchObject({
      changes: 2,
      lastrowid: id + 2n,
      rows: [[id + 1n], [id + 2n]],
    });
    expect(engine.execute(request("UPDATE t SET a = 5 WHERE a > 9"))).toMatchObject({ changes: 0 });
    expect(engine.totalChanges()).toBe(3);
  });

  it("gives a row that cannot be read behind the ones before it", () => {
    const reading = { integers: "number", text: "string" } as const;
    const reply = open().execute(request(`VALUES (1), (${2n ** 60n}), (3)`, { reading }));
    expect(reply.rows).toEqual([[1]]);
    expect(reply.error).toBeInstanceOf(DataError);
  });
});

describe("a result that outlives its schema", () => {
  it("keeps its columns, though the same text runs again under another schema", () => {
    const engine = openWith("CREATE TABLE t(a, b);INSERT INTO t VALUES (1, 2)");
    const before = engine.execute(request("SELECT * FROM t"));
    engine.execute(request("DROP TABLE t"));
    engine.execute(request("CREATE TABLE t(b, a, c)"));
    const after = engine.execute(request("SELECT * FROM t"));
    expect(before.columns.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(after.columns.map(({ name }) => name)).toEqual(["b", "a", "c"]);
  });

  it("is a ProgrammingError where its statement no longer compiles, also by somebody else's doing", () => {
    const path = join(temporaryDirectory(), "a.db");
    const engine = openWith("CREATE TABLE t(a);INSERT INTO t VALUES (1), (2)", { path });
    for (let i = 0; i < 3; i++) all(engine, "SELECT a FROM t");
    openWith("ALTER TABLE t RENAME COLUMN a TO b", { path });
    for (const rows of ["page", "all", "first"] as const) {
      expect(thrown(() => engine.execute(request("SELECT a FROM t", { rows })))).toBeInstanceOf(
        ProgrammingError,
      );
    }
    expect(engine.execute(request("SELECT * FROM t")).columns).toEqual([{ name: "b", type: null }]);
  });
});

it("what was learned under a schema is forgotten when an executemany takes it back", () => {
  const engine = openWith("CREATE TABLE t(a, b UNIQUE);INSERT INTO t VALUES (1, 1)");
  engine.control([{ sql: "BEGIN", when: "closed" }]);
  engine.execute(request("CREATE UNIQUE INDEX i ON t(a)"));
  const sql = "SELECT b FROM t WHERE a = 1";
  for (let use = 0; use < 3; use++) expect(engine.execute(request(sql)).rows).toEqual([[1]]);
  const many = { sql: "INSERT OR ROLLBACK INTO t VALUES (?, ?)", width: 2, count: 1, values: [2, 1] };
  expect(engine.executemany({ ...many, begin: null, guard: false }).error).not.toBeNull();
  expect(engine.inTransaction).toBe(false);
  engine.execute(request("INSERT INTO t VALUES (1, 2)"));
  expect(engine.execute(request(sql)).rows).toEqual([[1], [2]]);
});

describe("readers", () => {
  it("do not look as if they had ended when they are gone", () => {
    const engine = open();
    const [closed, replaced] = [engine.execute(request(LONG)).reader, engine.execute(request(LONG)).reader];
    engine.deserialize(open().serialize("main"));
    expect(thrown(() => engine.fetch(replaced, 5))).toBeInstanceOf(ProgrammingError);
    expect(thrown(() => engine.rest(replaced, false))).toBeInstanceOf(ProgrammingError);
    engine.close();
    expect(thrown(() => engine.fetch(closed, 5))).toMatchObject({
      message: "Cannot operate on a closed database.",
    });
    engine.discard(closed);
  });

  it("never run a statement again that calls a user's function", () => {
    const engine = open();
    let calls = 0;
    const definition = {
      name: "f",
      nArgs: 0,
      deterministic: false,
      directOnly: false,
      reading: { integers: "auto", text: "string" },
    } as const;
    engine.defineFunction(definition, () => BigInt(++calls));
    const { reader, rows } = engine.execute(request(`SELECT f() FROM (${LONG})`));
    const rest = engine.rest(reader, true);
    expect([rest.restarted, rows.length + rest.rows.length, calls]).toEqual([false, 3000, 3000]);
  });

  it("go on beside every kind of statement", () => {
    const engine = openWith(`CREATE TABLE t(a);CREATE TABLE u(a);INSERT INTO t ${LONG}`);
    const { reader, rows } = engine.execute(request("SELECT a FROM t"));
    for (const sql of [
      "INSERT INTO u VALUES (1)",
      "INSERT INTO u VALUES (2) RETURNING a",
      "CREATE INDEX i ON t(a)",
      "ALTER TABLE t ADD COLUMN b",
      "PRAGMA user_version = 5",
      "SAVEPOINT s",
      "DROP TABLE u",
      "RELEASE s",
      "VACUUM",
      "ATTACH ':memory:' AS m",
      "DETACH m",
      "DROP TABLE t",
    ]) {
      expect(engine.execute(request(sql)).error, sql).toBeNull();
    }
    const rest = engine.rest(reader, false);
    expect([rest.error, rows.length + rest.rows.length]).toEqual([null, 3000]);
  });

  it("are not read again from their start once a rollback has taken back what they had seen", () => {
    const engine = openWith(
      `CREATE TABLE t(i, a);INSERT INTO t(i) ${LONG};UPDATE t SET a = CAST(x'61ff' AS TEXT) WHERE i = 900`,
    );
    engine.control([{ sql: "BEGIN", when: "closed" }]);
    engine.execute(request("DELETE FROM t WHERE i <= 500"));
    const { reader, rows } = engine.execute(request("SELECT i, a FROM t"));
    engine.control([{ sql: "ROLLBACK", when: "open" }]);
    // Row 900 would be read exactly by counting from the first row, which is another one now.
    const rest = engine.rest(reader, true);
    expect(rest.restarted).toBe(false);
    expect([...rows, ...rest.rows].map(([i]) => i)).toEqual(Array.from({ length: 399 }, (_, i) => 501 + i));
    expect(rest.error?.message).toContain("has written since");
  });
});

describe("control", () => {
  it("runs each step on its condition until one fails", () => {
    const engine = openWith("CREATE TABLE t(a)");
    engine.control([
      { sql: "COMMIT", when: "open" },
      { sql: "BEGIN", when: "closed" },
      { sql: "BEGIN", when: "closed" },
      { sql: "SAVEPOINT a", when: "open" },
    ]);
    const steps = [
      { sql: "RELEASE b", when: "open" },
      { sql: "ROLLBACK", when: "open" },
    ] as const;
    expect(thrown(() => engine.control(steps))).toBeInstanceOf(OperationalError);
    expect(engine.inTransaction).toBe(true);
  });
});

describe("script", () => {
  it("tells which part failed, and keeps what ran before it", () => {
    const engine = open();
    const parts = [
      "CREATE TABLE t(a)",
      "INSERT INTO t VALUES (1)",
      "SELECT a FROM t",
      "SELECT absent FROM t",
      "DROP TABLE t",
    ];
    const reply = engine.script({ parts: parts.map((sql) => ({ sql })), begin: null, guard: false });
    expect(reply).toMatchObject({ index: 3, error: expect.any(ProgrammingError) });
    expect(all(engine, "SELECT a FROM t")).toEqual([[1]]);
  });
});

describe("deserialize", () => {
  it("keeps the user's functions and forgets everything else", () => {
    const engine = openWith("CREATE TABLE t(a)");
    engine.defineFunction(
      {
        name: "f",
        nArgs: 0,
        deterministic: false,
        directOnly: false,
        reading: { integers: "auto", text: "string" },
      },
      () => 5n,
    );
    all(engine, "SELECT a FROM t");
    engine.deserialize(openWith("CREATE TABLE t(b);INSERT INTO t VALUES (7)").serialize("main"));
    expect(all(engine, "SELECT f(), b FROM t")).toEqual([[5, 7]]);
    expect(thrown(() => all(engine, "SELECT a FROM t"))).toBeInstanceOf(ProgrammingError);
  });

  it("leaves the database as it was where the bytes are none", () => {
    const engine = openWith("CREATE TABLE t(a)");
    expect(thrown(() => engine.deserialize(Buffer.alloc(5000, 7)))).toMatchObject({ code: "SQLITE_NOTADB" });
    expect(all(engine, "SELECT a FROM t")).toEqual([]);
  });
});
