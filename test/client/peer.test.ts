/**
 * The same calls on `@libsql/client` and on ours, compared result by result and code by code. What differs on purpose
 * stands in ON_PURPOSE by the name of the call, with what each of the two gives.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as peer from "@libsql/client";
import { afterAll, describe, expect, it } from "vitest";
import * as ours from "../../src/client.ts";

/** Runs a call on either client. */
type Call = (client: peer.Client) => unknown;

const BLOB = Uint8Array.of(0, 1, 255);

/** In their order, on one database: later calls see what earlier ones left. */
const CALLS: Readonly<Record<string, Call>> = {
  "CREATE TABLE": (c) =>
    c.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a REAL, b TEXT UNIQUE, c BLOB, d)"),
  INSERT: (c) => c.execute("INSERT INTO t (a, b, c) VALUES (?, ?, ?)", [1.5, "x", BLOB]),
  "INSERT by name": (c) =>
    c.execute({ sql: "INSERT INTO t (a, b) VALUES (:a, @b)", args: { a: 2.5, b: "y" } }),
  "INSERT with prefixes": (c) =>
    c.execute({ sql: "INSERT INTO t (a, b) VALUES ($a, :b)", args: { $a: 3.5, ":b": "z" } }),
  "INSERT of two rows": (c) => c.execute("INSERT INTO t (b) VALUES ('p'), ('q')"),
  "INSERT that ignores": (c) => c.execute("INSERT OR IGNORE INTO t (b) VALUES ('p')"),
  UPDATE: (c) => c.execute("UPDATE t SET d = 7 WHERE id > 2"),
  DELETE: (c) => c.execute("DELETE FROM t WHERE b = 'q'"),
  "WITH … DELETE": (c) => c.execute("WITH w AS (SELECT 99 AS id) DELETE FROM t WHERE id IN w"),
  SELECT: (c) => c.execute("SELECT * FROM t ORDER BY id"),
  "SELECT of expressions": (c) =>
    c.execute("SELECT id + 1, upper(b) AS B, typeof(c) FROM t ORDER BY id LIMIT 2"),
  "SELECT of nothing": (c) => c.execute("SELECT id, b FROM t WHERE 0"),
  "SELECT of values": (c) =>
    c.execute("SELECT ?, ?, ?, ?, ?", [null, "é ü", 2n ** 53n - 1n, -1.25, BLOB.buffer as ArrayBuffer]),
  "SELECT of a Date": (c) => c.execute("SELECT ? AS at", [new Date(86_400_000)]),
  "SELECT of booleans": (c) => c.execute("SELECT ? AS yes, ? AS no", [true, false]),
  "SELECT of one name twice": (c) => c.execute("SELECT 1 AS a, 2 AS a, 3 AS b"),
  "SELECT of names like indexes": (c) => c.execute('SELECT 1, 2, 3 AS length, 4 AS "0", 5 AS "9"'),
  "SELECT of an empty blob": (c) => c.execute("SELECT x'' AS b, zeroblob(2) AS z"),
  "SELECT of numbered parameters": (c) => c.execute("SELECT ?2, ?1, ?2", ["one", "two"]),
  "SELECT with an argument too many by name": (c) =>
    c.execute({ sql: "SELECT :a", args: { a: "x", b: "y" } }),
  "PRAGMA that reads": (c) => c.execute("PRAGMA user_version"),
  "PRAGMA that writes": (c) => c.execute("PRAGMA user_version = 3"),
  "PRAGMA foreign_keys": (c) => c.execute("PRAGMA foreign_keys"),
  EXPLAIN: async (c) => (await c.execute("EXPLAIN QUERY PLAN SELECT 1")).columns,
  "a syntax error": (c) => c.execute("SELEC 1"),
  "a table that is missing": (c) => c.execute("SELECT * FROM nowhere"),
  "UNIQUE fails": (c) => c.execute("INSERT INTO t (b) VALUES ('x')"),
  "PRIMARY KEY fails": (c) => c.execute("INSERT INTO t (id) VALUES (1)"),
  "an expression that overflows": (c) => c.execute("SELECT abs(-9223372036854775808)"),
  NaN: (c) => c.execute("SELECT ?", [Number.NaN]),
  "a bigint of 64 bits": (c) => c.execute("SELECT ?", [2n ** 63n]),
  undefined: (c) => c.execute("SELECT ?", [undefined as never]),
  "an integer past 2^53": (c) => c.execute("SELECT 9007199254740993"),
  batch: (c) =>
    c.batch([
      "INSERT INTO t (b) VALUES ('b1')",
      { sql: "INSERT INTO t (b) VALUES (?)", args: ["b2"] },
      ["SELECT count(*) AS n FROM t WHERE b LIKE ?", ["b%"]],
    ]),
  "batch, write": (c) => c.batch(["UPDATE t SET d = 1 WHERE id = 1"], "write"),
  "batch, read": (c) => c.batch(["SELECT 1 AS one"], "read"),
  "batch of nothing": (c) => c.batch([]),
  "batch that fails": (c) =>
    c.batch(["INSERT INTO t (b) VALUES ('b3')", "INSERT INTO t (b) VALUES ('b1')"], "write"),
  "batch with a wrong value": (c) => c.batch([["SELECT ?", [Number.NaN]]]),
  "batch in a wrong mode": (c) => c.batch(["SELECT 1"], "quick" as never),
  "batch that rolls back": (c) => c.batch(["ROLLBACK", "SELECT 1"]),
  "batch, afterwards": (c) => c.execute("SELECT count(*) AS n FROM t WHERE b = 'b3'"),
  migrate: (c) => c.migrate(["CREATE TABLE m (a REFERENCES t)", "INSERT INTO m VALUES ('no such')"]),
  "migrate that fails": (c) => c.migrate(["DROP TABLE m", "nonsense"]),
  "migrate, afterwards": (c) => c.batch(["SELECT a FROM m", "PRAGMA foreign_keys"]),
  executeMultiple: (c) => c.executeMultiple("CREATE TABLE s (a); INSERT INTO s VALUES (1); -- end"),
  "executeMultiple that fails": (c) => c.executeMultiple("INSERT INTO s VALUES (2); nonsense; DROP TABLE s"),
  "executeMultiple that leaves a transaction": (c) => c.executeMultiple("BEGIN; INSERT INTO s VALUES (3)"),
  "executeMultiple, afterwards": (c) => c.execute("SELECT a FROM s ORDER BY a"),
  "BEGIN leaves nothing behind": async (c) => {
    await c.execute("BEGIN");
    return c.execute("COMMIT");
  },
  transaction: async (c) => {
    const tx = await c.transaction("write");
    const results = [await tx.execute("INSERT INTO t (b) VALUES ('t1')"), tx.closed];
    const failure = await outcomeOf(() => tx.execute("INSERT INTO t (b) VALUES ('t1')"));
    const outside = await c.execute("SELECT count(*) AS n FROM t WHERE b = 't1'");
    await tx.executeMultiple("UPDATE t SET d = 'multi' WHERE b = 't1'");
    const batch = await tx.batch([{ sql: "SELECT d FROM t WHERE b = ?", args: ["t1"] }]);
    await tx.commit();
    return [...results, failure, outside, batch, tx.closed];
  },
  "transaction, committed twice": async (c) => {
    const tx = await c.transaction("deferred");
    await tx.commit();
    return [
      await outcomeOf(() => tx.commit()),
      await outcomeOf(() => tx.rollback()),
      await outcomeOf(() => tx.close()),
    ];
  },
  "transaction, used when it is closed": async (c) => {
    const tx = await c.transaction();
    tx.close();
    return [
      await outcomeOf(() => tx.execute("SELECT 1")),
      await outcomeOf(() => tx.executeMultiple("SELECT 1")),
    ];
  },
  "transaction, rolled back": async (c) => {
    const tx = await c.transaction("deferred");
    await tx.execute("DELETE FROM t");
    await tx.rollback();
    return [tx.closed, await c.execute("SELECT count(*) > 0 AS some FROM t")];
  },
  "transaction, batch that fails": async (c) => {
    const tx = await c.transaction();
    const failure = await outcomeOf(() => tx.batch(["UPDATE t SET d = 'kept' WHERE id = 1", "nonsense"]));
    await tx.commit();
    return [failure, await c.execute("SELECT d FROM t WHERE id = 1")];
  },
  "transaction in a wrong mode": (c) => c.transaction("quick" as never),
  "two writers, without a timeout": async (c) => {
    const tx = await c.transaction("write");
    const failure = await outcomeOf(() => c.execute("DELETE FROM t"));
    tx.close();
    return failure;
  },
  "closed, and opened again": async (c) => {
    c.close();
    const results = [
      c.closed,
      await outcomeOf(() => c.execute("SELECT 1")),
      await outcomeOf(() => c.batch([])),
    ];
    results.push(await outcomeOf(() => c.transaction()), await outcomeOf(() => c.executeMultiple("")));
    await c.reconnect();
    return [...results, c.closed, await c.execute("SELECT count(*) AS n FROM s"), c.protocol];
  },

  // What differs.
  "text with a NUL": (c) => c.execute("SELECT ? AS text", ["a\u0000b"]),
  "one as an integer": (c) => c.execute("SELECT typeof(?) AS type, ? / 2 AS half", [1, 5]),
  RETURNING: (c) => c.execute("INSERT INTO s VALUES (8) RETURNING a"),
  "rowid of an UPDATE": async (c) => (await c.execute("UPDATE s SET a = a")).lastInsertRowid,
  "too few values": (c) => c.execute("SELECT ?, ?", ["a"]),
  "too many values": (c) => c.execute("SELECT ?", ["a", "b"]),
  "a name without a value": (c) => c.execute({ sql: "SELECT :a, :b", args: { a: "x" } }),
  "names by position": (c) => c.execute("SELECT :a", ["x"]),
  "an empty statement": (c) => c.execute("-- nothing"),
  "two statements": (c) => c.execute("SELECT 'one'; SELECT 'two'"),
  "a symbol": (c) => c.execute("SELECT ?", [Symbol("s") as never]),
  "a view of numbers": (c) => c.execute("SELECT length(?) AS n", [new Float64Array(1) as never]),
  "a write in mode read": (c) => c.batch(["INSERT INTO s VALUES (9)"], "read"),
  "a rollback after SQLite's own": async (c) => {
    const tx = await c.transaction();
    await tx.execute("ROLLBACK");
    return tx.rollback();
  },
  "the message of a batch": async (c) => {
    try {
      return await c.batch(["nonsense"]);
    } catch (error) {
      return (error as Error).message;
    }
  },
  sync: (c) => c.sync(),
};

