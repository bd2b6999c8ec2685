/**
 * `backup`: a copy that is whole and readable, its progress, and what happens when something stands in its way.
 */
import { existsSync, symlinkSync } from "node:fs";
import { relative } from "node:path";
import { expect, it } from "vitest";
import { InterfaceError, OperationalError, ProgrammingError } from "../../src/index.ts";
import { type AnyConnection, conformanceWith, raised } from "./quadrants.ts";

const OK = 0;
const BUSY = 5;
const DONE = 101;

conformanceWith("wholeDatabase", "backup", (db) => {
  /** A database of some dozens of pages. */
  async function source(database = db.file("source.db")): Promise<AnyConnection> {
    const conn = await db.connect(database);
    await conn.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a)");
    await conn.executemany(
      "INSERT INTO t (a) VALUES (?)",
      Array.from({ length: 200 }, (_, i) => [Buffer.alloc(1000, i)]),
    );
    await conn.commit();
    return conn;
  }

  async function rowsOf(path: string): Promise<unknown> {
    const copy = await db.connect(path);
    expect(await copy.fetchone("PRAGMA integrity_check")).toEqual(["ok"]);
    const row = await copy.fetchone("SELECT count(*), sum(id), sum(length(a)) FROM t");
    await copy.close();
    return row;
  }

  const ALL = [200, 20100, 200_000];

  it("to a path makes a copy that is whole and readable", async () => {
    const conn = await source();
    await conn.backup(db.file("copy.db"));
    expect(await rowsOf(db.file("copy.db"))).toEqual(ALL);
  });

  it("from memory works, to a file: URI too", async () => {
    const conn = await source(":memory:");
    await conn.backup(`file:${db.file("copy.db")}`);
    expect(await rowsOf(db.file("copy.db"))).toEqual(ALL);
  });

  it("to a connection replaces what is in its file, and the connection sees it", async () => {
    const conn = await source();
    const target = await db.connect(db.file("copy.db"));
    await target.execute("CREATE TABLE old (a)");
    expect(await target.fetchall("SELECT * FROM old")).toEqual([]);
    await conn.backup(target);
    expect(await target.fetchone("SELECT count(*) FROM t")).toEqual([200]);
    await raised(ProgrammingError, () => target.execute("SELECT * FROM old"));
  });

  it("tells its progress step by step, and DONE last", async () => {
    const conn = await source();
    const [pages = 0] = ((await conn.fetchone("PRAGMA page_count")) ?? []) as number[];
    const calls: number[][] = [];
    await conn.backup(db.file("copy.db"), { pages: 10, progress: (...call) => calls.push(call) });
    expect(calls).toHaveLength(Math.ceil(pages / 10));
    for (const [i, [status, remaining, total]] of calls.entries()) {
      const isLast = i === calls.length - 1;
      expect([status, remaining, total]).toEqual([
        isLast ? DONE : OK,
        isLast ? 0 : pages - 10 * (i + 1),
        pages,
      ]);
    }
  });

  it("in one step tells its progress once", async () => {
    const conn = await source();
    for (const pages of [-1, 1_000_000]) {
      const calls: number[][] = [];
      await conn.backup(db.file(`copy${pages}.db`), { pages, progress: (...call) => calls.push(call) });
      expect(calls).toEqual([[DONE, 0, calls[0]?.[2]]]);
      expect(calls[0]?.[2]).toBeGreaterThan(10);
    }
  });

  it("of an empty database is an empty database", async () => {
    const conn = await db.connect();
    await conn.backup(db.file("copy.db"));
    const copy = await db.connect(db.file("copy.db"));
    expect(await copy.fetchall("SELECT * FROM sqlite_schema")).toEqual([]);
  });

  it("with a progress that throws stops, and throws the same", async () => {
    const conn = await source();
    const oops = new RangeError("no");
    let calls = 0;
    const progress = () => {
      if (++calls === 3) throw oops;
    };
    const error = await raised(RangeError, () => conn.backup(db.file("copy.db"), { pages: 1, progress }));
    expect(error).toBe(oops);
    expect(calls).toBe(3);
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([200]);
    await conn.backup(db.file("copy.db"));
    expect(await rowsOf(db.file("copy.db"))).toEqual(ALL);
  });

  it("with a progress that throws at the last step throws the same", async () => {
    const conn = await source();
    const oops = new RangeError("no");
    const progress = (status: number) => {
      if (status === DONE) throw oops;
    };
    expect(await raised(RangeError, () => conn.backup(db.file("copy.db"), { progress }))).toBe(oops);
  });

  it("takes along what the connection writes between two steps", async () => {
    const conn = await source();
    const writes: unknown[] = [];
    let calls = 0;
    const progress = () => {
      if (++calls !== 5) return;
      writes.push(conn.execute("INSERT INTO t (id, a) VALUES (1000, X'00')"), conn.commit());
    };
    await conn.backup(db.file("copy.db"), { pages: 5, progress });
    await Promise.all(writes);
    expect(await rowsOf(db.file("copy.db"))).toEqual([201, 21100, 200_001]);
  });

  it.skipIf(!db.can.files)("takes along what another process writes between two steps", async () => {
    const conn = await source();
    let calls = 0;
    const progress = () => {
      if (++calls !== 5) return;
      const script =
        "const c = await connect(args[0]); await c.execute('DELETE FROM t WHERE id > 100'); await c.commit(); await c.close();";
      db.secondProcessSync(script, [db.file("source.db")]);
    };
    await conn.backup(db.file("copy.db"), { pages: 5, progress });
    expect(await rowsOf(db.file("copy.db"))).toEqual([100, 5050, 100_000]);
  });

  it("other work of the event loop runs between two steps", async () => {
    const conn = await source();
    let turns = 0;
    let isDone = false;
    const counting = (async () => {
      while (!isDone) {
        await new Promise((resolve) => setImmediate(resolve));
        turns++;
      }
    })();
    await conn.backup(db.file("copy.db"), { pages: 5 });
    isDone = true;
    await counting;
    expect(turns).toBeGreaterThan(5);
  });

  it.each(["a file", "memory"])(
    "waits for a locked target, says BUSY meanwhile, and goes on when it is free, from %s",
    async (from) => {
      const conn = await source(from === "memory" ? ":memory:" : undefined);
      const holder = await db.connect(db.file("copy.db"), { isolationLevel: null });
      await holder.executescript("CREATE TABLE x (a); BEGIN EXCLUSIVE;");
      const statuses: number[] = [];
      const freed: unknown[] = [];
      const progress = (status: number) => {
        statuses.push(status);
        if (statuses.length === 2) freed.push(holder.rollback());
      };
      await conn.backup(db.file("copy.db"), { pages: 50, sleep: 1, progress });
      await Promise.all(freed);
      expect(statuses.slice(0, 2)).toEqual([BUSY, BUSY]);
      expect(statuses.at(-1)).toBe(DONE);
      await holder.close();
      expect(await rowsOf(db.file("copy.db"))).toEqual(ALL);
    },
  );

  it.skipIf(!db.can.files)("waits for a source that another connection has locked", async () => {
    await source();
    const holder = await db.connect(db.file("source.db"), { isolationLevel: null, timeout: 0 });
    const patient = await db.connect(db.file("source.db"), { timeout: 0 });
    await patient.fetchone("SELECT 1 FROM t");
    await holder.execute("BEGIN EXCLUSIVE");
    const freed: unknown[] = [];
    const progress = (status: number) => {
      if (status === BUSY && freed.length === 0) freed.push(holder.rollback());
    };
    await patient.backup(db.file("copy.db"), { pages: 5, sleep: 1, progress });
    await Promise.all(freed);
    expect(freed).toHaveLength(1);
    expect(await rowsOf(db.file("copy.db"))).toEqual(ALL);
  });

  it.each(["a file", "memory"])(
    "with a transaction of its own that has written fails at once, from %s",
    async (from) => {
      const conn = await source(from === "memory" ? ":memory:" : undefined);
      await conn.execute("DELETE FROM t");
      const error = await raised(OperationalError, () => conn.backup(db.file("copy.db")));
      expect(error.code).toBe("SQLITE_BUSY");
      await conn.rollback();
      await conn.backup(db.file("copy.db"));
      expect(await rowsOf(db.file("copy.db"))).toEqual(ALL);
    },
  );

  it("to a connection in a transaction is refused", async () => {
    const conn = await source();
    const target = await db.connect(db.file("copy.db"), { autocommit: false });
    const error = await raised(OperationalError, () => conn.backup(target));
    expect(error.message).toContain("target is in transaction");
  });

  it("copies an attached database, and temp", async () => {
    const conn = await db.connect();
    await conn.execute("ATTACH ? AS side", [db.file("side.db")]);
    await conn.executescript("CREATE TABLE side.t (id, a); INSERT INTO side.t VALUES (7, X'00');");
    await conn.executescript("CREATE TEMP TABLE t (id, a); INSERT INTO temp.t VALUES (8, X'0000');");
    await conn.backup(db.file("side-copy.db"), { name: "side" });
    await conn.backup(db.file("temp-copy.db"), { name: "temp" });
    expect(await rowsOf(db.file("side-copy.db"))).toEqual([1, 7, 1]);
    expect(await rowsOf(db.file("temp-copy.db"))).toEqual([1, 8, 2]);
  });

  it("onto itself is refused, by whatever name", async () => {
    const conn = await source();
    symlinkSync(db.file("source.db"), db.file("link.db"));
    const names = [
      db.file("source.db"),
      relative(process.cwd(), db.file("source.db")),
      `file:${db.file("source.db")}`,
      db.file("link.db"),
      db.file("./x/../source.db"),
    ];
    for (const name of names) await raised(ProgrammingError, () => conn.backup(name));
    await raised(ProgrammingError, () => conn.backup(conn));
    const again = await db.connect(db.file("source.db"));
    await raised(ProgrammingError, () => conn.backup(again));
    await conn.execute("ATTACH ? AS side", [db.file("side.db")]);
    await conn.execute("CREATE TABLE side.x (a)");
    await raised(ProgrammingError, () => conn.backup(db.file("side.db"), { name: "side" }));
  });

  it("to what is no file is refused", async () => {
    const conn = await source();
    for (const target of ["", ":memory:"]) await raised(ProgrammingError, () => conn.backup(target));
    const memory = await db.connect();
    await raised(ProgrammingError, () => conn.backup(memory));
    for (const target of [null, undefined, 5, {}])
      await raised(InterfaceError, () => conn.backup(target as never));
    const error = await raised(OperationalError, () => conn.backup(db.file("no/where.db")));
    expect(error.code).toBe("SQLITE_CANTOPEN");
    expect(existsSync(db.file("no"))).toBe(false);
  });

  it("with wrong options is refused by name, and of an unknown database too", async () => {
    const conn = await source();
    const target = db.file("copy.db");
    for (const options of [{ pages: 0 }, { pages: 1.5 }, { progress: 5 }, { name: "" }, { sleep: -1 }]) {
      const error = await raised(InterfaceError, () => conn.backup(target, options as never));
      expect(error.message).toContain(Object.keys(options)[0]);
    }
    const error = await raised(OperationalError, () => conn.backup(target, { name: "nowhere" }));
    expect(error.message).toContain("nowhere");
    expect(existsSync(target)).toBe(false);
  });

  it("of a connection that is closed on the way fails, and does not crash", async () => {
    const conn = await source();
    const closed: unknown[] = [];
    const progress = () => {
      if (closed.length === 0) closed.push(conn.close());
    };
    await raised(conn.Error, () => conn.backup(db.file("copy.db"), { pages: 1, progress }));
    await Promise.all(closed);
  });

  it("of a closed connection, or to one, is a ProgrammingError", async () => {
    const conn = await source();
    const target = await db.connect(db.file("copy.db"));
    await target.close();
    await raised(ProgrammingError, () => conn.backup(target));
    await conn.close();
    await raised(ProgrammingError, () => conn.backup(db.file("copy.db")));
  });
});
