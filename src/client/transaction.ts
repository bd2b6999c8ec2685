/**
 * Interactive transactions, promised and synchronous: they hand over to the body that both have, and decide nothing.
 * Tests: test/client/transaction.test.ts, test/types/client.test-d.ts.
 */
import { readExecute, readScript, readStatements } from "./call.ts";
import { limited } from "./limits.ts";
import type { ResultSet } from "./result-set.ts";
import { runNow } from "./steps.ts";
import type { TransactionCore } from "./transaction-core.ts";
import type { CallLimits, InArgs, InStatement, StatementPair } from "./types.ts";

/** Transactions that were dropped while they were open: told once each, then closed, since others may wait for them. */
const unclosed = new FinalizationRegistry<TransactionCore>((core) => {
  if (core.isClosed) return;
  process.emitWarning(
    "a transaction was dropped without commit(), rollback() or close(): it is rolled back",
    "ResourceWarning",
  );
  core.close();
});

/** A transaction that is open until it is committed, rolled back or closed. */
export class Transaction {
  readonly #core: TransactionCore;

  /** @internal Use {@link Client.transaction}. */
  constructor(core: TransactionCore) {
    this.#core = core;
    unclosed.register(this, core);
  }

  /** Runs one statement. A failure leaves the transaction open, unless SQLite has ended it. */
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

  /** Runs statements until one fails; what the others have done stays in the transaction. */
  async batch(
    statements: readonly (InStatement | StatementPair)[],
    limits?: CallLimits,
  ): Promise<ResultSet[]> {
    const all = readStatements(statements);
    return await limited(limits, (signal) => this.#core.batch(all, signal));
  }

  /** Runs the statements of a script. */
  async executeMultiple(sql: string, limits?: CallLimits): Promise<void> {
    const script = readScript(sql);
    await limited(limits, (signal) => this.#core.executeMultiple(script, signal));
  }

  /**
   * Makes what was done permanent. Whether that works or not, the transaction is closed.
   * @throws {LibsqlError} TRANSACTION_CLOSED when there is none any more
   */
  async commit(limits?: CallLimits): Promise<void> {
    await limited(limits, (signal) => this.#core.commit(signal));
  }

  /** Undoes what was done, and closes the transaction. Does nothing when it is closed. */
  async rollback(): Promise<void> {
    await limited(undefined, () => this.#core.rollback());
  }

  /** Closes the transaction at once: what is not committed is rolled back. */
  close(): void {
    this.#core.close();
  }

  /** Whether it has been committed, rolled back or closed, or ended by SQLite. */
  get closed(): boolean {
    return this.#core.isClosed;
  }

  /** The same as {@link Transaction.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Waits until what is not committed has been rolled back, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.rollback();
  }
}

/** The same without promises. */
export class TransactionSync {
  readonly #core: TransactionCore;

  /** @internal Use {@link ClientSync.transaction}. */
  constructor(core: TransactionCore) {
    this.#core = core;
    unclosed.register(this, core);
  }

  /** Runs one statement. A failure leaves the transaction open, unless SQLite has ended it. */
  execute(sql: string, args?: InArgs): ResultSet;
  execute(statement: InStatement | StatementPair): ResultSet;
  execute(first: InStatement | StatementPair, args?: InArgs): ResultSet {
    return runNow(this.#core.execute(readExecute(first, args).statement, undefined));
  }

  /** Runs statements until one fails; what the others have done stays in the transaction. */
  batch(statements: readonly (InStatement | StatementPair)[]): ResultSet[] {
    return runNow(this.#core.batch(readStatements(statements), undefined));
  }

  /** Runs the statements of a script. */
  executeMultiple(sql: string): void {
    runNow(this.#core.executeMultiple(readScript(sql), undefined));
  }

  /**
   * Makes what was done permanent. Whether that works or not, the transaction is closed.
   * @throws {LibsqlError} TRANSACTION_CLOSED when there is none any more
   */
  commit(): void {
    runNow(this.#core.commit(undefined));
  }

  /** Undoes what was done, and closes the transaction. Does nothing when it is closed. */
  rollback(): void {
    runNow(this.#core.rollback());
  }

  /** Closes the transaction: what is not committed is rolled back. */
  close(): void {
    this.#core.close();
  }

  /** Whether it has been committed, rolled back or closed, or ended by SQLite. */
  get closed(): boolean {
    return this.#core.isClosed;
  }

  /** The same as {@link TransactionSync.close}, for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }
}
