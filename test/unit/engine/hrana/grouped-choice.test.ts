/**
 * Tests when rows are asked for by the group (src/engine/hrana/{cursors,results}.ts), what happens when that does not work or is no
 * longer right, and the life of their readers, on a real sqld. What the rows are: grouped.test.ts.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { HranaEngine } from "../../../../src/engine/hrana/engine.ts";
import { type Sqld, startSqld } from "../../../servers/sqld.ts";
import { outcomeOf, restOf, takeAllForLong, type Watch, watch } from "./grouped-support.ts";
import { by, drain, ENDLESS, open, ROLLBACK, request, run, WAYS } from "./support.ts";

const WHY = { message: "interrupted: enough", cause: undefined };
const SERIES =
  "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT ?1) SELECT x, 'row ' || x AS name FROM r";
const LONG = request(SERIES, { values: [20_000] });

let server: Sqld;
let state: Watch;

beforeAll(async () => {
  server = await startSqld();
});

afterAll(() => server.stop());

beforeEach(() => {
  state = watch();
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(WAYS)("a query by %s", (way) => {
  let engine: HranaEngine;
  let other: HranaEngine;
  const t = `t_${way}`;

  beforeEach(async () => {
    engine = await open(by(way, server));
    other = await open(by(way, server));
    await run(engine, `DROP TABLE IF EXISTS ${t}; CREATE TABLE ${t}(a INTEGER PRIMARY KEY, b)`);
    await run(
      engine,
      `INSERT INTO ${t}(b) SELECT value FROM json_each('[${Array.from({ length: 100 }, (_, i) => i)}]')`,
    );
  });

  it("is asked for by the group once its result is known to be long, and no more when it is short again", async () => {
    const rows = async (count: number) =>
      (await outcomeOf(engine, request(SERIES, { values: [count] }))).rows.length;
    expect(await rows(512)).toBe(512);
    expect(await rows(511)).toBe(511);
    expect(state.groups).toBe(0);
    // A machine that is busy is slower than that, some of the time.
    for (let time = 0; state.groups === 0 && time < 50; time++) expect(await rows(3000)).toBe(3000);
    expect(await rows(3000)).toBe(3000);
    const { groups } = state;
    expect(groups).toBeGreaterThan(0);
    expect(await rows(10)).toBe(10);
    expect(await rows(10)).toBe(10);
    expect(await rows(11)).toBe(11);
    expect(state.groups).toBeLessThanOrEqual(groups + 1);
  });

  it("is not asked for so when its rows come slowly, or one alone is wanted", async () => {
    const slow = `WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 4),
      s(y) AS (SELECT 1 UNION ALL SELECT y + 1 FROM s LIMIT 300000) SELECT (SELECT count(*) FROM s WHERE y <> x) FROM r`;
    for (let time = 0; time < 3; time++)
      expect((await outcomeOf(engine, request(slow))).rows).toHaveLength(4);
    for (let time = 0; time < 3; time++) await engine.execute({ ...LONG, rows: "first" });
    expect(state.groups).toBe(0);
  });

  describe("with a result that is taken for long", () => {
    beforeEach(() => {
      takeAllForLong();
    });

    /** Has it asked for so, from the next time on. */
    const learn = (sql: string) => outcomeOf(engine, request(sql));

    it.each([
      ["a column is renamed", "ALTER TABLE $ RENAME b TO c"],
      ["a column is dropped, and another added", "ALTER TABLE $ DROP COLUMN b; ALTER TABLE $ ADD COLUMN d"],
      ["a column is added", "ALTER TABLE $ ADD COLUMN c"],
      ["a column is dropped", "ALTER TABLE $ DROP COLUMN b"],
      ["columns change places", "DROP TABLE $; CREATE TABLE $(b, a); INSERT INTO $ VALUES (1, 2)"],
      [
        "a type is declared",
        "DROP TABLE $; CREATE TABLE $(a INTEGER PRIMARY KEY, b TEXT); INSERT INTO $ VALUES (1, 2)",
      ],
      ["the table is dropped", "DROP TABLE $"],
      ["all rows are gone", "DELETE FROM $"],
    ])("is what it is by now when %s by another", async (_, script) => {
      const texts = [`SELECT * FROM ${t}`, `SELECT a, b FROM ${t}`];
      for (const text of texts) expect(await learn(text)).toEqual(await learn(text));
      expect(state.groups).toBe(2);
      await run(other, script.replaceAll("$", t));
      // On a stream that does not know it yet, sqld tells the old names, whatever it is asked.
      await outcomeOf(engine, request("SELECT count(*) FROM sqlite_schema"));
      for (const text of texts) {
        const plain = await outcomeOf(other, request(text));
        expect(await outcomeOf(engine, request(text))).toEqual(plain);
        expect(await restOf(engine, request(text))).toEqual(plain);
      }
    });

    it("is asked for by the group again when the table is back as it was", async () => {
      const sql = `SELECT * FROM ${t}`;
      const first = await learn(sql);
      await run(other, `ALTER TABLE ${t} RENAME TO gone_${t}`);
      expect(await learn(sql)).toMatchObject({
        error: { kind: "ProgrammingError", message: `no such table: ${t}`, sql },
      });
      await run(other, `ALTER TABLE gone_${t} RENAME TO ${t}`);
      const { groups } = state;
      expect(await learn(sql)).toEqual(first);
      expect(state.groups).toBe(groups + 1);
    });

    it.each<[string, (steps: string) => string]>([
      ["is older", (steps) => steps.replace("sqlite_version()", "'3.42.0'")],
      ["writes numbers in its own way", (steps) => steps.replace("1.0 / 3", "0.1")],
      ["writes no numbers at all", (steps) => steps.replace("1.0 / 3", "'x' || 0.5")],
      ["gives a version that is none", (steps) => steps.replace("sqlite_version()", "NULL")],
      ["lacks a function", (steps) => steps.replaceAll("octet_length", "no_such_function")],
      ["does not parse it", (steps) => steps.replace("WITH sqlite_rows", "WITH WITH sqlite_rows")],
      ["gives nothing", (steps) => steps.replace("UNION ALL SELECT", "EXCEPT SELECT")],
      [
        "names the columns otherwise",
        (steps) => steps.replace("SELECT *, NULL, NULL", "SELECT a AS b, b AS a, NULL, NULL"),
      ],
    ])("is asked for plainly when the server %s, and not by the group again", async (_, meddle) => {
      const sql = `SELECT a, b FROM ${t}`;
      const plain = await learn(sql);
      state.meddle = meddle;
      expect(await outcomeOf(engine, request(sql))).toEqual(plain);
      expect(state.groups).toBe(1);
      expect(await restOf(engine, request(sql))).toEqual(plain);
      expect(state.groups).toBe(1);
    });

    it("is asked for plainly in a transaction until the server has taken the other form, and sees what that has written", async () => {
      const sql = `SELECT * FROM ${t}`;
      await engine.execute(request(`INSERT INTO ${t}(b) VALUES ('mine')`, { begin: "BEGIN" }));
      const inside = { ...request(sql), guard: true };
      expect((await outcomeOf(engine, inside)).rows).toHaveLength(101);
      expect((await outcomeOf(engine, inside)).rows).toHaveLength(101);
      expect(state.groups).toBe(0);
      await engine.control(ROLLBACK);
      expect((await outcomeOf(engine, request(sql))).rows).toHaveLength(100);
      expect(state.groups).toBe(1);
      await engine.execute(request(`INSERT INTO ${t}(b) VALUES ('mine')`, { begin: "BEGIN" }));
      const reply = await engine.execute(inside);
      await engine.execute(request(`DELETE FROM ${t}`));
      expect((await drain(engine, reply)).at(-1)).toEqual([101, "mine"]);
      expect((await outcomeOf(engine, inside)).rows).toEqual([]);
      expect(state.groups).toBe(3);
      await engine.control(ROLLBACK);
    });

    it("is what it is inside of a transaction that changes its table", async () => {
      const sql = `SELECT * FROM ${t}`;
      await learn(sql);
      await learn(sql);
      await engine.execute(request(`ALTER TABLE ${t} RENAME b TO c`, { begin: "BEGIN" }));
      const { columns, rows, error } = await outcomeOf(engine, request(sql));
      expect([columns.map(({ name }) => name), rows.length, error]).toEqual([["a", "c"], 100, null]);
      expect(await outcomeOf(engine, request(sql))).toEqual({ columns, rows, error });
      expect(engine.inTransaction).toBe(true);
      await engine.control(ROLLBACK);
      expect((await learn(sql)).columns.map(({ name }) => name)).toEqual(["a", "b"]);
    });

    it("begins the transaction that it is to run in, once", async () => {
      const sql = `SELECT * FROM ${t}`;
      await learn(sql);
      const { rows, error } = await outcomeOf(engine, request(sql, { begin: "BEGIN" }));
      expect([rows.length, error, engine.inTransaction, state.groups]).toEqual([100, null, true, 1]);
      await engine.control(ROLLBACK);
      state.meddle = (steps) => steps.replaceAll("octet_length", "no_such_function");
      const again = await outcomeOf(engine, request(sql, { begin: "BEGIN" }));
      expect([again.rows.length, again.error, engine.inTransaction, state.groups]).toEqual([
        100,
        null,
        true,
        2,
      ]);
      await engine.control(ROLLBACK);
    });

    it("tells that its transaction is lost", async () => {
      const sql = `SELECT * FROM ${t}`;
      await learn(sql);
      await learn(sql);
      await engine.execute(request(`INSERT INTO ${t}(b) VALUES ('mine')`, { begin: "BEGIN" }));
      state.meddle = async (steps, stream, call) => {
        await stream.pipeline([{ type: "execute", members: '"stmt":{"sql":"ROLLBACK"}' }], call);
        return steps;
      };
      await expect(engine.execute(request(sql))).rejects.toMatchObject({
        outcome: "rolled-back",
        retryable: true,
      });
      await expect(engine.execute(request(sql))).rejects.toMatchObject({ outcome: "rolled-back" });
      await engine.control(ROLLBACK);
      state.meddle = (steps) => steps;
      expect((await learn(sql)).rows).toHaveLength(100);
    });

    it("ends where its rows were not the same again, when one fails", async () => {
      const sql = `SELECT random(), abs(CASE x WHEN 1500 THEN -9223372036854775807 - 1 END) FROM (${SERIES})`;
      const asked = request(sql, { values: [2000] });
      await outcomeOf(engine, asked);
      const { rows, error } = await outcomeOf(engine, asked);
      expect(error).toMatchObject({ message: "integer overflow" });
      expect(rows.length % 32).toBe(0);
      expect(rows.length).toBeGreaterThan(1400);
    });

    it("gives first rows of a result without an end, and is given up", async () => {
      for (let time = 0; time < 3; time++) {
        const reply = await engine.execute(request(ENDLESS));
        const { rows } = await engine.fetch(reply.reader, 5);
        expect([reply.rows[0]?.[0], rows[0]?.[0]]).toEqual([1, reply.rows.length + 1]);
        await engine.discard(reply.reader);
        expect((await outcomeOf(engine, request("SELECT 1"))).rows).toEqual([[1]]);
      }
      expect(state.groups).toBeGreaterThan(1);
    });

    it("is read beside another, while rows are written", async () => {
      await outcomeOf(engine, LONG);
      const readers = [
        await engine.execute(LONG),
        await engine.execute(request(`SELECT * FROM ${t}, (${SERIES})`, { values: [50] })),
      ];
      await engine.execute(request(`INSERT INTO ${t}(b) VALUES ('late')`));
      const [series = [], pairs = []] = [
        await drain(engine, readers[0] as never),
        await drain(engine, readers[1] as never),
      ];
      expect(series).toEqual(Array.from({ length: 20_000 }, (_, i) => [i + 1, `row ${i + 1}`]));
      expect(pairs).toHaveLength(5000);
      expect(state.groups).toBeGreaterThan(0);
    });

    it("keeps its reader's rows when the transaction goes on, and loses them with the connection", async () => {
      await outcomeOf(engine, LONG);
      await outcomeOf(engine, LONG);
      await engine.execute(request(`INSERT INTO ${t}(b) VALUES (1)`, { begin: "BEGIN" }));
      const reply = await engine.execute({ ...LONG, guard: true });
      await engine.control([{ sql: "COMMIT", when: "open" }]);
      expect(await drain(engine, reply)).toHaveLength(20_000);
      const last = await engine.execute(LONG);
      await engine.close();
      await expect(engine.fetch(last.reader, 5)).rejects.toThrow("closed database");
    });

    it("is stopped in its middle, in a transaction too", async () => {
      const begun = { begin: "BEGIN" };
      for (const more of [{}, begun]) {
        const { groups: before } = state;
        // A busy machine may take the first runs for slow ones.
        while (state.groups === before) {
          const reply = await engine.execute(request(ENDLESS));
          await engine.discard(reply.reader);
        }
        const { groups } = state;
        const { answer, stop } = engine.stoppable("execute", [request(ENDLESS, { rows: "all", ...more })]);
        void vi.waitUntil(() => state.groups > groups).then(() => setTimeout(() => stop(WHY), 100));
        const outcome = more === begun ? "rolled-back" : "not-executed";
        await expect(answer).rejects.toMatchObject({
          code: "SQLITE_INTERRUPT",
          message: WHY.message,
          outcome,
        });
        expect(state.groups).toBe(groups + 1);
        await engine.control(ROLLBACK);
      }
      expect((await outcomeOf(engine, request("SELECT 1"))).rows).toEqual([[1]]);
    });

    it("has the limits that it has plainly", async () => {
      const limited = await open(by(way, server), { maxResponseBytes: 300_000 });
      const cells = ["x", "x * 0.1", "hex(x)", "zeroblob(300)", "char(34, 92, 34, 92, 34, 10, 10)", "NULL"];
      for (const cell of cells) {
        const read = (count: number) =>
          outcomeOf(limited, request(`SELECT ${cell} FROM (${SERIES})`, { values: [count], rows: "all" }));
        await read(5);
        const { groups } = state;
        // As the protocol writes them, these are half of what is allowed at most, and by the group up to three quarters.
        expect((await read(300)).rows).toHaveLength(300);
        expect(await read(30_000)).toMatchObject({ rows: [], error: { code: "RESPONSE_TOO_LARGE" } });
        expect(state.groups).toBe(groups + 2);
      }
    });
  });
});
