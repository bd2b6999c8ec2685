import { afterEach, describe, expect, it } from "vitest";
import type { ExecuteRequest } from "../../../../src/engine/port.ts";
import { type OffloadedEngine, offload } from "../../../../src/engine/thread/offload.ts";
import { IntegrityError, OperationalError, ProgrammingError } from "../../../../src/errors/tree.ts";
import { WITHDRAWN } from "../../../../src/errors/withdrawn.ts";

const OPTIONS = {
  path: ":memory:",
  readonly: false,
  fileMustExist: false,
  timeout: 100,
  cachedStatements: 8,
};
const READING = { integers: "auto", text: "string" } as const;

function request(sql: string, values: ExecuteRequest["values"] = []): ExecuteRequest {
  return { sql, values, discard: 0, begin: null, guard: false, rows: "all", reading: READING, reads: false };
}

describe("an engine in a worker", () => {
  const engines: OffloadedEngine[] = [];
  afterEach(async () => {
    for (const engine of engines.splice(0)) await engine.close();
  });
  async function start(options: object = OPTIONS): Promise<OffloadedEngine> {
    const engine = await offload("sqlite", options);
    engines.push(engine);
    return engine;
  }

  it("has the name of the one inside, and answers as it does", async () => {
    const engine = await start();
    expect(engine.name).toBe("better-sqlite3");
    const { rows, columns, reader, error } = await engine.execute(
      request("SELECT ? AS a, x'00ff' AS b", [5n]),
    );
    expect(rows).toEqual([[5, Buffer.from([0, 255])]]);
    expect(Buffer.isBuffer(rows[0]?.[1])).toBe(true);
    expect(columns.map(({ name }) => name)).toEqual(["a", "b"]);
    expect([reader, error]).toEqual([0, null]);
  });

  it("long results of every kind of value come as they are, whole and page by page, among other calls", async () => {
    const engine = await start();
    const sql = `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT ?)
      SELECT i, 'row ' || i, i + 0.5, nullif(i % 3, 0), CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN i WHEN 2 THEN 'text'
      WHEN 3 THEN x'00ff' ELSE 9007199254740993 END, substr(x'0102030405', 1, i % 5) FROM n`;
    const rowOf = (i: number) => [
      ...[i, `row ${i}`, i + 0.5, i % 3 || null],
      [null, i, "text", Buffer.from([0, 255]), 9007199254740993n][i % 5],
      Buffer.from([1, 2, 3, 4, 5]).subarray(0, i % 5),
    ];
    const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => rowOf(i));
    for (const count of [1, 127, 128, 129, 6000]) {
      const [all, one] = await Promise.all([
        engine.execute(request(sql, [BigInt(count)])),
        engine.execute(request("SELECT 1")),
      ]);
      expect(all.rows).toStrictEqual(rowsOf(count));
      expect(one.rows).toEqual([[1]]);
    }
    const first = await engine.execute({ ...request(sql, [3000n]), rows: "page" });
    const rows = [...first.rows];
    for (let { reader } = first; reader !== 0; ) {
      const [page] = await Promise.all([engine.fetch(reader, 300), engine.execute(request("SELECT 1"))]);
      rows.push(...page.rows);
      ({ reader } = page);
    }
    expect(rows).toStrictEqual(rowsOf(3000));
  });

  it("mirrors inTransaction with every answer, failures too", async () => {
    const engine = await start();
    await engine.execute(request("CREATE TABLE t (a UNIQUE)"));
    await engine.control([{ sql: "BEGIN", when: "closed" }]);
    expect(engine.inTransaction).toBe(true);
    await engine.execute(request("INSERT INTO t VALUES (1)"));
    await expect(engine.execute(request("INSERT OR ROLLBACK INTO t VALUES (1)"))).rejects.toThrow(
      IntegrityError,
    );
    expect(engine.inTransaction).toBe(false);
  });

  it("answers in order, each call its own", async () => {
    const engine = await start();
    const replies = await Promise.allSettled(
      Array.from({ length: 300 }, (_, i) =>
        engine.execute(
          request(i % 7 === 0 ? "SELECT * FROM nowhere" : "SELECT ?", i % 7 === 0 ? [] : [BigInt(i)]),
        ),
      ),
    );
    for (const [i, reply] of replies.entries()) {
      if (reply.status === "fulfilled") expect(reply.value.rows).toEqual([[i]]);
      else expect([i % 7, reply.reason]).toEqual([0, expect.any(ProgrammingError)]);
    }
  });

  it("an answer that is ready does not wait for a long call behind it, known or not", async () => {
    const engine = await start();
    const long =
      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT 2000000) SELECT max(i) FROM n";
    const quick = { ...request("SELECT 1"), reads: true };
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 5; j++) await engine.execute(quick);
      const settled: string[] = [];
      const note = (name: string) => () => void settled.push(name);
      const calls = [
        ...Array.from({ length: 20 }, () => engine.execute(quick).then(note("quick"))),
        engine.execute({ ...request(long), reads: true }).then(note("long")),
      ];
      await Promise.race(calls);
      await new Promise(setImmediate);
      expect(settled).not.toContain("long");
      await Promise.all(calls);
      expect(settled.at(-1)).toBe("long");
    }
  });

  it("a function may wait for a call that was made before the one that it is called by", async () => {
    const engine = await start();
    let gate: Promise<unknown> = Promise.resolve(1);
    const wait = (() => gate.then(() => 5)) as unknown as () => number;
    const fn = { name: "later", nArgs: 0, deterministic: false, directOnly: false, reading: READING };
    await engine.defineFunction(fn, wait);
    const calls = ["SELECT 1", "SELECT later()"].map((sql) => ({ ...request(sql), reads: true }));
    const [first, second] = calls as [ExecuteRequest, ExecuteRequest];
    for (let i = 0; i < 30; i++) {
      const before = engine.execute(first);
      gate = before;
      expect((await engine.execute(second)).rows).toEqual([[5]]);
    }
  });

  it("takes back the queries behind another call, and nothing else", async () => {
    const engine = await start();
    await engine.execute(request("CREATE TABLE t (a)"));
    const query = { ...request("SELECT 1"), reads: true };
    const long =
      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT 1000000) SELECT count(*) FROM n";
    const calls = [
      engine.execute({ ...request(long), reads: true }),
      engine.execute(query),
      engine.execute(request("INSERT INTO t VALUES (1)")),
      engine.execute(query),
    ];
    const settled = Promise.allSettled(calls);
    // Some have been posted, some have not.
    await new Promise((resolve) => setTimeout(resolve, 5));
    const late = engine.execute(query);
    engine.withdraw();
    await expect(late).rejects.toBe(WITHDRAWN);
    expect((await settled).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
    ]);
    await expect(calls[1]).rejects.toBe(WITHDRAWN);
    expect((await engine.execute(request("SELECT * FROM t"))).rows).toEqual([[1]]);
  });

  it("answers a query or takes it back, whichever comes first, and never says anything else", async () => {
    const engine = await start();
    let [answered, takenBack] = [0, 0];
    for (let round = 0; round < 300; round++) {
      const calls = Array.from({ length: 40 }, async (_, i) => {
        try {
          const { rows } = await engine.execute({ ...request("SELECT ?", [BigInt(i)]), reads: true });
          expect(rows).toEqual([[i]]);
          answered++;
        } catch (error) {
          expect(error).toBe(WITHDRAWN);
          takenBack++;
        }
      });
      if (round % 3 === 1) await new Promise(setImmediate);
      if (round % 3 === 2) await Promise.resolve();
      for (let spin = 0; spin < round * 100; spin++) Math.sqrt(spin);
      engine.withdraw();
      await Promise.all(calls);
    }
    expect(answered + takenBack).toBe(12_000);
    expect(Math.min(answered, takenBack)).toBeGreaterThan(0);
  });

  it("rejects when it cannot open, with the engine's own error", async () => {
    await expect(offload("sqlite", { ...OPTIONS, path: "/nowhere/at/all.db" })).rejects.toMatchObject({
      name: "OperationalError",
      code: "SQLITE_CANTOPEN",
    });
  });

  it("a call that cannot be cloned fails alone", async () => {
    const engine = await start();
    const settled = await Promise.allSettled([
      engine.execute(request("SELECT 1")),
      engine.execute(request("SELECT ?", [(() => 1) as never])),
      engine.execute(request("SELECT 2")),
    ]);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    await expect(engine.execute(request("SELECT ?", [Symbol("no") as never]))).rejects.toThrow(
      "could not be cloned",
    );
    expect((await engine.execute(request("SELECT 3"))).rows).toEqual([[3]]);
  });

  it("calls functions of the calling thread, which may throw and give what cannot be cloned", async () => {
    const engine = await start();
    const definition = { nArgs: 1, deterministic: false, directOnly: false, reading: READING };
    const oops = new RangeError("mine");
    await engine.defineFunction({ ...definition, name: "twice" }, (n) => Number(n) * 2);
    await engine.defineFunction({ ...definition, name: "fail" }, () => {
      throw oops;
    });
    await engine.defineFunction({ ...definition, name: "odd" }, () => (() => 1) as never);
    expect((await engine.execute(request("SELECT twice(21)"))).rows).toEqual([[42]]);
    await expect(engine.execute(request("SELECT fail(1)"))).rejects.toMatchObject({ cause: oops });
    await expect(engine.execute(request("SELECT odd(1)"))).rejects.toThrow(OperationalError);
    expect((await engine.execute(request("SELECT twice(1)"))).rows).toEqual([[2]]);
  });

  it("refuses calls after close(), and a second close() does nothing", async () => {
    const engine = await start();
    await engine.close();
    await engine.close();
    await expect(engine.execute(request("SELECT 1"))).rejects.toMatchObject({ outcome: "not-executed" });
  });
});
