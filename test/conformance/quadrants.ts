/**
 * One body of tests for every way to reach a database: `conformance` runs it once for each quadrant that exists.
 * Bodies await every result (await takes plain values, `for await` takes plain iterables) and open through the fixture,
 * which gives each test its own directory and closes what it opened. What a quadrant cannot do is a flag in `can`, for
 * `it.skipIf(!db.can.userFunctions)("… (needs user functions)", …)`.
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeEach, describe, expect } from "vitest";
import * as aio from "../../src/aio.ts";
import { Connection, type ConnectOptions, connect, type SqlValue } from "../../src/index.ts";
import { ALL, type Capabilities, ON_A_REPLICA, ON_A_SERVER } from "./capabilities.ts";
import { Databases } from "./databases.ts";

/**
 * A connection of any quadrant, typed as the promised face: a body awaits every result, and the linter sees where it
 * forgot to. The synchronous face has the same members (test/types/parity.test-d.ts), and `await` takes its plain values.
 */
export type AnyConnection<T = SqlValue[]> = aio.AsyncConnection<T>;
/** A cursor of any quadrant. */
export type AnyCursor<T = SqlValue[]> = aio.AsyncCursor<T>;

/** The connection of a test that runs on the synchronous face alone. */
export function synchronous<T>(conn: AnyConnection<T>): Connection<T> {
  expect(conn).toBeInstanceOf(Connection);
  return conn as unknown as Connection<T>;
}

export interface Quadrant {
  readonly name: string;
  /** What the engine calls itself. */
  readonly engine: string;
  readonly can: Capabilities;
  /** Whether results come as they are, without promises. */
  readonly isSynchronous: boolean;
  /** The module that a child process imports `connect` from, relative to the root. */
  readonly door: string;
  /** How servers are reached; null where there are none. Each test finds their databases empty. */
  readonly server: "http" | "ws" | null;
  /** Each connection is an embedded replica of a server's database, with a file of its own. */
  readonly isReplica?: true;
  connect<T>(
    database: string | URL,
    options: ConnectOptions<T> | undefined,
  ): AnyConnection<T> | Promise<AnyConnection<T>>;
}

/** One transport for each face, since the engine behind both is the same; REMOTE_SWAPPED=1 for the other way round. */
const [ofSync, ofAio] =
  process.env.REMOTE_SWAPPED === "1" ? (["ws", "http"] as const) : (["http", "ws"] as const);

const quadrants: readonly Quadrant[] = [
  {
    name: "sync, local",
    engine: "better-sqlite3",
    isSynchronous: true,
    server: null,
    can: ALL,
    door: "./src/index.ts",
    connect: (database, options) => connect(database, options) as unknown as AnyConnection<never>,
  },
  {
    name: "aio, local",
    engine: "better-sqlite3",
    isSynchronous: false,
    server: null,
    can: { ...ALL, inProcess: false },
    door: "./src/aio.ts",
    connect: aio.connect,
  },
  {
    name: `sync, remote over ${ofSync}`,
    engine: "libSQL server",
    isSynchronous: true,
    server: ofSync,
    can: ON_A_SERVER,
    door: "./src/index.ts",
    connect: (database, options) => connect(database, options) as unknown as AnyConnection<never>,
  },
  {
    name: `aio, remote over ${ofAio}`,
    engine: "libSQL server",
    isSynchronous: false,
    server: ofAio,
    can: ON_A_SERVER,
    door: "./src/aio.ts",
    connect: aio.connect,
  },
];

const replicas: readonly Quadrant[] = [
  {
    name: "sync, replica",
    engine: "embedded replica",
    isSynchronous: true,
    server: "http",
    isReplica: true,
    can: ON_A_REPLICA,
    door: "./src/index.ts",
    connect: (database, options) => connect(database, options) as unknown as AnyConnection<never>,
  },
  {
    name: "aio, replica",
    engine: "embedded replica",
    isSynchronous: false,
    server: "ws",
    isReplica: true,
    can: ON_A_REPLICA,
    door: "./src/aio.ts",
    connect: aio.connect,
  },
];

