/**
 * Whatever makes `executemany` fast, nobody can tell it from one `execute` for each set: on twin databases with random
 * tables, the contents, the counters, the transaction and the error are the same.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { type ConnectOptions, IntegrityError } from "../../src/index.ts";
import { type AnyConnection, conformance, raised } from "./quadrants.ts";
import { type Run, type Scenario, scenario } from "./random-tables.ts";

const OPTIONS: Record<Scenario["mode"], ConnectOptions> = {
  legacy: {},
  autocommit: { isolationLevel: null },
  open: { autocommit: false },
  explicit: { isolationLevel: null },
};

/** What an observer can see of a run that failed. */
function seen(error: unknown, index: unknown) {
  const { name, message, code, constraint, retryable } = error as IntegrityError;
  return { name, message, code, constraint, retryable, index };
}

function isForeignKeyFailure(outcome: unknown): boolean {
  return (outcome as Partial<IntegrityError>).code === "SQLITE_CONSTRAINT_FOREIGNKEY";
}

async function many(conn: AnyConnection, { sql, sets }: Run) {
  try {
    return (await conn.executemany(sql, sets)).rowcount;
  } catch (error) {
    return seen(error, (error as IntegrityError).index);
  }
}

async function oneByOne(conn: AnyConnection, { sql, sets }: Run) {
  let changes = 0;
  try {
    // Compiles the statement and begins the transaction, which needs no set.
    await conn.executemany(sql, []);
  } catch (error) {
    return seen(error, undefined);
  }
  for (const [index, set] of sets.entries()) {
    try {
      changes += (await conn.execute(sql, set)).rowcount;
    } catch (error) {
      return seen(error, index);
    }
  }
  return changes;
}

async function state(conn: AnyConnection, withRowid = true) {
  const { inTransaction } = conn;
  const totalChanges = await conn.totalChanges;
  const tables: Record<string, unknown> = {};
  const isRowid =
    (await conn.fetchone("SELECT 1 FROM pragma_table_list WHERE name = 't' AND NOT wr")) !== null;
  tables.t = await conn.fetchall(
    isRowid ? "SELECT rowid, * FROM t ORDER BY 1" : "SELECT * FROM t ORDER BY 1",
  );
  tables.log = await conn.fetchall("SELECT * FROM log ORDER BY rowid");
  if (await conn.fetchone("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'")) {
    tables.sequence = await conn.fetchall("SELECT * FROM sqlite_sequence");
  }
  return {
    tables,
    totalChanges,
    inTransaction,
    rowid: withRowid ? await conn.fetchone("SELECT last_insert_rowid()") : null,
  };
}

