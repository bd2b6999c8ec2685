/**
 * The promised client: hands over to the body that both forms have, and decides nothing.
 * Tests: test/client, test/types/client.test-d.ts.
 */
import { readExecute, readScript, readStatements } from "./call.ts";
import { checkConfig } from "./config.ts";
import { ClientCore } from "./core.ts";
import { limited } from "./limits.ts";
import { promised } from "./link.ts";
import { checkMode } from "./operations.ts";
import type { ResultSet } from "./result-set.ts";
import { runPromised } from "./steps.ts";
import { Transaction } from "./transaction.ts";
import { TransactionCore } from "./transaction-core.ts";
import type {
  CallLimits,
  Config,
  InArgs,
  InStatement,
  Replicated,
  StatementPair,
  TransactionMode,
} from "./types.ts";

/** A client of one database. Calls may be made while others are on their way. */
export class Client {
  readonly #core: ClientCore;

  /** @internal Use {@link createClient}. */
  constructor(core: ClientCore) {
    this.#core = core;
  }

  /**
   * Runs one statement.
   * @throws {LibsqlError} when it fails
   */
  execute(sql: string, args?: InArgs, limits?: CallLimits): Promise<ResultSet>;
  execute(statement: InStatement | StatementPair, limits?: CallLimits): Promise<ResultSet>;
  async execute(
    first: InStatement | StatementPair,
    second?: InArgs | CallLimits,
    third?: CallLimits,
  ): Promise<ResultSet> {
    const { statement, limits } = readExecute(first, second, third);
    return await limited(limits, (signal) => this.#core.execute(statement, signal));
  }

  /**
   * Runs statements in a transaction: all of them, or none.
   * @param mode `"write"`, `"read"` or `"deferred"`, the default
   * @throws {LibsqlBatchError} for the first that fails
   */
  async batch(
    statements: readonly (InStatement | StatementPair)[],
    mode: TransactionMode = "deferred",
    limits?: CallLimits,
  ): Promise<ResultSet[]> {
    const [all, kind] = [readStatements(statements), checkMode(mode)];
    return await limited(limits, (signal) => this.#core.batch(all, kind, signal));
  }

  /** The same with foreign keys not enforced, for changes of the schema. */
  async migrate(
    statements: readonly (InStatement | StatementPair)[],
    limits?: CallLimits,
  ): Promise<ResultSet[]> {
    const all = readStatements(statements);
    return await limited(limits, (signal) => this.#core.migrate(all, signal));
  }

  /**
   * Begins an interactive transaction, which is open until it is committed, rolled back or closed.
   * @param mode `"write"`, the default, `"read"` or `"deferred"`
   */
  async transaction(mode: TransactionMode = "write", limits?: CallLimits): Promise<Transaction> {
    const kind = checkMode(mode);
    const begun = await limited(limits, (signal) => this.#core.begin(kind, signal));
    return new Transaction(new TransactionCore(begun, promised));
  }

  /** Runs the statements of a script, in no transaction but those that it begins itself. */
  async executeMultiple(sql: string, limits?: CallLimits): Promise<void> {
    const script = readScript(sql);
    await limited(limits, (signal) => this.#core.executeMultiple(script, signal));
  }

  /**
   * Brings an embedded replica up to date.
   * @throws {LibsqlError} SYNC_NOT_SUPPORTED for any other database
   */
  async sync(): Promise<Replicated> {
    return await runPromised(this.#core.sync());
  }

  /** Closes the client at once. Calls that have reached the database are finished, transactions are rolled back. */
  close(): void {
    this.#core.close();
  }

  /** Opens the client anew, closed or not. */
  reconnect(): void {
    this.#core.reconnect();
  }

  get closed(): boolean {
    return this.#core.isClosed;
  }

  /** `"file"`, `"http"` or `"ws"`. */
  get protocol(): "file" | "http" | "ws" {
    return this.#core.settings.target.protocol;
  }

  /** The same as {@link Client.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The same, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

/**
 * A client whose calls are promised: local databases work in a thread of their own.
 * @throws {LibsqlError} for a URL that is wrong. Whether the database can be opened is told by the first call.
 * @throws {TypeError} for any other part of the configuration that is wrong
 * @example
 * import { createClient } from "sqlite-dbapi/client";
 * const client = createClient({ url: "file:app.db" });
 * const { rows } = await client.execute("SELECT 1 + 1 AS two"); // [{ two: 2 }]
 * client.close();
 */
export function createClient(config: Config): Client {
  return new Client(new ClientCore(checkConfig(config), promised));
}