/** What a body of tests opens databases with. */
export interface Fixture {
  readonly can: Capabilities;
  /** What the engine calls itself. */
  readonly engine: string;
  readonly isSynchronous: boolean;
  /** Opens a database, `":memory:"` unless told, and closes it after the test. */
  connect<T = SqlValue[]>(database?: string | URL, options?: ConnectOptions<T>): Promise<AnyConnection<T>>;
  /** Closes a connection, and has its private database emptied for the next: for tests that open very many. */
  release(connection: AnyConnection): Promise<void>;
  /** What names a database to others: the name itself, or the URL of its server. */
  address(database: string): Promise<string>;
  /** What names the database of the latest connection in what is told of it: of a replica that is its file. */
  told(database: string): Promise<string>;
  /** The test's own directory. */
  readonly directory: string;
  /** A path in the test's own directory. */
  file(name?: string): string;
  /**
   * Runs TypeScript in another process, with its own copy of SQLite. It sees `Database` (better-sqlite3), `sqlite3` (the
   * quadrant's door), `connect` and `args`, may await, and what it returns is handed back through JSON.
   * @param args plain data for the script
   * @param flags of Node, such as `--expose-gc`
   */
  secondProcess<R>(script: string, args?: readonly unknown[], flags?: readonly string[]): Promise<R>;
  /** The same at once, for where nothing may be awaited: inside `transaction()`, or a callback of SQLite's. */
  secondProcessSync<R>(script: string, args?: readonly unknown[]): R;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

/** How long a child process, and a test that gives it much to do, may take, milliseconds: a deadline, not a measurement. */
export const CHILD_DEADLINE = 120_000;
const CHILD = { cwd: ROOT, timeout: CHILD_DEADLINE, maxBuffer: 1 << 26, encoding: "utf8" } as const;

/** The servers of the test file. */
const databases = new Databases();

class TestFixture implements Fixture {
  readonly #quadrant: Quadrant;
  readonly #open: { close(): unknown }[] = [];
  /** The servers that one connection has for itself. */
  readonly #private = new WeakMap<object, string>();
  #directory: string | null = null;
  #replicas = 0;

  constructor(quadrant: Quadrant) {
    this.#quadrant = quadrant;
  }

  get can(): Capabilities {
    return this.#quadrant.can;
  }

  get engine(): string {
    return this.#quadrant.engine;
  }

  get isSynchronous(): boolean {
    return this.#quadrant.isSynchronous;
  }

