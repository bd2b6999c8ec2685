/**
 * The quickstart's job on a server, docs/examples/remote.ts: on a server that it starts itself, and on one that it is given.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "../../src/aio.ts";
import { type Sqld, startSqld } from "../servers/sqld.ts";
import { inTemporaryDirectory, type Outcome, runNode } from "./lib/run.ts";
import { top } from "./lib/tree.ts";

const run = (...args: readonly string[]): Promise<Outcome> =>
  inTemporaryDirectory((directory) =>
    runNode(
      `${top}/docs/examples/remote.ts`,
      top,
      { TMPDIR: directory, TEMP: directory, TMP: directory },
      110_000,
      args,
    ),
  );

test("without a URL it starts a server, does the job and ends it", async () => {
  const { code, stderr, stdout } = await run();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout.includes("\u001b"), "escape sequences").toBe(false);
  const loaded =
    /^(?<rows>[\d,]+) rows in [\d.]+ s: [\d,]+ rows per second$/m.exec(stdout)?.groups?.rows ?? "";
  expect(Number(loaded.replaceAll(",", ""))).toBeGreaterThan(150_000);
  expect(stdout).toContain(`, ${loaded} after `);
  expect(stdout).toContain('{"kind":"check","name":"lat BETWEEN -90 AND 90"}');
  expect(stdout).toContain("thrown:  RangeError: on second thought, no");
  expect(stdout).toContain(`after:   ${loaded} rows, as before`);
  expect(stdout).toMatch(/│ NZ +│ +\d+ │/);
});

describe("with a URL", () => {
  let server: Sqld;
  beforeAll(async () => {
    server = await startSqld({ jwt: true });
  });
  afterAll(() => server.stop());

  const tables = async (): Promise<unknown> => {
    await using conn = await connect(server.url, { authToken: server.token() });
    return conn.fetchall("SELECT name FROM sqlite_schema");
  };

  test("it does the job there and takes away what it made", async () => {
    const token = server.token();
    const { code, stderr, stdout } = await run("--url", server.url, "--token", token);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`database ${server.url}\n`);
    expect(stdout).not.toContain(token);
    expect(await tables()).toEqual([]);
  });

  test("it says why it cannot, without the token", async () => {
    const { code, stderr } = await run("--url", server.url, "--token", "canary");
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^the server refused \(HTTP 401\).*\(HTTP_401, not-executed\)\n$/),
    });
    expect(stderr).not.toContain("canary");
  });

  test("it leaves a table alone that was there before", async () => {
    const token = server.token();
    await using conn = await connect(server.url, { authToken: token });
    await conn.execute("CREATE TABLE city (a)");
    const { code, stderr } = await run("--url", server.url, "--token", token);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining("a table called city already"),
    });
    expect(await tables()).toEqual([["city"]]);
  });
});
