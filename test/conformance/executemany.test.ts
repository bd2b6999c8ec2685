/**
 * Rule 5: `executemany` takes any iterable of parameter sets and leaves the state and the error that one `execute` for
 * each would. What goes wrong in the middle is in executemany-failure.test.ts, the comparison row by row over random
 * tables in bulk-differential.test.ts.
 */
import { expect, it } from "vitest";
import { InterfaceError, type Parameters, ProgrammingError } from "../../src/index.ts";
import { CHILD_DEADLINE, conformance, raised, synchronous } from "./quadrants.ts";

conformance("executemany", (db) => {
  const table = async (sql = "CREATE TABLE t (a, b)") => {
    const conn = await db.shared();
    await conn.executescript(sql);
    return conn;
  };
  const INSERT = "INSERT INTO t VALUES (?, ?)";
  const sets = (count: number) => Array.from({ length: count }, (_, i): [number, string] => [i, `row ${i}`]);
  function* generated(count: number): Generator<[number, string]> {
    for (let i = 0; i < count; i++) yield [i, `row ${i}`];
  }

  const iterables: readonly [kind: string, make: (count: number) => Iterable<Parameters>][] = [
    ["an array", sets],
    ["a generator", generated],
    ["a Set", (count) => new Set(sets(count))],
    ["the entries of a Map", (count) => new Map(sets(count))],
    ["an object with an iterator", (count) => ({ [Symbol.iterator]: () => generated(count) })],
    ["an iterator of an array", (count) => sets(count).values()],
  ];
  it.each(iterables)("takes %s", async (_kind, make) => {
    const conn = await db.shared();
    for (const count of [0, 1, 2, 7, 8, 9, 63, 64, 65, 255, 256, 257, 1000]) {
      await conn.executescript("DROP TABLE IF EXISTS t; CREATE TABLE t (a, b)");
      const cursor = await conn.executemany(INSERT, make(count));
      expect(cursor.rowcount).toBe(count);
      expect(await conn.fetchall("SELECT a, b FROM t ORDER BY rowid")).toEqual(sets(count));
    }
  });

  it("takes typed arrays and array-likes as sets", async () => {
    const conn = await table();
    await conn.executemany(INSERT, [new Float64Array([1, 2]), { length: 2, 0: "x", 1: "y" }]);
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([
      [1, 2],
      ["x", "y"],
    ]);
  });

  it("takes objects for named parameters, and nothing for a statement without any", async () => {
    const conn = await table();
    const named = sets(300).map(([a, b]) => ({ a, b, unused: 1 }));
    expect((await conn.executemany("INSERT INTO t VALUES (:a, @b)", named)).rowcount).toBe(300);
    expect(await conn.fetchone("SELECT count(*), sum(a), max(b) FROM t")).toEqual([300, 44850, "row 99"]);
    await conn.executemany("INSERT INTO t VALUES (0, 0)", [[], [], {}]);
    expect(await conn.fetchone("SELECT count(*) FROM t WHERE a = 0 AND b = 0")).toEqual([3]);
  });

  it("sets of an iterable that reuses one array are copied as they come", async () => {
    const conn = await table();
    const set: [number, Buffer] = [0, Buffer.alloc(1)];
    const bytes = set[1];
    function* reusing() {
      for (let i = 0; i < 300; i++) {
        set[0] = i;
        bytes[0] = i % 256;
        yield set;
      }
    }
    await conn.executemany(INSERT, reusing());
    expect(await conn.fetchall("SELECT a, hex(b) FROM t")).toEqual(
      Array.from({ length: 300 }, (_, i) => [i, (i % 256).toString(16).padStart(2, "0").toUpperCase()]),
    );
  });

  it("an empty iterable compiles the statement, begins the transaction and changes nothing", async () => {
    const conn = await table();
    expect((await conn.executemany(INSERT, [])).rowcount).toBe(0);
    expect(conn.inTransaction).toBe(true);
    await conn.rollback();
    await raised(ProgrammingError, () => conn.executemany("INSERT INTO nowhere VALUES (?)", []));
    expect(conn.inTransaction).toBe(false);
  });

  it("works in one transaction, which stays open", async () => {
    const conn = await table();
    await conn.executemany(INSERT, sets(1000));
    expect(conn.inTransaction).toBe(true);
    await conn.rollback();
    expect(await conn.fetchall("SELECT * FROM t")).toEqual([]);
  });

  it("UPDATE, DELETE, REPLACE and WITH … DML: rowcount sums", async () => {
    const conn = await table("CREATE TABLE t (a PRIMARY KEY, b)");
    await conn.executemany(INSERT, sets(100));
    expect(
      (
        await conn.executemany("UPDATE t SET b = ? WHERE a % 10 = ?", [
          ["x", 1],
          ["y", 2],
          ["z", 99],
        ])
      ).rowcount,
    ).toBe(20);
    expect((await conn.executemany("DELETE FROM t WHERE a < ?", [[10], [20], [20]])).rowcount).toBe(20);
    expect((await conn.executemany("REPLACE INTO t VALUES (?, ?)", sets(30))).rowcount).toBe(30);
    expect(
      (await conn.executemany("WITH x(n) AS (SELECT ?) DELETE FROM t WHERE a IN x", [[50], [51], [5000]]))
        .rowcount,
    ).toBe(2);
    expect((await conn.executemany("INSERT OR IGNORE INTO t VALUES (?, ?)", sets(100))).rowcount).toBe(2);
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([100]);
  });

  it("rows of RETURNING are dropped, and every set has its effect", async () => {
    const conn = await table();
    const cursor = await conn.executemany("INSERT INTO t VALUES (?, ?) RETURNING a", sets(300));
    expect(cursor.rowcount).toBe(300);
    expect(cursor.description).toBe(null);
    expect(await cursor.fetchone()).toBe(null);
    expect(await cursor.fetchall()).toEqual([]);
    const updated = await conn.executemany("UPDATE t SET b = 'x' WHERE a < ? RETURNING a, b", [[10], [20]]);
    expect(updated.rowcount).toBe(30);
    expect(await conn.fetchone("SELECT count(*) FROM t WHERE b = 'x'")).toEqual([20]);
  });

  it.each([
    "SELECT ?, ?",
    "VALUES (?, ?)",
    "WITH x AS (SELECT ?, ?) SELECT * FROM x",
    "CREATE TABLE u (a)",
    "PRAGMA user_version",
    "BEGIN",
    "COMMIT",
    "EXPLAIN INSERT INTO t VALUES (?, ?)",
    "",
    "-- nothing",
  ])("anything but DML is a ProgrammingError: %j", async (sql) => {
    const conn = await table();
    const error = await raised(ProgrammingError, () => conn.executemany(sql, sets(2)));
    expect(error.message).toBe("executemany() can only execute DML statements.");
    expect(conn.inTransaction).toBe(false);
  });

  it("more than one statement is a ProgrammingError", async () => {
    const conn = await table();
    await raised(ProgrammingError, () => conn.executemany(`${INSERT}; ${INSERT}`, sets(2)));
  });

  it.each([undefined, null, 5, {}, "ab", () => []])(
    "what is no iterable of sets is an InterfaceError: %j",
    async (rows) => {
      const conn = await table();
      await raised(InterfaceError, () => conn.executemany(INSERT, rows as unknown as Iterable<Parameters>));
      expect(await conn.fetchall("SELECT * FROM t")).toEqual([]);
    },
  );

  it("onProgress hears how far it is, to the end, and how many there are where that is known", async () => {
    const conn = await table();
    for (const [rows, total] of [
      [sets(1000), 1000],
      [generated(1000), null],
    ] as const) {
      const heard: (readonly [number, number | null])[] = [];
      await conn.executemany(INSERT, rows, { onProgress: (done, all) => heard.push([done, all]) });
      const done = heard.map(([count]) => count);
      expect(done).toEqual([...new Set(done)].sort((a, b) => a - b));
      expect(heard.at(-1)).toEqual([1000, total]);
      expect(heard.length).toBeGreaterThan(1);
      expect(heard.every(([, all]) => all === total)).toBe(true);
    }
  });

  // A connection of the promised face, or to a server, gets to chunks of another length.
  it.skipIf(!db.isSynchronous || db.engine !== "better-sqlite3")(
    "a run goes on by longer chunks than it begins with",
    async () => {
      const conn = await table();
      const heard: number[] = [];
      await conn.executemany(INSERT, sets(4000), { onProgress: (done) => heard.push(done) });
      expect(heard).toEqual([258, 1284, 2310, 3336, 4000]);
    },
  );

  it("onProgress hears nothing of nothing", async () => {
    const conn = await table();
    let heard = 0;
    await conn.executemany(INSERT, [], { onProgress: () => heard++ });
    expect(heard).toBe(0);
  });

  // On the promised face such a call waits its turn: aio-order.test.ts.
  it.skipIf(!db.isSynchronous)("onProgress may read and write on the connection, at once", async () => {
    const conn = synchronous(await table());
    const counts: unknown[] = [];
    await conn.executemany(INSERT, sets(600), {
      onProgress: (done) => {
        counts.push([done, conn.fetchone("SELECT count(*) FROM t")?.[0]]);
      },
    });
    for (const [done, count] of counts as [number, number][]) expect(count).toBe(done);
    expect(counts.length).toBeGreaterThan(1);
  });

  it("huge blobs and texts go in as they are", async () => {
    const conn = await table();
    const MEGABYTE = 1 << 20;
    function* blobs(): Generator<[number, Buffer | string]> {
      for (let i = 0; i < 20; i++)
        yield [i, i % 2 === 0 ? Buffer.alloc(3 * MEGABYTE, i) : "é".repeat(MEGABYTE)];
    }
    expect((await conn.executemany(INSERT, blobs())).rowcount).toBe(20);
    expect(await conn.fetchone("SELECT sum(length(b)), count(DISTINCT b) FROM t")).toEqual([
      40 * MEGABYTE,
      11,
    ]);
  });

  it("two million values in as many columns as SQLite has parameters", async () => {
    const width = 2000;
    const conn = await table(`CREATE TABLE w (${Array.from({ length: width }, (_, i) => `c${i}`)})`);
    const row = Array.from({ length: width }, (_, i) => i);
    const sql = `INSERT INTO w VALUES (${row.map(() => "?")})`;
    await conn.executemany(
      sql,
      Array.from({ length: 100 }, () => row),
    );
    expect(await conn.fetchone("SELECT count(*), sum(c1999) FROM w")).toEqual([100, 199900]);
  });

  it(
    "a million rows from a generator need constant memory (a process with a small heap)",
    async () => {
      // To a server fewer and longer ones, which do not fit either.
      const [count, length, heap] = db.can.files ? [1_000_000, 10, 48] : [50_000, 1000, 36];
      const answer = await db.secondProcess(
        `const conn = await connect(args[0]);
       await conn.execute("CREATE TABLE t (a, b, c)");
       function* rows() {
         for (let i = 0; i < args[1]; i++) yield [i, ("row " + i).padEnd(args[2]), i / 3];
       }
       let last = 0;
       const cursor = await conn.executemany("INSERT INTO t VALUES (?, ?, ?)", rows(), { onProgress: (done) => { last = done } });
       await conn.commit();
       return [cursor.rowcount, last, await conn.fetchone("SELECT count(*), sum(a), max(length(b)) FROM t")];`,
        [await db.address(db.file()), count, length],
        [`--max-old-space-size=${heap}`],
      );
      expect(answer).toEqual([count, count, [count, (count * (count - 1)) / 2, length]]);
    },
    CHILD_DEADLINE,
  );

  it("follows the connection's mode: autocommit keeps every row, autocommit: false one transaction", async () => {
    for (const options of [{ isolationLevel: null }, { autocommit: true }] as const) {
      const conn = await db.connect(":memory:", options);
      await conn.execute("CREATE TABLE t (a, b)");
      await conn.executemany(INSERT, sets(300));
      expect(conn.inTransaction).toBe(false);
      await conn.rollback();
      expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([300]);
    }
    const conn = await db.connect(":memory:", { autocommit: false });
    await conn.execute("CREATE TABLE t (a, b)");
    await conn.commit();
    await conn.executemany(INSERT, sets(300));
    await conn.rollback();
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([0]);
  });
});
