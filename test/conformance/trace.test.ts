/**
 * `setTraceCallback`: every statement before it runs, with the values written in and the transaction statements that
 * nobody wrote.
 */
import { expect, it } from "vitest";
import { InterfaceError, ProgrammingError } from "../../src/index.ts";
import { flow } from "./flow.ts";
import { type AnyConnection, collect, conformance, raised } from "./quadrants.ts";

conformance("setTraceCallback", (db) => {
  async function traced(conn?: AnyConnection): Promise<[AnyConnection, string[]]> {
    conn ??= await db.shared();
    await conn.execute("CREATE TABLE t (a UNIQUE, b)");
    const seen: string[] = [];
    await conn.setTraceCallback((sql) => seen.push(sql));
    return [conn, seen];
  }

  it("shows statements with their values written in", async () => {
    const [conn, seen] = await traced();
    await conn.execute("SELECT ?, ?, ?, ?, ?", [1, 1.5, "it's", null, Buffer.of(1, 255)]);
    await conn.execute("SELECT :a, $b, :a", { a: "x", b: 2n });
    await conn.execute("SELECT 1");
    expect(seen).toEqual(["SELECT 1, 1.5, 'it''s', NULL, x'01ff'", "SELECT 'x', 2, 'x'", "SELECT 1"]);
  });

  it("shows the implicit BEGIN, COMMIT and ROLLBACK", async () => {
    const [conn, seen] = await traced();
    await conn.execute("INSERT INTO t VALUES (1, 2)");
    await conn.commit();
    await conn.commit();
    await conn.execute("DELETE FROM t");
    await conn.rollback();
    expect(seen).toEqual([
      "BEGIN",
      "INSERT INTO t VALUES (1, 2)",
      "COMMIT",
      "BEGIN",
      "DELETE FROM t",
      "ROLLBACK",
    ]);
  });

  it("shows transaction() with its savepoints", async () => {
    const [conn, seen] = await traced();
    const inner = () => conn.execute("SELECT 1");
    await conn.transaction(
      flow(function* () {
        yield conn.transaction(inner);
      }),
    );
    expect(seen.map((sql) => sql.split(" ")[0])).toEqual([
      "BEGIN",
      "SAVEPOINT",
      "SELECT",
      "RELEASE",
      "COMMIT",
    ]);
  });

  it("shows every set of executemany, and every statement of a script", async () => {
    const [conn, seen] = await traced();
    await conn.executemany(
      "INSERT INTO t VALUES (?, 'x')",
      Array.from({ length: 20 }, (_, i) => [i]),
    );
    expect(seen).toHaveLength(21);
    expect(seen.slice(0, 3)).toEqual([
      "BEGIN",
      "INSERT INTO t VALUES (0, 'x')",
      "INSERT INTO t VALUES (1, 'x')",
    ]);
    seen.length = 0;
    await conn.executescript("SELECT 1; -- two\nSELECT 2;");
    expect(seen).toEqual(["COMMIT", "SELECT 1;", "SELECT 2;"]);
  });

  it("shows what fails while it runs, and not what does not compile", async () => {
    const [conn, seen] = await traced();
    await raised(ProgrammingError, () => conn.execute("SELECT * FROM nowhere"));
    await conn.execute("INSERT INTO t VALUES (1, 1)");
    await raised(conn.IntegrityError, () => conn.execute("INSERT INTO t VALUES (?, 2)", [1]));
    expect(seen).toEqual(["BEGIN", "INSERT INTO t VALUES (1, 1)", "INSERT INTO t VALUES (1, 2)"]);
  });

  it("does not change what a statement does", async () => {
    const [conn] = await traced(await db.connect());
    await conn.execute("INSERT INTO t VALUES (?, ?)", [1, 9007199254740993n]);
    expect(await conn.totalChanges).toBe(1);
    const cursor = await conn.execute("SELECT b FROM t WHERE a = ?", [1]);
    expect(await collect(cursor)).toEqual([[9007199254740993n]]);
    const reading = await conn.execute(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?) SELECT i FROM n",
      [1000],
    );
    await reading.fetchone();
    await conn.execute("INSERT INTO t VALUES (?, ?)", [2, 2]);
    expect(await reading.fetchall()).toHaveLength(999);
  });

  it("swallows what the callback throws", async () => {
    const [conn] = await traced();
    await conn.setTraceCallback(() => {
      throw new Error("no");
    });
    expect(await conn.fetchone("SELECT 1")).toEqual([1]);
  });

  it("is stopped by null, and replaced by another", async () => {
    const [conn, seen] = await traced();
    await conn.setTraceCallback(null);
    await conn.execute("SELECT 1");
    const other: string[] = [];
    await conn.setTraceCallback((sql) => other.push(sql));
    await conn.execute("SELECT 2");
    expect([seen, other]).toEqual([[], ["SELECT 2"]]);
  });

  it("takes nothing else", async () => {
    const conn = await db.shared();
    for (const callback of ["print", 5, {}, undefined]) {
      await raised(InterfaceError, () => conn.setTraceCallback(callback as never));
    }
  });
});
