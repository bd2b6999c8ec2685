/**
 * Rules 7, 10, 11 and 12 of a cursor: parameters are copied, a loop may be left at any time, user functions may throw or
 * try to enter the cursor that runs them, and what is dropped unclosed says so.
 */
import { expect, it } from "vitest";
import { OperationalError, ProgrammingError } from "../../src/index.ts";
import { collect, conformance, raised } from "./quadrants.ts";

conformance("cursor use", (db) => {
  it("rule 7: the parameters are copied when the call is made", async () => {
    const conn = await db.connect();
    const bytes = Buffer.from("abc");
    const row: unknown[] = [bytes, 1];
    const cursor = await conn.execute(
      "WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x LIMIT 1000) SELECT ?, ? FROM x",
      row as [Buffer, number],
    );
    bytes.fill(0);
    row[1] = 2;
    for await (const read of cursor) expect(read).toEqual([Buffer.from("abc"), 1]);
  });

  it("rule 10: leaving a loop early ends that result set", async () => {
    const conn = await db.connect();
    const cursor = await conn.execute("VALUES (1), (2), (3)");
    for await (const row of cursor) {
      expect(row).toEqual([1]);
      break;
    }
    expect(await cursor.fetchone()).toBe(null);
    expect(await collect(cursor)).toEqual([]);
    expect(await (await cursor.execute("SELECT 4")).fetchall()).toEqual([[4]]);
  });

  it("rule 10: leaving a loop does not end a result that came later", async () => {
    const conn = await db.connect();
    const cursor = await conn.execute("VALUES (1), (2), (3)");
    for await (const _row of cursor) {
      await cursor.execute("VALUES (4), (5)");
      break;
    }
    expect(await cursor.fetchall()).toEqual([[4], [5]]);
  });

  it("rule 10: a row factory that returns null does not end the iteration", async () => {
    const conn = await db.connect();
    const cursor = await conn.cursor((_cursor, values) => (values[0] === 2 ? null : values[0]));
    await cursor.execute("VALUES (1), (2), (3)");
    expect(await collect(cursor)).toEqual([1, null, 3]);
    await cursor.execute("VALUES (1), (2), (3)");
    expect(await cursor.fetchall()).toEqual([1, null, 3]);
    await cursor.execute("VALUES (1), (2), (3)");
    expect(await cursor.fetchmany(5)).toEqual([1, null, 3]);
  });

  it.skipIf(!db.can.userFunctions)(
    "rule 11: what a user function throws is the cause of an OperationalError (needs user functions)",
    async () => {
      const conn = await db.connect();
      const reason = new RangeError("mine");
      await conn.createFunction("fail", 0, () => {
        throw reason;
      });
      const error = await raised(OperationalError, () => conn.execute("SELECT fail()"));
      expect(error.cause).toBe(reason);
      expect(error.message).toBe("user-defined function raised exception");
    },
  );

  it.skipIf(!db.can.userFunctions)(
    "rule 11: entering the same cursor from inside is refused, and the cursor goes on (needs user functions)",
    async () => {
      const conn = await db.connect();
      const cursor = await conn.cursor();
      const seen: Promise<Error>[] = [];
      await conn.createFunction("again", 1, (n: number) => {
        for (const enter of [
          () => cursor.execute("SELECT 1"),
          () => cursor.fetchone(),
          () => cursor.fetchall(),
        ]) {
          seen.push(raised(ProgrammingError, enter));
        }
        return n;
      });
      await cursor.execute("SELECT again(value) FROM (SELECT 1 AS value UNION ALL SELECT 2)");
      expect(await cursor.fetchall()).toEqual([[1], [2]]);
      expect(seen).toHaveLength(6);
      for (const { message } of await Promise.all(seen))
        expect(message).toBe("Recursive use of cursors not allowed.");
    },
  );

  it("rule 12: a connection that is dropped unclosed warns once, and says which (a process with --expose-gc)", async () => {
    const path = await db.address(db.file());
    const warnings = await db.secondProcess<string[]>(
      `const warnings = [];
       process.on("warning", ({ name, message }) => warnings.push(name + ": " + message));
       const closed = await connect(args[0]);
       await (async () => {
         const conn = await connect(args[0]);
         await conn.execute("SELECT 1");
         await (await connect(args[0])).close();
       })();
       await closed.close();
       for (let i = 0; i < 50 && warnings.length === 0; i++) {
         globalThis.gc();
         await new Promise((resolve) => setTimeout(resolve, 10));
       }
       for (let i = 0; i < 5; i++) {
         globalThis.gc();
         await new Promise((resolve) => setTimeout(resolve, 10));
       }
       return warnings.filter((warning) => warning.startsWith("ResourceWarning"));`,
      [path],
      ["--expose-gc"],
    );
    expect(warnings).toEqual([
      `ResourceWarning: a connection to ${JSON.stringify(path)} was dropped without close()`,
    ]);
  });

  it("rule 12: an open connection with a half-read cursor does not keep the process alive", async () => {
    const row = await db.secondProcess(
      `globalThis.kept = await connect(args[0]);
       globalThis.cursor = await globalThis.kept.execute(
         "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n");
       return globalThis.cursor.fetchone();`,
      [await db.address(db.file())],
    );
    expect(row).toEqual([1]);
  });
});
