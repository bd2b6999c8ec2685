/**
 * The port over a libSQL server: how each request is carried out on one stream of Hrana.
 * It decides what a server needs, never what the DB-API means: core does. Differences from SQLite at home stand in
 * docs/design/REMOTE.md. Tests: test/unit/engine/hrana, test/conformance, test/faults/hrana*.test.ts.
 */
import { NotSupportedError, ProgrammingError } from "../../errors/tree.ts";
import type { Settings } from "../http/options.ts";
import { ServerEngine } from "../http/server-engine.ts";
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
import { WholeTransaction } from "./whole-transaction.ts";

export class HranaEngine extends ServerEngine implements port.AsyncEngine {
  readonly name = NAME;
  readonly #link: Link;
  readonly #failures: Failures;
  readonly #readers = new Readers();
  readonly #execution: Execution;
  readonly #bulk: Bulk;
  readonly #script: Script;
  readonly #control: Control;
  readonly #transaction: WholeTransaction;

  constructor(transport: Transport, settings: Settings) {
    super(settings);
    const { maxResponseBytes, maxRetries } = settings;
    this.#link = new Link(transport, maxRetries);
    this.#failures = new Failures(this.#link);
    this.#execution = new Execution(
      this.#link,
      this.#failures,
      this.counters,
      this.#readers,
      maxResponseBytes,
    );
    this.#bulk = new Bulk(this.#link, this.#failures, this.counters);
    this.#script = new Script(this.#link, this.#failures, this.counters);
    this.#control = new Control(this.#link, this.#failures);
    this.#transaction = new WholeTransaction(this.#link, this.#failures, this.counters, this.#execution);
  }

  get inTransaction(): boolean {
    return this.#link.inTransaction;
  }

  execute(request: port.ExecuteRequest): Promise<port.ExecuteReply> {
    return this.call(async (call) => {
      if (request.discard !== 0) this.#readers.drop(request.discard);
      const text = this.describe(request.sql);
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

  fetch(id: number, count: number): Promise<port.Page> {
    return this.call(async (call) => {
      const reader = this.#readers.get(id);
      const page = await reader.page(count, call);
      if (!reader.isOver) return { ...page, reader: id };
      this.#readers.drop(id);
      return { ...page, reader: 0 };
    });
  }

  rest(id: number, _untouched: boolean): Promise<port.Rest> {
    return this.call(async (call) => {
      const rest = await this.#readers.get(id).rest(call);
      this.#readers.drop(id);
      return rest;
    });
  }

  discard(id: number): Promise<void> {
    return this.inTurn(() => this.#readers.drop(id));
  }

  executemany(request: port.ManyRequest): Promise<port.ManyReply> {
    return this.call(async (call) => {
      const show = this.#tracer(request, request.width);
      const reply = await this.#bulk.run(request, call);
      show(reply.error === null || reply.index < 0 ? request.count : reply.index + 1);
      return reply;
    });
  }

  script(request: port.ScriptRequest): Promise<port.ScriptReply> {
    return this.call((call) => this.#script.run(request, call, (sql) => this.show?.(sql)));
  }

  batch(request: port.BatchRequest): Promise<port.BatchReply> {
    return this.call((call) => {
      const texts = request.statements.map(({ sql }) => this.describe(sql));
      return this.#transaction.run(request, texts, call, this.show);
    });
  }

  control(steps: readonly port.ControlStep[]): Promise<void> {
    return this.call((call) => this.#control.run(steps, call, (sql) => this.show?.(sql)));
  }

  isReadonly(sql: string): Promise<boolean> {
    return this.call((call) => this.#failures.isReadonly(sql, call));
  }

  /**
   * What shows a statement, `count` times with its values, and the BEGIN that went before it: once they have run, since only the
   * server knows what compiles, and which of many fails.
   */
  #tracer(request: port.ExecuteRequest | port.ManyRequest, width: number): (count: number) => void {
    const trace = this.show;
    if (trace === null) return () => {};
    const begin = this.inTransaction ? null : request.begin;
    return (count) => {
      if (begin !== null) trace(begin);
      for (let i = 0; i < count; i++) trace(expand(request.sql, request.values, i * width));
    };
  }

  protected override async end(): Promise<void> {
    this.#readers.dropAll();
    await this.#link.close();
  }
}