conformance("executemany beside a loop of execute", (db) => {
  const open = async ({ schema, mode }: Scenario) => {
    const conn = await db.connect(":memory:", { ...OPTIONS[mode], rowFactory: null });
    try {
      for (const sql of schema) await conn.execute(sql);
    } catch {
      // Not every combination makes a table.
      await db.release(conn);
      return null;
    }
    await conn.commit();
    if (mode === "explicit") await conn.execute("BEGIN");
    return conn;
  };

  it("is the same on random tables, statements and rows", async () => {
    // The same engine behind a worker has two of these to start, and every call to a server is a round trip.
    const runs = Math.ceil(RUNS / (db.can.inProcess ? 1 : 40));
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(scenario, async (random) => {
        const fast = await open(random);
        const slow = await open(random);
        if (fast === null || slow === null) return;
        // On a server it is forgotten while the other connection is at work: docs/reference/remote.md.
        let isRowidKnown = db.can.files;
        for (const run of random.runs) {
          const expected = await oneByOne(slow, run);
          expect(await many(fast, run)).toEqual(expected);
          // Alone a row with a wrong foreign key is not put in; among others it is, for the time of the statement, and
          // nothing takes back what SQL's last_insert_rowid() says of those after it.
          isRowidKnown &&= !isForeignKeyFailure(expected);
          expect(await state(fast, isRowidKnown)).toEqual(await state(slow, isRowidKnown));
          compared++;
        }
        // Deferred foreign keys show at the end.
        const ends = await Promise.all([fast, slow].map((conn) => end(conn, isRowidKnown)));
        expect(ends[0]).toEqual(ends[1]);
        await db.release(fast);
        await db.release(slow);
      }),
      { numRuns: runs },
    );
    expect(compared).toBeGreaterThan(runs / 4);
  });

  it("is the same when the foreign key points to the table itself", async () => {
    const random: Scenario = {
      schema: ["CREATE TABLE log (x, y)", "CREATE TABLE t (a INTEGER PRIMARY KEY, b REFERENCES t (a))"],
      mode: "legacy",
      runs: [
        {
          sql: "INSERT INTO t VALUES (?, ?)",
          sets: Array.from({ length: 64 }, (_, i) => [i, i === 40 ? 50 : 0]),
        },
      ],
    };
    const fast = (await open(random)) as AnyConnection;
    const slow = (await open(random)) as AnyConnection;
    for (const run of random.runs) {
      expect(await many(fast, run)).toEqual(await oneByOne(slow, run));
      expect(await state(fast)).toEqual(await state(slow));
    }
    expect(await fast.fetchone("SELECT count(*) FROM t")).toEqual([40]);
  });

  it.each(["", "OR IGNORE", "OR REPLACE"])(
    "is the same when a row of a STRICT table has a wrong type: INSERT %s",
    async (or) => {
      for (const column of ["a INTEGER", "a INTEGER UNIQUE", "a INTEGER NOT NULL"]) {
        const conn = await db.connect();
        await conn.execute(`CREATE TABLE t (${column}) STRICT`);
        const sets = Array.from({ length: 200 }, (_, i) => [i === 150 ? "no integer" : i]);
        const error = await raised(IntegrityError, () =>
          conn.executemany(`INSERT ${or} INTO t VALUES (?)`, sets),
        );
        expect(error.index).toBe(150);
        expect(error.code).toBe("SQLITE_CONSTRAINT_DATATYPE");
        expect(await conn.fetchone("SELECT count(*), total_changes() FROM t")).toEqual([150, 150]);
      }
    },
  );

  it.skipIf(!db.can.userFunctions)(
    "calls a user function in a default, a check or an index once for each row, in order (needs user functions)",
    async () => {
      const conn = await db.connect();
      const calls: number[] = [];
      await conn.createFunction(
        "heard",
        1,
        (n: number) => {
          calls.push(n);
          return n;
        },
        { deterministic: true },
      );
      await conn.execute("CREATE TABLE t (a CHECK (heard(a) < 100))");
      const sets = Array.from({ length: 200 }, (_, i) => [i]);
      const error = await raised(IntegrityError, () => conn.executemany("INSERT INTO t VALUES (?)", sets));
      expect(error.index).toBe(100);
      expect(calls).toEqual(Array.from({ length: 101 }, (_, i) => i));
    },
  );

  it("is the same after another connection has given the table a trigger", async () => {
    const path = db.can.files ? db.file() : "";
    if (path === "") return;
    const conn = await db.connect(path, { isolationLevel: null });
    await conn.execute("CREATE TABLE t (a)");
    const sets = Array.from({ length: 64 }, (_, i) => [i]);
    await conn.executemany("INSERT INTO t VALUES (?)", sets);
    const other = await db.connect(path);
    await other.executescript(`DELETE FROM t;
      CREATE TRIGGER g AFTER INSERT ON t WHEN new.a = 50 BEGIN SELECT RAISE(FAIL, 'no'); END`);
    const error = await raised(IntegrityError, () => conn.executemany("INSERT INTO t VALUES (?)", sets));
    expect(error.index).toBe(50);
    // RAISE(FAIL) keeps what the failing statement did, which is its row.
    expect(await conn.fetchone("SELECT count(*), count(DISTINCT a) FROM t")).toEqual([51, 51]);
  });

  it("changes() tells of the last set, as after a loop", async () => {
    const conn = await db.connect();
    await conn.execute("CREATE TABLE t (a)");
    for (const count of [1, 8, 63, 64, 128, 256]) {
      await conn.executemany(
        "INSERT INTO t VALUES (?)",
        Array.from({ length: count }, (_, i) => [i]),
      );
      expect(await conn.fetchone("SELECT changes()"), `${count} sets`).toEqual([1]);
    }
  });
});

/** How many random databases are compared. */
const RUNS = Number(process.env.BULK_RUNS ?? 400);

async function end(conn: AnyConnection, withRowid: boolean) {
  try {
    if (conn.inTransaction) await conn.execute("COMMIT");
  } catch (error) {
    return seen(error, undefined);
  }
  return await state(conn, withRowid);
}
