/**
 * A connection that is dropped without close(): it warns once when it is collected, its file is let go, and it never
 * keeps a process alive. Each test is a child process with a garbage collector to call.
 */
import { expect, it } from "vitest";
import { conformance } from "./quadrants.ts";

/** What every child begins with: `collect(n)` collects until there are n warnings, goes on for a while, and gives them. */
const COLLECT = `
  const warnings = [];
  process.on("warning", ({ name, message }) => warnings.push([name, message]));
  const tick = () => new Promise((resolve) => setTimeout(resolve, 5));
  const collect = async (enough) => {
    for (let i = 0; i < 200 && warnings.length < enough; i++) {
      globalThis.gc();
      await tick();
    }
    for (let i = 0; i < 10; i++) {
      globalThis.gc();
      await tick();
    }
    return warnings;
  };`;

conformance("an unclosed connection", (db) => {
  const run = async <R>(script: string) =>
    db.secondProcess<R>(COLLECT + script, [await db.address(db.file())], ["--expose-gc", "--no-warnings"]);

  it("warns once when it is collected, with its name", async () => {
    const warnings = await run(`
      await (async () => { await (await connect(args[0])).execute("SELECT 1"); })();
      return collect(1);`);
    expect(warnings).toEqual([
      ["ResourceWarning", `a connection to "${await db.address(db.file())}" was dropped without close()`],
    ]);
  });

  it("warns once for each of several", async () => {
    const warnings = await run<unknown[]>(`
      await (async () => { for (let i = 0; i < 3; i++) await connect(args[0]); })();
      return collect(3);`);
    expect(warnings).toHaveLength(3);
  });

  it("does not warn when it was closed, by close() or by disposing of it", async () => {
    const warnings = await run(`
      await (async () => {
        await (await connect(args[0])).close();
        const conn = await connect(args[0]);
        await (conn[Symbol.asyncDispose] ?? conn[Symbol.dispose]).call(conn);
      })();
      return collect(0);`);
    expect(warnings).toEqual([]);
  });

  it("does not warn while anything of it is held: a cursor", async () => {
    const [before, value] = await run<[unknown[], unknown]>(`
      const cursor = await (async () => (await connect(args[0])).execute("SELECT 41 + 1"))();
      const before = [...(await collect(0))];
      return [before, await cursor.fetchone()];`);
    expect(before).toEqual([]);
    expect(value).toEqual([42]);
  });

  it("rolls back and lets go of the file", async () => {
    const rows = await run(`
      const setup = await connect(args[0]);
      await setup.execute("CREATE TABLE t (a)");
      await setup.close();
      await (async () => {
        const conn = await connect(args[0], { isolationLevel: "EXCLUSIVE" });
        await conn.execute("INSERT INTO t VALUES (1)");
        const cursor = await conn.execute("SELECT * FROM t, sqlite_schema");
        await cursor.fetchone();
      })();
      await collect(1);
      const other = await connect(args[0], ${db.can.busyTimeout ? "{ timeout: 0 }" : "{}"});
      const rows = await other.fetchall("SELECT * FROM t");
      await other.execute("INSERT INTO t VALUES (2)");
      await other.commit();
      await other.close();
      return rows;`);
    expect(rows).toEqual([]);
  });

  it("never keeps the process alive, with rows unread and a transaction open", async () => {
    const answer = await run(`
      const conn = await connect(args[0]);
      await conn.execute("CREATE TABLE t (a)");
      await conn.execute("INSERT INTO t VALUES (1)");
      globalThis.kept = [conn, await conn.execute("SELECT * FROM t, sqlite_schema")];
      return "ended";`);
    expect(answer).toBe("ended");
  });
});
