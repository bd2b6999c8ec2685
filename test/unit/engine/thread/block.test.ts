import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { HranaOptions } from "../../../../src/engine/http/options.ts";
import type { Engine, ExecuteReply, ExecuteRequest } from "../../../../src/engine/port.ts";
import { block } from "../../../../src/engine/thread/block.ts";
import {
  IntegrityError,
  InterfaceError,
  NotSupportedError,
  OperationalError,
  ProgrammingError,
} from "../../../../src/errors/tree.ts";
import { type Sqld, startSqld } from "../../../servers/sqld.ts";

const BLOCK = new URL("../../../../src/engine/thread/block.ts", import.meta.url).href;

let sqld: Sqld;
let tables = 0;

beforeAll(async () => {
  sqld = await startSqld();
});

afterAll(() => sqld.stop());

function open(options: Partial<HranaOptions> = {}): Engine {
  const engine = block({ url: sqld.url, ...options });
  onTestFinished(() => engine.close());
  return engine;
}

function run(engine: Engine, sql: string, more: Partial<ExecuteRequest> = {}): ExecuteReply {
  const plain = { discard: 0, values: [], begin: null, guard: false, rows: "all", reads: false } as const;
  return engine.execute({ sql, ...plain, reading: { integers: "auto", text: "string" }, ...more });
}

/** A table of the test's own. */
function table(engine: Engine, columns = "a"): string {
  const name = `t${++tables}`;
  run(engine, `CREATE TABLE ${name}(${columns})`);
  return name;
}

function thrown(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was thrown");
}

