/**
 * Tests src/engine/hrana/bulk.ts on a real sqld: many sets leave what a loop would leave, however they are sent.
 */
import { describe, expect, it } from "vitest";
import type { HranaEngine } from "../../../../src/engine/hrana/engine.ts";
import type { ManyRequest } from "../../../../src/engine/port.ts";
import { IntegrityError, ProgrammingError } from "../../../../src/errors/tree.ts";
import { isInteger } from "../../../../src/values/integers.ts";
import type { BoundValue } from "../../../../src/values/types.ts";
import { all, keepServers, openWith, ROLLBACK, request, WAYS } from "./support.ts";

keepServers();

const many = (
  sql: string,
  sets: readonly (readonly BoundValue[])[],
  more: Partial<ManyRequest> = {},
): ManyRequest => ({
  sql,
  width: sets[0]?.length ?? 0,
  count: sets.length,
  values: sets.flat(),
  begin: null,
  guard: false,
  ...more,
});
const numbers = (count: number) => Array.from({ length: count }, (_, i) => [BigInt(i)] as const);
const BEGIN = { begin: "BEGIN" };

describe.each(WAYS)("executemany by %s", (way) => {
  it("applies any number of sets, in a transaction and outside", async () => {
    const engine = await openWith(way, "CREATE TABLE t(a INTEGER PRIMARY KEY, b)");
    const sets = numbers(5000).map(([i]) => [i, `text ${i}`] as const);
    const reply = await engine.executemany(many("INSERT INTO t VALUES (?, ?)", sets, BEGIN));
    expect(reply).toEqual({ changes: 5000, error: null, index: -1 });
    expect(engine.inTransaction).toBe(true);
    expect(await all(engine, "SELECT count(*), sum(a), min(b) FROM t")).toEqual([
      [5000, 12_497_500, "text 0"],
    ]);
    await engine.control(ROLLBACK);
    expect(await engine.executemany(many("INSERT INTO t VALUES (?, ?)", sets))).toEqual(reply);
    expect(engine.inTransaction).toBe(false);
    expect(await all(engine, "SELECT count(*) FROM t")).toEqual([[5000]]);
    expect(await engine.totalChanges()).toBe(10_000);
  });

  it("writes every value as it is, whichever way its row goes", async () => {
    const engine = await openWith(way, "CREATE TABLE t(a INTEGER PRIMARY KEY, b, c REAL)");
    const values: readonly BoundValue[] = [
      ...[null, 0n, -(2n ** 63n), 2n ** 63n - 1n, "", "null", '"é\\\u{1f600}\n', "a\0b", Buffer.of(0, 255)],
      ...[0, -0, 1 / 3, 1e23, 2 ** 60, 1e308, -5e-324],
    ];
    // Long runs of the plain ones, and now and then one that goes another way.
    const valueOf = (i: number) => (i % 700 < 690 ? values[i % 7] : values[i % values.length]) ?? null;
    const sets = Array.from({ length: 3000 }, (_, i) => [BigInt(i), valueOf(i), i / 7] as const);
    expect(await engine.executemany(many("INSERT INTO t VALUES (?, ?, ?)", sets, BEGIN))).toMatchObject({
      changes: 3000,
      error: null,
    });
    const rows = await all(engine, "SELECT a, b, c, typeof(b) = 'real' FROM t ORDER BY a");
    for (const [i, row] of rows.entries()) {
      const sent = valueOf(i);
      // An integer comes as a number where one can hold it.
      const isSmall = typeof sent === "bigint" && Number.isSafeInteger(Number(sent));
      const read = isSmall ? Number(sent) : sent;
      expect(row).toEqual([i, read, i / 7, typeof sent === "number" && !isInteger(sent) ? 1 : 0]);
    }
    expect(rows).toHaveLength(3000);
  });

  it.each([
    ["a plain table", ""],
    ["a trigger", "; CREATE TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END"],
  ])("stops at the set that fails, whatever stands where: %s", async (_, more) => {
    const engine = await openWith(way);
    for (const sql of [
      "CREATE TABLE log(a)",
      "CREATE TABLE t(a UNIQUE)",
      ...(more === "" ? [] : [more.slice(2)]),
    ]) {
      await engine.execute(request(sql));
    }
    for (const index of [0, 1, 2, 128, 129, 200, 299]) {
      for (const mode of [{}, BEGIN]) {
        await engine.execute(request("DELETE FROM t"));
        const sets = numbers(300).map(([i]) => [i === BigInt(index) ? (index === 0 ? -1n : 0n) : i] as const);
        if (index === 0) await engine.execute(request("INSERT INTO t VALUES (-1)"));
        const reply = await engine.executemany(many("INSERT INTO t VALUES (?)", sets, mode));
        expect(reply).toMatchObject({ changes: index, index });
        expect(reply.error).toBeInstanceOf(IntegrityError);
        expect(reply.error).toMatchObject({ code: "SQLITE_CONSTRAINT_UNIQUE" });
        expect(await all(engine, "SELECT count(*) FROM t WHERE a >= 0")).toEqual([[index]]);
        expect(engine.inTransaction).toBe(mode === BEGIN);
        await engine.control([{ sql: "COMMIT", when: "open" }]);
      }
    }
  });

  it("counts what UPDATE and DELETE change, and takes RETURNING", async () => {
    const engine = await openWith(way, "CREATE TABLE t(a); INSERT INTO t VALUES (1), (1), (2), (3)");
    expect(await engine.executemany(many("UPDATE t SET a = a + 10 WHERE a = ?", numbers(4)))).toMatchObject({
      changes: 4,
    });
    expect(
      await engine.executemany(many("DELETE FROM t WHERE a = ? RETURNING a", [[11n], [12n]])),
    ).toMatchObject({ changes: 3 });
  });

  it("compiles and begins though there is no set", async () => {
    const engine = await openWith(way, "CREATE TABLE t(a)");
    await engine.executemany(many("INSERT INTO t VALUES (?)", [], BEGIN));
    expect(engine.inTransaction).toBe(true);
    await engine.control(ROLLBACK);
    for (const sql of ["INSERT INTO missing VALUES (?)", "INSRT"]) {
      await expect(engine.executemany(many(sql, [], BEGIN))).rejects.toThrow(ProgrammingError);
      expect(engine.inTransaction).toBe(false);
    }
  });

  it("leaves no transaction behind when the statement does not compile", async () => {
    const engine = await openWith(way);
    const reply = await engine.executemany(many("INSERT INTO missing VALUES (?)", numbers(3), BEGIN));
    expect(reply.error).toBeInstanceOf(ProgrammingError);
    expect(engine.inTransaction).toBe(false);
  });

  it("says -1 where the failure has ended the transaction", async () => {
    const engine = await openWith(way, "CREATE TABLE t(a UNIQUE ON CONFLICT ROLLBACK)");
    const reply = await engine.executemany(many("INSERT INTO t VALUES (?)", [...numbers(100), [5n]], BEGIN));
    expect(reply.error).toBeInstanceOf(IntegrityError);
    expect(engine.inTransaction).toBe(false);
    expect(await all(engine, "SELECT count(*) FROM t")).toEqual([[0]]);
  });

  it("notices a trigger that was made after it had looked", async () => {
    const engine = await openWith(way, "CREATE TABLE t(a); CREATE TABLE log(a)");
    const insert = () => engine.executemany(many("INSERT INTO t VALUES (?)", numbers(50), BEGIN));
    await insert();
    await engine.control([{ sql: "COMMIT", when: "open" }]);
    await engine.execute(
      request("CREATE TRIGGER x AFTER INSERT ON t BEGIN INSERT INTO log SELECT max(rowid) FROM t; END"),
    );
    expect(await insert()).toMatchObject({ changes: 50, error: null });
    expect(await all(engine, "SELECT count(DISTINCT a) FROM log")).toEqual([[50]]);
  });

  it("survives a schema whose program is not UTF-8", async () => {
    const engine: HranaEngine = await openWith(way, "CREATE TABLE t(a, b DEFAULT x'ff')");
    await engine.execute(request("INSERT INTO t(a) VALUES (1)", BEGIN));
    expect(await engine.executemany(many("INSERT INTO t(a) VALUES (?)", numbers(20)))).toMatchObject({
      changes: 20,
    });
    expect(await engine.executemany(many("INSERT INTO t VALUES (?, x'fe')", numbers(20)))).toMatchObject({
      changes: 20,
    });
    expect(engine.inTransaction).toBe(true);
  });
});
