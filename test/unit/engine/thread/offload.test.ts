import { afterEach, describe, expect, it } from "vitest";
import type { ExecuteRequest } from "../../../../src/engine/port.ts";
import { type OffloadedEngine, offload } from "../../../../src/engine/thread/offload.ts";
import { IntegrityError, OperationalError, ProgrammingError } from "../../../../src/errors/tree.ts";

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
