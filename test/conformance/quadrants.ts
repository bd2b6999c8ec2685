/**
 * One body of tests for every way to reach a database: `conformance` runs it once for each quadrant that exists.
 * Bodies await every result (await takes plain values, `for await` takes plain iterables) and open through the fixture,
 * which gives each test its own directory and closes what it opened. What a quadrant cannot do is a flag in `can`, for
 * `it.skipIf(!db.can.userFunctions)("… (needs user functions)", …)`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect } from "vitest";
import { Connection, type ConnectOptions, connect, type SqlValue } from "../../src/index.ts";
import type { Capabilities } from "./capabilities.ts";
import { Databases } from "./databases.ts";
import { runScript, runScriptSync } from "./second-process.ts";
import { SharedConnections } from "./shared.ts";
import { type AnyConnection, type Quadrant, quadrants, replicas } from "./ways.ts";

export type { AnyConnection, AnyCursor } from "./ways.ts";

/** The connection of a test that runs on the synchronous face alone. */
export function synchronous<T>(conn: AnyConnection<T>): Connection<T> {
  expect(conn).toBeInstanceOf(Connection);
  return conn as unknown as Connection<T>;
}

/** What a body of tests opens databases with. */
export interface Fixture {
  readonly can: Capabilities;
  /** What the engine calls itself. */
  readonly engine: string;
  readonly isSynchronous: boolean;
  /** Opens a database, `":memory:"` unless told, and closes it after the test. */
  connect<T = SqlValue[]>(database?: string | URL, options?: ConnectOptions<T>): Promise<AnyConnection<T>>;
  /**
   * A connection to an empty database in memory, for tests of many cases that each would open one, and leave nothing of it but
   * tables and a trace callback: no function, no adapter, no PRAGMA. Where connections are cheap it is a new one.
   * @param options plain data
   */
  shared(options?: ConnectOptions<SqlValue[]>): Promise<AnyConnection>;
  /**
   * Another connection to a database, to make it or to see what is there, closed after the test: of the synchronous face where
   * SQLite is in this process, whose connections cost no worker.
   */
  another(database: string): Promise<AnyConnection>;
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

export { CHILD_DEADLINE } from "./second-process.ts";

/** The servers of the test file. */
const databases = new Databases();
/** Those of connections that tests share. */
const kept = new Databases();

class TestFixture implements Fixture {
  readonly #quadrant: Quadrant;
  readonly #open: { close(): unknown }[] = [];
  /** The servers that one connection has for itself. */
  readonly #private = new WeakMap<object, string>();
  readonly #shared = new SharedConnections((options) => this.#openShared(options));
  #directory: string | null = null;
  /** The directory of files that tests share. */
  #lasting: string | null = null;
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

  /** @param hasFailed whether the test has: one that took too long goes on in what it has opened */
  async end(hasFailed: boolean): Promise<void> {
    const { directory } = this;
    this.#directory = null;
    try {
      while (this.#open.length > 0) await this.#open.pop()?.close();
      await this.#shared.empty(hasFailed);
      await databases.empty(hasFailed);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /** After the last test. */
  async stop(): Promise<void> {
    await this.#shared.close();
    if (this.#lasting !== null) await rm(this.#lasting, { recursive: true, force: true });
    this.#lasting = null;
  }

  async shared(options: ConnectOptions<SqlValue[]> = {}): Promise<AnyConnection> {
    const { isReplica, server, isSynchronous } = this.#quadrant;
    const isThread = isReplica === true || (server === null && !isSynchronous);
    return isThread ? this.#shared.connection(options) : this.connect(":memory:", options);
  }

  async another(database: string): Promise<AnyConnection> {
    if (this.#quadrant.server !== null) return this.connect(database);
    const connection = connect(database) as unknown as AnyConnection;
    this.#open.push(connection);
    return connection;
  }

  async #openShared(options: object): Promise<AnyConnection> {
    const { connect, server, isReplica } = this.#quadrant;
    if (server === null || isReplica !== true) return connect(":memory:", options);
    this.#lasting ??= await mkdtemp(join(tmpdir(), "sqlite-dbapi-shared-"));
    const { url } = await kept.server(kept.privately());
    const file = join(this.#lasting, `${++this.#replicas}.db`);
    return connect(file, { ...options, syncUrl: url.replace("http", server) } as ConnectOptions<SqlValue[]>);
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

  secondProcess<R>(text: string, args: readonly unknown[] = [], flags: readonly string[] = []): Promise<R> {
    return runScript({ door: this.#quadrant.door, text, args }, flags);
  }

  secondProcessSync<R>(text: string, args: readonly unknown[] = []): R {
    return runScriptSync({ door: this.#quadrant.door, text, args });
  }
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
  afterAll(async () => {
    await kept.stop();
    await databases.stop();
  });
  describe.each(able)(`${title} ($name)`, (quadrant) => {
    const fixture = new TestFixture(quadrant);
    beforeEach(() => fixture.start());
    afterEach(({ task }) => fixture.end(task.result?.state === "fail"));
    afterAll(() => fixture.stop());
    body(fixture);
  });
}

/** Declares a group of tests for the promised face: what only that has. */
export function promised(title: string, body: (db: Fixture) => void): void {
  const quadrant = quadrants.find(({ isSynchronous }) => !isSynchronous) as Quadrant;
  describe(`${title} (${quadrant.name})`, () => {
    const fixture = new TestFixture(quadrant);
    beforeEach(() => fixture.start());
    afterEach(({ task }) => fixture.end(task.result?.state === "fail"));
    afterAll(() => fixture.stop());
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
