/**
 * `transaction(fn)`: what it commits, what it undoes, how it nests, and what it refuses inside. What happens when the
 * transaction is lost, and retries, are in transaction-lost.test.ts and transaction-retry.test.ts.
 */
import { describe, expect, it } from "vitest";
import { type Autocommit, IntegrityError, InterfaceError, ProgrammingError } from "../../src/index.ts";
import { failing, flow, type Steps } from "./flow.ts";
import { type AnyConnection, conformance, raised } from "./quadrants.ts";

class Oops extends Error {}

conformance("transaction()", (db) => {
  async function open(autocommit: Autocommit = -1): Promise<AnyConnection> {
    const conn = await db.connect(db.file());
    await conn.execute("CREATE TABLE IF NOT EXISTS t (a UNIQUE)");
    conn.autocommit = autocommit;
    return conn;
  }

  async function committed(): Promise<unknown[]> {
    const other = await db.another(db.file());
    const rows = await other.fetchall("SELECT a FROM t ORDER BY a");
    await other.close();
    return rows.map(([a]) => a);
  }

  const insert = (conn: AnyConnection, ...values: number[]) =>
    conn.executemany(
      "INSERT INTO t VALUES (?)",
      values.map((value) => [value]),
    );

  describe.each([-1, true, false] as const)("with autocommit %s", (autocommit) => {
    it("commits what the function did, and gives what it returns", async () => {
      const conn = await open(autocommit);
      const result = await conn.transaction(
        flow(function* (tx: AnyConnection): Steps<string> {
          expect(tx.inTransaction).toBe(true);
          yield insert(tx, 1, 2);
          return "done";
        }),
      );
      expect(result).toBe("done");
      expect(conn.inTransaction).toBe(autocommit === false);
      expect(await committed()).toEqual([1, 2]);
    });

    it("rolls back when the function throws, and throws the same", async () => {
      const conn = await open(autocommit);
      const oops = new Oops("no");
      const thrown = await raised(Oops, () =>
        conn.transaction(
          flow(function* () {
            yield insert(conn, 1);
            throw oops;
          }),
        ),
      );
      expect(thrown).toBe(oops);
      expect(conn.inTransaction).toBe(autocommit === false);
      await conn.commit();
      expect(await committed()).toEqual([]);
    });

    it("rolls back when COMMIT fails, and raises the error of the COMMIT", async () => {
      const conn = await open(autocommit);
      await conn.execute("CREATE TABLE p (id INTEGER PRIMARY KEY)");
      await conn.execute("CREATE TABLE c (p REFERENCES p DEFERRABLE INITIALLY DEFERRED)");
      await conn.commit();
      const work = flow(function* () {
        yield insert(conn, 1);
        yield conn.execute("INSERT INTO c VALUES (1)");
      });
      const error = await raised(IntegrityError, () => conn.transaction(work));
      expect(error).toMatchObject({
        code: "SQLITE_CONSTRAINT_FOREIGNKEY",
        constraint: { kind: "foreign key" },
      });
      expect(conn.inTransaction).toBe(autocommit === false);
      expect(await committed()).toEqual([]);
      expect(await conn.fetchall("SELECT * FROM c")).toEqual([]);
    });

    it("executescript inside does not commit", async () => {
      const conn = await open(autocommit);
      const work = flow(function* () {
        yield conn.executescript("INSERT INTO t VALUES (1); CREATE TABLE u (a);");
        expect(conn.inTransaction).toBe(true);
        throw new Oops();
      });
      await raised(Oops, () => conn.transaction(work));
      expect(await committed()).toEqual([]);
    });

    it("refuses commit, rollback and a change of mode inside", async () => {
      const conn = await open(autocommit);
      const work = flow(function* () {
        yield insert(conn, 1);
        const refused: readonly (() => unknown)[] = [
          () => conn.commit(),
          () => conn.rollback(),
          () => {
            conn.isolationLevel = null;
          },
          () => {
            conn.autocommit = true;
          },
        ];
        for (const forbidden of refused) yield* failing(ProgrammingError, forbidden);
      });
      await conn.transaction(work);
      expect(await committed()).toEqual([1]);
      expect(conn.autocommit).toBe(autocommit);
      expect(conn.isolationLevel).toBe("");
    });

    it("joins an open transaction: commits it with its own work", async () => {
      const conn = await open(autocommit);
      if (autocommit === true) await conn.execute("BEGIN");
      await insert(conn, 1);
      await conn.transaction(() => insert(conn, 2));
      expect(await committed()).toEqual([1, 2]);
    });

    it("joins an open transaction: rolls it back with its own work", async () => {
      const conn = await open(autocommit);
      if (autocommit === true) await conn.execute("BEGIN");
      await insert(conn, 1);
      const work = flow(function* () {
        yield insert(conn, 2);
        throw new Oops();
      });
      await raised(Oops, () => conn.transaction(work));
      expect(await committed()).toEqual([]);
    });

    it("works again after it failed", async () => {
      const conn = await open(autocommit);
      const fail = () => {
        throw new Oops();
      };
      await raised(Oops, () => conn.transaction(fail));
      await conn.transaction(() => insert(conn, 1));
      expect(await committed()).toEqual([1]);
    });
  });

  /** Three deep; level `failing` throws after its own work, and level `catching` catches what comes from below. */
  async function threeDeep(failingLevel: number, catchingLevel: number): Promise<unknown[]> {
    const conn = await open();
    const level = (depth: number): (() => unknown) =>
      flow(function* () {
        yield insert(conn, depth);
        try {
          if (depth < 3) yield conn.transaction(level(depth + 1));
        } catch (error) {
          if (depth !== catchingLevel) throw error;
        }
        yield insert(conn, depth * 10);
        if (depth === failingLevel) throw new Oops();
      }) as () => unknown;
    try {
      await conn.transaction(level(1));
    } catch (error) {
      expect(error).toBeInstanceOf(Oops);
      expect(catchingLevel).toBe(0);
    }
    expect(conn.inTransaction).toBe(false);
    return committed();
  }

  it.each([
    [0, 0, [1, 2, 3, 10, 20, 30]],
    [3, 0, []],
    [3, 2, [1, 2, 10, 20]],
    [3, 1, [1, 10]],
    [2, 1, [1, 10]],
    [1, 0, []],
  ])(
    "nested three deep: level %s throws, level %s catches, %j stays",
    async (failingLevel, catching, rows) => {
      expect(await threeDeep(failingLevel, catching)).toEqual(rows);
    },
  );

  it("two nested ones after each other: the second fails, the first stays", async () => {
    const conn = await open();
    const fails = flow(function* () {
      yield insert(conn, 2);
      throw new Oops();
    });
    const work = flow(function* () {
      yield conn.transaction(() => insert(conn, 1));
      yield* failing(Oops, () => conn.transaction(fails));
      yield conn.transaction(() => insert(conn, 3));
    });
    await conn.transaction(work);
    expect(await committed()).toEqual([1, 3]);
  });

  it.each(["DEFERRED", "IMMEDIATE", "EXCLUSIVE"] as const)("mode %s is the BEGIN", async (mode) => {
    const conn = await open();
    const seen: string[] = [];
    await conn.setTraceCallback((sql) => seen.push(sql));
    await conn.transaction(() => undefined, { mode });
    await conn.transaction(() => undefined);
    expect(seen).toEqual([`BEGIN ${mode}`, "COMMIT", "BEGIN IMMEDIATE", "COMMIT"]);
  });

  it("nested ones are savepoints of their own names", async () => {
    const conn = await open();
    const seen: string[] = [];
    await conn.setTraceCallback((sql) => seen.push(sql.split(" ")[0] ?? ""));
    await conn.transaction(
      flow(function* () {
        yield conn.transaction(() => undefined);
      }),
    );
    expect(seen).toEqual(["BEGIN", "SAVEPOINT", "RELEASE", "COMMIT"]);
  });

  it("refuses a wrong option before it begins", async () => {
    const conn = await open();
    for (const options of [{ mode: "SOMETIMES" }, { retries: -1 }, { retries: 1.5 }, { retries: "1" }]) {
      await raised(InterfaceError, () => conn.transaction(() => insert(conn, 1), options as never));
    }
    expect(await committed()).toEqual([]);
  });

  it("close inside rolls back, and transaction() says that the connection is closed", async () => {
    const conn = await open();
    const work = flow(function* () {
      yield insert(conn, 1);
      yield conn.close();
    });
    const error = await raised(ProgrammingError, () => conn.transaction(work));
    expect(error.message).toBe("Cannot operate on a closed database.");
    expect(await committed()).toEqual([]);
  });

  it("a cursor that is half read inside does not keep it from committing", async () => {
    const conn = await open();
    const work = flow(function* () {
      yield insert(conn, ...Array.from({ length: 500 }, (_, i) => i));
      const cursor = (yield conn.execute("SELECT a FROM t ORDER BY a")) as { fetchone(): unknown };
      yield cursor.fetchone();
      return cursor;
    });
    const cursor = await conn.transaction(work);
    expect(await committed()).toHaveLength(500);
    expect(await cursor.fetchone()).toEqual([1]);
  });

  it("is refused on a closed connection, without a call of the function", async () => {
    const conn = await open();
    await conn.close();
    let calls = 0;
    await raised(ProgrammingError, () => conn.transaction(() => calls++));
    expect(calls).toBe(0);
  });
});
