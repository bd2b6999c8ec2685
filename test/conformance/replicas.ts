/**
 * One body of tests for embedded replicas on both faces, each with a real server for the whole group and tables of its own.
 * Bodies await every result. Not a test file.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import * as aio from "../../src/aio.ts";
import { type ConnectOptions, connect, type SqlValue } from "../../src/index.ts";
import { type Sqld, startSqld } from "../servers/sqld.ts";
import type { AnyConnection } from "./quadrants.ts";

const faces = [
  { name: "sync", isSynchronous: true },
  { name: "aio", isSynchronous: false },
] as const;

export interface Replicas {
  readonly isSynchronous: boolean;
  readonly server: Sqld;
  /** A path in the test's own directory. */
  file(name?: string): string;
  /** Opens a replica of the server's database, and closes it after the test. */
  replica(options?: ConnectOptions<SqlValue[]>, file?: string): Promise<AnyConnection>;
  /** A replica that the tests of the group share, for cases that leave nothing behind; the `syncUrl` is the server's. */
  shared(options?: ConnectOptions<SqlValue[]>): Promise<AnyConnection>;
  /** Opens anything with this face, and closes it after the test. */
  open(database: string | URL, options?: ConnectOptions<SqlValue[]>): Promise<AnyConnection>;
  /** Another client of the server's, past the replica: runs statements, each by itself. */
  elsewhere(...statements: readonly string[]): Promise<SqlValue[][]>;
}

/** Declares a group of tests on both faces. @param isOwn each test has a server of its own, which it may kill */
export function replicas(title: string, body: (db: Replicas) => void, isOwn = false): void {
  describe.each(faces)(`${title} ($name)`, ({ isSynchronous }) => {
    const db = new Fixture(isSynchronous);
    (isOwn ? beforeEach : beforeAll)(() => db.serve());
    (isOwn ? afterEach : afterAll)(() => db.stop());
    beforeEach(() => db.start());
    afterEach(() => db.end());
    body(db);
  });
}

class Fixture implements Replicas {
  readonly isSynchronous: boolean;
  readonly #open: { close(): unknown }[] = [];
  /** By what they were opened with. */
  readonly #shared = new Map<string, AnyConnection>();
  #server: Sqld | null = null;
  #directory = "";
  /** The directory of what tests share. */
  #lasting: string | null = null;

  constructor(isSynchronous: boolean) {
    this.isSynchronous = isSynchronous;
  }

  get server(): Sqld {
    if (this.#server === null) throw new Error("the server of a test exists only while it runs");
    return this.#server;
  }

  async serve(): Promise<void> {
    this.#server = await startSqld();
  }

  async stop(): Promise<void> {
    for (const conn of this.#shared.values()) await conn.close();
    this.#shared.clear();
    if (this.#lasting !== null) await rm(this.#lasting, { recursive: true, force: true });
    this.#lasting = null;
    await this.#server?.stop();
  }

  async start(): Promise<void> {
    this.#directory = await mkdtemp(join(tmpdir(), "sqlite-dbapi-replica-"));
  }

  async end(): Promise<void> {
    try {
      while (this.#open.length > 0) await this.#open.pop()?.close();
    } finally {
      await rm(this.#directory, { recursive: true, force: true });
    }
  }

  file(name = "replica.db"): string {
    return join(this.#directory, name);
  }

  async #connect(database: string | URL, options?: ConnectOptions<SqlValue[]>): Promise<AnyConnection> {
    const opener = this.isSynchronous ? connect : aio.connect;
    return (await opener(database, options)) as AnyConnection;
  }

  async open(database: string | URL, options?: ConnectOptions<SqlValue[]>): Promise<AnyConnection> {
    const conn = await this.#connect(database, options);
    this.#open.push(conn);
    return conn;
  }

  async shared(options: ConnectOptions<SqlValue[]> = {}): Promise<AnyConnection> {
    const key = JSON.stringify(options);
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    this.#lasting ??= await mkdtemp(join(tmpdir(), "sqlite-dbapi-replicas-"));
    const file = join(this.#lasting, `${this.#shared.size}.db`);
    const conn = await this.#connect(file, { syncUrl: this.server.url, ...options });
    this.#shared.set(key, conn);
    return conn;
  }

  replica(options: ConnectOptions<SqlValue[]> = {}, file = this.file()): Promise<AnyConnection> {
    return this.open(file, { syncUrl: this.server.url, ...options });
  }

  async elsewhere(...statements: readonly string[]): Promise<SqlValue[][]> {
    const other = await aio.connect(this.server.url, { autocommit: true });
    try {
      let rows: SqlValue[][] = [];
      for (const sql of statements) rows = await other.fetchall(sql);
      return rows;
    } finally {
      await other.close();
    }
  }
}
