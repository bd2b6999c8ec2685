/**
 * One connection of a pool: how it is made ready for a use, and put back as it was.
 * It must not know who uses it, or when. Tests: test/conformance/pool-life.test.ts, test/conformance/pool-connection.test.ts.
 */
import type { IsolationLevel, Settings } from "../../core/options.ts";
import { isReadonly } from "../../core/route.ts";
import { call, type Operation, runAsync } from "../../core/run.ts";
import type { Session } from "../../core/session.ts";
import { open } from "../../core/transaction.ts";
import { isInterruption } from "../../errors/interrupted.ts";
import type { TextMode } from "../../values/types.ts";
import { AsyncConnection } from "../connection.ts";
import { guardFunction } from "../lane.ts";
import type { Shared } from "../shared.ts";
import type { Counters } from "./counters.ts";
import { Loan } from "./pooled-connection.ts";
import type { Stocked } from "./stock.ts";

export type Kind = "reader" | "writer";

export class Member<T> implements Stocked {
  /** In SQLite's own autocommit while nobody has borrowed it. */
  readonly connection: AsyncConnection<T>;
  /** Whether there is nothing to be done to have writes refused. */
  readonly #onlyReads: boolean;
  /** What the pool's caller has asked for, its transaction mode above all. */
  readonly #settings: Settings;
  readonly #shared: Shared;
  readonly #counters: Counters;
  /** Which life of the engine it was set up in, and on which database. */
  readonly #life: number;
  readonly #path: string;
  /** What the setup function has set. */
  readonly #isolationLevel: IsolationLevel;
  readonly #textFactory: TextMode;
  readonly #aroundCallbacks: Session["aroundCallbacks"];
  #isLent = false;
  #isSuspect = false;
  #isQueryOnly = false;

  constructor(
    connection: AsyncConnection<T>,
    kind: Kind,
    settings: Settings,
    counters: Counters,
    isRemote: boolean,
  ) {
    this.connection = connection;
    // A server, where a replica writes too, has no such thing as a connection that only reads.
    this.#onlyReads = kind === "reader" || settings.readonly || isRemote;
    this.#settings = settings;
    this.#shared = AsyncConnection.sharedOf(connection as unknown as AsyncConnection<never>);
    this.#counters = counters;
    this.#life = this.#shared.engine.life;
    const { session } = this.#shared;
    this.#path = session.path;
    this.#isolationLevel = session.isolationLevel;
    this.#textFactory = session.textFactory;
    this.#aroundCallbacks = session.aroundCallbacks;
  }

  /** Where the database is: an absolute path, `":memory:"` or `""`. */
  get path(): string {
    return this.#path;
  }

  /** A database in memory dies with its connection. Another one would be empty, so this one goes on and says so. */
  get isPrivate(): boolean {
    return this.#path === ":memory:" || this.#path === "";
  }

  get isSound(): boolean {
    const { session, engine } = this.#shared;
    if (this.isPrivate) return true;
    return !session.isClosed && engine.life === this.#life && session.path === this.#path;
  }

  get mayShare(): boolean {
    return this.#shared.engine.withdraw !== undefined && !this.#isSuspect && this.isSound;
  }

  withdraw(): void {
    this.#shared.engine.withdraw?.();
  }

  /** SQLite's own word on whether a statement can write. */
  isReadonly(sql: string): Promise<boolean> {
    return this.#shared.run(() => isReadonly(this.#shared.session, sql), false, null);
  }

  /** Has SQLite refuse writes until it is back, where it was not opened for reading only. */
  async forReading(): Promise<void> {
    if (this.#onlyReads) return;
    this.#isQueryOnly = true;
    await this.connection.execute("PRAGMA query_only = ON");
  }

  /** Lends it in the transaction mode of the pool's options. */
  async lend(readonly: boolean, giveBack: () => Promise<void>): Promise<Loan> {
    const { session, engine } = this.#shared;
    this.#isLent = true;
    if (readonly) await this.forReading();
    session.autocommit = this.#settings.autocommit;
    await runAsync(open(session), engine);
    const loan = new Loan(this.#shared, giveBack);
    // A function that uses the handle while SQL waits for it would wait for ever: that is to be seen on this loan, too.
    session.aroundCallbacks = (run) => guardFunction(loan.shared, engine.name, run);
    return loan;
  }

  /** Notes that a call failed: one that was interrupted may still be running, and cost the connection its worker. */
  suspect(error: unknown): void {
    if (isInterruption(error)) this.#isSuspect = true;
  }

  clean(): boolean | Promise<boolean> {
    const isAsItWas = !(this.#isLent || this.#isSuspect || this.#isQueryOnly);
    return isAsItWas && !this.#shared.session.inTransaction ? true : this.#restore();
  }

  async #restore(): Promise<boolean> {
    const { session, engine } = this.#shared;
    const isEmpty = session.autocommit === false && session.isUntouched;
    if (session.inTransaction && !isEmpty) this.#counters.rolledBack++;
    try {
      // This is answered when whatever was still running has ended, or another worker has taken its place.
      await runAsync(undo(), engine);
      session.autocommit = true;
      session.isolationLevel = this.#isolationLevel;
      session.textFactory = this.#textFactory;
      session.mayLoadExtensions = false;
      session.aroundCallbacks = this.#aroundCallbacks;
      if (this.#isQueryOnly) await this.connection.execute("PRAGMA query_only = OFF");
    } catch {
      // Whatever it is, the next caller shall not meet it, but where another connection would have lost all data.
      return this.isPrivate;
    }
    this.#isLent = false;
    this.#isSuspect = false;
    this.#isQueryOnly = false;
    return true;
  }

  async close(): Promise<void> {
    try {
      await this.connection.close();
    } catch {
      // Its worker may have died, and then there is nothing to close.
    }
  }

  abandon(): void {
    this.#shared.session.isClosed = true;
    this.#shared.engine.kill();
  }
}

function* undo(): Operation<void> {
  yield* call("control", [{ sql: "ROLLBACK", when: "open" }]);
}