describe("an engine that is waited for", () => {
  it("gives exact values, and blobs as Buffers, in both directions", () => {
    const engine = open();
    const values = [
      1n,
      9007199254740993n,
      1.5,
      "naïve \u{1f680}",
      Buffer.from([0, 255]),
      null,
      new Uint8Array([7]),
    ];
    const reply = run(engine, "SELECT ?, ?, ?, ?, ?, ?, ?, typeof(?5) AS type", { values, reads: true });
    expect(reply.rows).toEqual([
      [1, 9007199254740993n, 1.5, "naïve \u{1f680}", Buffer.from([0, 255]), null, Buffer.from([7]), "blob"],
    ]);
    expect(reply.rows[0]?.[4]).toBeInstanceOf(Buffer);
    expect(reply.columns.at(-1)).toEqual({ name: "type", type: null });
    expect(block({ url: new URL(sqld.url) }).path).toBe(sqld.url);
    expect([engine.name, engine.path]).toEqual([expect.stringContaining("libSQL"), sqld.url]);
  });

  it("knows about its transaction from every answer", () => {
    const engine = open();
    const name = table(engine, "a UNIQUE");
    expect(engine.inTransaction).toBe(false);
    expect(run(engine, `INSERT INTO ${name} VALUES (1)`, { begin: "BEGIN" })).toMatchObject({
      changes: 1,
      lastrowid: 1n,
    });
    expect(engine.inTransaction).toBe(true);
    engine.control([{ sql: "ROLLBACK", when: "open" }]);
    expect(engine.inTransaction).toBe(false);
    run(engine, `INSERT INTO ${name} VALUES (1)`, { begin: "BEGIN" });
    expect(() => run(engine, `INSERT OR ROLLBACK INTO ${name} VALUES (1)`)).toThrow(IntegrityError);
    expect(engine.inTransaction).toBe(false);
  });

  it("throws errors of the tree, with all that they know and the stack of the caller", () => {
    const engine = open();
    const name = table(engine, "a UNIQUE");
    run(engine, `INSERT INTO ${name} VALUES (1)`);
    const error = thrown(function here() {
      run(engine, `INSERT INTO ${name} VALUES (1)`);
    });
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error).toMatchObject({
      code: "SQLITE_CONSTRAINT_UNIQUE",
      constraint: { kind: "unique", table: name },
    });
    expect(error.stack).toContain("here");
    expect(error.stack).not.toMatch(/hrana|synckit/);
    expect(thrown(() => run(engine, "SELECT nothing"))).toBeInstanceOf(ProgrammingError);
    expect(run(engine, "SELECT 1").rows).toEqual([[1]]);
  });

  it("reads in pages, to the end or not", () => {
    const engine = open();
    const LONG =
      "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r LIMIT 20000) SELECT x, x'ff' FROM r";
    const first = run(engine, LONG, { rows: "page", reads: true });
    expect(first.reader).not.toBe(0);
    const second = engine.fetch(first.reader, 10);
    expect(second.rows.length).toBeLessThanOrEqual(10);
    expect(second.rows[0]).toEqual([first.rows.length + 1, Buffer.from([255])]);
    const rest = engine.rest(first.reader, false);
    expect(first.rows.length + second.rows.length + rest.rows.length).toBe(20_000);
    const left = run(engine, LONG, { rows: "page", reads: true });
    engine.discard(left.reader);
    expect(run(engine, "SELECT 1", { reads: true }).rows).toEqual([[1]]);
  });

  it("carries out the other calls", () => {
    const engine = open();
    const name = table(engine, "a UNIQUE, b");
    const many = { begin: "BEGIN", guard: false, sql: `INSERT INTO ${name} VALUES (?, ?)`, width: 2 };
    const values = [1n, Buffer.from("x"), 2n, "y", 1n, null];
    const reply = engine.executemany({ ...many, count: 3, values });
    expect(reply.error).toBeInstanceOf(IntegrityError);
    expect(reply.index).toBe(2);
    engine.control([{ sql: "ROLLBACK", when: "open" }]);
    expect(engine.executemany({ ...many, begin: null, count: 2, values })).toMatchObject({
      changes: 2,
      error: null,
    });
    expect(engine.totalChanges()).toBeGreaterThan(1);
    const parts = [{ sql: `DELETE FROM ${name}` }, { sql: "SELECT nothing" }];
    const script = engine.script({ parts, begin: null, guard: false });
    expect([script.index, script.error]).toEqual([1, expect.any(ProgrammingError)]);
    expect(engine.isReadonly("SELECT 1")).toBe(true);
    expect(engine.isReadonly(`DELETE FROM ${name}`)).toBe(false);
  });

  it("says what a server cannot do", async () => {
    const engine = open();
    const request = { name: "f", nArgs: 1, deterministic: true, directOnly: false };
    const reading = { integers: "auto", text: "string" } as const;
    expect(() => engine.defineFunction({ ...request, reading }, () => 1)).toThrow(NotSupportedError);
    const aggregate = { step: () => {}, finalize: () => null };
    expect(() => engine.defineAggregate({ ...request, reading, window: false }, () => aggregate)).toThrow(
      NotSupportedError,
    );
    expect(() => engine.serialize("main")).toThrow(NotSupportedError);
    expect(() => engine.deserialize(new Uint8Array(1))).toThrow(NotSupportedError);
    expect(() => engine.loadExtension("x", null)).toThrow(NotSupportedError);
    await expect(engine.backup({ target: "x", name: "main", pages: 1, sleep: 1 }, null)).rejects.toThrow(
      NotSupportedError,
    );
    expect(run(engine, "SELECT 1").rows).toEqual([[1]]);
  });

  it("shows statements to a trace callback before the call returns", () => {
    const engine = open();
    const lines: string[] = [];
    engine.trace((sql) => lines.push(sql));
    run(engine, "SELECT ?", { values: ["x"], reads: true });
    expect(() => run(engine, "SELECT nothing")).toThrow();
    engine.trace(null);
    run(engine, "SELECT 2");
    // What does not compile has not run.
    expect(lines).toEqual(["SELECT 'x'"]);
  });

  it("closes twice, and then refuses", () => {
    const engine = open();
    engine.close();
    engine.close();
    expect(() => run(engine, "SELECT 1")).toThrow(ProgrammingError);
  });
});

describe("connections that share the worker", () => {
  it("have their own transactions, and end one by one", () => {
    const [first, second, third] = [open(), open(), open()];
    const name = table(first);
    run(first, `INSERT INTO ${name} VALUES (1)`, { begin: "BEGIN" });
    expect(run(second, `SELECT count(*) FROM ${name}`, { reads: true }).rows).toEqual([[0]]);
    expect([first.inTransaction, second.inTransaction]).toEqual([true, false]);
    third.close();
    first.control([{ sql: "COMMIT", when: "open" }]);
    expect(run(second, `SELECT count(*) FROM ${name}`, { reads: true }).rows).toEqual([[1]]);
  });

  it("do not suffer from one that cannot be opened", () => {
    const engine = open();
    const error = thrown(() => block({ url: "http://127.0.0.1:9", connectTimeout: 2000 }));
    expect(error).toBeInstanceOf(OperationalError);
    expect(() => block({ url: "nonsense" })).toThrow("URL");
    expect(() => block({ url: sqld.url, tls: { ca: () => "" } })).toThrow(InterfaceError);
    expect(run(engine, "SELECT 1").rows).toEqual([[1]]);
  });

  it("do not suffer from what cannot cross", () => {
    const engine = open();
    expect(() => run(engine, "SELECT ?", { values: [(() => 1) as never] })).toThrow();
    expect(run(engine, "SELECT 1").rows).toEqual([[1]]);
  });
});

