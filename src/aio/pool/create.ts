/**
 * Making a pool: which connections it has, and how each is opened. Tests: test/conformance/pool-create.test.ts.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { parseLocation } from "../../core/location.ts";
import { checkOptions, type Settings } from "../../core/options.ts";
import { isReplica } from "../../core/replica.ts";
import { serverOf } from "../../core/server.ts";
import { OperationalError } from "../../errors/tree.ts";
import type { SqlValue } from "../../values/types.ts";
import { connect } from "../connect.ts";
import type { AsyncConnection } from "../connection.ts";
import type { AsyncConnectOptions } from "../options.ts";
import { retrying } from "./backoff.ts";
import { Counters } from "./counters.ts";
import { Limits } from "./limits.ts";
import { type Kind, Member } from "./member.ts";
import { checkPoolOptions, type PoolOptions, type PoolSettings } from "./options.ts";
import { Pool } from "./pool.ts";

/** How often the change to WAL is tried when another process is in the way. */
const WAL_RETRIES = 5;

/**
 * Opens a database for many tasks at once: one connection that writes and a few that read, each in a worker thread of its own.
 * The file is put in WAL mode, in which readers and the writer do not wait for each other. A database in memory, and a file that
 * cannot have a WAL, is a pool of one: everything goes through one connection, and so is an embedded replica, since libsql lets
 * its file have one. On a server each connection is a stream.
 * @param database what `connect` takes
 * @throws {OperationalError} when the file cannot be opened, or the server not be reached
 * @throws {InterfaceError} for a wrong name or option
 * @throws {NotSupportedError} on a Node older than 22.14
 * @example
 * import { createPool } from "sqlite-dbapi/aio";
 * await using pool = await createPool("shop.db");
 * await pool.fetchone("SELECT 1 + 1"); // [2]
 * @see https://www.sqlite.org/wal.html
 */
export async function createPool<T = SqlValue[]>(
  database: string | URL,
  options?: PoolOptions<T>,
): Promise<Pool<T>> {
  const checked = checkPoolOptions(options);
  const opener = new Opener<T>(database, checked.pool, checked.connect);
  const first = await opener.first();
  // The setup function is nothing that belongs to the transaction of whoever happens to need another connection.
  const outside = AsyncLocalStorage.snapshot();
  return new Pool<T>({
    database: opener.name,
    settings: checked.pool,
    counters: opener.counters,
    isOne: opener.isOne,
    first,
    open: (kind) => outside(() => opener.open(kind)),
  });
}

class Opener<T> {
  readonly counters = new Counters();
  /** Whether reading and writing go through one connection. */
  isOne = false;
  readonly #pool: PoolSettings;
  readonly #options: AsyncConnectOptions<T>;
  readonly #settings: Settings;
  readonly #isServer: boolean;
  readonly #isReplica: boolean;
  /** To be shown: a server's URL may hold a token. */
  readonly name: string;
  /** The absolute path once it is known: the working directory may change. */
  #database: string | URL;

  constructor(database: string | URL, pool: PoolSettings, options: AsyncConnectOptions<T>) {
    this.#database = database;
    this.#pool = pool;
    const { resourceLimits: _, ...others } = options;
    const settings = checkOptions(others);
    const server = serverOf(database);
    this.#isServer = server !== null;
    this.#isReplica = isReplica(settings);
    this.name = server?.name ?? String(database);
    const readonly = settings.readonly || (!this.#isServer && parseLocation(database).readonly);
    this.#settings = { ...settings, readonly };
    this.#options = { ...options, readonly, autocommit: true };
  }

  /** The connection that writes, which finds out what kind of database it is. */
  async first(): Promise<Member<T>> {
    let isWal = true;
    const first = await this.#open("writer", this.#options, async (connection) => {
      isWal = await this.#toWal(connection);
    });
    this.isOne = this.#pool.readers === 0 || first.isPrivate || !isWal || this.#isReplica;
    if (!this.#isServer) this.#database = first.path;
    return first;
  }

  /** Another one for the same database, which has to be there. */
  open(kind: Kind): Promise<Member<T>> {
    if (this.#isServer || this.#isReplica) return this.#open(kind, this.#options, async () => {});
    const options = { ...this.#options, fileMustExist: true };
    if (kind === "reader") return this.#open(kind, { ...options, readonly: true }, async () => {});
    return this.#open(kind, options, async (connection) => void (await this.#toWal(connection)));
  }

  async #open(
    kind: Kind,
    options: AsyncConnectOptions<T>,
    prepare: (connection: AsyncConnection<T>) => Promise<void>,
  ): Promise<Member<T>> {
    const connection = await connect<T>(this.#database, options);
    try {
      await prepare(connection);
      await this.#pool.setup?.(connection as unknown as AsyncConnection<never>, {
        readonly: kind === "reader" || this.#settings.readonly,
      });
      const isRemote = this.#isServer || this.#isReplica;
      const member = new Member<T>(connection, kind, this.#settings, this.counters, isRemote);
      if (await member.clean()) return member;
      throw new OperationalError("the setup function has left a transaction open that cannot be rolled back");
    } catch (error) {
      await connection.close().catch(() => {});
      throw error;
    }
  }

  /** Puts the file in WAL mode. @returns false where that cannot be: readers and the writer would lock each other out */
  async #toWal(connection: AsyncConnection<T>): Promise<boolean> {
    if (this.#settings.readonly || this.#isServer || this.#isReplica) return true;
    const change = () => connection.cursor(null).execute("PRAGMA journal_mode = WAL").fetchone();
    const again = (failures: number) => failures < WAL_RETRIES;
    try {
      const row = await retrying(change, again, new Limits(undefined), () => {});
      return row?.[0] === "wal";
    } catch (error) {
      // A file that may not be written has no writer to be locked out by.
      if (error instanceof OperationalError && error.code?.startsWith("SQLITE_READONLY")) return true;
      throw error;
    }
  }
}