const ON_PURPOSE: Readonly<Record<string, { readonly peer: unknown; readonly ours: unknown }>> = {
  "one as an integer": { peer: [["real", 2.5]], ours: [["integer", 2]] },
  // The rows that a RETURNING statement wrote are counted.
  RETURNING: {
    peer: { rowsAffected: 0, lastInsertRowid: undefined },
    ours: { rowsAffected: 1, lastInsertRowid: 3n },
  },
  "rowid of an UPDATE": { peer: 3n, ours: undefined },
  "text with a NUL": { peer: [["a"]], ours: [["a\u0000b"]] },
  "too few values": { peer: [["a", null]], ours: "LibsqlError ARGS_INVALID" },
  "too many values": { peer: [["a"]], ours: "LibsqlError ARGS_INVALID" },
  "a name without a value": { peer: [["x", null]], ours: "LibsqlError ARGS_INVALID" },
  "names by position": { peer: [["x"]], ours: "LibsqlError ARGS_INVALID" },
  "an empty statement": { peer: "LibsqlError SQLITE_UNKNOWN_0 SQLITE_OK 0", ours: [] },
  "two statements": { peer: [["one"]], ours: "LibsqlError SQL_MANY_STATEMENTS" },
  "a symbol": { peer: "Error", ours: "LibsqlError ARGS_INVALID" },
  "a view of numbers": { peer: "Error", ours: [[8]] },
  "a write in mode read": {
    peer: [{ rowsAffected: 1 }],
    ours: "LibsqlBatchError SQLITE_READONLY SQLITE_READONLY 8 at 0",
  },
  "a rollback after SQLite's own": { peer: "LibsqlError TRANSACTION_CLOSED", ours: undefined },
  "the message of a batch": {
    peer: 'SQLITE_ERROR: SQLITE_ERROR: near "nonsense": syntax error',
    ours: 'SQLITE_ERROR: near "nonsense": syntax error',
  },
  sync: { peer: "Error", ours: "LibsqlError SYNC_NOT_SUPPORTED" },
};

