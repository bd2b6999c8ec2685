/**
 * A WebSocket: the handshake, messages of text in both directions, and its end. Node's own would compress, read messages of
 * any size, keep the process alive, and there is none on Node 20.
 * It must not know Hrana. Tests: test/unit/engine/hrana/websocket.test.ts.
 * @see https://www.rfc-editor.org/rfc/rfc6455
 */
import { createHash, randomBytes } from "node:crypto";
import type * as http from "node:http";
import type * as https from "node:https";
import type { Socket } from "node:net";
import type { Call } from "../http/call.ts";
import { decodeText } from "../http/json.ts";
import { broken, LinkFailure } from "../http/link-failure.ts";
import { nodeHttp } from "../http/node-http.ts";
import type { Settings } from "../http/options.ts";
import { CLOSE, encodeFrame, FrameReader, PING, PONG, TEXT } from "./ws-frames.ts";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const NORMAL = Buffer.from([0x03, 0xe8]);

export interface SocketEvents {
  /** A message of the server's, and how many bytes it had. */
  onText(text: string, bytes: number): void;
  /** Nothing will come any more. Called once. */
  onEnd(failure: LinkFailure): void;
}

/** A connection that stands, before anybody listens to it. */
export interface Upgraded {
  readonly socket: Socket;
  readonly head: Buffer;
  /** The subprotocol that the server has chosen. */
  readonly protocol: string;
}

/** Asks for a WebSocket. @throws {LinkFailure} when there is none to be had */
export function upgrade(settings: Settings, protocols: readonly string[], call: Call): Promise<Upgraded> {
  const { address, connectTimeout, tls } = settings;
  const key = randomBytes(16).toString("base64");
  const options: https.RequestOptions = {
    ...(tls as https.RequestOptions),
    agent: false,
    host: address.hostname,
    port: address.port,
    path: address.path === "" ? "/" : address.path,
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": key,
      "sec-websocket-protocol": protocols.join(", "),
    },
  };
  return call.wait<Upgraded>(
    (resolve, reject) => {
      const request = nodeHttp(address.isSecure).request(options);
      let isDone = false;
      request.once("upgrade", (message, socket, head) => {
        try {
          const protocol = checkUpgrade(message, key, protocols);
          isDone = true;
          resolve({ socket: socket as Socket, head, protocol });
        } catch (failure) {
          socket.destroy();
          reject(failure);
        }
      });
      request.once("response", (message) => {
        const status = message.statusCode ?? 0;
        message.resume();
        request.destroy();
        reject(new LinkFailure("refused", `the server refused a WebSocket (HTTP ${status})`, { status }));
      });
      request.on("error", (cause: NodeJS.ErrnoException) => {
        const code = cause.code === undefined ? "" : ` (${cause.code})`;
        reject(new LinkFailure("connection", `cannot connect to ${address.text}${code}`, { cause }));
      });
      request.end();
      return () => {
        if (!isDone) request.destroy();
      };
    },
    connectTimeout,
    () =>
      new LinkFailure(
        "timeout",
        `no connection to ${address.text} within ${connectTimeout} ms (connectTimeout)`,
      ),
  );
}

function checkUpgrade(message: http.IncomingMessage, key: string, protocols: readonly string[]): string {
  const { headers, statusCode } = message;
  const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
  if (statusCode !== 101 || headers["sec-websocket-accept"] !== accept) throw broken("its handshake is none");
  if (headers["sec-websocket-extensions"] !== undefined)
    throw broken("it uses an extension that was not asked for");
  const protocol = headers["sec-websocket-protocol"];
  if (protocol === undefined || !protocols.includes(protocol)) {
    throw new LinkFailure("refused", "the server speaks neither Hrana 3 nor Hrana 2 over WebSocket", {
      status: 404,
    });
  }
  return protocol;
}

export class WebSocketConnection {
  readonly #socket: Upgraded["socket"];
  readonly #reader: FrameReader;
  readonly #events: SocketEvents;
  #hasEnded = false;

  constructor({ socket, head }: Upgraded, most: number, events: SocketEvents) {
    this.#socket = socket;
    this.#reader = new FrameReader(most);
    this.#events = events;
    socket.on("data", (bytes: Buffer) => this.#receive(bytes));
    socket.on("error", (cause) => this.#end(lostConnection(cause)));
    socket.on("close", () => this.#end(lostConnection(null)));
    if (head.length > 0) this.#receive(head);
  }

  /** Whether messages still go through. */
  get isOpen(): boolean {
    return !this.#hasEnded;
  }

  /** Whether it keeps the process alive. */
  hold(isHeld: boolean): void {
    if (isHeld) this.#socket.ref();
    else this.#socket.unref();
  }

  send(text: string): void {
    if (!this.#hasEnded) this.#socket.write(encodeFrame(TEXT, Buffer.from(text)));
  }

  #receive(bytes: Buffer): void {
    try {
      for (const { opcode, payload } of this.#reader.push(bytes)) {
        if (this.#hasEnded) return;
        if (opcode === TEXT) this.#events.onText(decodeText(payload), payload.length);
        else if (opcode === PING) this.#socket.write(encodeFrame(PONG, payload));
        else if (opcode === CLOSE) this.#end(lostConnection(null));
      }
    } catch (failure) {
      this.#end(failure instanceof LinkFailure ? failure : broken("a message cannot be read", failure));
    }
  }

  /** Ends it. */
  close(failure: LinkFailure): void {
    if (!this.#hasEnded) this.#socket.write(encodeFrame(CLOSE, NORMAL));
    this.#end(failure);
  }

  #end(failure: LinkFailure): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#socket.destroySoon();
    this.#events.onEnd(failure);
  }
}

function lostConnection(cause: unknown): LinkFailure {
  return new LinkFailure("connection", "the WebSocket has been closed", { cause });
}
