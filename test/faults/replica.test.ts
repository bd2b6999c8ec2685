/**
 * Embedded replicas when something goes wrong: a primary that is gone, silent or refuses, files that somebody else has, a peer
 * that is not there, tokens that must not show.
 */
import { execFile } from "node:child_process";
import { linkSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { inspect, promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import * as aio from "../../src/aio.ts";
import { loadPeer } from "../../src/engine/replica/driver.ts";
import { blockReplica } from "../../src/engine/thread/block.ts";
import {
  type Connection,
  connect,
  DatabaseError,
  IntegrityError,
  InterfaceError,
  NotSupportedError,
  OperationalError,
} from "../../src/index.ts";
import { raised } from "../conformance/quadrants.ts";
import { replicas } from "../conformance/replicas.ts";
import { startSqld } from "../servers/sqld.ts";
import { directory } from "./support.ts";

/** No second try, and short limits. */
const IMPATIENT = { maxRetries: 0, connectTimeout: 2000, firstByteTimeout: 500, totalTimeout: 5000 } as const;
/** After so many milliseconds a primary is asked again whether it is there. */
const NOT_RECENT = 600;
const CANARY = "canary-7f3a9c51";

/** Runs a program of TypeScript in another process. */
async function program(text: string, args: readonly string[], flags: readonly string[] = []) {
  const run = promisify(execFile);
  const command = [...flags, "--input-type=module-typescript", "--eval", text, "--", ...args];
  return run(process.execPath, command, {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    timeout: 60_000,
  });
}

replicas(
  "a replica whose primary is gone",
  (db) => {
    it("goes on reading, refuses the rest, and goes on when it is back", async () => {
      await db.elsewhere("CREATE TABLE t (a PRIMARY KEY)", "INSERT INTO t VALUES (1)");
      const conn = await db.replica(IMPATIENT);
      await db.server.kill();
      expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
      await sleep(NOT_RECENT);
      for (const work of [() => conn.sync(), () => conn.execute("INSERT INTO t VALUES (2)")]) {
        const error = await raised(OperationalError, work);
        expect(error).toMatchObject({ code: "CONNECTION", outcome: "not-executed" });
      }
      expect(conn.inTransaction).toBe(false);
      expect(await conn.fetchall("SELECT a FROM t WHERE a > ?", [0])).toEqual([[1]]);
      await db.server.restart();
      await conn.execute("INSERT INTO t VALUES (2)");
      await conn.commit();
      expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1], [2]]);
      await raised(IntegrityError, () => conn.execute("INSERT INTO t VALUES (2)"));
    });

    it("does not answer as if its own write had not been", async () => {
      const conn = await db.replica({ ...IMPATIENT, autocommit: true });
      await conn.execute("CREATE TABLE t (a)");
      await conn.execute("INSERT INTO t VALUES (1)");
      await db.server.kill();
      await sleep(NOT_RECENT);
      expect(await raised(OperationalError, () => conn.fetchall("SELECT a FROM t"))).toMatchObject({
        code: "CONNECTION",
        outcome: "not-executed",
      });
      await db.server.restart();
      expect(await conn.fetchall("SELECT a FROM t")).toEqual([[1]]);
    });

    it("has lost its open transaction, and says so until that is known", async () => {
      await db.elsewhere("CREATE TABLE t (a)");
      const conn = await db.replica(IMPATIENT);
      await conn.execute("INSERT INTO t VALUES (1)");
      await db.server.kill();
      const outcome = (await raised(OperationalError, () => conn.execute("INSERT INTO t VALUES (2)")))
        .outcome;
      expect(outcome).toBe("rolled-back");
      await db.server.restart();
      expect(await raised(OperationalError, () => conn.execute("INSERT INTO t VALUES (3)"))).toMatchObject({
        outcome: "rolled-back",
      });
      await conn.rollback();
      expect(await conn.fetchall("SELECT a FROM t")).toEqual([]);
      await conn.execute("INSERT INTO t VALUES (4)");
      await conn.commit();
      expect(await db.elsewhere("SELECT a FROM t")).toEqual([[4]]);
    });

    it("cannot be opened, whether or not it has been there, and its file is free", async () => {
      const conn = await db.replica();
      await conn.close();
      await db.server.kill();
      for (const file of [db.file(), db.file("new.db")]) {
        expect(await raised(OperationalError, () => db.replica(IMPATIENT, file))).toMatchObject({
          code: "CONNECTION",
          outcome: "not-executed",
        });
        await (await db.open(file)).close();
      }
    });

    it("waits for a silent one no longer than it was told to", async () => {
      const conn = await db.replica(IMPATIENT);
      db.server.pause();
      await sleep(NOT_RECENT);
      for (const work of [() => conn.sync(), () => db.replica(IMPATIENT, db.file("new.db"))])
        expect((await raised(OperationalError, work)).code).toBe("TIMEOUT");
      expect(await conn.fetchone("SELECT 1")).toEqual([1]);
      db.server.resume();
      expect(await conn.sync()).toMatchObject({ framesSynced: 0 });
    });
  },
  true,
);

