/**
 * What a client does, once for both forms: which connection a call goes to, and what it waits for.
 * It must not know promises or how a connection is opened. Tests: test/client.
 */
import type { Settings } from "./config.ts";
import { clientClosed, isBusy, locked, transactionActive } from "./errors.ts";
import type { Form } from "./link.ts";
import { batch, begin, leave, migrate, query, runScript, type Site } from "./operations.ts";
import { type Loan, ManyPool, type Pool, SinglePool } from "./pool.ts";
import type { ResultSet } from "./result-set.ts";
import { Seats } from "./seats.ts";
import { beginsTransaction, type Statement } from "./statement.ts";
import { type Steps, wait } from "./steps.ts";
import type { Replicated, TransactionMode } from "./types.ts";

type Signal = AbortSignal | undefined;

/** What a client has open. One that reconnects gets another. */
interface Household {
  /** Connections for calls that are over when they return. */
  readonly calls: Pool;
  /** Connections for interactive transactions; the same ones where there cannot be others. */
  readonly transactions: Pool;
  /** The one write transaction that a file can have at a time; null where something else queues them. */
  readonly writing: Seats | null;
  isClosed: boolean;
}

/** An interactive transaction, as far as its connection goes. */
export interface Begun {
  readonly site: Site;
  /** Does work that may find the database locked, again and again. */
  retrying<R>(work: () => Steps<R>, signal: Signal): Steps<R>;
  /** Says that the connection will soon be given back. */
  ends(): void;
  /** Gives the connection back, rolled back. */
  release(): Steps<void>;
}

