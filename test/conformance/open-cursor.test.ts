/**
 * Rule 8: a cursor that is half read blocks nothing, and nothing that runs beside it disturbs it. What leaves a result
 * early (break, close, a new statement, the garbage collector) lets go of the database, as a second process sees it.
 */
import { expect, it } from "vitest";
import { OperationalError } from "../../src/index.ts";
import { type AnyConnection, type AnyCursor, collect, conformance, raised } from "./quadrants.ts";

const ROWS = 5000;
const READ = 100;

conformance("an open cursor", (db) => {
  /** A file in WAL mode with the rows 1 to 5000. */
  const filled = async (): Promise<AnyConnection> => {
    const conn = await db.connect(db.file());
    if (db.can.maintenance) await conn.execute("PRAGMA journal_mode = WAL");
    await conn.executescript(
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})
       INSERT INTO t SELECT i, 'row ' || i FROM n;
       CREATE TABLE u (a);`,
    );
    return conn;
  };

  /** A cursor with rows 1 to 100 read and the others unread. */
  const halfRead = async (conn: AnyConnection, sql = "SELECT id FROM t ORDER BY id"): Promise<AnyCursor> => {
    const cursor = await conn.execute(sql);
    for (let i = 1; i <= READ; i++) expect((await cursor.fetchone())?.[0]).toBe(i);
    return cursor;
  };

  const rest = async (cursor: AnyCursor) => (await collect(cursor)).map(([id]) => id);
  const expected = Array.from({ length: ROWS - READ }, (_, i) => READ + 1 + i);

  it.each<[what: string, work: (conn: AnyConnection) => unknown]>([
    ["an INSERT into another table", (conn) => conn.execute("INSERT INTO u VALUES (1)")],
    ["an INSERT with RETURNING", (conn) => conn.execute("INSERT INTO u VALUES (1) RETURNING a")],
    ["an UPDATE of the rows themselves", (conn) => conn.execute("UPDATE t SET a = 'x'")],
    ["an UPDATE with RETURNING", (conn) => conn.execute("UPDATE t SET a = 'x' RETURNING id")],
    [
      "executemany",
      (conn) =>
        conn.executemany(
          "INSERT INTO u VALUES (?)",
          Array.from({ length: 300 }, (_, i) => [i]),
        ),
    ],
    [
      "executescript",
      (conn) => conn.executescript("INSERT INTO u VALUES (1); SELECT * FROM u; UPDATE u SET a = 2;"),
    ],
    [
      "a script with its own transaction",
      (conn) => conn.executescript("BEGIN; INSERT INTO u VALUES (1); COMMIT"),
    ],
    ["CREATE TABLE", (conn) => conn.execute("CREATE TABLE v (a)")],
    ["CREATE INDEX", (conn) => conn.execute("CREATE INDEX i ON t (a)")],
    ["ALTER TABLE of another table", (conn) => conn.execute("ALTER TABLE u ADD COLUMN b")],
    ["a PRAGMA that writes", (conn) => conn.execute("PRAGMA user_version = 7")],
    [
      "the same SQL on a second cursor",
      async (conn) => {
        expect((await conn.fetchall("SELECT id FROM t ORDER BY id")).length).toBe(ROWS);
        expect((await collect(await conn.execute("SELECT id FROM t ORDER BY id"))).length).toBe(ROWS);
      },
    ],
    [
      "createFunction",
      async (conn) => {
        if (!db.can.userFunctions) return;
        await conn.createFunction("f", 0, () => 42);
        expect(await conn.fetchone("SELECT f()")).toEqual([42]);
      },
    ],
    [
      "createAggregate",
      async (conn) => {
        if (!db.can.userFunctions) return;
        class Count {
          #n = 0;
          step() {
            this.#n++;
          }
          finalize() {
            return this.#n;
          }
        }
        await conn.createAggregate("mycount", 0, Count);
        expect(await conn.fetchone("SELECT mycount() FROM t")).toEqual([ROWS]);
      },
    ],
    [
      "serialize",
      async (conn) => {
        if (db.can.wholeDatabase) expect((await conn.serialize()).length).toBeGreaterThan(1000);
      },
    ],
    [
      "a backup",
      async (conn) => {
        if (db.can.wholeDatabase) await conn.backup(db.file("copy.db"));
      },
    ],
    ["iterdump", (conn) => collect(conn.iterdump())],
    ["transaction()", (conn) => conn.transaction((tx) => tx.execute("INSERT INTO u VALUES (1)"))],
    [
      "setTraceCallback",
      async (conn) => {
        await conn.setTraceCallback(() => {});
        await conn.execute("INSERT INTO u VALUES (1)");
      },
    ],
    [
      "a statement that fails",
      (conn) => raised(conn.IntegrityError, () => conn.execute("INSERT INTO t VALUES (1, 1)")),
    ],
    [
      "a statement that does not compile",
      (conn) => raised(conn.ProgrammingError, () => conn.execute("SELEC")),
    ],
    [
      "a query that does not parse",
      (conn) => raised(conn.ProgrammingError, () => conn.execute("SELECT FROM")),
    ],
    ["a second half-read cursor", (conn) => halfRead(conn)],
  ])("goes on correctly beside %s", async (_what, work) => {
    const conn = await filled();
    const cursor = await halfRead(conn);
    await work(conn);
    expect(await rest(cursor)).toEqual(expected);
  });

  it.each([
    ["the second part of a UNION ALL", "SELECT id FROM t WHERE id <= 1000 UNION ALL SELECT id FROM w"],
    ["a correlated subquery", "SELECT id, (SELECT max(w.id) FROM w WHERE w.id <= t.id) FROM t"],
    ["an EXISTS", "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM w WHERE w.id > -t.id)"],
    ["a view of a UNION ALL", "SELECT id FROM both"],
    ["a join of one", "SELECT id FROM (SELECT * FROM both) JOIN one"],
  ])("that has yet to open the table of %s goes on correctly beside writes", async (_what, sql) => {
    const conn = await filled();
    await conn.executescript(
      `CREATE TABLE w (id INTEGER PRIMARY KEY); INSERT INTO w SELECT id FROM t WHERE id > 1000;
       CREATE VIEW both AS SELECT id FROM t WHERE id <= 1000 UNION ALL SELECT id FROM w; CREATE TABLE one (a); INSERT INTO one VALUES (1)`,
    );
    const cursor = await halfRead(conn, sql);
    await conn.execute("INSERT INTO u VALUES (1)");
    expect(await cursor.fetchone()).toEqual(expect.arrayContaining([READ + 1]));
    await conn.execute("UPDATE u SET a = 2");
    await conn.commit();
    expect(await rest(cursor)).toEqual(expected.slice(1));
  });

  it("goes on correctly beside a commit", async () => {
    const conn = await filled();
    const cursor = await halfRead(conn);
    await conn.execute("INSERT INTO u VALUES (1)");
    await conn.commit();
    expect(conn.inTransaction).toBe(false);
    expect(await rest(cursor)).toEqual(expected);
    expect(await conn.fetchall("SELECT * FROM u")).toEqual([[1]]);
  });

  it("goes on correctly beside a rollback, or fails with SQLite's own error", async () => {
    const conn = await filled();
    await conn.execute("INSERT INTO u VALUES (1)");
    const cursor = await halfRead(conn);
    await conn.rollback();
    expect(conn.inTransaction).toBe(false);
    expect(await conn.fetchall("SELECT * FROM u")).toEqual([]);
    expect(await rest(cursor)).toEqual(expected);
  });

  it("fails with SQLITE_ABORT_ROLLBACK when a rollback takes back the schema under it; from a server the rows have come", async () => {
    const conn = await filled();
    await conn.executescript("BEGIN; CREATE TABLE v (a); INSERT INTO u VALUES (1);");
    const cursor = await halfRead(conn);
    await conn.rollback();
    if (db.can.files) {
      const error = await raised(OperationalError, () => rest(cursor));
      expect(error.code).toBe("SQLITE_ABORT_ROLLBACK");
    } else expect(await rest(cursor)).toEqual(expected);
    expect(await conn.fetchall("SELECT name FROM sqlite_schema WHERE name = 'v'")).toEqual([]);
  });

  it("sees rows come and go as SQLite's own cursor does, and never one twice", async () => {
    const conn = await filled();
    const cursor = await halfRead(conn);
    await conn.execute("DELETE FROM t WHERE id > 4000");
    const ids = (await rest(cursor)) as number[];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.slice(0, 3000)).toEqual(expected.slice(0, 3000));
  });

  it("does not keep the connection from closing", async () => {
    const conn = await filled();
    const cursor = await halfRead(conn);
    await conn.execute("INSERT INTO u VALUES (1)");
    await conn.close();
    await raised(conn.ProgrammingError, () => cursor.fetchone());
    const again = await db.connect(db.file());
    expect(await again.fetchall("SELECT * FROM u")).toEqual([]);
  });

  it.skipIf(!db.can.userFunctions)(
    "with more unread rows than memory should hold, refuses createFunction and loses no row (needs user functions)",
    async () => {
      const conn = await db.connect();
      const cursor = await conn.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500000) SELECT i FROM n",
      );
      expect(await cursor.fetchone()).toEqual([1]);
      await raised(OperationalError, () => conn.createFunction("f", 0, () => 1));
      let next = 2;
      for await (const [i] of cursor) if (i !== next++) expect(i).toBe(next - 1);
      expect(next).toBe(1_500_001);
      await conn.createFunction("f", 0, () => 1);
      expect(await conn.fetchone("SELECT f()")).toEqual([1]);
    },
  );

  /** Whether another process can write, and move all of the WAL into the database, which an open reader prevents. */
  const isFree = async () => {
    const [answer] = await db.secondProcess<{ busy: number }[]>(
      `const other = new Database(args[0], { timeout: 0 });
       other.exec("INSERT INTO u VALUES ('other')");
       return other.pragma("wal_checkpoint(TRUNCATE)");`,
      [db.file()],
    );
    return answer?.busy === 0;
  };

  it.skipIf(!db.can.files)(
    "keeps its snapshot while it is half read, so that this suite sees locks (needs files)",
    async () => {
      const conn = await filled();
      const cursor = await halfRead(conn);
      expect(await isFree()).toBe(false);
      await cursor.close();
      expect(await isFree()).toBe(true);
    },
  );

  it.skipIf(!db.can.files).each<[what: string, leave: (cursor: AnyCursor, conn: AnyConnection) => unknown]>([
    [
      "breaking out of a loop",
      async (cursor) => {
        for await (const _row of cursor) break;
      },
    ],
    [
      "throwing out of a loop",
      (cursor) =>
        raised(RangeError, async () => {
          for await (const _row of cursor) throw new RangeError("out");
        }),
    ],
    ["closing the cursor", (cursor) => cursor.close()],
    ["reading to the end", (cursor) => cursor.fetchall()],
    ["looping to the end", (cursor) => collect(cursor)],
    ["another statement", (cursor) => cursor.execute("SELECT 1")],
    ["an empty statement", (cursor) => cursor.execute("-- nothing")],
    [
      "a statement that does not compile",
      (cursor, conn) => raised(conn.ProgrammingError, () => cursor.execute("SELECT * FROM nowhere")),
    ],
    ["executescript", (cursor) => cursor.executescript("SELECT 1")],
    [
      "executemany of nothing, and a commit",
      async (cursor, conn) => {
        await cursor.executemany("INSERT INTO u VALUES (?)", []);
        await conn.commit();
      },
    ],
    ["closing the connection", (_cursor, conn) => conn.close()],
  ])("leaves nothing locked after %s (needs files)", async (_what, leave) => {
    const conn = await filled();
    await leave(await halfRead(conn), conn);
    expect(await isFree()).toBe(true);
  });

  it.skipIf(!db.can.files)(
    "is let go of when it is dropped and collected (a process with --expose-gc)",
    async () => {
      await (await filled()).close();
      const busy = await db.secondProcess<number[]>(
        `const conn = await connect(args[0]);
       const other = new Database(args[0], { timeout: 0 });
       const checkpoint = () => other.pragma("wal_checkpoint(TRUNCATE)")[0].busy;
       const answers = [];
       await (async () => {
         const cursor = await conn.execute("SELECT id FROM t ORDER BY id");
         await cursor.fetchone();
         other.exec("INSERT INTO u VALUES (1)");
         answers.push(checkpoint());
       })();
       for (let i = 0; i < 50 && answers.at(-1) !== 0; i++) {
         globalThis.gc();
         await new Promise((resolve) => setTimeout(resolve, 10));
         answers.push(checkpoint());
       }
       await conn.execute("INSERT INTO u VALUES (2)");
       await conn.commit();
       return [answers[0], answers.at(-1)];`,
        [db.file()],
        ["--expose-gc"],
      );
      expect(busy).toEqual([1, 0]);
    },
  );
});