describe("a synchronisation that is cancelled", () => {
  it("leaves the event loop and the connection free, before libsql has begun and while it waits", async () => {
    const server = await startSqld();
    onTestFinished(() => server.stop());
    const file = `${directory()}/a.db`;
    const conn = await aio.connect(file, { syncUrl: server.url, autocommit: true });
    onTestFinished(() => conn.close());
    await conn.execute("CREATE TABLE t (a)");
    for (const pause of [NOT_RECENT, 0]) {
      await sleep(pause);
      await conn.execute("INSERT INTO t VALUES (1)");
      if (pause > 0) await sleep(pause);
      server.pause();
      const error = await raised(OperationalError, () => conn.sync({ timeout: 100 }));
      expect(error).toMatchObject({ code: "SQLITE_INTERRUPT", outcome: "not-executed" });
      // Nobody else may have the file as long as libsql is waiting there.
      await raised(OperationalError, () => aio.connect(file));
      server.resume();
    }
    expect(await conn.fetchone("SELECT count(*) FROM t")).toEqual([2]);
    expect(await conn.fetchall("PRAGMA integrity_check")).toEqual([["ok"]]);
  });
});

class Counter {
  step(): void {}

  finalize(): number {
    return 0;
  }
}

replicas("the file of a replica", (db) => {
  const ours = (file: string) => db.open(file);
  const theirs = (file: string) => db.replica({}, file);

  it("is refused to better-sqlite3 by every name, until it is closed", async () => {
    const conn = await db.replica();
    linkSync(db.file(), db.file("hard"));
    symlinkSync(db.file(), db.file("soft"));
    for (const name of ["replica.db", "hard", "soft"]) {
      const error = await raised(OperationalError, () => ours(db.file(name)));
      expect(error).toMatchObject({ code: "FILE_IN_USE", outcome: "not-executed" });
      // The other face asks in the same place.
      const other = db.isSynchronous ? aio.connect : connect;
      expect(await raised(OperationalError, () => other(db.file(name)))).toMatchObject({
        code: "FILE_IN_USE",
      });
    }
    expect((await raised(OperationalError, () => theirs(db.file("soft")))).message).toContain(
      "one connection",
    );
    expect(await conn.fetchone("SELECT 1")).toEqual([1]);
    await conn.close();
    const local = await ours(db.file("soft"));
    expect(await local.fetchone("PRAGMA integrity_check")).toEqual(["ok"]);
  });

  it("is not to be had while better-sqlite3 has it", async () => {
    await (await db.replica()).close();
    const first = await ours(db.file());
    const second = await ours(db.file());
    for (const conn of [first, second]) {
      expect(await raised(OperationalError, () => theirs(db.file()))).toMatchObject({ code: "FILE_IN_USE" });
      await conn.close();
    }
    await theirs(db.file());
  });

  it("is one that libsql has made: another is refused, and left alone", async () => {
    const local = await ours(db.file("plain.db"));
    await local.executescript("CREATE TABLE mine (a); INSERT INTO mine VALUES (1)");
    await local.close();
    writeFileSync(db.file("text"), "no database ".repeat(1000));
    for (const name of ["plain.db", "text"])
      expect(await raised(OperationalError, () => theirs(db.file(name)))).toMatchObject({
        code: "NOT_A_REPLICA",
      });
    expect(await (await ours(db.file("plain.db"))).fetchall("SELECT a FROM mine")).toEqual([[1]]);
    expect(readdirSync(db.file("."))).not.toContain("text-client_wal_index");
    const error = await raised(OperationalError, () => theirs(db.file("no/such/directory.db")));
    expect(error.code).toBe("SQLITE_CANTOPEN");
  });

  it("is no target of a copy while it is open, by its name or by its connection", async () => {
    const conn = await db.replica();
    const local = await ours(":memory:");
    await local.execute("CREATE TABLE mine (a)");
    for (const target of [db.file(), conn as never]) {
      expect(await raised(OperationalError, () => local.backup(target))).toMatchObject({
        code: "FILE_IN_USE",
      });
    }
    expect(await conn.fetchone("SELECT count(*) FROM sqlite_schema WHERE name = 'mine'")).toEqual([0]);
    await local.backup(db.file("copy.db"));
    expect(await (await ours(db.file("copy.db"))).fetchall("SELECT a FROM mine")).toEqual([]);
  });

  it("is free when whoever had it has died", async () => {
    const conn = await aio.connect(db.file());
    const dying = { module: `data:text/javascript,export const die = () => process.exit()`, export: "die" };
    await conn.createFunction("die", 0, dying);
    await raised(OperationalError, () => conn.execute("SELECT die()"));
    // It is no replica, but nobody has it.
    expect(await raised(OperationalError, () => theirs(db.file()))).toMatchObject({ code: "NOT_A_REPLICA" });
    await conn.close();
  });

  it("is not opened with a limited heap", async () => {
    const options = { syncUrl: db.server.url, resourceLimits: { maxOldGenerationSizeMb: 64 } };
    await raised(NotSupportedError, () => aio.connect(db.file(), options));
  });

  it.each(["memory", "server"])("sync() is for it alone: not for %s", async (what) => {
    const conn = await db.open(what === "memory" ? ":memory:" : db.server.url);
    expect((await raised(NotSupportedError, () => conn.sync())).message).toContain("syncUrl");
  });

  it.each([
    ["createFunction", (conn) => conn.createFunction("f", 0, () => 1)],
    ["createAggregate", (conn) => conn.createAggregate("f", 0, Counter)],
    ["serialize", (conn) => conn.serialize()],
    ["deserialize", (conn) => conn.deserialize(Buffer.alloc(512))],
    ["backup", (conn) => conn.backup(db.file("copy.db"))],
  ] as const satisfies readonly (readonly [string, (conn: aio.AsyncConnection) => unknown])[])(
    "has no %s",
    async (name, use) => {
      const conn = await db.shared();
      const { message } = await raised(NotSupportedError, () => use(conn));
      expect(message).toContain(`${name}()`);
      expect(message).toContain("embedded replica");
      expect(await conn.fetchone("SELECT 1")).toEqual([1]);
    },
  );
});

