/**
 * What a connection shares with its cursors and with the handles of its transactions: engine, state, order of calls.
 * It must not decide anything about a call. Tests: test/conformance.
 */

import type { CallOptions } from "../core/limits.ts";
import type { Autocommit, IsolationLevel } from "../core/options.ts";
import { type Operation, runAsync, runUntil } from "../core/run.ts";
import type { Session } from "../core/session.ts";
import { refusedInScope } from "../core/transaction.ts";
import type { AsyncEngine } from "../engine/port.ts";
import { Detailed, ProgrammingError } from "../errors/tree.ts";
import { currentTurnstile, turnstileInside } from "./lane.ts";
import { Turn } from "./turn.ts";
import { Turnstile } from "./turnstile.ts";

/** A property that takes effect in its turn, and reads as what it was set to. */
class Requested<V> {
  readonly #current: () => V;
  #asked: { readonly value: V } | null = null;
  /** Why the latest change failed; the next call is told. */
  #failure: { readonly error: unknown } | null = null;

  constructor(current: () => V) {
    this.#current = current;
  }

  get value(): V {
    return this.#asked === null ? this.#current() : this.#asked.value;
  }

  /** Reads as `value` from now on, until what is returned is told how the change went. */
  ask(value: V): (failure: { readonly error: unknown } | null) => void {
    const asked = { value };
    this.#asked = asked;
    return (failure) => {
      if (this.#asked === asked) this.#asked = null;
      if (failure !== null) this.#failure = failure;
    };
  }

  /** @throws why the latest change failed, once */
  check(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure.error;
  }
}

export class Shared {
  readonly session: Session;
  readonly engine: AsyncEngine;
  readonly isolationLevel: Requested<IsolationLevel>;
  readonly autocommit: Requested<Autocommit>;
  readonly turnstile = new Turnstile();

  constructor(session: Session, engine: AsyncEngine) {
    this.session = session;
    this.engine = engine;
    this.isolationLevel = new Requested(() => session.isolationLevel);
    this.autocommit = new Requested(() => session.autocommit);
  }

  /**
   * Runs an operation in its turn.
   * @param bound the transaction of a handle; null where the caller's context tells it
   * @param limits what may end the call before its time
   */
  run<R>(
    operation: () => Operation<R>,
    alone: boolean,
    bound: Turnstile | null,
    limits?: CallOptions | Turn,
  ): Promise<R> {
    return this.enter((turn) => this.perform(operation(), turn), alone, bound, limits);
  }

  /** What may stop a call, for whom it has to be known before the call is made. */
  turnOf(limits: CallOptions | undefined, bound: Turnstile | null): Turn | null {
    return Turn.of(limits, this.#turnstileOf(bound).turn);
  }

  /** Runs an operation now. */
  perform<R>(operation: Operation<R>, turn: Turn | null): Promise<R> {
    if (turn === null || !turn.isLimited) return runAsync(operation, this.engine);
    return runUntil(operation, this.engine, turn);
  }

  /** Runs an operation of which only the beginning has a turn: others may run while it goes on. */
  async begin(
    operation: () => Operation<void>,
    bound: Turnstile | null,
    limits?: CallOptions,
  ): Promise<void> {
    const turn = this.turnOf(limits, bound);
    let going: Promise<void> = Promise.resolve();
    const start = async () => {
      going = this.perform(operation(), turn);
      going.catch(() => {});
    };
    try {
      await this.enter(start, false, bound, turn ?? undefined);
      await going;
    } catch (error) {
      throw withCallersStack(error);
    } finally {
      turn?.end();
    }
  }

  async enter<R>(
    work: (turn: Turn | null) => Promise<R>,
    alone: boolean,
    bound: Turnstile | null,
    limits?: CallOptions | Turn,
  ): Promise<R> {
    this.session.refuseFromInside();
    const turnstile = this.#turnstileOf(bound);
    const turn = limits instanceof Turn ? limits : Turn.of(limits, turnstile.turn);
    if (turn === limits) turn?.within(turnstile.turn);
    const start = () => {
      this.checkChanges();
      return work(turn);
    };
    try {
      return await turnstile.enter(alone, start, turn);
    } catch (error) {
      throw withCallersStack(error);
    } finally {
      if (turn !== limits) turn?.end();
    }
  }

  /**
   * The turnstile of a call that nothing can stop, if its turn would come at once; else null. Whoever takes that way begins
   * and ends its turn himself, and saves the promises of {@link Shared.enter}.
   */
  open(bound: Turnstile | null): Turnstile | null {
    const turnstile = this.#turnstileOf(bound);
    return turnstile.isOpen && turnstile.turn === null ? turnstile : null;
  }

  /** The same for a call whose turn would come with the end of this tick: see {@link Turnstile.pass}. */
  soon(bound: Turnstile | null): Turnstile | null {
    const turnstile = this.#turnstileOf(bound);
    return turnstile.isSoonOpen && turnstile.turn === null ? turnstile : null;
  }

  /** @throws why the latest change of a property failed, once */
  checkChanges(): void {
    this.isolationLevel.check();
    this.autocommit.check();
  }

  /** Changes a property in its turn. A failure is noted before that is over, so that the next call is told. */
  change<V>(property: Requested<V>, value: V, operation: () => Operation<void>): void {
    const settle = property.ask(value);
    const failed = (error: unknown) => settle({ error });
    const work = () => runAsync(operation(), this.engine).then(() => settle(null), failed);
    this.enter(work, true, null).catch(failed);
  }

  /** As core does in its turn, for what is set at once. @throws {ProgrammingError} inside `transaction()` */
  refuseInTransaction(what: string, bound: Turnstile | null): void {
    if (bound !== null || currentTurnstile(this) !== null) throw refusedInScope(what);
  }

  #turnstileOf(bound: Turnstile | null): Turnstile {
    if (bound === null) return currentTurnstile(this) ?? this.turnstile;
    if (bound.isClosed) throw new ProgrammingError("the transaction of this handle is over");
    return turnstileInside(this, bound);
  }
}

/** Errors whose stack is that of the code which made the call. */
const located = new WeakSet<object>();

/** An error comes from another thread with the stack of that one; here V8 still knows who awaits it. */
export function withCallersStack(error: unknown): unknown {
  if (!(error instanceof Detailed) || located.has(error)) return error;
  located.add(error);
  Error.captureStackTrace(error, withCallersStack);
  return error;
}

/** What a function of the caller's throws has the stack that it should have. */
export function rethrowAsItIs(error: unknown): never {
  if (error instanceof Detailed) located.add(error);
  throw error;
}
