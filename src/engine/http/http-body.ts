/**
 * The body of an HTTP answer, asked for piece by piece: what nobody asks for stays with the server, compressed if it is.
 * It must not know what the bytes mean. Tests: test/unit/engine/http/http.test.ts.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { Call } from "./call.ts";
import { broken, LinkFailure } from "./link-failure.ts";
import { unpacked } from "./unpack.ts";

/** Nothing came within the patience of the one who asked; more may come. */
export const LATER: unique symbol = Symbol("later");

/**
 * Servers send a long result row by row, and a reader that is faster would take it so, at 25 us a piece: of a body that is
 * longer than LONG bytes, pieces below GOOD wait for more so many milliseconds. 200,000 rows: 0.35 s of CPU time instead of 0.8.
 */
const LONG = 1 << 16;
const GOOD = 1 << 14;
const GROWING = 4;

export class HttpBody {
  readonly #message: IncomingMessage;
  /** The bytes as they are read: those of the message, or what they were packed from. */
  readonly #source: Readable;
  readonly #idleTimeout: number;
  #received = 0;
  #hasEnded = false;
  #failure: LinkFailure | null = null;
  #wake: (() => void) | null = null;

  /** @param isPacked whether the body is compressed by gzip */
  constructor(message: IncomingMessage, idleTimeout: number, isPacked = false) {
    this.#message = message;
    this.#source = isPacked ? unpacked(message) : message;
    this.#idleTimeout = idleTimeout;
    this.#source.on("readable", () => this.#wake?.());
    this.#source.on("end", () => {
      if (isPacked && !message.readableEnded) return this.#fail(broken("an answer goes on behind its end"));
      this.#hasEnded = true;
      this.#wake?.();
    });
    if (isPacked)
      this.#source.on("error", (cause) => this.#fail(broken("an answer cannot be unpacked", cause)));
    message.on("error", (cause) => this.#fail(lost(cause)));
    message.on("close", () => {
      if (!message.readableEnded) this.#fail(lost(null));
    });
  }

  #fail(failure: LinkFailure): void {
    this.#failure ??= failure;
    this.#wake?.();
  }

  /**
   * The next bytes; null at the end.
   * @param patience milliseconds after which {@link LATER} is the answer; 0 to wait as long as the server may pause
   */
  async read(call: Call, patience = 0): Promise<Buffer | null | typeof LATER> {
    for (let mayGrow = this.#source === this.#message; ; ) {
      call.check();
      if (mayGrow && this.#isSmall) {
        // Its connection is not read meanwhile: see the high-water mark in http.ts.
        mayGrow = false;
        await growing(call);
        continue;
      }
      const bytes = this.#source.read() as Buffer | null;
      if (bytes !== null) {
        this.#received += bytes.byteLength;
        return bytes;
      }
      if (this.#hasEnded) return null;
      if (this.#failure !== null) throw this.#failure;
      if ((await this.#more(call, patience)) === LATER) return LATER;
    }
  }

  get #isSmall(): boolean {
    const { readableLength } = this.#message;
    return this.#received > LONG && readableLength > 0 && readableLength < GOOD && !this.#message.complete;
  }

  async #more(call: Call, patience: number): Promise<typeof LATER | null> {
    // A reader that nobody reads keeps no process alive; one that waits for its rows does.
    this.#connection?.ref();
    const isPatient = patience === 0;
    try {
      return await call.wait<typeof LATER | null>(
        (resolve) => {
          const timer = isPatient ? undefined : setTimeout(() => resolve(LATER), patience);
          this.#wake = () => resolve(null);
          return () => {
            clearTimeout(timer);
            this.#wake = null;
          };
        },
        isPatient ? this.#idleTimeout : 0,
        () =>
          new LinkFailure(
            "timeout",
            `the server paused for ${this.#idleTimeout} ms in an answer (idleTimeout)`,
          ),
      );
    } finally {
      if (!this.#hasEnded) this.#connection?.unref();
    }
  }

  /** Null when all of the message has come: it is lent to others then. */
  get #connection(): Socket | null {
    return this.#message.socket;
  }

  /** The whole rest. @throws {LinkFailure} of kind "too-large" past `most` bytes */
  async readAll(call: Call, most: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let size = 0;
    for (;;) {
      const bytes = await this.read(call);
      if (bytes === null || bytes === LATER) break;
      size += bytes.byteLength;
      if (size > most) {
        this.destroy();
        throw new LinkFailure("too-large", `an answer has more than ${most} bytes (maxResponseBytes)`);
      }
      pieces.push(bytes);
    }
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }

  /** Wants no more of it. The connection ends with it unless all has come already. */
  destroy(): void {
    // Its failure is not to be seen by anybody.
    this.#failure ??= new LinkFailure("connection", "the answer is not wanted any more");
    if (this.#hasEnded) return;
    this.#source.destroy();
    this.#message.destroy();
  }
}

/** Waits for more to come. */
function growing(call: Call): Promise<undefined> {
  const start = (resolve: (value: undefined) => void) => {
    const timer = setTimeout(() => resolve(undefined), GROWING);
    return () => clearTimeout(timer);
  };
  return call.wait<undefined>(start, 0, () => lost(null));
}

function lost(cause: Error | null): LinkFailure {
  return new LinkFailure("connection", "the connection broke in the middle of an answer", { cause });
}