/** Between two attempts at a lock, milliseconds. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 50;

export class ClientCore {
  readonly settings: Settings;
  readonly #form: Form;
  #house: Household;
  /** Interactive transactions that are open. */
  #open = 0;
  /** Those of them that have been told to end. */
  #ending = 0;

  constructor(settings: Settings, form: Form) {
    this.settings = settings;
    this.#form = form;
    this.#house = this.#furnish();
  }

  #furnish(): Household {
    const { settings } = this;
    const { target, concurrency, timeout } = settings;
    const patience = this.#form.canWait ? timeout : 0;
    const opening = { open: () => this.#form.open(settings), patience, refusal: transactionActive };
    if (target.kind === "file") {
      const writing = new Seats(1, patience, locked);
      const transactions = new ManyPool(opening, concurrency);
      return { calls: new SinglePool(opening, false), transactions, writing, isClosed: false };
    }
    const only =
      target.kind === "single" ? new SinglePool(opening, true) : new ManyPool(opening, concurrency);
    return { calls: only, transactions: only, writing: null, isClosed: false };
  }

  get isClosed(): boolean {
    return this.#house.isClosed;
  }

  /** Lets go of every connection: open transactions are rolled back, calls that wait are rejected. */
  close(): void {
    const house = this.#house;
    if (house.isClosed) return;
    house.isClosed = true;
    house.calls.close();
    house.transactions.close();
    house.writing?.close(clientClosed);
  }

  /** Starts anew, closed or not. */
  reconnect(): void {
    this.close();
    this.#house = this.#furnish();
  }

  #entered(): Household {
    if (this.#house.isClosed) throw clientClosed();
    return this.#house;
  }

  /** Opens the database, to see whether that works. */
  connect(): Steps<void> {
    return this.#call("shared", undefined, function* () {});
  }

  execute(statement: Statement, signal: Signal): Steps<ResultSet> {
    const loan = beginsTransaction(statement.sql) ? "alone" : "shared";
    return this.#retrying(() => this.#call(loan, signal, (site) => query(site, statement)), signal);
  }

  batch(statements: readonly Statement[], mode: TransactionMode, signal: Signal): Steps<ResultSet[]> {
    return this.#retrying(() => this.#call("alone", signal, (site) => batch(site, mode, statements)), signal);
  }

  migrate(statements: readonly Statement[], signal: Signal): Steps<ResultSet[]> {
    return this.#retrying(() => this.#call("alone", signal, (site) => migrate(site, statements)), signal);
  }

  executeMultiple(sql: string, signal: Signal): Steps<void> {
    const patience = this.#canWait(0) ? this.settings.timeout : 0;
    return this.#call("alone", signal, (site) => runScript(site, sql, patience));
  }

  sync(): Steps<Replicated> {
    return this.#call("alone", undefined, ({ link }) => wait(link.sync()));
  }

  /** Does work on a connection for calls. */
  *#call<R>(loan: Loan, signal: Signal, work: (site: Site) => Steps<R>): Steps<R> {
    const { calls } = this.#entered();
    const lent = yield* calls.borrow(loan, signal);
    try {
      return yield* work({ link: lent.link, signal, ...this.#manner });
    } finally {
      yield* calls.giveBack(lent);
    }
  }

  get #manner(): Pick<Site, "isServer" | "intMode"> {
    return { isServer: this.settings.target.kind === "server", intMode: this.settings.intMode };
  }

  /** Begins an interactive transaction. The write transactions on a file come one after the other. */
  *begin(mode: TransactionMode, signal: Signal): Steps<Begun> {
    const { transactions, writing } = this.#entered();
    const seats = mode === "write" ? writing : null;
    const place = { seats: 1, isLong: true };
    if (seats !== null) yield* wait(seats.take(place, signal));
    let begun: Begun | null = null;
    try {
      const lent = yield* transactions.borrow("long", signal);
      this.#open++;
      const site: Site = { link: lent.link, signal: undefined, ...this.#manner };
      const core = this;
      let isEnding = false;
      begun = {
        site,
        retrying: (work, until) => core.#retrying(work, until, 1),
        ends() {
          isEnding = true;
          core.#ending++;
          transactions.ends(lent);
          seats?.ends(place);
        },
        *release() {
          yield* leave(site, mode);
          yield* transactions.giveBack(lent);
          seats?.give(place);
          core.#open--;
          if (isEnding) core.#ending--;
        },
      };
      yield* begun.retrying(() => begin({ ...site, signal }, mode), signal);
      return begun;
    } catch (error) {
      if (begun === null) seats?.give(place);
      else yield* begun.release();
      throw error;
    }
  }

  /**
   * Does work that fails whole when another connection has the lock, until it succeeds or time is up. It is not SQLite that
   * waits: it would keep the connection from those who do not need the lock, such as the owner of the transaction waited for.
   * @param own how many of the open transactions are the caller's
   */
  *#retrying<R>(work: () => Steps<R>, signal: Signal, own = 0): Steps<R> {
    const { writing } = this.#entered();
    const place = { seats: 1, isLong: false };
    let deadline = performance.now() + this.settings.timeout;
    let pause = FIRST_PAUSE;
    let isSeated = false;
    try {
      for (;;) {
        const sawEnding = this.#ending > own;
        try {
          return yield* work();
        } catch (error) {
          if (!isBusy(error) || !this.#canWait(own)) throw error;
          // A transaction of this very client that was on its way to its end is waited for in any case.
          if (performance.now() >= deadline && !sawEnding) throw error;
        }
        if (writing?.isFull && own === 0 && !isSeated) {
          // In line, behind the transactions of this client.
          yield* wait(writing.take(place, signal));
          isSeated = true;
          deadline = performance.now() + this.settings.timeout;
        } else {
          yield* wait(this.#form.pause(pause, signal));
          pause = Math.min(2 * pause, LONGEST_PAUSE);
        }
      }
    } finally {
      if (isSeated) writing?.give(place);
    }
  }

  /** Whether waiting can help: not where the lock may be that of a transaction which only the waiting code can end. */
  #canWait(own: number): boolean {
    return this.#form.canWait || this.#open <= own;
  }
}
