/**
 * The worker that a thread waits for, seen from that thread: one for all its connections, since it waits for one call at a
 * time. It must not know what a call means. Tests: test/unit/engine/thread/block.test.ts.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type * as synckit from "synckit";
import type { BlockAnswer, BlockCall, BlockDone } from "./block-messages.ts";
import { BLOCK_HOST } from "./hosts.ts";

/**
 * How long the worker may be silent, milliseconds, though it says every five seconds that it is still busy. How long a call may take is
 * for the engine to say; this is for a worker that has died without a word, such as of memory.
 */
const SILENCE = 20_000;

type Exchange = (message: BlockCall) => BlockAnswer;

/** The worker is gone, and what it was doing is not known. */
export class WorkerLost extends Error {}

let current: BlockLink | null = null;
let last = 0;

export class BlockLink {
  readonly #exchange: Exchange;
  #death: WorkerLost | null = null;

  private constructor(silence: number) {
    // Loaded when the first remote database is opened: most programs have none.
    const { startWorkerThread } = createRequire(import.meta.url)("synckit") as typeof synckit;
    // Not the flags of this process: `--eval`, `--input-type` and a test runner's loaders are not meant for a file.
    this.#exchange = startWorkerThread<Exchange>(fileURLToPath(BLOCK_HOST), {
      execArgv: [],
      timeout: silence,
    });
  }

  /** The worker of this thread; a new one where the last has died. */
  static get(): BlockLink {
    if (current === null || current.#death !== null) current = new BlockLink(SILENCE);
    return current;
  }

  /** A worker for one connection. @param patience how long it may be silent, milliseconds */
  static own(patience: number): BlockLink {
    // Silence is believed the second time.
    return new BlockLink(Math.ceil(patience / 2));
  }

  /** A number for a connection or a call, never the same twice. */
  static number(): number {
    return ++last;
  }

  /** Whether the worker has died. */
  get isLost(): boolean {
    return this.#death !== null;
  }

  /** Sends a call and waits for its end. @throws {WorkerLost} when the worker has died, before or meanwhile */
  ask(call: BlockCall): BlockDone {
    if (this.#death !== null) throw this.#death;
    let answer = this.#try(call);
    while (answer.kind === "pending") answer = this.#try({ kind: "wait", id: call.id });
    if (answer.kind === "done") return answer;
    throw this.#die(null);
  }

  /** A process that was stopped for a while finds its time over when it goes on, so silence is believed the second time. */
  #try(message: BlockCall): BlockAnswer {
    try {
      return this.#exchange(message);
    } catch (error) {
      if (error instanceof DOMException && error.name === "DataCloneError") throw error;
      if (!isTimeout(error)) throw this.#die(error);
    }
    try {
      return this.#exchange({ kind: "wait", id: message.id });
    } catch (error) {
      throw this.#die(error);
    }
  }

  #die(cause: unknown): WorkerLost {
    this.#death = new WorkerLost("the worker thread of the connection has ended", { cause });
    return this.#death;
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message.includes("timed-out");
}
