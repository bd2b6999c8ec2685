/**
 * Who has which connection: one caller, or several with short reads, which are on their way to the worker together. A read
 * that turns out long must not hold up those behind it: what has not begun after a while is taken back.
 * It must not know who waits. Tests: test/unit/aio/pool-sharing.test.ts, test/conformance/pool-sharing.test.ts.
 */

/** How many callers may share a connection. */
const MOST = 32;
/** How long the calls behind one that has not ended wait for it, in milliseconds; as long others may join them. */
const PATIENCE = 2;

/** What has to be known of a connection. */
interface Shareable {
  readonly mayShare: boolean;
  withdraw(): void;
}

/** A connection in the hands of one caller. */
export interface Held<M> {
  readonly member: M;
  readonly since: number;
}

interface Using<M> {
  readonly isShared: boolean;
  readonly uses: Set<Held<M>>;
  /** When the latest of them ended, or the first began. */
  progress: number;
}

export class Sharing<M extends Shareable> {
  readonly #now: () => number;
  readonly #busy = new Map<M, Using<M>>();
  #timer: NodeJS.Timeout | null = null;

  /** @param now tells the time in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** How many connections are in use, or about to be. */
  get size(): number {
    return this.#busy.size;
  }

  has(member: M): boolean {
    return this.#busy.has(member);
  }

  /** Counts a connection as in use that nobody has yet. */
  keep(member: M): void {
    this.#busy.set(member, { isShared: false, uses: new Set(), progress: 0 });
  }

  /** Hands out a connection that nobody has. */
  begin(member: M, isShared: boolean): Held<M> {
    const held = { member, since: this.#now() };
    this.#busy.set(member, { isShared, uses: new Set([held]), progress: held.since });
    return held;
  }

  /** Hands out a connection to one more caller, the least shared one unless told; null where there is none to be shared. */
  join(which?: M): Held<M> | null {
    const now = this.#now();
    let member: M | null = null;
    let fewest = MOST;
    for (const one of which === undefined ? this.#busy.keys() : [which]) {
      const count = this.#count(one, now);
      if (count >= fewest) continue;
      fewest = count;
      member = one;
    }
    if (member === null) return null;
    const held = { member, since: now };
    this.#busy.get(member)?.uses.add(held);
    this.#watch();
    return held;
  }

  /** How many callers share a connection; infinitely many where no other may. */
  #count(member: M, now: number): number {
    const using = this.#busy.get(member);
    const mayJoin = using?.isShared === true && using.uses.size > 0 && now - using.progress < PATIENCE;
    return mayJoin && member.mayShare ? using.uses.size : Number.POSITIVE_INFINITY;
  }

  /** A caller is done, or has been sent back. @returns whether it was the last one */
  end(held: Held<M>, isTakenBack: boolean): boolean {
    const using = this.#busy.get(held.member);
    if (using === undefined) return true;
    using.uses.delete(held);
    if (using.isShared && !isTakenBack) using.progress = this.#now();
    return using.uses.size === 0;
  }

  leave(member: M): void {
    this.#busy.delete(member);
  }

  /** Forgets all of them. */
  leaveAll(): M[] {
    const all = [...this.#busy.keys()];
    this.#busy.clear();
    return all;
  }

  #watch(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#takeBack();
    }, PATIENCE);
    this.#timer.unref();
  }

  /** Takes back what waits behind a call for too long. */
  #takeBack(): void {
    const now = this.#now();
    for (const [member, { isShared, uses, progress }] of this.#busy) {
      if (!isShared || uses.size < 2) continue;
      this.#watch();
      if (now - progress >= PATIENCE) member.withdraw();
    }
  }
}
