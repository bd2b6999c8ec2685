import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { freePorts } from "../../servers/ports.ts";
import { startSqld } from "../../servers/sqld.ts";
import { isAlive, pipeline, serve, until } from "./support.ts";

const SQLD = fileURLToPath(new URL("../../servers/sqld.ts", import.meta.url));

describe("startSqld", () => {
  it("starts a server that answers, and stops it with everything it made", async () => {
    const sqld = await startSqld();
    const { pid, directory } = sqld;
    expect((await pipeline(sqld.url, ["SELECT 41 + 1"])).text).toContain('"42"');
    expect(readdirSync(directory)).toContain("dbs");
    await sqld.stop();
    await sqld.stop();
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(join(directory, ".."))).toBe(false);
  });

  it("starts servers side by side, each with its own port and databases", async () => {
    const servers = await Promise.all([serve(), serve(), serve()]);
    expect(new Set(servers.map(({ url }) => url)).size).toBe(3);
    await pipeline(servers[0]?.url ?? "", ["CREATE TABLE t(a)"]);
    const [first, second] = await Promise.all(
      servers.slice(0, 2).map(({ url }) => pipeline(url, ["SELECT count(*) FROM t"])),
    );
    expect(first?.text).toContain('"type":"ok"');
    expect(second?.text).toContain("no such table");
  });

  it("says what the server said when it does not start", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    await expect(startSqld({ port })).rejects.toThrow("Address already in use");
    await expect(startSqld({ flags: ["--no-such-flag"] })).rejects.toThrow("--no-such-flag");
  });

  it("keeps a directory that was given, and finds its databases again", async () => {
    const directory = mkdtempSync(join(tmpdir(), "sqlite-dbapi-given-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const first = await startSqld({ directory });
    await pipeline(first.url, ["CREATE TABLE t(a)", "INSERT INTO t VALUES (7)"]);
    await first.stop();
    const second = await serve({ directory });
    expect((await pipeline(second.url, ["SELECT a FROM t"])).text).toContain('"7"');
  });

  it("restarts a killed server on the same port with what was committed", async () => {
    const sqld = await serve();
    await pipeline(sqld.url, ["CREATE TABLE t(a)", "INSERT INTO t VALUES (7)"]);
    const { pid } = sqld;
    await sqld.kill();
    expect(isAlive(pid)).toBe(false);
    await expect(pipeline(sqld.url, ["SELECT 1"])).rejects.toThrow();
    await sqld.restart();
    expect(sqld.pid).not.toBe(pid);
    expect((await pipeline(sqld.url, ["SELECT a FROM t"])).text).toContain('"7"');
    await sqld.restart();
    expect((await pipeline(sqld.url, ["SELECT a FROM t"])).text).toContain('"7"');
  });

  it("makes a server silent and lets it speak again", async () => {
    const sqld = await serve();
    sqld.pause();
    let isAnswered = false;
    const answer = pipeline(sqld.url, ["SELECT 1"]).then((told) => {
      isAnswered = true;
      return told.status;
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(isAnswered).toBe(false);
    sqld.resume();
    expect(await answer).toBe(200);
  });
});

describe("tokens", () => {
  it("open the server: writing ones, reading ones, and none that has expired or is another server's", async () => {
    const [sqld, other] = await Promise.all([serve({ jwt: true }), serve({ jwt: true })]);
    const ask = (sql: string, token?: string) => pipeline(sqld.url, [sql], token);
    expect((await ask("SELECT 1")).status).toBe(401);
    expect((await ask("SELECT 1", sqld.token({ lifetime: -3600 }))).status).toBe(401);
    expect((await ask("SELECT 1", other.token())).status).toBe(401);
    expect(await ask("CREATE TABLE t(a)", sqld.token())).toMatchObject({ status: 200 });
    const reading = sqld.token({ isWritable: false });
    expect((await ask("SELECT a FROM t", reading)).text).toContain('"type":"ok"');
    expect((await ask("INSERT INTO t VALUES (1)", reading)).status).toBe(403);
  });

  it("are not minted by a server that asks for none", async () => {
    const sqld = await serve();
    expect(() => sqld.token()).toThrow("without jwt");
  });
});

describe("options", () => {
  it("cap answers, name the server, and open the port that speaks WebSocket only", async () => {
    const selfUrl = "http://sqld.test:1234";
    const sqld = await serve({ maxResponseSize: "1KB", selfUrl, websocketPort: true });
    const { text } = await pipeline(sqld.url, ["SELECT 1", "SELECT hex(zeroblob(5000))"]);
    expect(text).toContain("RESPONSE_TOO_LARGE");
    expect(text).toContain(`"base_url":"${selfUrl}"`);
    for (const url of [sqld.websocketUrl ?? "", sqld.url.replace("http", "ws")]) {
      const socket = new WebSocket(url, "hrana3");
      await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = reject;
      });
      expect(socket.protocol).toBe("hrana3");
      socket.close();
    }
  });

  it("serve embedded replicas", async () => {
    const sqld = await serve({ replication: true });
    await pipeline(sqld.url, ["CREATE TABLE t(a)", "INSERT INTO t VALUES (7)"]);
    const directory = mkdtempSync(join(tmpdir(), "sqlite-dbapi-replica-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const script = `
      const Database = require("libsql");
      const db = new Database(process.argv[1], { syncUrl: process.argv[2] });
      db.sync();
      console.log(JSON.stringify(db.prepare("SELECT a FROM t").all()));`;
    const child = spawn(process.execPath, ["--eval", script, join(directory, "replica.db"), sqld.url]);
    onTestFinished(() => void child.kill("SIGKILL"));
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    await once(child, "close");
    expect(output).toBe('[{"a":7}]\n');
  });
});

describe("a process that started a server", () => {
  it.each(["SIGKILL", "SIGTERM"] as const)("takes it along when it dies of %s", async (signal) => {
    const script = `
      const { startSqld } = await import(${JSON.stringify(SQLD)});
      const sqld = await startSqld();
      console.log(JSON.stringify([sqld.pid, sqld.directory]));`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", script]);
    onTestFinished(() => void child.kill("SIGKILL"));
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const [pid, directory] = JSON.parse(String(line)) as [number, string];
    expect(isAlive(pid)).toBe(true);
    child.kill(signal);
    await until(() => !isAlive(pid) && !existsSync(join(directory, "..")));
  });
});

describe("freePorts", () => {
  it("gives ports that differ", async () => {
    expect(new Set(await freePorts(20)).size).toBe(20);
  });
});
