/**
 * The `sql` tag: values stay in place and are bound, never written into the text.
 */
import { expect, it } from "vitest";
import { InterfaceError, ProgrammingError, Row } from "../../src/index.ts";
import { conformance, raised } from "./quadrants.ts";

conformance("the sql tag", (db) => {
  it("binds its values in order and returns the cursor", async () => {
    const conn = await db.shared();
    const cursor = await conn.sql`SELECT ${1}, ${"two"}, ${null}, ${2n ** 60n}`;
    expect(await cursor.fetchall()).toEqual([[1, "two", null, 2n ** 60n]]);
    expect(cursor.connection).toBe(conn);
  });

  it("never writes a value into the text", async () => {
    const conn = await db.connect();
    await conn.execute("CREATE TABLE t (a)");
    const evil = "'); DROP TABLE t; --";
    await conn.sql`INSERT INTO t VALUES (${evil})`;
    expect(await conn.fetchall("SELECT a FROM t")).toEqual([[evil]]);
    const seen: string[] = [];
    await conn.setTraceCallback((sql) => seen.push(sql));
    await conn.sql`SELECT a FROM t WHERE a = ${evil}`;
    expect(seen).toEqual(["SELECT a FROM t WHERE a = '''); DROP TABLE t; --'"]);
  });

  it("begins a transaction as execute does", async () => {
    const conn = await db.shared();
    await conn.execute("CREATE TABLE t (a)");
    const cursor = await conn.sql`INSERT INTO t VALUES (${1}), (${2})`;
    expect(cursor.rowcount).toBe(2);
    expect(conn.inTransaction).toBe(true);
  });

  it("runs the same call site again with other values", async () => {
    const conn = await db.shared();
    const twice = async (value: number) => (await conn.sql`SELECT 2 * ${value}`).fetchone();
    expect([await twice(1), await twice(2)]).toEqual([[2], [4]]);
  });

  it("takes no values at all", async () => {
    const conn = await db.shared();
    expect(await (await conn.sql`SELECT '?', "a" FROM (SELECT 1 AS a) -- ?`).fetchone()).toEqual(["?", 1]);
  });

  it("uses the connection's row factory", async () => {
    const conn = await db.connect(":memory:", { rowFactory: Row });
    expect((await (await conn.sql`SELECT ${1} AS one`).fetchone())?.get("one")).toBe(1);
  });

  it("refuses a value inside a string, a name or a comment", async () => {
    const conn = await db.shared();
    const name = "t";
    await raised(InterfaceError, () => conn.sql`SELECT '${name}'`);
    await raised(InterfaceError, () => conn.sql`SELECT * FROM "${name}"`);
    await raised(InterfaceError, () => conn.sql`SELECT 1 /* ${name} */`);
    await raised(InterfaceError, () => conn.sql`SELECT 1 -- ${name}`);
    await raised(InterfaceError, () => conn.sql`SELECT [${name}]`);
  });

  it("refuses parameters of the text's own, and a call that is no tag", async () => {
    const conn = await db.shared();
    await raised(InterfaceError, () => conn.sql`SELECT ?, ${1}`);
    await raised(InterfaceError, () => conn.sql`SELECT :a, ${1}`);
    await raised(InterfaceError, () => conn.sql("SELECT 1" as never));
    await raised(InterfaceError, () => conn.sql(["SELECT 1"] as never));
  });

  it("refuses a value in the place of a name, which cannot be bound", async () => {
    const conn = await db.shared();
    const error = await raised(ProgrammingError, () => conn.sql`SELECT * FROM ${"t"}`);
    expect(error.syntax?.near).toBe("?");
  });

  it("refuses what cannot be bound, with its number", async () => {
    const conn = await db.shared();
    const error = await raised(InterfaceError, () => conn.sql`SELECT ${1}, ${undefined as never}`);
    expect(error.message).toContain("parameter 2");
  });
});
