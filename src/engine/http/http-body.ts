/**
 * The body of an HTTP answer, asked for piece by piece: what nobody asks for stays with the server.
 * It must not know what the bytes mean. Tests: test/unit/engine/http/http.test.ts.
 */
import type { IncomingMessage } from "node:http";
import type { Call } from "./call.ts";
import { LinkFailure } from "./link-failure.ts";

/** Nothing came within the patience of the one who asked; more may come. */
export const LATER: unique symbol = Symbol("later");

export class HttpBody {
  readonly #message: IncomingMessage;
  readonly #idleTimeout: number;
  #hasEnded = false;
  #failure: LinkFailure | null = null;
  #wake: (() => void) | null = null;

  constructor(message: IncomingMessage, idleTimeout: number) {
    this.#message = message;
    this.#idleTimeout = idleTimeout;
    const wake = () => this.#wake?.();
    message.on("readable", wake);
    message.on("end", () => {
      this.#hasEnded = true;
      wake();
    });
    message.on("error", (cause) => this.#fail(cause));
    message.on("close", () => {
      if (!this.#hasEnded) this.#fail(null);
    });
  }

  #fail(cause: Error | null): void {
    this.#failure ??= new LinkFailure("connection", "the connection broke in the middle of an answer", {
      cause,
    });
    this.#wake?.();
  }

  /**
   * The next bytes; null at the end.
   * @param patience milliseconds after which {@link LATER} is the answer; 0 to wait as long as the server may pause
   */
  async read(call: Call, patience = 0): Promise<Buffer | null | typeof LATER> {
    for (;;) {
      call.check();
      const bytes = this.#message.read() as Buffer | null;
      if (bytes !== null) return bytes;
      if (this.#hasEnded) return null;
      if (this.#failure !== null) throw this.#failure;
      if ((await this.#more(call, patience)) === LATER) return LATER;
    }
  }

  async #more(call: Call, patience: number): Promise<typeof LATER | null> {
    // A reader that nobody reads keeps no process alive; one that waits for its rows does.
    const { socket } = this.#message;
    socket.ref();
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
      if (!this.#hasEnded) socket.unref();
    }
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
    if (!this.#hasEnded) this.#message.destroy();
  }
}
