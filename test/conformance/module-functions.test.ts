/**
 * Functions that run inside the worker: `{ module, export }` in the place of a function, an aggregate or a window class.
 */
import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { InterfaceError, NotSupportedError, OperationalError } from "../../src/aio.ts";
import { connect } from "../../src/index.ts";
import { block, interruptedBy, Stage } from "./cancelling.ts";
import { type AnyConnection, promised, raised } from "./quadrants.ts";

const data = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;

promised("a function of a module", (db) => {
  const stage = new Stage(db);

  /** A module in the test's own directory. */
  function written(name: string, code: string): URL {
    writeFileSync(db.file(name), code);
    return pathToFileURL(db.file(name));
  }

  it("is loaded in the worker: the default export, or one by its name", async () => {
    const conn = await db.connect();
    const module = written(
      "functions.mjs",
      `import { threadId } from "node:worker_threads";
       export default (value) => value * 2;
       export const thread = () => threadId;
       export function length(...values) { return values.length; }`,
    );
    await conn.createFunction("twice", 1, { module });
    await conn.createFunction("thread", 0, { module: module.href, export: "thread" });
    await conn.createFunction("len", -1, { module, export: "length" });
    const [twice, thread, none, three] = (await conn.fetchone(
      "SELECT twice(21), thread(), len(), len(1, 2, 3)",
    )) as unknown[];
    expect([twice, none, three]).toEqual([42, 0, 3]);
    expect(thread).toBeGreaterThan(0);
  });

  it("may be TypeScript, with modules of its own", async () => {
    const conn = await db.connect();
    written("helper.ts", "export const half = (value: number): number => value / 2;");
    const module = written(
      "functions.ts",
      `import { half } from "./helper.ts";
       type Pair = readonly [a: number, b: number];
       export const mean = (...[a, b]: Pair): number => half(a + b);`,
    );
    await conn.createFunction("mean", 2, { module, export: "mean" });
    expect(await conn.fetchone("SELECT mean(1, 2)")).toEqual([1.5]);
  });

  it("takes arguments and gives results as any other function", async () => {
    const conn = await db.connect();
    await conn.createFunction("same", 1, { module: data("export default (value) => value") });
    const values = [null, 1, 1.5, "é\0", Buffer.of(0, 255), 9007199254740993n];
    const sql = "SELECT same(?), same(?), same(?), same(?), same(?), same(?)";
    expect(await conn.fetchone(sql, values)).toEqual(values);
    await conn.createFunction("kind", 1, {
      module: data(
        "export default (value) => Buffer.isBuffer(value) ? 'Buffer' : value === undefined ? 'none' : typeof value",
      ),
    });
    expect(await conn.fetchone("SELECT kind(X'00'), kind(''), kind(9007199254740993)")).toEqual([
      "Buffer",
      "string",
      "bigint",
    ]);
    await conn.createFunction("when", 0, { module: data("export default () => new Date(0)") });
    expect(await conn.fetchone("SELECT when_()".replace("when_", '"when"'))).toEqual([
      "1970-01-01T00:00:00.000Z",
    ]);
  });

  it.each([
    ["a promise", "async () => 1"],
    ["an object", "() => ({})"],
    ["NaN", "() => NaN"],
  ])("%s is no result, since SQLite does not wait", async (_name, code) => {
    const conn = await db.connect();
    await conn.createFunction("wrong", 0, { module: data(`export default ${code}`) });
    const error = await raised(OperationalError, () => conn.fetchone("SELECT wrong()"));
    expect(error.cause).toBeInstanceOf(InterfaceError);
    expect((error.cause as Error).message).toContain("function wrong");
    expect(await conn.fetchone("SELECT 1")).toEqual([1]);
  });

  it("what it throws is the cause, with its class, message and fields", async () => {
    const conn = await db.connect();
    const module = data("export default () => { throw Object.assign(new RangeError('mine'), { field: 5 }) }");
    await conn.createFunction("fail", 0, { module });
    const error = await raised(OperationalError, () => conn.fetchone("SELECT fail()"));
    expect(error.message).toBe("user-defined function raised exception");
    expect(error.cause).toBeInstanceOf(RangeError);
    expect(error.cause).toMatchObject({ message: "mine", field: 5 });
  });

  it("does not need the calling thread while it runs", async () => {
    const conn = await db.connect(db.file());
    await conn.execute("CREATE TABLE t (a)");
    await conn.createFunction("twice", 1, { module: data("export default (value) => value * 2") });
    conn.isolationLevel = null;
    await conn.commit();
    const writing = conn.execute(
      "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000) SELECT twice(i) FROM n",
    );
    // Sent, and from here on this thread does nothing else until the rows are there for another connection to see.
    await new Promise((resolve) => setImmediate(resolve));
    const other = connect(db.file(), { readonly: true });
    for (let i = 0; i < 400 && other.fetchone("SELECT 1 FROM t") === null; i++) block(25);
    expect(other.fetchone("SELECT sum(a) FROM t")).toEqual([1_001_000]);
    other.close();
    await writing;
  });

  it("may be deterministic, and used in an index", async () => {
    const conn = await db.connect();
    await conn.execute("CREATE TABLE t (a)");
    const module = data("export default (value) => value.toUpperCase()");
    await conn.createFunction("upper2", 1, { module }, { deterministic: true });
    await conn.execute("CREATE INDEX i ON t (upper2(a))");
    await conn.execute("INSERT INTO t VALUES ('x')");
    expect(await conn.fetchone("SELECT a FROM t INDEXED BY i WHERE upper2(a) = 'X'")).toEqual(["x"]);
  });

  describe("as a class", () => {
    const module = data(
      `export class Sum { sum = 0; step(a) { this.sum += a } inverse(a) { this.sum -= a } value() { return this.sum }
         finalize() { return this.sum } }
       export class Half { step() {} }
       export class Failing { step() { throw new RangeError("step") } finalize() {} }`,
    );
    const rows = "(SELECT column1 AS a FROM (VALUES (1), (2), (3)))";

    it("computes groups and windows", async () => {
      const conn = await db.connect();
      await conn.createAggregate("total2", 1, { module, export: "Sum" });
      await conn.createWindowFunction("running", 1, { module, export: "Sum" });
      expect(await conn.fetchall(`SELECT total2(a) FROM ${rows} GROUP BY a % 2 ORDER BY 1`)).toEqual([
        [2],
        [4],
      ]);
      const sql = `SELECT running(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM ${rows}`;
      expect(await conn.fetchall(sql)).toEqual([[1], [3], [5]]);
    });

    it("must have the methods, and what they throw is the cause", async () => {
      const conn = await db.connect();
      const lacking = await raised(InterfaceError, () =>
        conn.createAggregate("half", 1, { module, export: "Half" }),
      );
      expect(lacking.message).toContain("finalize");
      await raised(InterfaceError, () => conn.createWindowFunction("w", 1, { module, export: "Failing" }));
      await conn.createAggregate("failing", 1, { module, export: "Failing" });
      const error = await raised(OperationalError, () => conn.fetchone(`SELECT failing(a) FROM ${rows}`));
      expect(error.cause).toMatchObject({ name: "RangeError", message: "step" });
    });
  });

  describe("that cannot be had", () => {
    it.each([
      ["does not exist", new URL("file:///nowhere/at/all.mjs").href, undefined, "does not load"],
      ["throws while it loads", data("throw new RangeError('canary')"), undefined, "does not load"],
      ["does not parse", data("export default ("), undefined, "does not load"],
      ["has no such export", data("export const a = () => 1"), "b", "exports no function 'b'"],
      ["has no default export", data("export const a = () => 1"), undefined, "exports no function 'default'"],
      ["exports something else", data("export default 5"), undefined, "exports no function 'default'"],
      [
        "has it on its prototype only",
        data("export default 5"),
        "toString",
        "exports no function 'toString'",
      ],
    ])("one that %s is an InterfaceError", async (_name, module, name, message) => {
      const conn = await db.connect();
      const fn = name === undefined ? { module } : { module, export: name };
      const error = await raised(InterfaceError, () => conn.createFunction("f", 0, fn));
      expect(error.message).toContain(message);
      expect(error.message).toContain("the function f");
      expect(error.stack).toContain("module-functions.test.ts");
      if (message === "does not load") expect(error.cause).toBeInstanceOf(Error);
      await raised(Error, () => conn.fetchone("SELECT f()"));
      expect(await conn.fetchone("SELECT 1")).toEqual([1]);
    });

    it("a definition that is none is refused before anything is loaded", async () => {
      const conn = await db.connect();
      const wrong = ["./functions.js", "functions", "", 5, null, undefined, {}];
      for (const module of wrong) {
        const error = await raised(InterfaceError, () => conn.createFunction("f", 0, { module } as never));
        expect(error.message).toContain("module must be a URL");
      }
      const named = { module: data("export default () => 1"), export: 5 };
      await raised(InterfaceError, () => conn.createFunction("f", 0, named as never));
      for (const nArgs of [-2, 101, "1"])
        await raised(InterfaceError, () => conn.createFunction("f", nArgs as never, named as never));
    });

    it("the synchronous face has no thread to run it in, and says so", () => {
      const conn = connect(":memory:");
      const fn = { module: data("export default () => 1") };
      expect(() => conn.createFunction("f", 0, fn as never)).toThrow(NotSupportedError);
      expect(() => conn.createAggregate("f", 0, fn as never)).toThrow(NotSupportedError);
      conn.close();
    });
  });

  it("calls behind it wait until it is loaded, in their order", async () => {
    const conn = await db.connect(db.file());
    await conn.execute("CREATE TABLE t (a)");
    const module = data(
      "await new Promise((resolve) => setTimeout(resolve, 100)); export default (value) => value * 2",
    );
    const creating = conn.createFunction("twice", 1, { module });
    const reading = conn.fetchone("SELECT twice(21)");
    const writing = conn.execute("INSERT INTO t VALUES (twice(1))");
    const copying = conn.backup(db.file("copy.db"));
    const last = conn.fetchone("SELECT a FROM t");
    expect([await creating, await reading, await last]).toEqual([undefined, [42], [2]]);
    await writing;
    await Promise.allSettled([copying]);
    await conn.close();
  });

  it("is there again when the connection is opened again, as it was last", async () => {
    const conn: AnyConnection = await stage.open();
    await conn.createFunction("f", 0, () => "old");
    await conn.createFunction("F", 0, { module: data("export default () => 'new'") });
    await conn.createAggregate("count2", 0, {
      module: data(
        "export default class { count = 0; step() { this.count++ } finalize() { return this.count } }",
      ),
    });
    await interruptedBy("not-executed", () =>
      conn.fetchone("SELECT begun() + stuck()", [], { signal: stage.abortedOnceBegun() }),
    );
    expect(await conn.fetchone("SELECT f(), count2() FROM (VALUES (1), (2))")).toEqual(["new", 2]);
    expect(stage.workers.length).toBe(2);
  });

  it("close() while one is loaded waits for it", async () => {
    const conn = await db.connect();
    const module = data("await new Promise((r) => setTimeout(r, 50)); export default () => 1");
    const creating = conn.createFunction("f", 0, { module });
    await conn.close();
    await creating;
  });
});
