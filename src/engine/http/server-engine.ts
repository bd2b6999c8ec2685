/**
 * What the engines of servers have in common: calls one after the other, how one is stopped, what is known of texts, and what no
 * server can do. It must not know what a server is told. Tests: test/unit/engine/hrana/engine.test.ts, test/conformance/not-supported.test.ts.
 */
import { NotSupportedError, ProgrammingError } from "../../errors/tree.ts";
import { TextCache } from "../../sql/cache.ts";
import { describeStatement, type StatementText } from "../../sql/statement.ts";
import type { AsyncEngine, Method, Stoppable } from "../port.ts";
import type { Call } from "./call.ts";
import { Counters } from "./counters.ts";
import type { Settings } from "./options.ts";
import { Queue } from "./queue.ts";

/** Texts whose description is kept. */
const KNOWN_TEXTS = 512;

/** What a server cannot do, and why, by the port's method. */
const LACKING = {
  defineFunction: "createFunction() needs SQLite in this process",
  defineAggregate: "createAggregate() and createWindowFunction() need SQLite in this process",
  loadExtension: "loadExtension() is the server's own business",
  serialize: "serialize() is not in its protocol",
  deserialize: "deserialize() is not in its protocol",
  backup: "backup() is not in its protocol",
  sync: "sync() is for embedded replicas (syncUrl)",
} as const;

export abstract class ServerEngine implements Pick<AsyncEngine, keyof typeof LACKING> {
  abstract readonly name: string;
  /** The URL of the server or its database, without any token. */
  readonly path: string;
  life = 1;
  readonly #counters = new Counters();
  #show: ((sql: string) => void) | null = null;
  readonly #queue: Queue;
  readonly #texts = new TextCache<StatementText>(KNOWN_TEXTS);
  /** How to stop the call that was made last. */
  readonly #starting: { stop: Stoppable["stop"] | null } = { stop: null };

  constructor({ address, totalTimeout }: Settings) {
    this.path = address.text;
    this.#queue = new Queue(totalTimeout);
  }

  protected get counters(): Counters {
    return this.#counters;
  }

  /** Shows the statements that have run; null when nobody looks. */
  protected get show(): ((sql: string) => void) | null {
    return this.#show;
  }

  /** Makes a call of the engine, in its turn. */
  protected call<T>(work: (call: Call) => Promise<T>): Promise<T> {
    const { answer, stop } = this.#queue.start((call) => {
      if (this.life === 0) throw new ProgrammingError("Cannot operate on a closed database.");
      return work(call);
    });
    this.#starting.stop = stop;
    return answer;
  }

  /** Does work in its turn that nothing stops, and that is done though the engine has been closed. */
  protected inTurn(work: () => void | Promise<void>): Promise<void> {
    return this.#queue.add(async () => await work());
  }

  stoppable(method: Method, args: readonly unknown[]): Stoppable {
    const started = this.#starting;
    started.stop = null;
    const work = (this as unknown as AsyncEngine)[method] as (...args: unknown[]) => Promise<unknown>;
    const answer = work.apply(this, [...args]);
    const stop = started.stop as Stoppable["stop"] | null;
    return { answer, stop: (why) => stop?.(why) };
  }

  protected describe(sql: string): StatementText {
    const known = this.#texts.get(sql);
    if (known !== undefined) return known;
    const text = describeStatement(sql);
    this.#texts.set(sql, text);
    return text;
  }

  /** Changes by statements of this connection; what triggers change is not counted by a server. */
  totalChanges(): Promise<number> {
    return this.call(async () => this.#counters.totalChanges);
  }

  trace(callback: ((sql: string) => void) | null): Promise<void> {
    return this.call(async () => {
      this.#show = callback;
    });
  }

  defineFunction(): Promise<never> {
    return this.#refuse("defineFunction");
  }

  defineAggregate(): Promise<never> {
    return this.#refuse("defineAggregate");
  }

  loadExtension(): Promise<never> {
    return this.#refuse("loadExtension");
  }

  serialize(): Promise<never> {
    return this.#refuse("serialize");
  }

  deserialize(): Promise<never> {
    return this.#refuse("deserialize");
  }

  backup(): Promise<never> {
    return this.#refuse("backup");
  }

  sync(): Promise<never> {
    return this.#refuse("sync");
  }

  #refuse(method: keyof typeof LACKING): Promise<never> {
    return this.call(async () => {
      throw new NotSupportedError(`not supported by ${this.name}: ${LACKING[method]}`);
    });
  }

  /** Lets go of the server. */
  protected abstract end(): void | Promise<void>;

  close(): Promise<void> {
    return this.inTurn(async () => {
      if (this.life === 0) return;
      this.life = 0;
      await this.end();
    });
  }

  kill(): void {
    this.life = 0;
    this.#queue.stopAll({ message: "the connection has been killed", cause: undefined });
    void this.end();
  }
}
