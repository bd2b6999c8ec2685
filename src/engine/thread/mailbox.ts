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

/** What listens for messages. */
interface Receiver<M> {
  take(message: M): void;
  /** No message is there. Returns whether the worker may wait: nothing is under way that wants the event loop. */
  idle(): boolean;
  /** The worker leaves for its event loop, from which it may come back late. */
  leave(): void;
}

/** Listens for messages, each of which {@link wake} has told of. */
export function listen<M>(port: MessagePort, memory: Int32Array, receiver: Receiver<M>): void {
  const work = (first: M) => {
    receiver.take(first);
    const end = performance.now() + TURN;
    do {
      // Looked at before the port, so that a message which comes in between ends the wait at once.
      const posted = Atomics.load(memory, SHARED.posted);
      const next = receiveMessageOnPort(port);
      if (next !== undefined) receiver.take(next.message as M);
      else if (!receiver.idle() || Atomics.wait(memory, SHARED.posted, posted, WAIT) === "timed-out") return;
    } while (performance.now() < end);
  };
  port.on("message", (first: M) => {
    work(first);
    receiver.leave();
  });
}

/** Wakes the worker; a message with so many calls has been posted. */
export function wake(memory: Int32Array, count: number): void {
  Atomics.add(memory, SHARED.posted, count);
  Atomics.notify(memory, SHARED.posted);
}
