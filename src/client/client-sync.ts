/**
 * The synchronous client: hands over to the body that both forms have, and decides nothing.
 * Tests: test/client, test/types/client.test-d.ts.
 */
import { readExecute, readScript, readStatements } from "./call.ts";
import { checkConfig } from "./config.ts";
import { ClientCore } from "./core.ts";
import { plain } from "./link.ts";
import { checkMode } from "./operations.ts";
import type { ResultSet } from "./result-set.ts";
import { runNow } from "./steps.ts";
import { TransactionSync } from "./transaction.ts";
import { TransactionCore } from "./transaction-core.ts";
import type { Config, InArgs, InStatement, Replicated, StatementPair, TransactionMode } from "./types.ts";

/** A client of one database without promises. @see Client, whose members these are */
export class ClientSync {
  readonly #core: ClientCore;

  /** @internal Use {@link createClientSync}. */
  constructor(core: ClientCore) {
    this.#core = core;
  }

  /**
   * Runs one statement.
   * @throws {LibsqlError} when it fails
   */
  execute(sql: string, args?: InArgs): ResultSet;
  execute(statement: InStatement | StatementPair): ResultSet;
  execute(first: InStatement | StatementPair, args?: InArgs): ResultSet {
    return runNow(this.#core.execute(readExecute(first, args).statement, undefined));
  }

  /**
   * Runs statements in a transaction: all of them, or none.
   * @param mode `"write"`, `"read"` or `"deferred"`, the default
   * @throws {LibsqlBatchError} for the first that fails
   */
  batch(
    statements: readonly (InStatement | StatementPair)[],
    mode: TransactionMode = "deferred",
  ): ResultSet[] {
    return runNow(this.#core.batch(readStatements(statements), checkMode(mode), undefined));
  }

  /** The same with foreign keys not enforced, for changes of the schema. */
  migrate(statements: readonly (InStatement | StatementPair)[]): ResultSet[] {
    return runNow(this.#core.migrate(readStatements(statements), undefined));
  }

  /**
   * Begins an interactive transaction, which is open until it is committed, rolled back or closed.
   * @param mode `"write"`, the default, `"read"` or `"deferred"`
   */
  transaction(mode: TransactionMode = "write"): TransactionSync {
    return new TransactionSync(
      new TransactionCore(runNow(this.#core.begin(checkMode(mode), undefined)), plain),
    );
  }

  /** Runs the statements of a script, in no transaction but those that it begins itself. */
  executeMultiple(sql: string): void {
    runNow(this.#core.executeMultiple(readScript(sql), undefined));
  }

  /**
   * Brings an embedded replica up to date.
   * @throws {LibsqlError} SYNC_NOT_SUPPORTED for any other database
   */
  sync(): Replicated {
    return runNow(this.#core.sync());
  }

  /** Closes the client. Transactions are rolled back. */
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

  /** The same as {@link ClientSync.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * A client without promises.
 * @throws {LibsqlError} for a URL that is wrong, and when the database cannot be opened
 * @throws {TypeError} for any other part of the configuration that is wrong
 * @example
 * import { createClientSync } from "sqlite-dbapi/client";
 * const client = createClientSync({ url: "file:app.db" });
 * const { rows } = client.execute("SELECT 1 + 1 AS two"); // [{ two: 2 }]
 * client.close();
 */
export function createClientSync(config: Config): ClientSync {
  const core = new ClientCore(checkConfig(config), plain);
  // A server is asked when there is something to ask.
  if (core.settings.target.kind !== "server") runNow(core.connect());
  return new ClientSync(core);
}
