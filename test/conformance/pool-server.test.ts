/**
 * A pool of streams to a real libSQL server: the same members, without what only files have.
 */
import { afterEach, beforeEach, expect, it } from "vitest";
import { ProgrammingError } from "../../src/aio.ts";
import { type Sqld, startSqld } from "../servers/sqld.ts";
import { pools } from "./pools.ts";
import { raised } from "./quadrants.ts";

pools("a pool on a server", (db) => {
  let server: Sqld;
  beforeEach(async () => {
    server = await startSqld();
  });
  afterEach(() => server.stop());

  it("reads, writes, nests and lends as on a file", async () => {
    const pool = await db.pool({ readers: 2 }, server.url);
    await pool.execute("CREATE TABLE t (a)");
    await pool.executemany("INSERT INTO t VALUES (?)", [[1], [2]]);
    await pool.transaction(async () => {
      await pool.execute("INSERT INTO t VALUES (3)");
      await raised(RangeError, () =>
        pool.transaction(async (tx) => {
          await tx.execute("INSERT INTO t VALUES (4)");
          throw new RangeError("taken back");
        }),
      );
      expect(await pool.fetchone("SELECT count(*) FROM t")).toEqual([3]);
    });
    {
      await using conn = await pool.connection();
      await conn.execute("INSERT INTO t VALUES (5)");
    }
    const reads = [1, 2, 3, 4].map(() => pool.read((conn) => conn.fetchall("SELECT a FROM t ORDER BY a")));
    expect(await Promise.all(reads)).toEqual([1, 2, 3, 4].map(() => [[1], [2], [3]]));
    expect(pool.stats()).toMatchObject({ rolledBack: 1, writer: { total: 1 }, readers: { busy: 0 } });
    await raised(ProgrammingError, () => pool.execute("BEGIN"));
    await pool.close();
    expect(db.workers).toHaveLength(0);
  });
});
