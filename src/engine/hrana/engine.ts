/**
 * The port over a libSQL server: how each request is carried out on one stream of Hrana.
 * It decides what a server needs, never what the DB-API means: core does. Differences from SQLite at home stand in
 * docs/design/REMOTE.md. Tests: test/unit/engine/hrana, test/conformance, test/faults/hrana*.test.ts.
 */
import { NotSupportedError, ProgrammingError } from "../../errors/tree.ts";
import { TextCache } from "../../sql/cache.ts";
import { describeStatement, type StatementText } from "../../sql/statement.ts";
import type { Call } from "../http/call.ts";
import { Counters } from "../http/counters.ts";
import type { Settings } from "../http/options.ts";
import { Queue } from "../http/queue.ts";
import { expand } from "../http/trace.ts";
import type * as port from "../port.ts";
import { Bulk } from "./bulk.ts";
import { Control } from "./control.ts";
import { Execution } from "./execution.ts";
import { Failures, NAME } from "./failures.ts";
import { Link } from "./link.ts";
import { Readers } from "./readers.ts";
import { Script } from "./script.ts";
import type { Transport } from "./stream.ts";

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
} as const;

export class HranaEngine implements port.AsyncEngine {
  readonly name = NAME;
  /** The URL of the server, without any token. */
  readonly path: string;
  readonly #link: Link;
  readonly #queue: Queue;
  readonly #failures: Failures;
  readonly #readers = new Readers();
  readonly #counters = new Counters();
  readonly #execution: Execution;
  readonly #bulk: Bulk;
  readonly #script: Script;
  readonly #control: Control;
  readonly #texts = new TextCache<StatementText>(KNOWN_TEXTS);
  #trace: ((sql: string) => void) | null = null;
  /** How to stop the call that was made last. */
  readonly #starting: { stop: port.Stoppable["stop"] | null } = { stop: null };
  life = 1;

  constructor(transport: Transport, { address, totalTimeout, maxResponseBytes, maxRetries }: Settings) {
    this.path = address.text;
    this.#link = new Link(transport, maxRetries);
    this.#queue = new Queue(totalTimeout);
    this.#failures = new Failures(this.#link);
    this.#execution = new Execution(
      this.#link,
      this.#failures,
      this.#counters,
      this.#readers,
      maxResponseBytes,
    );
    this.#bulk = new Bulk(this.#link, this.#failures, this.#counters);
    this.#script = new Script(this.#link, this.#failures, this.#counters);
    this.#control = new Control(this.#link, this.#failures);
  }

  get inTransaction(): boolean {
    return this.#link.inTransaction;
  }

  #call<T>(work: (call: Call) => Promise<T>): Promise<T> {
    const { answer, stop } = this.#queue.start((call) => {
      if (this.life === 0) throw new ProgrammingError("Cannot operate on a closed database.");
      return work(call);
    });
    this.#starting.stop = stop;
    return answer;
  }

  stoppable(method: port.Method, args: readonly unknown[]): port.Stoppable {
    const started = this.#starting;
    started.stop = null;
    const work = this[method] as (...args: unknown[]) => Promise<unknown>;
    const answer = work.apply(this, [...args]);
    const stop = started.stop as port.Stoppable["stop"] | null;
    return { answer, stop: (why) => stop?.(why) };
  }

  execute(request: port.ExecuteRequest): Promise<port.ExecuteReply> {
    return this.#call(async (call) => {
      if (request.discard !== 0) this.#readers.drop(request.discard);
      const text = this.#describe(request.sql);
      if (text.kind === "rollback" && this.#link.isLost) {
        // It has been rolled back already, and now somebody has taken note.
        this.#link.isLost = false;
        return { columns: [], rows: [], reader: 0, error: null, changes: -1, lastrowid: null };
      }
      const show = this.#tracer(request, text.parameters.count);
      let hasRun = true;
      try {
        return await this.#execution.run(text, request, call);
      } catch (error) {
        hasRun = !(error instanceof ProgrammingError || error instanceof NotSupportedError);
        throw error;
      } finally {
        if (hasRun) show(1);
      }
    });
  }

  #describe(sql: string): StatementText {
    const known = this.#texts.get(sql);
    if (known !== undefined) return known;
    const text = describeStatement(sql);
    this.#texts.set(sql, text);
    return text;
  }

  fetch(id: number, count: number): Promise<port.Page> {
    return this.#call(async (call) => {
      const reader = this.#readers.get(id);
      const page = await reader.page(count, call);
      if (!reader.isOver) return { ...page, reader: id };
      this.#readers.drop(id);
      return { ...page, reader: 0 };
    });
  }

  rest(id: number, _untouched: boolean): Promise<port.Rest> {
    return this.#call(async (call) => {
      const rest = await this.#readers.get(id).rest(call);
      this.#readers.drop(id);
      return rest;
    });
  }

  discard(id: number): Promise<void> {
    return this.#queue.add(async () => this.#readers.drop(id));
  }

  executemany(request: port.ManyRequest): Promise<port.ManyReply> {
    return this.#call(async (call) => {
      const show = this.#tracer(request, request.width);
      const reply = await this.#bulk.run(request, call);
      show(reply.error === null || reply.index < 0 ? request.count : reply.index + 1);
      return reply;
    });
  }

  script(request: port.ScriptRequest): Promise<port.ScriptReply> {
    return this.#call((call) => this.#script.run(request, call, (sql) => this.#trace?.(sql)));
  }

  control(steps: readonly port.ControlStep[]): Promise<void> {
    return this.#call((call) => this.#control.run(steps, call, (sql) => this.#trace?.(sql)));
  }

  /** Changes by statements of this connection; what triggers change is not counted by a server. */
  totalChanges(): Promise<number> {
    return this.#call(async () => this.#counters.totalChanges);
  }

  isReadonly(sql: string): Promise<boolean> {
    return this.#call((call) => this.#failures.isReadonly(sql, call));
  }

  /**
   * What shows a statement, `count` times with its values, and the BEGIN that went before it: once they have run, since only the
   * server knows what compiles, and which of many fails.
   */
  #tracer(request: port.ExecuteRequest | port.ManyRequest, width: number): (count: number) => void {
    const trace = this.#trace;
    if (trace === null) return () => {};
    const begin = this.inTransaction ? null : request.begin;
    return (count) => {
      if (begin !== null) trace(begin);
      for (let i = 0; i < count; i++) trace(expand(request.sql, request.values, i * width));
    };
  }

  trace(callback: ((sql: string) => void) | null): Promise<void> {
    return this.#call(async () => {
      this.#trace = callback;
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

  #refuse(method: keyof typeof LACKING): Promise<never> {
    return this.#call(async () => {
      throw new NotSupportedError(`not supported by ${NAME}: ${LACKING[method]}`);
    });
  }

  close(): Promise<void> {
    return this.#queue.add(async () => {
      if (this.life === 0) return;
      this.life = 0;
      this.#readers.dropAll();
      await this.#link.close();
    });
  }

  kill(): void {
    this.life = 0;
    this.#queue.stopAll({ message: "the connection has been killed", cause: undefined });
    this.#readers.dropAll();
    void this.#link.close();
  }
}
