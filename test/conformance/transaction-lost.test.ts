/**
 * `transaction(fn)` when things go wrong underneath: SQLite ends the transaction on its own, somebody else holds the
 * lock, or the function returns a promise. Nothing half done may be committed.
 */
import { describe, expect, it } from "vitest";
import { IntegrityError, InterfaceError, OperationalError } from "../../src/index.ts";
import { failing, flow } from "./flow.ts";
import { type AnyConnection, conformance, raised, synchronous } from "./quadrants.ts";

conformance("a transaction() that is lost", (db) => {
  async function open(): Promise<AnyConnection> {
    const conn = await db.connect(db.file());
    await conn.execute("CREATE TABLE IF NOT EXISTS t (a UNIQUE)");
    return conn;
  }

  async function committed(): Promise<unknown[]> {
    const other = await db.connect(db.file());
    const rows = await other.fetchall("SELECT a FROM t ORDER BY a");
    await other.close();
    return rows.map(([a]) => a);
  }

  /** Loses the transaction in a way that the function does not notice. */
  function* lose(conn: AnyConnection) {
    yield conn.execute("INSERT INTO t VALUES (1)");
    yield* failing(IntegrityError, () => conn.execute("INSERT OR ROLLBACK INTO t VALUES (1)"));
    expect(conn.inTransaction).toBe(false);
  }

  it.each([-1, true, false] as const)("is raised at its end, with autocommit %s", async (autocommit) => {
    await open();
    const conn = await db.connect(db.file(), { autocommit });
    const work = flow(function* () {
      yield* lose(conn);
    });
    const error = await raised(OperationalError, () => conn.transaction(work));
    expect(error.outcome).toBe("rolled-back");
    expect(error.message).toContain("transaction has been lost");
    expect(conn.inTransaction).toBe(autocommit === false);
    expect(await committed()).toEqual([]);
  });

  it("refuses every statement after it, so that nothing of it is committed", async () => {
    const conn = await open();
    const work = flow(function* () {
      yield* lose(conn);
      const sql = "INSERT INTO t VALUES (?)";
      const errors = [
        yield* failing(OperationalError, () => conn.execute(sql, [2])),
        yield* failing(OperationalError, () => conn.executemany(sql, [[3], [4]])),
        yield* failing(OperationalError, () => conn.executescript("INSERT INTO t VALUES (5)")),
        yield* failing(OperationalError, () => conn.fetchall("SELECT * FROM t")),
        yield* failing(OperationalError, () => conn.fetchone("SELECT * FROM t")),
        yield* failing(OperationalError, () => conn.execute("BEGIN")),
        yield* failing(OperationalError, () => conn.execute("CREATE TABLE u (a)")),
        yield* failing(OperationalError, () => conn.transaction(() => undefined)),
      ];
      for (const error of errors) expect(error.outcome).toBe("rolled-back");
    });
    await raised(OperationalError, () => conn.transaction(work));
    expect(await committed()).toEqual([]);
  });

  it("inside a nested one goes through to the outermost", async () => {
    const conn = await open();
    const inner = flow(function* () {
      yield* lose(conn);
    });
    const outer = flow(function* () {
      yield conn.execute("INSERT INTO t VALUES (9)");
      yield* failing(OperationalError, () => conn.transaction(inner));
      yield* failing(OperationalError, () => conn.execute("INSERT INTO t VALUES (10)"));
    });
    await raised(OperationalError, () => conn.transaction(outer));
    expect(conn.inTransaction).toBe(false);
    expect(await committed()).toEqual([]);
  });

  it("by a ROLLBACK of the caller's own is the same", async () => {
    const conn = await open();
    const work = flow(function* () {
      yield conn.execute("INSERT INTO t VALUES (1)");
      yield conn.execute("ROLLBACK");
      yield* failing(OperationalError, () => conn.executescript("BEGIN; INSERT INTO t VALUES (2); COMMIT;"));
    });
    await raised(OperationalError, () => conn.transaction(work));
    expect(await committed()).toEqual([]);
  });

  it("by a script that commits stops the script there", async () => {
    const conn = await open();
    const work = flow(function* () {
      const script =
        "INSERT INTO t VALUES (1); COMMIT; INSERT INTO t VALUES (2); BEGIN; INSERT INTO t VALUES (3);";
      const error = yield* failing(OperationalError, () => conn.executescript(script));
      expect(error.index).toBe(2);
    });
    await raised(OperationalError, () => conn.transaction(work));
    expect(await committed()).toEqual([1]);
  });

  it("leaves the connection usable", async () => {
    const conn = await open();
    const work = flow(function* () {
      yield* lose(conn);
    });
    await raised(OperationalError, () => conn.transaction(work));
    await conn.transaction(() => conn.execute("INSERT INTO t VALUES (7)"));
    expect(await committed()).toEqual([7]);
  });

  describe("a promise on the synchronous face", () => {
    /** As a query builder's query: asking it for its value is what runs it. */
    class Lazy {
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what this is about
      then(): never {
        throw new Error("a query that was not to run");
      }
    }

    it.skipIf(!db.isSynchronous)("is refused and rolled back", async () => {
      const conn = synchronous(await open());
      const promises: readonly (() => unknown)[] = [
        async () => undefined,
        async () => {
          throw new Error("later");
        },
        () => new Lazy(),
      ];
      for (const promise of promises) {
        const work = () => {
          conn.execute("INSERT INTO t VALUES (1)");
          return promise();
        };
        const error = await raised(InterfaceError, () => conn.transaction(work));
        expect(error.message).toContain("promise");
        expect(conn.inTransaction).toBe(false);
      }
      expect(await committed()).toEqual([]);
    });

    it.skipIf(!db.isSynchronous)("from a nested one undoes that one alone", async () => {
      const conn = synchronous(await open());
      conn.transaction(() => {
        conn.execute("INSERT INTO t VALUES (1)");
        expect(() =>
          conn.transaction(async () => {
            conn.execute("INSERT INTO t VALUES (2)");
          }),
        ).toThrow(InterfaceError);
      });
      expect(await committed()).toEqual([1]);
    });
  });
});