describe("libsql that waits for a silent primary for ever", () => {
  it("is given up by the thread that waits for it", async () => {
    const server = await startSqld();
    onTestFinished(() => server.stop());
    const options = {
      path: `${directory()}/a.db`,
      cachedStatements: 0,
      syncInterval: 0,
      encryptionKey: "",
      primary: { url: server.url },
    };
    loadPeer();
    const engine = blockReplica(options, 8000);
    // It has just answered, so that it is not asked whether it is there.
    engine.control([{ sql: "BEGIN", when: "closed" }]);
    server.pause();
    await sleep(50);
    const error = await raised(OperationalError, () => engine.sync());
    expect(error.outcome).toBe("rolled-back");
    expect(engine.isLost).toBe(true);
    expect((await raised(OperationalError, () => engine.totalChanges())).outcome).toBe("not-executed");
    engine.close();
    server.resume();
  });
});

describe("a token", () => {
  it("opens, is asked of a function, and is refused in words that do not show it", async () => {
    const server = await startSqld({ jwt: true });
    onTestFinished(() => server.stop());
    const at = directory();
    let number = 0;
    const open = (authToken: unknown, isSynchronous: boolean) => {
      const options = { ...IMPATIENT, syncUrl: server.url, authToken } as never;
      const opener = isSynchronous ? connect : aio.connect;
      return opener(`${at}/${++number}.db`, options) as Promise<aio.AsyncConnection> | Connection;
    };
    const token = server.token();
    for (const isSynchronous of [true, false]) {
      for (const good of [token, () => token]) {
        const conn = await open(good, isSynchronous);
        await conn.execute("CREATE TABLE IF NOT EXISTS t (a)");
        expect(await conn.fetchall("SELECT a FROM t")).toEqual([]);
        for (const shown of [inspect(conn, { depth: 9, showHidden: true }), JSON.stringify(conn)])
          expect(shown).not.toContain(token);
        await conn.close();
      }
      const expired = server.token({ lifetime: -600 });
      for (const bad of [null, CANARY, expired]) {
        const error = await raised(OperationalError, () => open(bad, isSynchronous));
        expect(error.code).toBe("HTTP_401");
        for (const secret of [CANARY, expired]) expect(inspect(error, { depth: 9 })).not.toContain(secret);
      }
      // What can be no header would end the process.
      for (const bad of ["a\nb", "é", " ", `${CANARY}\0`, 5]) {
        const error = await raised(InterfaceError, () => open(bad, isSynchronous));
        expect(inspect(error)).not.toContain(CANARY);
      }
      const failing = () => {
        throw new RangeError("no token today");
      };
      expect((await raised(OperationalError, () => open(failing, isSynchronous))).cause).toBeInstanceOf(
        RangeError,
      );
    }
    const promising = async () => {
      asked++;
      return token;
    };
    let asked = 0;
    expect(await raised(NotSupportedError, () => open(promising, true))).toBeInstanceOf(DatabaseError);
    asked = 0;
    const conn = await open(promising, false);
    await conn.sync();
    expect(asked).toBe(1);
    await conn.close();
  });
});

