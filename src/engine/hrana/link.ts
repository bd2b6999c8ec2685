/**
 * The stream in use: opened when needed, ended when idle, replaced when lost, and whether a transaction is open in it.
 * All that can go wrong with a server leaves here as an error of the tree. It must not know what statements mean.
 * Tests: test/unit/engine/hrana/engine.test.ts, test/faults/hrana*.test.ts.
 */
import { OperationalError } from "../../errors/tree.ts";
import type { StatementText } from "../../sql/statement.ts";
import type { Call } from "../http/call.ts";
import { broken, LinkFailure } from "../http/link-failure.ts";
import { type Effect, errorOf } from "../http/outcome.ts";
import { isPutOff, pause } from "../http/pause.ts";
import { Batch, statementOf } from "./batch.ts";
import { settingOf } from "./pragma.ts";
import type { Cursor, CursorWishes, Stream, Transport, Version } from "./stream.ts";
import { readBatch, type StepResult, type StreamRequest, type StreamResult, type WireError } from "./wire.ts";

/** How long a stream without a transaction is kept for the next call, in milliseconds: opening one costs as much as a lookup. */
const LINGER = 500;

/** What holds the stream while rows of it are unread. */
export interface Holder {
  /** Moves the rest to memory. @throws {OperationalError} when it is too much for that */
  keep(call: Call): Promise<void>;
  /** From now on the stream is the holder's own, to be closed when it is done. */
  takeAway(stream: Stream): void;
  /** Ends it; who reads on gets `reason`. */
  abandon(reason: Error): void;
}

/** What became of a batch: of each step, or of the whole where it was not even begun. */
export type BatchReply =
  | { readonly steps: readonly StepResult[]; readonly error: null }
  | { readonly steps: readonly []; readonly error: WireError };

export class Link {
  readonly #transport: Transport;
  readonly #maxRetries: number;
  #stream: Stream | null = null;
  #holder: Holder | null = null;
  #linger: NodeJS.Timeout | null = null;
  #isBusy = false;
  /** PRAGMAs that have set something for the connection, by what they set. A new stream is told them before anything else. */
  readonly #settings = new Map<string, string>();
  inTransaction = false;
  /** A transaction went away without its end being asked for, and nobody has taken note yet. */
  isLost = false;

  constructor(transport: Transport, maxRetries: number) {
    this.#transport = transport;
    this.#maxRetries = maxRetries;
  }

  get version(): Version {
    return this.#transport.version;
  }

  /** Bytes of the latest answer to {@link batch} or {@link requests}. */
  get answered(): number {
    return this.#stream?.answered ?? 0;
  }

  redact(text: string): string {
    return this.#transport.redact(text);
  }

  newBatch(): Batch {
    return new Batch(this.version);
  }

