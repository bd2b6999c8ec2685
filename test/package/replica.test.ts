/**
 * Embedded replicas with the installed package: without the optional peer, which npm leaves out, and with it.
 */
import { readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sqld, startSqld } from "../servers/sqld.ts";
import { packed } from "./packed.ts";
import { run, top } from "./shell.ts";

const { consumer } = await packed();
const peer = join(consumer, "node_modules/libsql");

/** Whatever stands above the folder of the test. */
const MISSING = `data:text/javascript,${encodeURIComponent(`
import { registerHooks } from "node:module";
registerHooks({
  resolve(name, context, next) {
    if (name !== "libsql") return next(name, context);
    throw Object.assign(new Error("Cannot find module 'libsql'"), { code: "MODULE_NOT_FOUND" });
  },
});`)}`;

const use = (door: string) => `
import { connect, NotSupportedError } from "${door}";
const [, , file, syncUrl] = process.argv;
try {
  const conn = await connect(file, { syncUrl, syncInterval: 60 });
  await conn.executescript("CREATE TABLE IF NOT EXISTS t (a); INSERT INTO t VALUES ('é' || char(0))");
  const [text, large] = await conn.fetchone("SELECT a, ? FROM t", [2n ** 62n]);
  console.log(JSON.stringify([text, String(large)]));
  await conn.close();
} catch (error) {
  console.log(error instanceof NotSupportedError, error.message);
}`;

describe.each([
  ["sqlite-dbapi", "replica-sync.mjs"],
  ["sqlite-dbapi/aio", "replica-aio.mjs"],
])("a replica with the installed %s", (door, script) => {
  let server: Sqld;
  beforeAll(async () => {
    server = await startSqld();
    await writeFile(join(consumer, script), use(door));
  });
  afterAll(async () => {
    await server.stop();
    await rm(peer, { force: true });
  });
  const outcome = (...flags: readonly string[]) =>
    run(process.execPath, [...flags, script, join(consumer, `${script}.db`), server.url], consumer);

  it("says what to install where the peer is not", async () => {
    expect(await readdir(join(consumer, "node_modules"))).not.toContain("libsql");
    const { code, stdout, stderr } = await outcome("--import", MISSING);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(
      "true embedded replicas need the optional peer libsql, which is not installed: npm install libsql\n",
    );
  });

  it("works where it is", async () => {
    await symlink(join(top, "node_modules/libsql"), peer, "junction");
    expect(await outcome()).toMatchObject({
      stdout: '["é\\u0000","4611686018427387904"]\n',
      stderr: "",
      code: 0,
    });
  });
});
