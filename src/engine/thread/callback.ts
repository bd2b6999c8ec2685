/**
 * Functions of the caller's that SQL calls: they stay on the calling thread, and the engine's thread parks for each answer.
 * Both ends of that are here. It must not know engines. Tests: test/unit/engine/thread/callback.test.ts.
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { restoreBuffers } from "./buffers.ts";
import {
  type CallbackRef,
  type CallbackReply,
  type CallbackRequest,
  SHARED,
  type ThrownRef,
} from "./messages.ts";

type Loose = (...args: readonly unknown[]) => unknown;

export function isCallbackRef(value: unknown): value is CallbackRef {
  return typeof value === "object" && value !== null && "callback" in value;
}

/** What a function that is not called any more has thrown. */
export const REFUSAL = Symbol("refused");
const REFUSED = { thrown: 0 } as const satisfies CallbackReply;

export function isThrownRef(value: unknown): value is ThrownRef {
  return typeof value === "object" && value !== null && "thrownOnCallingThread" in value;
}

/** The calling thread's end: functions by number, and what they threw. */
export class Callbacks {
  readonly #functions = new Map<number, Loose>();
  readonly #instances = new Map<number, Readonly<Record<string, Loose | undefined>>>();
  readonly #thrown = new Map<number, unknown>();
  /** An answer that takes its time. */
  #awaited: { readonly call: number; readonly settle: (reply: CallbackReply) => void } | null = null;
  /** The call that is to end: what it asks for is refused. */
  #refused = 0;
  #last = 0;

  /** Keeps a function, and gives what stands for it in a message. */
  add(fn: Loose, kind: CallbackRef["kind"]): CallbackRef {
    this.#functions.set(++this.#last, fn);
    return { callback: this.#last, kind };
  }

  /** Calls a function that is only told. */
  tell(callback: number, args: readonly unknown[]): void {
    this.#functions.get(callback)?.(...args);
  }

  /** Forgets a function. */
  remove({ callback }: CallbackRef): void {
    this.#functions.delete(callback);
  }

  /** Carries out what a parked engine asks for. */
  answer({ callback, instance, method, args }: CallbackRequest): CallbackReply {
    restoreBuffers(args as unknown[]);
    try {
      if (instance === null) {
        const value = this.#functions.get(callback)?.(...args);
        return { value: method === "new" ? this.#keep(value) : value };
      }
      const value = this.#instances.get(instance)?.[method]?.(...args);
      if (method === "finalize") this.#instances.delete(instance);
      return { value };
    } catch (error) {
      return this.#thrownAs(error);
    }
  }

  /**
   * Answers through a port, and then wakes who has asked. A promise is waited for. What cannot be cloned is an exception like
   * any other: the engine must not wait for ever.
   */
  reply(port: MessagePort, request: CallbackRequest, wake: () => void): void {
    const send = (reply: CallbackReply) => {
      try {
        port.postMessage(reply);
      } catch (error) {
        port.postMessage(this.#thrownAs(error));
      }
      wake();
    };
    const { call, method } = request;
    const reply = call === this.#refused && method !== "finalize" ? REFUSED : this.answer(request);
    if (!("value" in reply) || !(reply.value instanceof Promise)) {
      send(reply);
      return;
    }
    const settle = (settled: CallbackReply) => {
      if (this.#awaited?.settle !== settle) return;
      this.#awaited = null;
      send(settled);
    };
    this.#awaited = { call, settle };
    reply.value.then(
      (value: unknown) => settle({ value }),
      (error: unknown) => settle(this.#thrownAs(error)),
    );
  }

  /** Refuses what a call asks for from now on, and what it waits for. */
  refuse(call: number): void {
    this.#refused = call;
    if (this.#awaited?.call === call) this.#awaited.settle(REFUSED);
  }

  /** Forgets whoever asked. */
  abandon(): void {
    this.#awaited = null;
    this.#instances.clear();
  }

  #thrownAs(error: unknown): CallbackReply {
    const thrown = ++this.#last;
    this.#thrown.set(thrown, error);
    return { thrown };
  }

  #keep(instance: unknown): number {
    this.#instances.set(++this.#last, instance as Readonly<Record<string, Loose | undefined>>);
    return this.#last;
  }

  /** The exception behind a reference; it is handed out once. */
  take({ thrownOnCallingThread: number }: ThrownRef): unknown {
    if (number === REFUSED.thrown) return REFUSAL;
    const error = this.#thrown.get(number);
    this.#thrown.delete(number);
    return error;
  }
}

/** The engine's end: asks, and parks until the answer is there. */
export class Caller {
  readonly #port: MessagePort;
  readonly #memory: Int32Array;
  readonly #beforeParking: () => void;
  /** The call that is being carried out. */
  call = 0;

  /** @param beforeParking sends what is ready: the function may be waiting for it */
  constructor(port: MessagePort, memory: Int32Array, beforeParking: () => void) {
    this.#port = port;
    this.#memory = memory;
    this.#beforeParking = beforeParking;
  }

  /** @throws {ThrownRef} for what the function threw */
  ask(callback: number, instance: number | null, method: string, args: readonly unknown[]): unknown {
    const request: CallbackRequest = { call: this.call, callback, instance, method, args };
    this.#beforeParking();
    Atomics.store(this.#memory, SHARED.answered, 0);
    this.#port.postMessage(request);
    // The word of the answer before may come when that has long been taken: this thread had not begun to wait for it.
    while (Atomics.load(this.#memory, SHARED.answered) === 0) Atomics.wait(this.#memory, SHARED.answered, 0);
    const reply = receiveMessageOnPort(this.#port)?.message as CallbackReply;
    if ("value" in reply) return reply.value;
    const ref: ThrownRef = { thrownOnCallingThread: reply.thrown };
    throw ref;
  }
}
