/**
 * One call of the engine on its way: how it is stopped from outside, and whether any of it may have reached the server.
 * It must not know what the call does. Tests: test/unit/engine/http/queue.test.ts.
 */
import type { LinkFailure } from "./link-failure.ts";

type Listener = (failure: LinkFailure) => void;

export class Call {
  /** A request of this call may have reached the server. */
  sent = false;
  #stopped: LinkFailure | null = null;
  readonly #listeners = new Set<Listener>();

  /** Why it was stopped, or null. */
  get stopped(): LinkFailure | null {
    return this.#stopped;
  }

  /** Ends every wait of the call with `failure`. A second stop changes nothing. */
  stop(failure: LinkFailure): void {
    if (this.#stopped !== null) return;
    this.#stopped = failure;
    for (const listener of [...this.#listeners]) listener(failure);
    this.#listeners.clear();
  }

  /** @throws the failure that it was stopped with */
  check(): void {
    if (this.#stopped !== null) throw this.#stopped;
  }

  /** Calls `listener` when the call is stopped, at once when it has been; gives what takes the listener away. */
  onStop(listener: Listener): () => void {
    if (this.#stopped !== null) listener(this.#stopped);
    else this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Waits for something that can settle, time out or be overtaken by the end of the call.
   * @param start is given what settles the wait, and returns what tidies up after it, however it ended
   * @param expired makes the failure when `milliseconds` (0 for no limit) have passed
   */
  wait<T>(
    start: (resolve: (value: T) => void, reject: (reason: unknown) => void) => () => void,
    milliseconds: number,
    expired: () => LinkFailure,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      let isSettled = false;
      let tidy: (() => void) | undefined;
      const finish = () => {
        isSettled = true;
        clearTimeout(timer);
        off();
        tidy?.();
      };
      const fail = (reason: unknown) => {
        if (isSettled) return;
        finish();
        reject(reason);
      };
      let off = () => {};
      off = this.onStop(fail);
      if (isSettled) return;
      if (milliseconds > 0) timer = setTimeout(() => fail(expired()), milliseconds);
      tidy = start((value) => {
        if (isSettled) return;
        finish();
        resolve(value);
      }, fail);
      if (isSettled) tidy();
    });
  }
}