/** What a call comes to, as plain data that says all that a user can see. */
async function outcomeOf(work: () => unknown): Promise<unknown> {
  try {
    return plain(await work());
  } catch (error) {
    return described(error as ours.LibsqlBatchError);
  }
}

function described({ name, code, extendedCode, rawCode, statementIndex }: ours.LibsqlBatchError): string {
  const place = statementIndex === undefined ? undefined : `at ${statementIndex}`;
  return [name, code, extendedCode, rawCode, place]
    .filter((part) => part !== undefined && part !== "")
    .join(" ");
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null || !("rows" in value)) return value;
  const { columns, columnTypes, rows, rowsAffected, lastInsertRowid } = value as peer.ResultSet;
  return {
    columns,
    columnTypes,
    rows: rows.map((row) => ({
      values: Array.prototype.slice.call(row),
      properties: Object.getOwnPropertyDescriptors(row),
      isPlain: Object.getPrototypeOf(row) === Object.prototype,
    })),
    rowsAffected,
    lastInsertRowid,
    json: JSON.parse(JSON.stringify(value), (key, item) => (key === "lastInsertRowid" ? undefined : item)),
  };
}

function withoutRowids(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRowids);
  if (typeof value !== "object" || value === null) return value;
  const { lastInsertRowid: _, ...rest } = value as Record<string, unknown>;
  return rest;
}

