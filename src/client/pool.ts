/**
 * The connections of a client, lent and taken back. One that comes back in a transaction is rolled back, so that nobody
 * inherits it. It must not know what connections are used for. Tests: test/client/transaction.test.ts, life.test.ts.
 */
import { clientClosed } from "./errors.ts";
import type { Link } from "./link.ts";
import { type Place, Seats } from "./seats.ts";
import { type Awaitable, type Steps, wait } from "./steps.ts";

/** How a connection is borrowed: by a call that leaves nothing behind, by one that needs it alone, or by a transaction. */
export type Loan = "shared" | "alone" | "long";

/** A connection, and the place that its borrower has. */
export interface Lent {
  readonly link: Link;
  readonly place: Place;
}

export interface Pool {
  borrow(loan: Loan, signal: AbortSignal | undefined): Steps<Lent>;
  /** A transaction will soon give its connection back. */
  ends(lent: Lent): void;
  giveBack(lent: Lent): Steps<void>;
  close(): void;
}

interface Opening {
  readonly open: () => Awaitable<Link>;
  readonly patience: number;
  readonly refusal: () => Error;
}

/** More callers at a time than there will ever be. */
const ALL = 1 << 30;

/** One connection, shared by calls that leave nothing behind: they are on their way together, in their order. */
export class SinglePool implements Pool {
  readonly #opening: Opening;
  readonly #seats: Seats;
  /** A second connection would lead to another database: a broken one is kept, and says so. */
  readonly #isOnlyOne: boolean;
  #link: Awaitable<Link> | null = null;
  #isClosed = false;

  constructor(opening: Opening, isOnlyOne: boolean) {
    this.#opening = opening;
    this.#seats = new Seats(ALL, opening.patience, opening.refusal);
    this.#isOnlyOne = isOnlyOne;
  }

  *borrow(loan: Loan, signal: AbortSignal | undefined): Steps<Lent> {
    const place = { seats: loan === "shared" ? 1 : ALL, isLong: loan === "long" };
    yield* wait(this.#seats.take(place, signal));
    try {
      return { link: yield* this.#connected(), place };
    } catch (error) {
      this.#seats.give(place);
      throw error;
    }
  }

  *#connected(): Steps<Link> {
    if (this.#isClosed) throw clientClosed();
    this.#link ??= this.#opening.open();
    const opened = this.#link;
    let link: Link;
    try {
      link = yield* wait(opened);
    } catch (error) {
      // The next call tries again.
      if (this.#link === opened) this.#link = null;
      throw error;
    }
    if (this.#link === opened) this.#link = link;
    if (!this.#isClosed) return link;
    link.close();
    throw clientClosed();
  }

  ends({ place }: Lent): void {
    this.#seats.ends(place);
  }

  *giveBack({ link, place }: Lent): Steps<void> {
    if (place.seats === ALL) yield* rollBack(link);
    if ((link.isBroken || link.isClosed) && !this.#isOnlyOne) {
      link.close();
      if (this.#link === link) this.#link = null;
    }
    this.#seats.give(place);
  }

  close(): void {
    this.#isClosed = true;
    this.#seats.close(clientClosed);
    const link = this.#link;
    this.#link = null;
    if (link !== null && "close" in link) link.close();
  }
}

/** Several connections, each lent to one borrower at a time. */
export class ManyPool implements Pool {
  readonly #opening: Opening;
  readonly #seats: Seats;
  readonly #all = new Set<Link>();
  readonly #idle: Link[] = [];
  #isClosed = false;

  constructor(opening: Opening, limit: number) {
    this.#opening = opening;
    this.#seats = new Seats(limit, opening.patience, opening.refusal);
  }

  *borrow(loan: Loan, signal: AbortSignal | undefined): Steps<Lent> {
    const place = { seats: 1, isLong: loan === "long" };
    yield* wait(this.#seats.take(place, signal));
    try {
      if (this.#isClosed) throw clientClosed();
      return { link: this.#idle.pop() ?? (yield* this.#opened()), place };
    } catch (error) {
      this.#seats.give(place);
      throw error;
    }
  }

  *#opened(): Steps<Link> {
    const link = yield* wait(this.#opening.open());
    if (this.#isClosed) {
      link.close();
      throw clientClosed();
    }
    this.#all.add(link);
    return link;
  }

  ends({ place }: Lent): void {
    this.#seats.ends(place);
  }

  *giveBack({ link, place }: Lent): Steps<void> {
    yield* rollBack(link);
    if (link.isBroken || this.#idle.length >= SPARE) link.close();
    if (link.isClosed) this.#all.delete(link);
    else this.#idle.push(link);
    this.#seats.give(place);
  }

  close(): void {
    this.#isClosed = true;
    this.#seats.close(clientClosed);
    for (const link of this.#all) link.close();
    this.#all.clear();
  }
}

/** Idle connections that are kept for the next borrower. */
const SPARE = 4;

/** Leaves no transaction behind. A connection that cannot be rolled back is closed, which does it. */
function* rollBack(link: Link): Steps<void> {
  if (!link.inTransaction || link.isBroken) return;
  try {
    yield* wait(link.query({ sql: "ROLLBACK", args: [] }, undefined));
  } catch {
    link.close();
  }
}
