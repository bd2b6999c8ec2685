/**
 * Rule 5, iterables that use the connection while `executemany` runs: they see the sets before in place, whatever the
 * driver has kept back; the same cursor is refused to them. That is so where calls are answered at once: on the promised
 * face a call made meanwhile waits its turn (aio-order.test.ts).
 */
import { expect, it } from "vitest";
import { type Connection, IntegrityError, ProgrammingError } from "../../src/index.ts";
import { conformance, raised, synchronous } from "./quadrants.ts";

conformance("executemany from inside", (db) => {
  const table = async (sql = "CREATE TABLE t (a UNIQUE, b)") => {
    const conn = await db.connect();
    await conn.executescript(sql);
    return synchronous(conn);
  };
  const INSERT = "INSERT INTO t VALUES (?, ?)";
  /** What a promised call would do in between, it does in its turn. */
  const here = it.skipIf(!db.isSynchronous);
  const count = async (conn: Connection) => (await conn.fetchone("SELECT count(*) FROM t"))?.[0];

  here("a generator that reads on the connection sees the sets before", async () => {
    const conn = await table();
    function* sets() {
      for (let i = 0; i < 100; i++) {
        const [seen] = conn.fetchone("SELECT count(*) FROM t") ?? [];
        yield [i, seen as number];
      }
    }
    expect((await conn.executemany(INSERT, sets())).rowcount).toBe(100);
    expect(await conn.fetchone("SELECT count(*) FROM t WHERE a = b")).toEqual([100]);
  });

  here("a generator that writes on the connection does so in its turn", async () => {
    const conn = await table();
    function* sets() {
      for (let i = 0; i < 50; i++) {
        conn.execute("UPDATE t SET b = b + 1");
        yield [i, 0];
      }
    }
    expect((await conn.executemany(INSERT, sets())).rowcount).toBe(50);
    expect(await conn.fetchone("SELECT sum(a + b = 49) FROM t")).toEqual([50]);
  });

  here("a generator that commits leaves what came before committed", async () => {
    const conn = await table();
    function* sets() {
      for (let i = 0; i < 20; i++) {
        if (i === 10) conn.commit();
        yield [i, 0];
      }
    }
    await conn.executemany(INSERT, sets());
    await conn.rollback();
    expect(await count(conn)).toBe(10);
  });

  here(
    "a generator learns of a set that failed where it uses the connection, and the run ends with it",
    async () => {
      const conn = await table();
      let caught: unknown;
      function* sets() {
        yield [1, "x"];
        yield [1, "x"];
        try {
          conn.fetchone("SELECT 1");
        } catch (error) {
          caught = error;
        }
        yield [2, "x"];
      }
      const error = await raised(IntegrityError, () => conn.executemany(INSERT, sets()));
      expect(error.index).toBe(1);
      expect(caught).toBe(error);
      expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
    },
  );

  here(
    "a generator that uses the same cursor is refused, and its sets go on when it takes that well",
    async () => {
      const conn = await table();
      const cursor = await conn.cursor();
      const seen: unknown[] = [];
      function* sets() {
        for (const use of [
          () => cursor.execute("SELECT 1"),
          () => cursor.fetchone(),
          () => cursor.executemany(INSERT, []),
        ]) {
          try {
            use();
          } catch (error) {
            seen.push(error);
          }
          yield [seen.length, 0];
        }
      }
      await cursor.executemany(INSERT, sets());
      expect(seen).toHaveLength(3);
      for (const error of seen) {
        expect(error).toBeInstanceOf(ProgrammingError);
        expect((error as Error).message).toBe("Recursive use of cursors not allowed.");
      }
      expect(await count(conn)).toBe(3);
    },
  );

  here("a generator that closes the connection ends the run with a ProgrammingError", async () => {
    const conn = await table();
    function* sets() {
      yield [1, 0];
      conn.close();
      yield [2, 0];
    }
    const error = await raised(ProgrammingError, () => conn.executemany(INSERT, sets()));
    expect(error.message).toBe("Cannot operate on a closed database.");
  });

  here("a generator that runs another executemany inside has its sets in between", async () => {
    const conn = await table("CREATE TABLE t (a, b)");
    function* sets() {
      for (let i = 0; i < 5; i++) {
        yield [i, "outer"];
        conn.executemany(INSERT, [[i, "inner"]]);
      }
    }
    await conn.executemany(INSERT, sets());
    expect(await conn.fetchall("SELECT a, b FROM t ORDER BY rowid")).toEqual(
      [0, 1, 2, 3, 4].flatMap((i) => [
        [i, "outer"],
        [i, "inner"],
      ]),
    );
  });
});
