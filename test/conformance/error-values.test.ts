/**
 * No bound value in any message: a canary goes through every path that fails, and is then looked for in the message, the
 * stack, the SQL, what inspect() shows and what JSON makes of the error. SQLite itself quotes values in some messages.
 */
import { inspect } from "node:util";
import { expect, it } from "vitest";
import { Error as DbError, type Parameter } from "../../src/index.ts";
import { type AnyConnection, conformance, type Fixture, raised } from "./quadrants.ts";

const CANARY = "canary7391";
const NUMBER = 73_917_391_739;

type Failing = (conn: AnyConnection, db: Fixture) => unknown;
const execute =
  (sql: string, ...parameters: readonly Parameter[]): Failing =>
  (conn) =>
    conn.fetchall(sql, parameters);

const failing: Readonly<Record<string, Failing>> = {
  unique: execute("INSERT INTO t (u) VALUES (?)", CANARY),
  "unique, a number": execute("INSERT INTO t (u) VALUES (?)", NUMBER),
  check: execute("INSERT INTO t (c) VALUES (?)", NUMBER),
  "not null": execute("INSERT INTO t (n, a) VALUES (NULL, ?)", CANARY),
  "foreign key": execute("INSERT INTO t (f) VALUES (?)", CANARY),
  strict: execute("INSERT INTO s VALUES (?)", CANARY),
  mismatch: execute("INSERT INTO t (id) VALUES (?)", CANARY),
  "a limit that is no number": execute("SELECT 1 LIMIT ?", CANARY),
  json: execute("SELECT json(?)", `{"${CANARY}": `),
  "json path": execute("SELECT json_extract('{}', ?)", CANARY),
  "json path in a table": execute("SELECT * FROM json_each('{}', ?)", CANARY),
  "full-text syntax": execute("SELECT * FROM f WHERE f MATCH ?", `a + "b" ) ${CANARY}`),
  "full-text syntax at the canary": execute(
    "SELECT * FROM f WHERE f MATCH ?",
    `"b" : ${CANARY} ^ ${CANARY} )`,
  ),
  "full-text column": execute("SELECT * FROM f WHERE f MATCH ?", `${CANARY} : x`),
  "full-text special query": execute("SELECT * FROM f WHERE f MATCH ?", `*${CANARY}`),
  attach: execute("ATTACH ? AS other", `/no/such/${CANARY}/file.db`),
  "attach twice": async (conn) => {
    await conn.execute("ATTACH ':memory:' AS ?", [CANARY]);
    await conn.execute("ATTACH ':memory:' AS ?", [CANARY]);
  },
  detach: execute("DETACH ?", CANARY),
  "escape character": execute("SELECT 'a' LIKE 'b' ESCAPE ?", CANARY),
  pattern: execute("SELECT 'a' LIKE ?", CANARY.repeat(10_000)),
  overflow: execute("SELECT sum(column1) FROM (VALUES (?), (9223372036854775807))", NUMBER),
  extension: execute("SELECT load_extension(?)", CANARY),
  "too few": execute("SELECT ?, ?", CANARY),
  "too many": execute("SELECT 1", CANARY),
  "by name": (conn) => conn.execute("SELECT :a", { b: CANARY }),
  "names for numbers": (conn) => conn.execute("SELECT ?", { a: CANARY }),
  "numbers for names": (conn) => conn.execute("SELECT :a", [CANARY]),
  "text for a list": (conn) => conn.execute("SELECT ?", CANARY as never),
  "a kind that does not bind": execute("SELECT ?", { [CANARY]: CANARY }),
  surrogate: execute("SELECT ?", `${CANARY}\ud800`),
  "past int64": execute("SELECT ?", BigInt(NUMBER) ** 5n),
  "does not compile": execute(`INSERT INTO nowhere VALUES (?)`, CANARY),
  "does not parse": execute(`INSERT INTO INTO t VALUES (?)`, CANARY),
  "executemany, one": (conn) => conn.executemany("INSERT INTO t (u) VALUES (?)", [[CANARY]]),
  "executemany, in bulk": (conn) =>
    conn.executemany("INSERT INTO t (u) VALUES (?)", Array(100).fill([CANARY])),
  "executemany, a set that does not bind": (conn) =>
    conn.executemany("INSERT INTO t (u, a) VALUES (?, ?)", [[1, CANARY], [CANARY]]),
  "the template tag": (conn) => conn.sql`INSERT INTO t (u) VALUES (${CANARY})`,
  busy: async (conn, db) => {
    await conn.execute("INSERT INTO t (a) VALUES (1)");
    const other = await db.connect(db.file(), { timeout: 0 });
    await other.execute("INSERT INTO t (a) VALUES (?)", [CANARY]);
  },
  "text that is not UTF-8": execute("SELECT CAST(? AS TEXT)", Buffer.from(`${CANARY}\xff`, "latin1")),
  "past 2^53": async (_conn, db) => {
    const conn = await db.connect(db.file(), { integers: "number" });
    await conn.fetchall("SELECT ?", [BigInt(NUMBER) * 1_000_000n]);
  },
};

/** Cases that need a database of a name, or leave something attached. */
const OF_A_FILE: ReadonlySet<string> = new Set(["busy", "past 2^53", "attach", "attach twice"]);

conformance("errors and bound values", (db) => {
  const cases = Object.entries(failing).filter(([name]) => name !== "busy" || db.can.busyTimeout);

  it.each(cases)("%s does not show the value", async (name, fails) => {
    const conn = await (OF_A_FILE.has(name) ? db.connect(db.file()) : db.shared());
    await conn.executescript(`
      CREATE TABLE p (id PRIMARY KEY);
      CREATE TABLE t (id INTEGER PRIMARY KEY, a, u UNIQUE, c CHECK (c < 5), n NOT NULL DEFAULT 0, f REFERENCES p);
      CREATE TABLE s (a INTEGER) STRICT;
      CREATE VIRTUAL TABLE f USING fts5 (body);`);
    await conn.execute("INSERT INTO t (u) VALUES (?), (?)", [CANARY, NUMBER]);
    await conn.commit();
    const error = await raised(DbError, () => fails(conn, db));
    const shown = [
      error.message,
      // The lines below the message are places in this file.
      error.stack?.split("\n    at ")[0],
      error.sql,
      inspect(error, { depth: 9, showHidden: true }).split("\n    at ")[0],
      JSON.stringify(error),
      JSON.stringify({ ...error }),
      String(error),
    ];
    for (const text of shown) {
      expect(text ?? "").not.toContain(CANARY);
      expect(text ?? "").not.toContain(String(NUMBER));
    }
    expect(JSON.stringify(error.constraint ?? null)).not.toContain(CANARY);
    const { cause } = error;
    if (cause !== undefined) expect(inspect(cause)).not.toContain(CANARY);
  });

  it("what stands in the statement itself is told as SQLite tells it", async () => {
    const conn = await db.connect();
    const error = await raised(DbError, () => conn.fetchall("SELECT json_extract('{}', 'nowhere')"));
    expect(error.message).toBe("bad JSON path: 'nowhere'");
    const bound = await raised(DbError, () => conn.fetchall("SELECT json_extract('{}', ?)", ["nowhere"]));
    expect(bound.message).toBe("bad JSON path: ?");
  });
});
