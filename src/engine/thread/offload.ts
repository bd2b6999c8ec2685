/**
 * Engine -> AsyncEngine: a worker owns the engine, and this end posts the calls and settles their promises. A call that has
 * to end and cannot be ended in the worker is abandoned with it, and another worker goes on.
 * Calls of one tick share a message. It must not know what a call means. Tests: test/unit/engine/thread/offload.test.ts.
 */
import type { ResourceLimits } from "node:worker_threads";
import { interrupted } from "../../errors/interrupted.ts";
import { Detailed, OperationalError, type Outcome } from "../../errors/tree.ts";
import { WITHDRAWN } from "../../errors/withdrawn.ts";
import type * as port from "../port.ts";
import { type AnswersMessage, AnswersReceived, type RowsMessage } from "./answers.ts";
import { Callbacks } from "./callback.ts";
import { ended, forgetRefs, rebuilt, restored, withRefs } from "./crossing.ts";
import { type HostSpec, Link, type Listener } from "./link.ts";
import { LostTransaction } from "./lost-transaction.ts";
import type { Answer, Call, ThrownRef } from "./messages.ts";
import { Outbox } from "./outbox.ts";
import { holdsTransaction, isRead, LOSS, mayCommit, outcomeOf } from "./outcome.ts";
import { type Pending, PendingCalls } from "./pending.ts";
import { PromisedPort } from "./promised-port.ts";
import { ReaderNumbers, unread, withoutReader } from "./reader-numbers.ts";
import { Setup } from "./setup.ts";

/** How long a call may go on after it has been stopped, in milliseconds: most end by then, and a new worker costs more. */
const GRACE = 25;

/** Why no call can be answered any more. */
interface Death {
  readonly message: string;
  readonly cause: Error | null;
  readonly outcome: Outcome;
}

/** Starts a worker with an engine in it. @throws what the engine throws when it cannot open */
export async function offload(
  engine: HostSpec["engine"],
  options: unknown,
  resourceLimits?: ResourceLimits,
): Promise<OffloadedEngine> {
  const offloaded = new OffloadedEngine({ engine, options, resourceLimits });
  await offloaded.ready;
  return offloaded;
}

