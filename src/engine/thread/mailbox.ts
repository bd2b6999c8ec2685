/**
 * How messages come to a worker: it waits for the next one without leaving for its event loop, which saves a fifth of a round
 * trip and costs no processor, since it sleeps. Both ends are here. It must not know what a message says.
 * Tests: test/unit/engine/thread/mailbox.test.ts.
 */
import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { SHARED } from "./messages.ts";

/** How long the worker waits, in milliseconds; then its event loop wakes it. */
const WAIT = 5;
/** The longest that a worker which is never idle keeps from its event loop, in milliseconds: there may be timers. */
const TURN = 20;

/**
 * Listens for messages, and calls `take` with each, in order.
 * @param mayWait whether nothing is under way that wants the event loop
 */
export function listen<M>(
  port: MessagePort,
  memory: Int32Array,
  take: (message: M) => void,
  mayWait: () => boolean,
): void {
  port.on("message", (first: M) => {
    take(first);
    const end = performance.now() + TURN;
    do {
      // Looked at before the port, so that a message which comes in between ends the wait at once.
      const posted = Atomics.load(memory, SHARED.posted);
      const next = receiveMessageOnPort(port);
      if (next !== undefined) take(next.message as M);
      else if (!mayWait() || Atomics.wait(memory, SHARED.posted, posted, WAIT) === "timed-out") return;
    } while (performance.now() < end);
  });
}

/** Wakes the worker; its message has been posted. */
export function wake(memory: Int32Array): void {
  Atomics.add(memory, SHARED.posted, 1);
  Atomics.notify(memory, SHARED.posted);
}