describe("a process", () => {
  it.each(["index", "aio"])(
    "ends by itself with a replica open that is brought up to date in the background (%s)",
    async (door) => {
      const server = await startSqld();
      onTestFinished(() => server.stop());
      const text = `
      const { connect } = await import("./src/${door}.ts");
      const conn = await connect(process.argv[1], { syncUrl: process.argv[2], syncInterval: 0.02 });
      await conn.execute("CREATE TABLE t (a)");
      await conn.commit();
      console.log(JSON.stringify(await conn.fetchall("SELECT a FROM t")));
      // It must not be collected before, which would be told.
      process.on("exit", () => conn);`;
      const { stdout, stderr } = await program(text, [`${directory()}/a.db`, server.url]);
      expect([stdout, stderr]).toEqual(["[]\n", ""]);
    },
  );

  it.each(["index", "aio"])("prints nothing that libsql has to say (%s)", async (door) => {
    const server = await startSqld();
    onTestFinished(() => server.stop());
    const text = `
      const { connect } = await import("./src/${door}.ts");
      const [, file, syncUrl, pid] = process.argv;
      const conn = await connect(file, { syncUrl, syncInterval: 0.02, authToken: "${CANARY}", encryptionKey: "${CANARY}" });
      const code = async (work) => { try { await work(); } catch (error) { return error.code; } };
      const codes = [await code(() => conn.fetchall("SELECT FROM FROM")), await code(() => conn.execute("VACUUM"))];
      process.kill(Number(pid), "SIGKILL");
      await new Promise((resolve) => setTimeout(resolve, 700));
      codes.push(await code(() => conn.sync()), await code(() => conn.fetchall("SELECT 1")));
      console.log(JSON.stringify(codes), process.env.RUST_LOG);
      await conn.close();`;
    const { stdout, stderr } = await program(text, [`${directory()}/a.db`, server.url, String(server.pid)]);
    expect([stdout, stderr]).toEqual(['["SQLITE_ERROR",null,"CONNECTION",null] undefined\n', ""]);
  });

  it.each(["index", "aio"])("without the peer is told what to install (%s)", async (door) => {
    const hooks = `import { registerHooks } from "node:module";
      registerHooks({ resolve(name, context, next) {
        if (name !== "libsql") return next(name, context);
        throw Object.assign(new Error("Cannot find module 'libsql'"), { code: "MODULE_NOT_FOUND" });
      } });`;
    const text = `
      const { connect, NotSupportedError } = await import("./src/${door}.ts");
      try { await connect(process.argv[1], { syncUrl: "http://127.0.0.1:9" }); }
      catch (error) { console.log(error instanceof NotSupportedError, error.message); }
      await connect(process.argv[1]);`;
    const flags = ["--import", `data:text/javascript,${encodeURIComponent(hooks)}`];
    const { stdout } = await program(text, [`${directory()}/a.db`], flags);
    expect(stdout).toBe(
      "true embedded replicas need the optional peer libsql, which is not installed: npm install libsql\n",
    );
  });

  it("that is killed again and again leaves a replica that can be opened, with every commit in it", async () => {
    const server = await startSqld();
    onTestFinished(() => server.stop());
    const file = `${directory()}/a.db`;
    const text = `
      const { connect } = await import("./src/index.ts");
      const conn = connect(process.argv[1], { syncUrl: process.argv[2], syncInterval: 0.01, autocommit: true });
      conn.execute("CREATE TABLE IF NOT EXISTS t (a, filler)");
      let [n] = conn.fetchone("SELECT count(*) FROM t");
      setTimeout(() => process.kill(process.pid, "SIGKILL"), 300);
      const next = () => {
        conn.execute("INSERT INTO t VALUES (?, zeroblob(9000))", [++n]);
        const [count] = conn.fetchone("SELECT count(*) FROM t");
        if (count !== n) throw new Error(n + " written and " + count + " there");
        setImmediate(next);
      };
      next();`;
    for (let round = 0; round < 3; round++)
      await expect(program(text, [file, server.url])).rejects.toMatchObject({
        signal: "SIGKILL",
        stderr: "",
      });
    const conn = connect(file, { syncUrl: server.url });
    onTestFinished(() => conn.close());
    const primary = connect(server.url);
    onTestFinished(() => primary.close());
    const count = "SELECT count(*), count(DISTINCT a), max(a) FROM t";
    expect(conn.fetchall(count)).toEqual(primary.fetchall(count));
    conn.close();
    const local = connect(file);
    expect(local.fetchall("PRAGMA integrity_check")).toEqual([["ok"]]);
    local.close();
  });
});
