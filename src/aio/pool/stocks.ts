/**
 * All connections of a pool: the one that writes and those that read, or one for both. Each use of one is watched and told of.
 * It must not know what a use is for. Tests: test/conformance/pool-life.test.ts.
 */
import { isPoolTraced, type PoolTrace, tracePool } from "../../diagnostics.ts";
import { WITHDRAWN } from "../../errors/withdrawn.ts";
import { withCallersStack } from "../shared.ts";
import type { Counters, PoolStats } from "./counters.ts";
import { watchHold } from "./hold.ts";
import type { Limits } from "./limits.ts";
import type { Kind, Member } from "./member.ts";
import type { PoolSettings } from "./options.ts";
import type { Held } from "./sharing.ts";
import { Stock } from "./stock.ts";

/** What a pool is made of. */
export interface Parts<T> {
  /** The name that the pool was opened with. */
  readonly database: string;
  readonly settings: PoolSettings;
  readonly counters: Counters;
  /** Whether reading and writing go through one connection. */
  readonly isOne: boolean;
  /** The connection that writes. */
  readonly first: Member<T>;
  readonly open: (kind: Kind) => Promise<Member<T>>;
}

/** A connection in use. */
export interface Use<T> {
  readonly member: Member<T>;
  /** To be called once. @param isTakenBack whether the caller did not get to use it */
  readonly end: (isTakenBack?: boolean) => void | Promise<void>;
}

const WHAT = {
  reader: "a reader of the pool",
  writer: "the writer of the pool",
  only: "the one connection of the pool",
};

export class Stocks<T> {
  readonly #parts: Parts<T>;
  readonly #reader: Stock<Member<T>>;
  readonly #writer: Stock<Member<T>>;

  constructor(parts: Parts<T>) {
    this.#parts = parts;
    const { settings, isOne, first } = parts;
    this.#writer = this.#stock("writer", 1);
    this.#reader = isOne ? this.#writer : this.#stock("reader", settings.readers);
    this.#writer.add(first);
  }

  #stock(kind: Kind, limit: number): Stock<Member<T>> {
    const { settings, counters, isOne, open } = this.#parts;
    const { maxQueue, acquireTimeout } = settings;
    const onReplace = () => this.#tell("replace", kind);
    const what = isOne ? WHAT.only : WHAT[kind];
    return new Stock({ what, limit, maxQueue, acquireTimeout, open: () => open(kind), onReplace }, counters);
  }

  /** Waits for a connection. @param stack of the caller, for who holds it too long */
  async take(kind: Kind, limits: Limits, stack: string): Promise<Use<T>> {
    const since = isPoolTraced() ? performance.now() : 0;
    const stock = kind === "reader" ? this.#reader : this.#writer;
    return this.#use(kind, await stock.acquire(limits), since, stack);
  }

  /** Has a reader run one query, which may share it with others. One that is taken back goes to another reader. */
  async read<R>(limits: Limits, stack: string, work: (member: Member<T>) => Promise<R>): Promise<R> {
    const came = performance.now();
    try {
      for (let isBack = false; ; isBack = true) {
        const since = isPoolTraced() ? performance.now() : 0;
        const held = this.#reader.share(limits, isBack ? came : null);
        const { member, end } = this.#use(
          "reader",
          held instanceof Promise ? await held : held,
          since,
          stack,
        );
        try {
          const result = await work(member);
          await end();
          return result;
        } catch (error) {
          member.suspect(error);
          // The caller learns of it at once, the next one waits until the connection is itself again.
          void end(error === WITHDRAWN);
          if (error !== WITHDRAWN) throw error;
        }
      }
    } catch (error) {
      throw withCallersStack(error);
    }
  }

  #use(kind: Kind, held: Held<Member<T>>, since: number, stack: string): Use<T> {
    const stock = kind === "reader" ? this.#reader : this.#writer;
    const begin = since === 0 ? 0 : performance.now();
    if (begin !== 0) this.#tell("acquire", kind, { waited: begin - since });
    const { maxHold } = this.#parts.settings;
    const unwatch = maxHold === 0 ? null : watchHold(WHAT[kind], maxHold, stack);
    const end = (isTakenBack = false) => {
      unwatch?.();
      if (begin !== 0) this.#tell("release", kind, { held: performance.now() - begin });
      return stock.release(held, isTakenBack);
    };
    return { member: held.member, end };
  }

  #tell(event: PoolTrace["event"], kind: Kind, times: Pick<PoolTrace, "waited" | "held"> = {}): void {
    if (isPoolTraced()) tracePool({ event, kind, database: this.#parts.database, ...times });
  }

  get stats(): PoolStats {
    const { isOne, counters } = this.#parts;
    const none = { total: 0, idle: 0, busy: 0, opening: 0 };
    return {
      readers: isOne ? none : this.#reader.stats,
      writer: this.#writer.stats,
      waiting: { readers: isOne ? 0 : this.#reader.waiting, writer: this.#writer.waiting },
      ...counters,
    };
  }

  /** Lets nobody new in, waits for those who are in, for so many milliseconds, and closes everything. */
  async close(timeout: number | undefined): Promise<void> {
    const stocks = [this.#reader, this.#writer];
    const drained = Promise.all(stocks.map((stock) => stock.drain()));
    const timer =
      timeout === undefined
        ? undefined
        : setTimeout(() => {
            for (const stock of stocks) stock.abandon();
          }, timeout);
    await drained;
    clearTimeout(timer);
    // The writer goes last: the last connection to go brings the WAL home and removes it.
    for (const stock of stocks) await stock.close();
  }
}