/** Compares a result with the little that ON_PURPOSE says of it. */
function expectDifference(actual: unknown, expected: unknown): void {
  const isTable = Array.isArray(expected) && expected.every((row) => Array.isArray(row));
  if (isTable) {
    expect((actual as { rows: { values: unknown }[] }).rows.map(({ values }) => values)).toEqual(expected);
  } else if (typeof expected === "object") expect(actual).toMatchObject(expected as object);
  else expect(actual).toEqual(expected);
}

describe("beside @libsql/client", async () => {
  const directory = mkdtempSync(join(tmpdir(), "sqlite-dbapi-peer-"));
  const at = (name: string) => ({ url: `file:${join(directory, name)}.db`, timeout: 0 });
  const outcomes: Record<string, Record<string, unknown>> = {};
  const run = async (name: string, client: peer.Client) => {
    const all: Record<string, unknown> = {};
    for (const [call, work] of Object.entries(CALLS)) {
      const outcome = await outcomeOf(() => work(client));
      // The peer's rowid says something after every write; only after an INSERT does it mean something.
      all[call] = /INSERT|RETURNING|rowid/.test(call) ? outcome : withoutRowids(outcome);
    }
    outcomes[name] = all;
    client.close();
  };
  await run("peer", peer.createClient(at("peer")));
  await run("createClient", ours.createClient(at("promised")));
  await run("createClientSync", ours.createClientSync(at("plain")) as unknown as peer.Client);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  describe.each(["createClient", "createClientSync"])("%s", (form) => {
    const same = Object.keys(CALLS).filter((name) => !(name in ON_PURPOSE));

    it.each(same)("gives the same for %s", (name) => {
      expect(outcomes[form]?.[name]).toEqual(outcomes.peer?.[name]);
    });

    it.each(Object.entries(ON_PURPOSE))("differs on purpose in %s", (name, expected) => {
      expectDifference(outcomes[form]?.[name], expected.ours);
      expectDifference(outcomes.peer?.[name], expected.peer);
    });
  });

  it.each(["number", "bigint", "string"] as const)("intMode %s reads the same", async (intMode) => {
    const sql = "SELECT 1 AS a, -5 AS b, 1.5 AS c, 'x' AS d, NULL AS e, x'01' AS f";
    const read = async (client: peer.Client) => {
      const result = plain(await client.execute(sql));
      client.close();
      return result;
    };
    const expected = await read(peer.createClient({ ...at("peer"), intMode }));
    expect(await read(ours.createClient({ ...at("promised"), intMode }))).toEqual(expected);
  });

  it.each([
    "foo:a.db",
    "a.db",
    "",
    "file://a.db",
    "file://localhost:8/a.db",
    "file:a.db?x=1",
    "file:a.db#x",
    "file:%zz",
    "libsql://h?tls=0",
    "http://h?tls=1",
    "https://h?tls=0",
    "http:h",
    "libsql://h?foo=1",
    "file::memory:?cache=foo",
  ])("the URL %s is refused alike", async (url) => {
    const code = (create: (config: { url: string }) => { close(): void }) =>
      outcomeOf(() => create({ url }).close());
    expect(await code(ours.createClient)).toBe(await code(peer.createClient));
  });
});
