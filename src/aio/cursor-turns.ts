/**
 * The turns of one cursor: what it asks for runs in the order of the connection's calls, and one after the other.
 * It must not decide what a call means. Tests: test/conformance/aio-order.test.ts, test/conformance/cursor-use.test.ts.
 */
import { clear } from "../core/cursor-operations.ts";
import type { CursorState } from "../core/cursor-state.ts";
import type { CallOptions } from "../core/limits.ts";
import { type PreparedCall, prepareCall, startCall } from "../core/prepared-call.ts";
import { call, type Operation } from "../core/run.ts";
import { isTraced, traceExecuteAsync } from "../diagnostics.ts";
import type { ExecuteReply } from "../engine/port.ts";
import type { Parameters } from "../values/types.ts";
import { type Shared, withCallersStack } from "./shared.ts";
import type { Turn } from "./turn.ts";
import type { Turnstile } from "./turnstile.ts";
import type { Wishes } from "./wishes.ts";

export class CursorTurns<T> {
  readonly #state: CursorState<T>;
  readonly #shared: Shared;
  readonly #bound: Turnstile | null;
  /** Calls on this cursor that are not over: the next one waits for them. */
  #pending = 0;
  /** The signal of the latest `execute`, which holds for the reading of its result. */
  limits: CallOptions | undefined = undefined;

  constructor(state: CursorState<T>, shared: Shared, bound: Turnstile | null) {
    this.#state = state;
    this.#shared = shared;
    this.#bound = bound;
  }

  get isIdle(): boolean {
    return this.#pending === 0;
  }

  /** Runs an operation in its turn: alone when it is of many crossings, or when the cursor is still busy. */
  async run<R>(operation: () => Operation<R>, limits?: CallOptions | Turn, alone = false): Promise<R> {
    this.#state.refuseFromInside();
    const work = this.#shared.run(operation, alone || this.#pending > 0, this.#bound, limits);
    this.#pending++;
    try {
      return await work;
    } finally {
      this.#pending--;
    }
  }

  /**
   * Runs a statement, and what is wished for by then. As a rule its turn comes with the end of the tick, and one promise for
   * the turn, one for the crossing and this one are enough; the general way has three times as many, and costs as much as
   * the crossing when a thousand are on their way.
   * @returns `value`, for a promise that needs no other one behind it
   */
  async execute<V>(
    value: V,
    wishes: Wishes,
    sql: string,
    parameters: Parameters | undefined,
    options: CallOptions | undefined,
  ): Promise<V> {
    const state = this.#state;
    const shared = this.#shared;
    const prepared = prepareCall(state, sql, parameters);
    const isPlain = options === undefined && this.#pending === 0 && !isTraced();
    const turnstile = isPlain ? shared.soon(this.#bound) : null;
    if (turnstile === null) {
      await this.#executeInTurn(wishes, sql, prepared, options);
      return value;
    }
    this.limits = undefined;
    this.#pending++;
    try {
      const reply = await turnstile.pass(() => this.#send(wishes, prepared));
      if (reply !== null) {
        state.accept(reply);
        if (!wishes.take()) await shared.perform(wishes.fulfil(), null);
      }
      return value;
    } catch (error) {
      throw withCallersStack(error);
    } finally {
      turnstile.end();
      this.#pending--;
      wishes.end();
    }
  }

  /** The turn has come. @returns null when all is done with it */
  #send(wishes: Wishes, prepared: PreparedCall): Promise<ExecuteReply | null> {
    const shared = this.#shared;
    shared.checkChanges();
    if (!wishes.isLimited) {
      wishes.begin();
      const request = startCall(this.#state, prepared, wishes.rows);
      if (request !== null) return shared.engine.execute(request);
    }
    return shared.perform(this.#operation(wishes, prepared), wishes.turn).then(() => null);
  }

  *#operation(wishes: Wishes, prepared: PreparedCall, onRead?: (count: number) => void): Operation<void> {
    const state = this.#state;
    wishes.begin();
    const request = startCall(state, prepared, wishes.rows);
    if (request === null) yield* clear(state);
    else state.accept(yield* call("execute", request));
    onRead?.(state.buffered);
    yield* wishes.fulfil();
  }

  /** The same where the call has to wait, may be stopped, or is listened to. */
  async #executeInTurn(
    wishes: Wishes,
    sql: string,
    prepared: PreparedCall,
    options: CallOptions | undefined,
  ): Promise<void> {
    wishes.turn.limit(options);
    this.limits = options?.signal === undefined ? undefined : { signal: options.signal };
    let read = 0;
    const onRead = (count: number) => {
      read = count;
    };
    const work = () => this.run(() => this.#operation(wishes, prepared, onRead), wishes.turn);
    try {
      await (isTraced() ? this.traced(sql, work, () => read) : work());
    } finally {
      wishes.end();
    }
  }

  traced(sql: string, work: () => Promise<void>, rowsOf = () => this.#state.buffered): Promise<void> {
    return traceExecuteAsync(this.#shared.session.database, sql, work, rowsOf);
  }
}
