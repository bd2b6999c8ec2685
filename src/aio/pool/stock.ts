/**
 * The connections of one kind, and the callers who wait for one: opened when they are needed, handed out one at a time, or to
 * several short reads at a time, made anew when they are lost. It must not know what they are used for.
 * Tests: test/conformance/pool-life.test.ts, test/conformance/pool-sharing.test.ts.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { OperationalError, ProgrammingError } from "../../errors/tree.ts";
import { backoff } from "./backoff.ts";
import type { Counters, StockStats } from "./counters.ts";
import type { Limits } from "./limits.ts";
import { Line } from "./line.ts";
import { type Held, Sharing } from "./sharing.ts";

/** What a stock has to know of a connection. */
export interface Stocked {
  /** Whether its worker is still the one that it was opened with. */
  readonly isSound: boolean;
  /** Whether calls can be on their way together, and be taken back. */
  readonly mayShare: boolean;
  /** Takes back what has not begun. */
  withdraw(): void;
  /** Makes it as it was when it was opened, if somebody has left something behind. @returns whether that has worked */
  clean(): boolean | Promise<boolean>;
  /** Closes it; never rejects. */
  close(): Promise<void>;
  /** Closes it at once, whatever it is doing. */
  abandon(): void;
}

export interface StockOptions<M> {
  /** What a caller waits for, in words. */
  readonly what: string;
  readonly limit: number;
  readonly maxQueue: number;
  readonly acquireTimeout: number;
  readonly open: () => Promise<M>;
  /** Told of a connection that is lost and will be made anew. */
  readonly onReplace: () => void;
}

/** How often opening is tried before the callers who wait are told why it fails. */
const ATTEMPTS = 5;

export class Stock<M extends Stocked> {
  readonly #options: StockOptions<M>;
  readonly #counters: Counters;
  readonly #line: Line<Held<M>>;
  /** The one that came back last is handed out next: what it has read is still at hand. */
  readonly #idle: M[] = [];
  readonly #busy = new Sharing<M>();
  #opening = 0;
  #isClosed = false;
  /** Nothing is kept any more. */
  #isOver = false;
  #whenEmpty: (() => void)[] = [];

  constructor(options: StockOptions<M>, counters: Counters) {
    this.#options = options;
    this.#counters = counters;
    this.#line = new Line(options.what, options.acquireTimeout, counters);
  }

