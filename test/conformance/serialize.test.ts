/**
 * `serialize` and `deserialize`: a database as the bytes of its file, and back into memory.
 */
import { writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { DatabaseError, InterfaceError, OperationalError, ProgrammingError } from "../../src/index.ts";
import { type AnyConnection, conformanceWith, raised } from "./quadrants.ts";

conformanceWith("wholeDatabase", "serialize and deserialize", (db) => {
  async function filled(database = ":memory:"): Promise<AnyConnection> {
    const conn = await db.connect(database);
    await conn.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1), ('é');");
    return conn;
  }

  const rows = [[1], ["é"]];

  it("give the bytes of a file, which opens as one", async () => {
    const bytes = await (await filled()).serialize();
    expect(Buffer.isBuffer(bytes)).toBe(true);
    expect(bytes.subarray(0, 15).toString()).toBe("SQLite format 3");
    writeFileSync(db.file(), bytes);
    expect(await (await db.connect(db.file())).fetchall("SELECT * FROM t")).toEqual(rows);
  });

  it.each(["memory", "a file", "a file in WAL mode"])(
    "bring a database from %s into memory",
    async (from) => {
      const source = await filled(from === "memory" ? ":memory:" : db.file());
      if (from.includes("WAL")) await source.execute("PRAGMA journal_mode = WAL");
      const bytes = await source.serialize();
      const conn = await db.connect();
      await conn.deserialize(bytes);
      expect(await conn.fetchall("SELECT * FROM t")).toEqual(rows);
      await conn.execute("INSERT INTO t VALUES (3)");
      await conn.commit();
      expect(await source.fetchall("SELECT * FROM t")).toEqual(rows);
      await source.execute("INSERT INTO t VALUES (4)");
      await source.commit();
      expect(await conn.fetchone("SELECT max(a) FROM t WHERE a < 9")).toEqual([3]);
    },
  );

  it("take any kind of bytes, and do not keep them", async () => {
    const bytes = await (await filled()).serialize();
    const larger = new Uint8Array(bytes.length + 20);
    larger.set(bytes, 10);
    const kinds = [
      bytes,
      new Uint8Array(bytes),
      new Uint8Array(bytes).buffer,
      larger.subarray(10, 10 + bytes.length),
      new DataView(larger.buffer, 10, bytes.length),
    ];
    for (const kind of kinds) {
      const conn = await db.connect();
      await conn.deserialize(kind);
      expect(await conn.fetchall("SELECT * FROM t")).toEqual(rows);
    }
    const conn = await db.connect();
    const own = Buffer.from(bytes);
    await conn.deserialize(own);
    own.fill(0xff);
    await conn.execute("INSERT INTO t VALUES (3)");
    expect(await conn.fetchone("PRAGMA integrity_check")).toEqual(["ok"]);
  });

  it("a connection to a file goes on in memory, and the file stays as it was", async () => {
    const bytes = await (await filled()).serialize();
    const conn = await db.connect(db.file());
    await conn.execute("CREATE TABLE mine (a)");
    await conn.deserialize(bytes);
    await conn.execute("DELETE FROM t");
    await conn.commit();
    await raised(ProgrammingError, () => conn.execute("SELECT * FROM mine"));
    const other = await db.connect(db.file());
    expect(await other.fetchall("SELECT name FROM sqlite_schema")).toEqual([["mine"]]);
  });

  it("functions and settings of the connection are kept", async () => {
    const bytes = await (await filled()).serialize();
    const conn = await db.connect();
    await conn.createFunction("twice", 1, (value: number) => value * 2, { deterministic: true });
    await conn.createAggregate(
      "collected",
      1,
      class {
        seen: unknown[] = [];
        step(value: unknown): void {
          this.seen.push(value);
        }
        finalize(): unknown {
          return this.seen.join();
        }
      },
    );
    const seen: string[] = [];
    await conn.setTraceCallback((sql) => seen.push(sql));
    await conn.deserialize(bytes);
    expect(await conn.fetchone("SELECT twice(a) FROM t")).toEqual([2]);
    expect(await conn.fetchone("SELECT collected(a) FROM t")).toEqual(["1,é"]);
    expect(seen).toContain("SELECT twice(a) FROM t");
    expect(await conn.fetchone("PRAGMA foreign_keys")).toEqual([1]);
  });

  it("a half-read cursor says that its rows are gone", async () => {
    const conn = await filled();
    const bytes = await conn.serialize();
    const sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000) SELECT i FROM n";
    const cursor = await conn.execute(sql);
    await cursor.fetchone();
    await conn.deserialize(bytes);
    await raised(ProgrammingError, () => cursor.fetchall());
    await cursor.execute("SELECT * FROM t");
    expect(await cursor.fetchall()).toEqual(rows);
  });

  it("serialize works while a cursor is half read", async () => {
    const conn = await filled();
    const sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000) SELECT i FROM n";
    const cursor = await conn.execute(sql);
    await cursor.fetchone();
    expect((await conn.serialize()).length).toBeGreaterThan(0);
    expect(await cursor.fetchall()).toHaveLength(1999);
  });

  it("garbage is a DatabaseError NOTADB, and the connection keeps what it had", async () => {
    const conn = await filled();
    for (const garbage of [Buffer.from("garbage"), Buffer.alloc(8192, "garbage"), Buffer.alloc(100)]) {
      const error = await raised(DatabaseError, () => conn.deserialize(garbage));
      expect(error.constructor).toBe(DatabaseError);
      expect(error.code).toBe("SQLITE_NOTADB");
      expect(await conn.fetchall("SELECT * FROM t")).toEqual(rows);
    }
  });

  it("a truncated database is a DatabaseError when it is read", async () => {
    const source = await filled();
    await source.executemany(
      "INSERT INTO t VALUES (?)",
      Array.from({ length: 100 }, () => [Buffer.alloc(1000)]),
    );
    const bytes = await source.serialize();
    const conn = await db.connect();
    const error = await raised(DatabaseError, async () => {
      await conn.deserialize(bytes.subarray(0, 8192));
      await conn.fetchall("SELECT * FROM t");
    });
    expect(error.code).toMatch(/^SQLITE_(CORRUPT|NOTADB)/);
  });

  it("deserialize is refused in a transaction, and for what is no bytes", async () => {
    const conn = await filled();
    const bytes = await conn.serialize();
    await conn.execute("INSERT INTO t VALUES (3)");
    const error = await raised(OperationalError, () => conn.deserialize(bytes));
    expect(error.message).toContain("transaction");
    await conn.rollback();
    for (const wrong of ["text", null, undefined, 5, [1, 2], {}]) {
      await raised(InterfaceError, () => conn.deserialize(wrong as never));
    }
    expect(await conn.fetchall("SELECT * FROM t")).toEqual(rows);
  });

  it("serialize takes an attached database by name, and knows no others", async () => {
    const conn = await db.connect();
    await conn.executescript(
      "ATTACH ':memory:' AS side; CREATE TABLE side.t (a); INSERT INTO side.t VALUES (1), ('é');",
    );
    const copy = await db.connect();
    await copy.deserialize(await conn.serialize({ name: "side" }));
    expect(await copy.fetchall("SELECT * FROM t")).toEqual(rows);
    const error = await raised(OperationalError, () => conn.serialize({ name: "nowhere" }));
    expect(error.message).toContain("nowhere");
    for (const name of ["", 5, null])
      await raised(InterfaceError, () => conn.serialize({ name: name as never }));
    await raised(ProgrammingError, () => conn.serialize({ name: "a\0b" }));
  });

  it("an empty database is there and back", async () => {
    const empty = await db.connect();
    const bytes = await empty.serialize();
    const conn = await filled();
    await conn.deserialize(bytes);
    expect(await conn.fetchall("SELECT * FROM sqlite_schema")).toEqual([]);
    await conn.execute("CREATE TABLE u (a)");
  });
});