  get directory(): string {
    if (this.#directory === null) throw new Error("the directory of a test exists only while it runs");
    return this.#directory;
  }

  async start(): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), "sqlite-dbapi-"));
  }

  async end(): Promise<void> {
    const { directory } = this;
    this.#directory = null;
    try {
      while (this.#open.length > 0) await this.#open.pop()?.close();
      await databases.empty();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  async connect<T = SqlValue[]>(
    database: string | URL = ":memory:",
    options?: ConnectOptions<T>,
  ): Promise<AnyConnection<T>> {
    const isPrivate = this.#quadrant.server !== null && (database === ":memory:" || database === "");
    const name = isPrivate ? databases.privately() : database;
    const connection = await this.#connect(await this.address(name), options);
    if (isPrivate) this.#private.set(connection, String(name));
    this.#open.push(connection);
    return connection;
  }

  async #connect<T>(address: string | URL, options: ConnectOptions<T> | undefined) {
    const { isReplica } = this.#quadrant;
    if (isReplica !== true || !String(address).includes("://"))
      return this.#quadrant.connect(address, options);
    // libsql lets a file have one connection.
    const file = this.file(`replica-${++this.#replicas}.db`);
    return this.#quadrant.connect(file, { ...options, syncUrl: address } as ConnectOptions<T>);
  }

  async release(connection: AnyConnection): Promise<void> {
    await connection.close();
    await databases.release(this.#private.get(connection) ?? "");
  }

  async address<D extends string | URL>(database: D): Promise<D | string> {
    const { server } = this.#quadrant;
    if (server === null) return database;
    const { url } = await databases.server(String(database));
    return url.replace("http", server);
  }

  async told(database: string): Promise<string> {
    return this.#quadrant.isReplica ? this.file(`replica-${this.#replicas}.db`) : this.address(database);
  }

  file(name = "test.db"): string {
    return join(this.directory, name);
  }

  async secondProcess<R>(script: string, args: readonly unknown[] = [], flags: readonly string[] = []) {
    const { stdout } = await run(process.execPath, [...flags, ...this.#command(script, args)], CHILD);
    return answerOf<R>(stdout);
  }

  secondProcessSync<R>(script: string, args: readonly unknown[] = []): R {
    return answerOf<R>(execFileSync(process.execPath, this.#command(script, args), CHILD));
  }

  #command(script: string, args: readonly unknown[]): string[] {
    const program = `
      import Database from "better-sqlite3";
      import * as sqlite3 from ${JSON.stringify(this.#quadrant.door)};
      const { connect } = sqlite3;
      const args = JSON.parse(process.argv.at(-1));
      const answer = await (async () => {${script}
      })();
      process.stdout.write("\\n" + JSON.stringify(answer ?? null));`;
    return ["--input-type=module-typescript", "--eval", program, "--", JSON.stringify(args)];
  }
}

/** What a child process wrote last. */
function answerOf<R>(stdout: string): R {
  return JSON.parse(stdout.slice(stdout.lastIndexOf("\n"))) as R;
}

/** Declares a group of tests in every quadrant. */
export function conformance(title: string, body: (db: Fixture) => void): void {
  declare(quadrantsFor(title), title, body);
}

/** The four, and for what is worth its time on replicas those too. REPLICAS=all has all of it, REPLICAS=only nothing else. */
function quadrantsFor(title: string): readonly Quadrant[] {
  const wanted = process.env.REPLICAS;
  if (wanted === "only") return replicas;
  return wanted === "all" || ON_REPLICAS_TOO.has(title) ? [...quadrants, ...replicas] : quadrants;
}

/** Replicas differ from servers in how they read; to open one takes two threads and a file, so that all of it is for now and then. */
const ON_REPLICAS_TOO: ReadonlySet<string> = new Set(["a failing row", "iterdump", "setTraceCallback"]);

/** Declares a group of tests in every quadrant that has what they all need. */
export function conformanceWith(need: keyof Capabilities, title: string, body: (db: Fixture) => void): void {
  declare(
    quadrants.filter(({ can }) => can[need]),
    title,
    body,
  );
}

/** Declares a group of tests in the quadrants whose databases are on a server. */
export function onServers(title: string, body: (db: Fixture) => void): void {
  declare(
    quadrants.filter(({ server }) => server !== null),
    title,
    body,
  );
}

function declare(able: readonly Quadrant[], title: string, body: (db: Fixture) => void): void {
  // Of the file, not of this one: others that are run by the same process need servers after it.
  afterAll(() => databases.stop());
  describe.each(able)(`${title} ($name)`, (quadrant) => {
    const fixture = new TestFixture(quadrant);
    beforeEach(() => fixture.start());
    afterEach(() => fixture.end());
    body(fixture);
  });
}

/** Declares a group of tests for the promised face: what only that has. */
export function promised(title: string, body: (db: Fixture) => void): void {
  const quadrant = quadrants.find(({ isSynchronous }) => !isSynchronous) as Quadrant;
  describe(`${title} (${quadrant.name})`, () => {
    const fixture = new TestFixture(quadrant);
    beforeEach(() => fixture.start());
    afterEach(() => fixture.end());
    body(fixture);
  });
}

/** What a piece of work throws or rejects with; fails the test when it does neither, or with another class. */
export async function raised<E extends Error>(
  Class: abstract new (...args: never[]) => E,
  work: () => unknown,
): Promise<E> {
  let error: unknown;
  try {
    await work();
  } catch (thrown) {
    error = thrown;
  }
  expect(error, "nothing was thrown").toBeDefined();
  expect(error).toBeInstanceOf(Class);
  return error as E;
}

/** Every item of an iterable of either kind. */
export async function collect<T>(items: Iterable<T> | AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
