/**
 * An interactive transaction, once for both forms: its calls one after the other, and its end.
 * It must not know promises. Tests: test/client/transaction.test.ts.
 */
import type { Begun } from "./core.ts";
import { LibsqlBatchError, transactionClosed } from "./errors.ts";
import type { Form } from "./link.ts";
import { control, query, runAll, type Site } from "./operations.ts";
import type { ResultSet } from "./result-set.ts";
import { Seats } from "./seats.ts";
import type { Statement } from "./statement.ts";
import { type Steps, wait } from "./steps.ts";

type Signal = AbortSignal | undefined;

const TURN = { seats: 1, isLong: false };

export class TransactionCore {
  readonly #begun: Begun;
  readonly #form: Form;
  /** Each call looks whether the transaction is still there before it runs: none may run past its end, in autocommit. */
  readonly #turns = new Seats(1, Number.POSITIVE_INFINITY, transactionClosed);
  /** Nothing has run yet: the transaction holds no lock that others may be waiting for. */
  #isFresh = true;
  /** No more calls are taken. */
  #isClosed = false;

  constructor(begun: Begun, form: Form) {
    this.#begun = begun;
    this.#form = form;
  }

  get #link(): Site["link"] {
    return this.#begun.site.link;
  }

  /** Closed by the caller, or ended by SQLite. */
  get isClosed(): boolean {
    return this.#isClosed || !this.#link.inTransaction;
  }

  execute(statement: Statement, signal: Signal): Steps<ResultSet> {
    return this.#call(signal, (site) => this.#waiting(site, () => query(site, statement)));
  }

  batch(statements: readonly Statement[], signal: Signal): Steps<ResultSet[]> {
    return this.#call(signal, (site) => this.#waiting(site, () => runAll(site, statements)));
  }

  /**
   * The first statement waits for a lock, which takes the snapshot that it then works on. A later one that finds the
   * database locked fails at once: two transactions that wait for each other's end would do so in vain.
   */
  *#waiting<R>(site: Site, run: () => Steps<R>): Steps<R> {
    const isFresh = this.#isFresh;
    this.#isFresh = false;
    if (!isFresh) return yield* run();
    const outcome = yield* this.#begun.retrying(() => untilItHasRun(run()), site.signal);
    if ("failure" in outcome) throw outcome.failure;
    return outcome.value;
  }

  executeMultiple(sql: string, signal: Signal): Steps<void> {
    return this.#call(signal, ({ link }) => {
      this.#isFresh = false;
      return wait(link.script(sql, signal));
    });
  }

  *commit(signal: Signal): Steps<void> {
    if (this.#isClosed) throw transactionClosed();
    this.#close();
    yield* wait(this.#turns.take(TURN));
    try {
      if (!this.#link.inTransaction) throw transactionClosed();
      const { retrying, site } = this.#begun;
      yield* retrying(() => control({ ...site, signal }, "COMMIT"), signal);
    } finally {
      yield* this.#end();
    }
  }

  /** Nothing is left to be done when it is closed already, or SQLite has rolled it back. */
  *rollback(): Steps<void> {
    if (this.#isClosed) return;
    this.#close();
    yield* wait(this.#turns.take(TURN));
    yield* this.#end();
  }

  close(): void {
    if (!this.#isClosed) this.#form.start(this.rollback());
  }

  #close(): void {
    this.#isClosed = true;
    this.#begun.ends();
  }

  *#call<R>(signal: Signal, work: (site: Site) => Steps<R>): Steps<R> {
    if (this.#isClosed) throw transactionClosed();
    yield* wait(this.#turns.take(TURN, signal));
    try {
      if (!this.#link.inTransaction) throw transactionClosed();
      return yield* work({ ...this.#begun.site, signal });
    } finally {
      this.#turns.give(TURN);
    }
  }

  /** The connection goes back, which rolls back what is open. Whoever waits for a turn finds the transaction gone. */
  *#end(): Steps<void> {
    try {
      yield* this.#begun.release();
    } finally {
      this.#turns.give(TURN);
    }
  }
}

/** A failure behind the first statement of a batch is given, not thrown: what ran before it must not run once more. */
function* untilItHasRun<R>(work: Steps<R>): Steps<{ readonly value: R } | { readonly failure: unknown }> {
  try {
    return { value: yield* work };
  } catch (failure) {
    if (failure instanceof LibsqlBatchError && failure.statementIndex > 0) return { failure };
    throw failure;
  }
}