export class OffloadedEngine extends PromisedPort implements port.AsyncEngine, Listener {
  /** Settles when the engine is open, or has failed to. */
  readonly ready: Promise<void>;
  name = "";
  path = "";
  inTransaction = false;
  life = 1;
  readonly #spec: HostSpec;
  readonly #callbacks = new Callbacks();
  readonly #pending = new PendingCalls();
  /** What the next worker has to be told first. */
  readonly #setup = new Setup(this.#callbacks);
  #link: Link;
  #received = new AnswersReceived();
  readonly #outbox = new Outbox(
    (calls) => this.#post(calls),
    () => this.#pending.size,
  );
  #last = 0;
  #death: Death | null = null;
  #lostTransaction = new LostTransaction(false);
  readonly #readers = new ReaderNumbers();

  constructor(spec: HostSpec) {
    super();
    this.#spec = spec;
    this.#link = new Link(spec, this.#callbacks, this);
    this.ready = this.#opened(this.#link);
  }

  async #opened(link: Link): Promise<void> {
    try {
      ({ name: this.name, path: this.path } = await link.opened);
    } catch (error) {
      this.#die({ message: LOSS.ended, cause: error as Error, outcome: "not-executed" });
      throw error instanceof Detailed ? error : this.#lost();
    }
    this.#outbox.open();
    this.#rest();
  }

  /** An engine that has nothing to do does not keep the process alive. */
  #rest(): void {
    if (this.#pending.size === 0 && this.#outbox.isOpen) this.#link.hold(false);
  }

  protected override send<R>(method: port.Method, args: readonly unknown[]): Promise<R> {
    return new Promise<unknown>((resolve, reject) => {
      this.#start(method, args, false, resolve, reject);
    }) as Promise<R>;
  }

  stoppable(method: port.Method, args: readonly unknown[]): port.Stoppable {
    let pending: Pending | null = null;
    const answer = new Promise((resolve, reject) => {
      pending = this.#start(method, args, true, resolve, reject);
    });
    return { answer, stop: (why) => pending !== null && this.#stop(pending, why) };
  }

  #start(
    method: port.Method,
    args: readonly unknown[],
    isStoppable: boolean,
    resolve: Pending["resolve"],
    reject: Pending["reject"],
  ): Pending | null {
    const refusal = this.#death === null ? this.#lostTransaction.refuse(method, args) : this.#lost();
    const known = refusal === null ? this.#readers.inward(method, args) : null;
    if (known === null) {
      if (method === "close") resolve(undefined);
      else reject(refusal ?? unread());
      return null;
    }
    if (this.#pending.size === 0) this.#link.hold(true);
    const call = { id: ++this.#last, method, args: withRefs(method, known, this.#callbacks), isStoppable };
    const pending = { call, resolve, reject, why: null };
    this.#pending.add(pending);
    this.#outbox.add(call);
    return pending;
  }

  #post(calls: readonly Call[]): void {
    try {
      this.#link.post(calls);
    } catch (error) {
      // One that cannot be cloned must not take the others with it.
      if (calls.length > 1) for (const call of calls) this.#post([call]);
      else this.#fail(calls[0]?.id ?? 0, error);
    }
  }

  #fail(id: number, error: unknown): void {
    this.#pending.take(id)?.reject(error);
    this.#rest();
  }

  answers(message: AnswersMessage): void {
    this.inTransaction = message[0] === true;
    this.#received.read(message, this.#settle);
    this.#rest();
  }

  rows(message: RowsMessage): void {
    this.#received.rows(message);
  }

  readonly #settle = (answer: Answer): void => {
    const pending = this.#pending.take(answer.id);
    if (pending === undefined) return;
    const { call, why, resolve, reject } = pending;
    forgetRefs(call.method, call.args, this.#callbacks);
    if ("value" in answer) {
      this.#leave(call);
      const value = this.#readers.outward(restored(answer.value, this.#callbacks));
      if (why === null || !isRead(call)) {
        resolve(this.#received.whole(why === null ? value : ended(value, why)));
        return;
      }
      if (value instanceof Object && "reader" in value && value.reader !== 0) {
        this.discard(value.reader as number).catch(() => {});
      }
    }
    // What it failed of may be the interruption itself: a function or a backup that was told to end.
    if (why !== null) reject(interrupted(why, "not-executed"));
    else if ("leftOut" in answer) reject(WITHDRAWN);
    else if ("error" in answer) reject(rebuilt(answer.error, this.#callbacks));
    else reject(this.#callbacks.take(answer as ThrownRef));
  };

  /** Notes what a call has left behind. */
  #leave(call: Call): void {
    this.#setup.note(call);
    if (call.method === "deserialize") this.path = ":memory:";
    if (call.method === "close") this.#die({ message: LOSS.closed, cause: null, outcome: "not-executed" });
  }

  #stop(pending: Pending, why: port.Cancellation): void {
    const { call } = pending;
    if (pending.why !== null || this.#pending.get(call.id) !== pending) return;
    if (this.#outbox.remove(call) || this.#link.cancels.cancel(call.id)) {
      this.#fail(call.id, interrupted(why, "not-executed"));
      return;
    }
    pending.why = why;
    this.#callbacks.refuse(call.id);
    // Nobody has to wait to learn what became of a query outside of a transaction.
    if (isRead(call) && !this.inTransaction && this.#isFile) pending.reject(interrupted(why, "not-executed"));
    // A backup ends between two of its steps.
    if (call.method === "backup") return;
    const link = this.#link;
    const abandon = () => {
      if (link !== this.#link || this.#pending.get(call.id) !== pending) return;
      // Unless the worker has gone on by now: then this answer, too, is on its way.
      if (link.cancels.abandonAt(call.id)) this.#abandon(pending);
    };
    // An answer that has come meanwhile is taken first.
    setTimeout(() => setImmediate(abandon), GRACE);
  }

  withdraw(): void {
    // The worker has begun the first, or is about to.
    for (const { call } of this.#pending.all().slice(1)) {
      if (call.method !== "execute" || !isRead(call) || this.#link.cancels.hasBegun(call.id)) continue;
      if (this.#outbox.remove(call) || this.#link.cancels.cancel(call.id)) this.#fail(call.id, WITHDRAWN);
    }
  }

  /** Whether the database is there for another worker to open. */
  get #isFile(): boolean {
    return this.path !== "" && this.path !== ":memory:";
  }

  /** Leaves the worker to itself with the call that it does not end, and goes on with another. */
  #abandon(pending: Pending): void {
    const { call, why, reject } = pending;
    const { inTransaction } = this;
    const outcome = outcomeOf(call, inTransaction);
    const left = this.#pending.takeAll().filter((other) => other !== pending);
    const gone = this.#link.abandon();
    this.#callbacks.abandon();
    this.#outbox.close();
    this.inTransaction = false;
    const consequence = this.#isFile ? LOSS.reopened : LOSS.inMemory;
    const { message = "", cause = null } = why ?? {};
    reject(interrupted({ message: `${message}: ${consequence}`, cause }, outcome));
    if (!this.#isFile) {
      this.#die({ message: LOSS.inMemory, cause: null, outcome: "rolled-back" });
      for (const other of left) other.reject(this.#lost());
      return;
    }
    this.#lostTransaction = new LostTransaction(holdsTransaction(call, inTransaction));
    this.life++;
    this.#readers.restart();
    this.#received = new AnswersReceived();
    this.#link = new Link(this.#spec, this.#callbacks, this, gone);
    this.#opened(this.#link).catch(() => {});
    for (const setup of this.#setup.calls()) this.#outbox.add({ ...setup, id: ++this.#last });
    for (const other of left) this.#resend(other);
    if (this.#pending.size > 0) this.#link.hold(true);
  }

  /** Sends a call that had not begun to the next worker, unless what it needs is gone. */
  #resend(pending: Pending): void {
    const { method } = pending.call;
    if (method === "discard") pending.resolve(undefined);
    else if (this.#lostTransaction.isOpen) pending.reject(this.#lostTransaction.error());
    else if (method === "fetch" || method === "rest" || method === "backup") {
      pending.reject(unread());
    } else {
      pending.call = { ...withoutReader(pending.call), id: ++this.#last };
      this.#pending.add(pending);
      this.#outbox.add(pending.call);
    }
  }

  ended(cause: Error | null): void {
    this.#dieOf(LOSS.ended, cause);
  }

  kill(): void {
    this.#dieOf(LOSS.closed, null);
    void this.#link.abandon();
    this.#callbacks.abandon();
  }

  #dieOf(message: string, cause: Error | null): void {
    this.#die({ message, cause, outcome: this.inTransaction ? "rolled-back" : "not-executed" });
  }

  #die(death: Death): void {
    if (this.#death !== null) return;
    this.#death = death;
    this.life = 0;
    const { inTransaction } = this;
    const hasBegun = ({ id }: Call) => this.#link.cancels.hasBegun(id);
    // What has not begun has not been executed, but where a transaction was open, it has lost what it was to go on with.
    let mayHaveEnded = !inTransaction;
    const pending = this.#pending.takeAll();
    for (const { call } of pending) mayHaveEnded ||= hasBegun(call) && mayCommit(call);
    for (const { call, reject } of pending) {
      const ofBegun = mayHaveEnded ? outcomeOf(call, false) : "rolled-back";
      reject(this.#lost(hasBegun(call) ? ofBegun : death.outcome));
    }
    this.inTransaction = false;
    this.#outbox.close();
  }

  #lost(outcome: Outcome = this.#death?.outcome ?? "unknown"): OperationalError {
    const { message = "", cause = null } = this.#death ?? {};
    return new OperationalError(message, { outcome, ...(cause === null ? {} : { cause }) });
  }
}
