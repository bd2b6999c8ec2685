/**
 * Which calls are not to be carried out. The two threads agree without waiting for each other: the worker says which call it
 * begins and then looks for cancels, the caller says which one it cancels and then looks what has begun, so that at least
 * one of them sees the other. Both ends are here. Tests: test/unit/engine/thread/cancels.test.ts.
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { SHARED } from "./messages.ts";

/** The number of no call. */
const NONE = 0;

/** The worker's end. */
export class CancelsReceived {
  readonly #port: MessagePort;
  readonly #memory: Int32Array;
  readonly #cancelled = new Set<number>();
  #seen = 0;
  #begun = NONE;

  constructor(port: MessagePort, memory: Int32Array) {
    this.#port = port;
    this.#memory = memory;
  }

  /** Begins a call. @returns whether it is not to be carried out: it was cancelled, or the worker abandoned */
  begin(id: number): boolean {
    const before = this.#begun;
    if (Atomics.compareExchange(this.#memory, SHARED.begun, before, id) !== before) return true;
    // As the memory keeps it: after days of work numbers are larger.
    this.#begun = id | 0;
    return this.has(id);
  }

  /** Whether a call has been cancelled by now. */
  has(id: number): boolean {
    const count = Atomics.load(this.#memory, SHARED.cancels);
    while (this.#seen !== count) {
      this.#seen = (this.#seen + 1) | 0;
      this.#cancelled.add(receiveMessageOnPort(this.#port)?.message as number);
    }
    return this.#cancelled.size > 0 && this.#cancelled.has(id);
  }

  /** Forgets a call that is over. */
  end(id: number): void {
    if (this.#cancelled.size > 0) this.#cancelled.delete(id);
  }
}

/** The calling thread's end. */
export class CancelsSent {
  readonly #port: MessagePort;
  readonly #memory: Int32Array;

  constructor(port: MessagePort, memory: Int32Array) {
    this.#port = port;
    this.#memory = memory;
  }

  /** Cancels a call. @returns whether it is certain that it will not be carried out; else it has begun */
  cancel(id: number): boolean {
    this.#port.postMessage(id);
    Atomics.add(this.#memory, SHARED.cancels, 1);
    return !this.hasBegun(id);
  }

  /**
   * Forbids the worker to begin anything behind a call that it has begun, so that the calls behind can be sent to another.
   * @returns whether that was in time; else it has begun another already
   */
  abandonAt(id: number): boolean {
    return Atomics.compareExchange(this.#memory, SHARED.begun, id, NONE) === (id | 0);
  }

  /** Numbers go up, and calls begin in their order. */
  hasBegun(id: number): boolean {
    return ((id - Atomics.load(this.#memory, SHARED.begun)) | 0) <= 0;
  }
}
