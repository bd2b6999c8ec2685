/**
 * Any value there and back, bit for bit, whichever way it is written (one by one, many at once, the many-row INSERT of
 * long lists) and whichever way it is read (one, all, page by page).
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Parameter } from "../../src/index.ts";
import { type AnyConnection, collect, conformance } from "./quadrants.ts";

/** Text of every kind of character, well-formed; often with NUL, replacement characters, and what BOMs look like. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.constantFrom("\0", "\uFFFD", "\uFEFF", "'", '"', "é", "😀", "a") }),
);

const values = (infinity: boolean): fc.Arbitrary<Parameter> =>
  fc.oneof(
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: !infinity }),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(-0, 0, 2 ** 53, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), infinity ? Infinity : 1e300),
    text,
    fc.boolean(),
    fc.uint8Array(),
    fc.float64Array(),
    fc.date({ noInvalidDate: true }),
  );

/** What must come back for a value. */
function expected(sent: Parameter): unknown {
  if (typeof sent === "boolean") return sent ? 1 : 0;
  if (typeof sent === "bigint") return Number.isSafeInteger(Number(sent)) ? Number(sent) : sent;
  if (sent instanceof Date) return sent.toISOString();
  if (ArrayBuffer.isView(sent)) return Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength);
  return sent;
}

/** Equal to the bit: -0 is not 0, and a number is no bigint. */
function expectSame(rows: unknown[][], sent: readonly Parameter[]): void {
  expect(rows.map(([back]) => back)).toStrictEqual(sent.map(expected));
  for (const [i, [back]] of rows.entries()) {
    if (typeof back === "number") expect(Object.is(back, expected(sent[i] as Parameter))).toBe(true);
  }
}

const SELECT = "SELECT v FROM t ORDER BY rowid";

conformance("any value, there and back", (db) => {
  const value = values(db.can.infinity);

  async function table(): Promise<AnyConnection> {
    const conn = await db.connect();
    await conn.execute("CREATE TABLE t (v)");
    return conn;
  }

  it("through a parameter alone", async () => {
    const conn = await db.connect();
    const property = fc.asyncProperty(value, async (sent) => {
      expectSame(await conn.fetchall("SELECT ?", [sent]), [sent]);
      expectSame(await (await conn.execute("SELECT :v", { v: sent })).fetchall(), [sent]);
      const row = await conn.sql`SELECT ${sent}`;
      expectSame([(await row.fetchone()) as unknown[]], [sent]);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it("through execute and a table, in all the ways to read", async () => {
    const conn = await table();
    const property = fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 12 }), async (sent) => {
      await conn.execute("DELETE FROM t");
      for (const one of sent) await conn.execute("INSERT INTO t VALUES (?)", [one]);
      expectSame(await conn.fetchall(SELECT), sent);
      expectSame(await collect(await conn.execute(SELECT)), sent);
      const cursor = await conn.execute(SELECT);
      const rows: unknown[][] = [];
      for (let row = await cursor.fetchone(); row !== null; row = await cursor.fetchone()) rows.push(row);
      expectSame(rows, sent);
      expectSame(await (await conn.execute(SELECT)).fetchmany(100), sent);
      expectSame([(await conn.fetchone(SELECT)) ?? []], sent.slice(0, 1));
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it("through executemany in bulk, and page by page", async () => {
    const conn = await table();
    const property = fc.asyncProperty(fc.array(value, { minLength: 70, maxLength: 700 }), async (sent) => {
      await conn.execute("DELETE FROM t");
      await conn.executemany(
        "INSERT INTO t VALUES (?)",
        sent.map((one) => [one]),
      );
      expectSame(await collect(await conn.execute(SELECT)), sent);
      expectSame(await conn.fetchall(SELECT), sent);
      const cursor = await conn.execute(SELECT);
      const rows: unknown[][] = [];
      for (;;) {
        const page = await cursor.fetchmany(33);
        if (page.length === 0) break;
        rows.push(...page);
      }
      expectSame(rows, sent);
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it("through executemany row by row, where the statement cannot be shared", async () => {
    const conn = await table();
    const property = fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 40 }), async (sent) => {
      await conn.execute("DELETE FROM t");
      const sets = sent.map((one) => ({ value: one }));
      await conn.executemany("INSERT INTO t SELECT :value WHERE 1", sets);
      expectSame(await conn.fetchall(SELECT), sent);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it("as bigints, where those are asked for", async () => {
    const conn = await db.connect(":memory:", { integers: "bigint" });
    const integer = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const property = fc.asyncProperty(fc.array(integer, { minLength: 1 }), async (sent) => {
      const rows = await conn.fetchall("SELECT CAST(value AS INTEGER) FROM json_each(?)", [
        JSON.stringify(sent.map(String)),
      ]);
      expect(rows).toEqual(sent.map((one) => [one]));
    });
    await fc.assert(property, { numRuns: 100 });
  });

  it("as bytes, where text is read as them", async () => {
    const conn = await db.connect();
    conn.textFactory = "buffer";
    const property = fc.asyncProperty(text, async (sent) => {
      expect(await conn.fetchall("SELECT ?", [sent])).toEqual([[Buffer.from(sent)]]);
      expect(await collect(await conn.execute("SELECT ? UNION ALL SELECT 1", [sent]))).toEqual([
        [Buffer.from(sent)],
        [1],
      ]);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});