  /** Runs a batch and asks for the state behind it, in one round trip. */
  async batch(batch: Batch, effect: Effect, call: Call): Promise<BatchReply> {
    const request: StreamRequest = { type: "batch", members: `"batch":{"steps":${batch}}` };
    const [result] = await this.requests([request], effect, call);
    return this.#reading(effect, call, () => {
      const { response, error } = result as StreamResult;
      return error === null ? { steps: readBatch(response, batch.count), error } : { steps: [], error };
    });
  }

  /** Sends requests and asks for the state behind them, in one round trip. */
  async requests(
    requests: readonly StreamRequest[],
    effect: Effect,
    call: Call,
  ): Promise<readonly StreamResult[]> {
    const probe = this.newBatch();
    const state = this.version === 3 ? null : probe.inAutocommit();
    const query: StreamRequest =
      state === null
        ? { type: "get_autocommit", members: "" }
        : { type: "batch", members: `"batch":{"steps":${probe}}` };
    const results = await this.#use(effect, call, (stream) => stream.pipeline([...requests, query], call));
    return this.#reading(effect, call, () => {
      const answer = results.at(-1) as StreamResult;
      if (answer.error !== null)
        throw new LinkFailure("protocol", "the server does not tell whether a transaction is open");
      const isAutocommit =
        state === null
          ? answer.response.is_autocommit
          : readBatch(answer.response, probe.count)[0]?.error === null;
      if (typeof isAutocommit !== "boolean")
        throw new LinkFailure("protocol", "the server's word on the transaction is none");
      this.inTransaction = !isAutocommit;
      if (this.inTransaction && this.#stream?.isOpen !== true) {
        throw new LinkFailure("protocol", "the server closed the stream of an open transaction");
      }
      this.#rest();
      return results.slice(0, -1);
    });
  }

  /** Runs a batch whose results are read step by step. Whoever reads them must {@link hold} the stream at once. */
  cursor(batch: Batch, effect: Effect, call: Call, wishes: CursorWishes): Promise<Cursor> {
    return this.#use(effect, call, (stream) => stream.cursor(String(batch), call, wishes));
  }

  /** Notes a statement that has run, if it has set something that is to last as long as the connection does. */
  note(text: StatementText): void {
    const name = settingOf(text);
    // In a transaction SQLite takes no notice of this one.
    if (name === null || (name === "foreign_keys" && this.inTransaction)) return;
    this.#settings.delete(name);
    this.#settings.set(name, text.sql);
  }

  /** A new stream, made as the one before was. */
  async opened(call: Call): Promise<Stream> {
    const stream = this.#transport.open();
    if (this.#settings.size === 0) return stream;
    const batch = this.newBatch();
    for (const sql of this.#settings.values()) batch.add(statementOf(sql), null);
    const request: StreamRequest = { type: "batch", members: `"batch":{"steps":${batch}}` };
    const { sent } = call;
    const [result] = await stream.pipeline([request], call);
    // What the call is about has not been sent.
    call.sent = sent;
    const response = result?.response ?? null;
    const steps = response === null ? [null] : readBatch(response, batch.count);
    if (steps.every((step) => step?.error === null)) return stream;
    void stream.close();
    throw broken("it does not take a PRAGMA of this connection again");
  }

  /**
   * Asks on a stream of its own, whose loss does no harm: for what a server may choke on.
   * @returns null when there is no usable answer
   */
  async beside<T>(
    call: Call,
    work: (ask: (requests: readonly StreamRequest[]) => Promise<StreamResult[]>) => Promise<T>,
  ): Promise<T | null> {
    const stream = this.#transport.open();
    try {
      return await work((requests) => stream.pipeline(requests, call));
    } catch (failure) {
      if (!(failure instanceof LinkFailure) || call.stopped !== null) throw failure;
      return null;
    } finally {
      void stream.close();
    }
  }

  /** The stream is taken until {@link release}. */
  hold(holder: Holder): void {
    this.#holder = holder;
  }

  /** A holder has no more to read. */
  release(holder: Holder): void {
    if (this.#holder !== holder) return;
    this.#holder = null;
    this.#rest();
  }

  /** Reads from what a stream sent; a failure is the end of the stream. */
  async #use<T>(effect: Effect, call: Call, send: (stream: Stream) => Promise<T>): Promise<T> {
    await this.#free(call);
    const { inTransaction } = this;
    this.#isBusy = true;
    try {
      for (let tries = 0; ; tries++) {
        if (!inTransaction && this.#stream?.isBlocked) this.#drop();
        try {
          call.check();
          this.#stream ??= await this.opened(call);
          if (inTransaction && !this.#stream.isOpen)
            throw new LinkFailure("expired", "the connection has been closed");
          return await send(this.#stream);
        } catch (failure) {
          if (!(failure instanceof LinkFailure)) throw failure;
          if (isPutOff(failure) && tries < this.#maxRetries && (await pause(tries, failure.retryAfter, call)))
            continue;
          const mayRepeat = effect === "read" && failure.kind === "connection" && call.sent;
          const isStale = failure.kind === "expired" || mayRepeat;
          if (inTransaction || !isStale || tries > 0) throw this.failed(failure, effect, call);
          this.#stream = null;
        }
      }
    } finally {
      this.#isBusy = false;
    }
  }

  /** Makes the stream ready for a request: rows that wait in it go somewhere else. */
  async #free(call: Call): Promise<void> {
    const holder = this.#holder;
    if (holder === null) return;
    if (this.inTransaction) {
      await holder.keep(call);
      this.#holder = null;
    } else if (this.#stream !== null) {
      holder.takeAway(this.#stream);
      this.#holder = null;
      this.#stream = null;
    }
  }

  /** As {@link Holder.abandon} for whoever has rows in the stream: a commit or a rollback waits for nobody. */
  async clear(call: Call, reason: (cause: unknown) => Error): Promise<void> {
    const holder = this.#holder;
    try {
      await this.#free(call);
    } catch (cause) {
      call.check();
      holder?.abandon(reason(cause));
      this.#holder = null;
    }
  }

  /** What an answer says; one that breaks the protocol is the end of the stream. */
  #reading<T>(effect: Effect, call: Call, read: () => T): T {
    try {
      return read();
    } catch (failure) {
      throw failure instanceof LinkFailure ? this.failed(failure, effect, call) : failure;
    }
  }

  /** The stream is lost, and what was open in it. Gives the error to raise. */
  failed(failure: LinkFailure, effect: Effect, call: Call): OperationalError {
    const { inTransaction } = this;
    this.#holder = null;
    this.#drop();
    if (inTransaction) this.lose();
    return errorOf(failure, { effect, inTransaction, sent: call.sent });
  }

  /** The transaction is gone: nothing may go on as if it were not. */
  lose(): void {
    this.inTransaction = false;
    this.isLost = true;
  }

  /** Ends the stream soon unless it is used. */
  #rest(): void {
    if (this.inTransaction || this.#stream?.isOpen !== true) return;
    if (this.#linger !== null) {
      this.#linger.refresh();
      return;
    }
    this.#linger = setTimeout(() => {
      if (!this.inTransaction && !this.#isBusy && this.#holder === null) this.#drop();
    }, LINGER).unref();
  }

  /** Ends the stream; the next request opens another. */
  #drop(): void {
    const stream = this.#stream;
    this.#stream = null;
    void stream?.close();
  }

  /** Rolls back what is open and lets go of the server. */
  async close(): Promise<void> {
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#holder?.abandon(new OperationalError("the connection has been closed"));
    this.#holder = null;
    const stream = this.#stream;
    this.#stream = null;
    this.inTransaction = false;
    await stream?.close();
    this.#transport.close();
  }
}