describe("authToken", () => {
  it("may be a function, called where it is, but not one that promises", async () => {
    const guarded = await startSqld({ jwt: true });
    onTestFinished(() => guarded.stop());
    const token = guarded.token();
    let calls = 0;
    const authToken = () => {
      calls++;
      return token;
    };
    const engine = block({ url: guarded.url, authToken });
    expect(run(engine, "SELECT 1").rows).toEqual([[1]]);
    expect(calls).toBe(1);
    expect(inspect(engine, { depth: 10, showHidden: true })).not.toContain(token);
    engine.close();
    expect(() => block({ url: guarded.url, authToken: async () => token })).toThrow(NotSupportedError);
    const fails = () => {
      throw new Error("the vault is closed");
    };
    expect(() => block({ url: guarded.url, authToken: fails })).toThrow(OperationalError);
    const refused = thrown(() => block({ url: guarded.url, authToken: () => `${token}x` }));
    expect(refused).toBeInstanceOf(OperationalError);
    expect(inspect(refused, { depth: 10, showHidden: true })).not.toContain(token);
  });
});

describe("a thread that waits", () => {
  it("waits longer than the worker's patience, for a server that thinks", async () => {
    const slow = await startSqld();
    onTestFinished(() => slow.stop());
    const engine = block({ url: slow.url });
    onTestFinished(() => engine.close());
    // This thread cannot: it waits.
    const script = `kill -STOP ${slow.pid}; echo stopped; sleep 6; kill -CONT ${slow.pid}`;
    const helper = spawn("/bin/sh", ["-c", script]);
    await once(helper.stdout, "data");
    expect(run(engine, "SELECT 42").rows).toEqual([[42]]);
  });

  it("does not wait for a server that says nothing longer than it was told to", async () => {
    const silent = await startSqld();
    onTestFinished(() => silent.stop());
    const engine = block({ url: silent.url, firstByteTimeout: 300, totalTimeout: 1000, maxRetries: 0 });
    silent.pause();
    expect(thrown(() => run(engine, "SELECT 1", { reads: true }))).toBeInstanceOf(OperationalError);
    silent.resume();
    expect(run(engine, "SELECT 1", { reads: true }).rows).toEqual([[1]]);
    engine.close();
  });

  it("is told when the worker has died, and opens another one", async () => {
    const directory = mkdtempSync(join(tmpdir(), "sqlite-dbapi-block-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const [preload, sign] = [join(directory, "killer.mjs"), join(directory, "die")];
    writeFileSync(
      preload,
      `import { existsSync } from "node:fs";
       import { isMainThread } from "node:worker_threads";
       if (!isMainThread) setInterval(() => existsSync(${JSON.stringify(sign)}) && process.exit(3), 10).unref();`,
    );
    const output = await program(
      `const { block } = await import(${JSON.stringify(BLOCK)});
       const { rmSync, writeFileSync } = await import("node:fs");
       const request = { sql: "SELECT 1", values: [], begin: null, guard: false, discard: 0, rows: "all", reads: true,
         reading: { integers: "auto", text: "string" } };
       const [first, second] = [block({ url: process.argv[1] }), block({ url: process.argv[1] })];
       writeFileSync(${JSON.stringify(sign)}, "");
       try { for (;;) first.execute(request); }
       catch (error) { console.log(error.name, error.outcome); }
       try { second.execute(request); }
       catch (error) { console.log(error.name, error.outcome); }
       first.close();
       rmSync(${JSON.stringify(sign)});
       console.log(block({ url: process.argv[1] }).execute(request).rows);`,
      { NODE_OPTIONS: `--import ${pathToFileURL(preload).href}` },
    );
    expect(output).toBe("OperationalError not-executed\nOperationalError not-executed\n[ [ 1 ] ]\n");
  });

  it("ends its process when it has nothing more to do, with connections left open", async () => {
    const output = await program(
      `const { block } = await import(${JSON.stringify(BLOCK)});
       const engine = block({ url: process.argv[1] });
       process.on("exit", () => console.log(engine.inTransaction));`,
      {},
    );
    expect(output).toBe("false\n");
  });
});

/** Runs a program in another process, and gives what it prints. */
async function program(script: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script, sqld.url], {
    env: { ...process.env, ...environment },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  await once(child, "close");
  return output;
}