  get stats(): StockStats {
    const [idle, busy] = [this.#idle.length, this.#busy.size];
    return { total: idle + busy, idle, busy, opening: this.#opening };
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** Puts in a connection that has been opened elsewhere. */
  add(member: M): void {
    this.#busy.keep(member);
    this.#handOn(member);
  }

  /** Hands out a connection to one caller, at once if there is one. */
  async acquire(limits: Limits): Promise<Held<M>> {
    limits.check();
    if (this.#isClosed) throw closedPool();
    return this.#taken(this.#takeIdle(false) ?? (await this.#wait(limits, false, null)));
  }

  /**
   * Hands out a connection for a short read, at once if there is one, which others may have as well. It may be taken back.
   * @param since when a caller who comes back from that came first
   */
  share(limits: Limits, since: number | null): Held<M> | Promise<Held<M>> {
    // Who has been let in is not refused, but where nothing is left.
    if (since === null ? this.#isClosed : this.#isOver) throw closedPool();
    let held = this.#takeIdle(true);
    if (held === null && this.#line.length === 0) {
      this.#grow(1);
      held = this.#busy.join();
    }
    return held === null
      ? this.#wait(limits, true, since).then((waited) => this.#taken(waited))
      : this.#taken(held);
  }

  #taken(held: Held<M>): Held<M> {
    this.#counters.acquired++;
    return held;
  }

  async #wait(limits: Limits, isShared: boolean, since: number | null): Promise<Held<M>> {
    this.#grow(1);
    if (since === null && this.#line.length >= this.#options.maxQueue + this.#opening) throw this.#full();
    return this.#line.wait(limits, isShared, since);
  }

  #takeIdle(isShared: boolean): Held<M> | null {
    for (let member = this.#idle.pop(); member !== undefined; member = this.#idle.pop()) {
      if (member.isSound) return this.#busy.begin(member, isShared);
      this.#retire(member);
    }
    return null;
  }

  #full(): OperationalError {
    this.#counters.refused++;
    const { what, maxQueue } = this.#options;
    return new OperationalError(`${maxQueue} callers wait for ${what} already: that is maxQueue`, {
      code: "POOL_QUEUE_FULL",
      outcome: "not-executed",
    });
  }

  /**
   * Takes a connection back. It is at once the next caller's, unless something has to be undone first.
   * @param isTakenBack whether the caller did not get to use it
   */
  release(held: Held<M>, isTakenBack: boolean): void | Promise<void> {
    const { member } = held;
    if (!this.#busy.end(held, isTakenBack)) {
      this.#admit(member);
      return;
    }
    const isClean = member.clean();
    if (isClean instanceof Promise) return isClean.then((was) => this.#settle(member, was));
    this.#settle(member, isClean);
  }

  #settle(member: M, isClean: boolean): void {
    // It was abandoned while it was out.
    if (!this.#busy.has(member)) return;
    if (isClean && member.isSound) {
      this.#handOn(member);
      return;
    }
    this.#busy.leave(member);
    this.#retire(member);
    this.#grow(0);
    this.#tellIfEmpty();
  }

  /** Gives a connection to the next caller, or lays it by. */
  #handOn(member: M): void {
    if (this.#line.length > 0) {
      this.#line.serve(this.#busy.begin(member, this.#line.isNextShared));
      this.#admit(member);
      return;
    }
    this.#busy.leave(member);
    if (this.#isOver) void member.close();
    else this.#idle.push(member);
    this.#tellIfEmpty();
  }

  /** Lets those who are next share a connection, as far as the first who would not. */
  #admit(member: M): void {
    while (this.#line.isNextShared) {
      const held = this.#busy.join(member);
      if (held === null) return;
      this.#line.serve(held);
    }
  }

  #retire(member: M): void {
    this.#counters.replaced++;
    this.#options.onReplace();
    void member.close();
  }

  /** Opens connections while there are more callers than will get one. @param coming how many are about to wait */
  #grow(coming: number): void {
    const { limit } = this.#options;
    const isShort = () => this.#line.length + coming > this.#opening;
    while (isShort() && this.#busy.size + this.#idle.length + this.#opening < limit) void this.#open();
  }

  async #open(): Promise<void> {
    this.#opening++;
    let failure: { readonly error: unknown } | null = null;
    for (let failures = 0; failures < ATTEMPTS; failures++) {
      try {
        const member = await this.#options.open();
        this.#opening--;
        return this.add(member);
      } catch (error) {
        failure = { error };
      }
      // Nobody needs it any more.
      if (this.#line.length === 0) break;
      if (failures + 1 < ATTEMPTS) await sleep(backoff(failures));
    }
    this.#opening--;
    // While there are others, they will serve those who wait.
    if (this.#busy.size + this.#opening === 0) this.#line.refuseAll(failure?.error);
    this.#tellIfEmpty();
  }

  #tellIfEmpty(): void {
    if (this.#busy.size + this.#opening + this.#line.length > 0) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  /** Lets nobody new in. @returns when the last one has left */
  async drain(): Promise<void> {
    this.#isClosed = true;
    if (this.#busy.size + this.#opening + this.#line.length === 0) return;
    await new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
  }

  /** Ends what is still going on after {@link drain} has had its time. */
  abandon(): void {
    this.#isOver = true;
    this.#line.refuseAll(closedPool());
    for (const member of this.#busy.leaveAll()) member.abandon();
    this.#tellIfEmpty();
  }

  /** Closes what is idle. */
  async close(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#idle.splice(0).map((member) => member.close()));
  }
}

/** What a closed pool says. */
function closedPool(): ProgrammingError {
  return new ProgrammingError("Cannot operate on a closed pool.");
}
