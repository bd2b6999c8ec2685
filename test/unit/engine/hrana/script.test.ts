/**
 * Tests src/engine/hrana/script.ts on a real sqld: every statement in order until one fails, and which one that was.
 */
import { describe, expect, it } from "vitest";
import type { ScriptRequest } from "../../../../src/engine/port.ts";
import { ProgrammingError } from "../../../../src/errors/tree.ts";
import { all, keepServers, LONG, openWith, request, WAYS } from "./support.ts";

keepServers();

const script = (statements: readonly string[], more: Partial<ScriptRequest> = {}): ScriptRequest => ({
  parts: statements.map((sql) => ({ sql })),
  begin: null,
  guard: false,
  ...more,
});

describe.each(WAYS)("a script by %s", (way) => {
  it("runs statements of every kind, of any number", async () => {
    const engine = await openWith(way);
    const inserts = Array.from({ length: 300 }, (_, i) => `INSERT INTO t VALUES (${i})`);
    const parts = [
      "CREATE TABLE t(a)",
      ...inserts,
      LONG,
      "PRAGMA user_version = 5",
      "INSERT INTO t VALUES (?) RETURNING a",
    ];
    expect(await engine.script(script(parts))).toEqual({ error: null, index: -1 });
    expect(await all(engine, "SELECT count(*), sum(a IS NULL) FROM t")).toEqual([[301, 1]]);
    expect(await engine.totalChanges()).toBe(301);
  });

  it.each([
    ["does not parse", "INSRT"],
    ["does not compile", "INSERT INTO missing VALUES (1)"],
    ["fails", "INSERT INTO t VALUES (1)"],
    ["is a query that fails", "SELECT abs(-9223372036854775808)"],
    ["is unsupported", "VACUUM"],
  ])("stops at a statement that %s, and tells its number", async (_, bad) => {
    const engine = await openWith(way, "CREATE TABLE t(a UNIQUE)");
    for (const index of [0, 1, 3]) {
      await engine.execute(request("DELETE FROM t"));
      await engine.execute(request("INSERT INTO t VALUES (1)"));
      const parts = Array.from({ length: 5 }, (__, i) =>
        i === index ? bad : `INSERT INTO t VALUES (${10 + i})`,
      );
      const reply = await engine.script(script(parts));
      expect(reply.error).toBeInstanceOf(Error);
      expect(reply.index).toBe(index);
      expect(await all(engine, "SELECT count(*) FROM t")).toEqual([[index + 1]]);
      expect(engine.inTransaction).toBe(false);
    }
  });

  it("begins where that is wanted, again after the script's own COMMIT", async () => {
    const engine = await openWith(way, "CREATE TABLE t(a)");
    const parts = ["INSERT INTO t VALUES (1)", "COMMIT", "INSERT INTO t VALUES (2)"];
    expect((await engine.script(script(parts, { begin: "BEGIN" }))).error).toBeNull();
    expect(engine.inTransaction).toBe(true);
    await engine.control([{ sql: "ROLLBACK", when: "open" }]);
    expect(await all(engine, "SELECT a FROM t")).toEqual([[1]]);
    const { error, index } = await engine.script(script(["SELCT"], { begin: "BEGIN" }));
    expect(error).toBeInstanceOf(ProgrammingError);
    expect(index).toBe(0);
    expect(engine.inTransaction).toBe(false);
  });

  it("runs nothing outside the transaction that it is bound to", async () => {
    const engine = await openWith(way, "CREATE TABLE t(a)");
    await engine.control([{ sql: "BEGIN", when: "closed" }]);
    const parts = ["INSERT INTO t VALUES (1)", "ROLLBACK", "INSERT INTO t VALUES (2)"];
    const { error, index } = await engine.script(script(parts, { guard: true }));
    expect(error).toMatchObject({ outcome: "rolled-back" });
    expect(index).toBe(2);
    await engine.control([{ sql: "ROLLBACK", when: "open" }]);
    expect(await all(engine, "SELECT a FROM t")).toEqual([]);
  });
});
