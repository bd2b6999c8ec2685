/**
 * The calls of an engine, one after the other in the order they were made, and how one is stopped.
 * It must not know what a call does. Tests: test/unit/engine/http/queue.test.ts.
 */
import { interrupted } from "../../errors/interrupted.ts";
import type { Cancellation, Stoppable } from "../port.ts";
import { Call } from "./call.ts";
import { LinkFailure } from "./link-failure.ts";
import { errorOf } from "./outcome.ts";

export class Queue {
  readonly #totalTimeout: number;
  #last: Promise<unknown> = Promise.resolve();
  readonly #stops = new Set<Stoppable["stop"]>();

  /** @param totalTimeout milliseconds that a call may run */
  constructor(totalTimeout: number) {
    this.#totalTimeout = totalTimeout;
  }

  /** Runs `work` when everything before it has settled. */
  add<T>(work: (call: Call) => Promise<T>): Promise<T> {
    return this.start(work).answer;
  }

  /** The same for a call that can be stopped: while it waits it is dropped, while it runs its stream is. */
  start<T>(work: (call: Call) => Promise<T>): Stoppable & { readonly answer: Promise<T> } {
    const call = new Call();
    let drop: ((why: Cancellation) => void) | null = null;
    const answer = new Promise<T>((resolve, reject) => {
      drop = (why) => reject(interrupted(why, "not-executed"));
      const begin = () => {
        // One that was dropped while it waited has had its answer.
        if (call.stopped !== null) return undefined;
        drop = null;
        return this.#run(call, work).then(resolve, reject);
      };
      this.#last = this.#last.then(begin, begin);
    });
    const stop = (why: Cancellation) => {
      call.stop(new LinkFailure("cancelled", why.message, { cause: why.cause }));
      drop?.(why);
    };
    this.#stops.add(stop);
    const forget = () => void this.#stops.delete(stop);
    answer.then(forget, forget);
    return { answer, stop };
  }

  /** Stops every call that has not settled. */
  stopAll(why: Cancellation): void {
    for (const stop of [...this.#stops]) stop(why);
  }

  async #run<T>(call: Call, work: (call: Call) => Promise<T>): Promise<T> {
    const timeout = this.#totalTimeout;
    const timer = setTimeout(() => {
      call.stop(new LinkFailure("timeout", `the call was not done within ${timeout} ms (totalTimeout)`));
    }, timeout).unref();
    try {
      return await work(call);
    } catch (failure) {
      // What has not passed the link has not been sent.
      if (!(failure instanceof LinkFailure)) throw failure;
      throw errorOf(failure, { effect: "read", inTransaction: false, sent: call.sent });
    } finally {
      clearTimeout(timer);
    }
  }
}
