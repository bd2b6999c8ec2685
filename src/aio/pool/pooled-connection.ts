/**
 * A connection of a pool in a caller's hands: all that a connection is, until it is given back.
 * It must not know pools: what giving back means is said by whoever lends it. Tests: test/conformance/pool-connection.test.ts.
 */
import { ProgrammingError } from "../../errors/tree.ts";
import type { RowFactory } from "../../values/row-factory.ts";
import type { SqlValue } from "../../values/types.ts";
import { AsyncConnection } from "../connection.ts";
import { Shared } from "../shared.ts";

/** What is lent: the state and the order of calls of one use. It does not hold the handle, which may be dropped. */
export class Loan {
  readonly shared: Shared;
  readonly #giveBack: () => Promise<void>;
  #returned: Promise<void> | null = null;

  /** @param giveBack is called once, when no call is under way any more */
  constructor({ session, engine }: Shared, giveBack: () => Promise<void>) {
    this.shared = new Shared(session, engine);
    this.#giveBack = giveBack;
  }

  /** Refuses new calls, waits for those that are under way, gives back. A second call joins the first. */
  end(): Promise<void> {
    this.#returned ??= this.#end();
    return this.#returned;
  }

  async #end(): Promise<void> {
    const { turnstile } = this.shared;
    turnstile.refusal = () => new ProgrammingError("the connection has been given back to its pool");
    await turnstile.idle();
    await this.#giveBack();
  }
}

/**
 * A connection that the caller has for itself until `release()`, `close()` or the end of an `await using` block. An open
 * transaction is rolled back then, and the handle is dead.
 */
export class PooledConnection<T = SqlValue[]> extends AsyncConnection<T> {
  readonly #loan: Loan;

  /** @internal Use `pool.connection()`. */
  constructor(loan: Loan, rowFactory: RowFactory<T> | null) {
    super(loan.shared, null, () => {}, rowFactory);
    this.#loan = loan;
    dropped.register(this, loan, loan);
  }

  /** Gives the connection back, when the calls before have ended. A second call does nothing. */
  async release(): Promise<void> {
    dropped.unregister(this.#loan);
    await this.#loan.end();
  }

  /** The same as {@link PooledConnection.release}: the connection itself belongs to the pool. */
  override close(): Promise<void> {
    return this.release();
  }

  /** The same as {@link PooledConnection.release}, for `await using`. */
  override [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

/** Handles that nobody holds any more: told once each, then given back. */
const dropped = new FinalizationRegistry<Loan>((loan) => {
  const name = JSON.stringify(loan.shared.session.database);
  process.emitWarning(`a connection to ${name} from a pool was dropped without release()`, "ResourceWarning");
  loan.end().catch(() => {});
});
