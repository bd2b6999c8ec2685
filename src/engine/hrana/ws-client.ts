/**
 * Hrana over one WebSocket: the greeting, requests by number, and a new connection when the old one is lost.
 * It must not know what requests ask for. Tests: test/unit/engine/hrana/websocket.test.ts.
 * @see https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_3_SPEC.md ("Hrana over WebSocket")
 */
import type { Call } from "../http/call.ts";
import { fieldsOf, parseJson } from "../http/json.ts";
import { broken, LinkFailure } from "../http/link-failure.ts";
import type { Settings } from "../http/options.ts";
import { Secret } from "../http/secret.ts";
import type { Version } from "./stream.ts";
import { readError, type StreamResult } from "./wire.ts";
import { upgrade, WebSocketConnection } from "./ws-socket.ts";

const VERSIONS: ReadonlyMap<string, Version> = new Map([
  ["hrana3", 3],
  ["hrana2", 2],
]);

/** A request that waits for its answer. */
interface Pending {
  readonly type: string;
  readonly resolve: (result: StreamResult & { readonly bytes: number }) => void;
  readonly reject: (failure: LinkFailure) => void;
}

/** An answer, and how many bytes it had. */
export type Answer = StreamResult & { readonly bytes: number };

/** One connection, from its greeting to its end. */
export class Session {
  readonly version: Version;
  /** An answer is overdue, and nothing has come since: nobody may be there any more. */
  isSuspect = false;
  #streams = 0;
  #isRetired = false;
  readonly #connection: WebSocketConnection;
  readonly #secret: Secret;
  readonly #pending = new Map<number, Pending>();
  #greeting: { readonly resolve: () => void; readonly reject: (failure: LinkFailure) => void } | null = null;
  #lastRequest = 0;
  #lastId = 0;

  constructor(upgraded: Awaited<ReturnType<typeof upgrade>>, most: number, secret: Secret) {
    this.#secret = secret;
    this.version = VERSIONS.get(upgraded.protocol) ?? 2;
    this.#connection = new WebSocketConnection(upgraded, most, {
      onText: (text, bytes) => this.#receive(text, bytes),
      onEnd: (failure) => this.#end(failure),
    });
  }

  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  /** Whether new streams may be opened on it. */
  get isUsable(): boolean {
    return this.isOpen && !this.isSuspect && !this.#isRetired;
  }

  addStream(): void {
    this.#streams++;
  }

  /** @param isStuck something of it still runs on the server, and only the end of the connection ends that */
  dropStream(isStuck: boolean): void {
    this.#streams--;
    if (isStuck) this.#isRetired = true;
    if (this.#isRetired && this.#streams <= 0) {
      this.close(new LinkFailure("connection", "the WebSocket has been closed"));
    }
  }

  /** A number for a stream or a cursor. */
  newId(): number {
    return ++this.#lastId;
  }

  /** Says hello. @throws {LinkFailure} when the server does not let us in */
  greet(token: string | null, timeout: number, call: Call): Promise<void> {
    return call.wait<void>(
      (resolve, reject) => {
        this.#greeting = { resolve, reject };
        this.#connection.send(`{"type":"hello","jwt":${JSON.stringify(token)}}`);
        return () => {
          this.#greeting = null;
        };
      },
      timeout,
      () => new LinkFailure("timeout", `the server did not greet within ${timeout} ms (firstByteTimeout)`),
    );
  }

  /** Sends a request. The promise never goes unhandled: it may be left alone. */
  request(type: string, members: string): Promise<Answer> {
    const id = ++this.#lastRequest;
    const answer = new Promise<Answer>((resolve, reject) => {
      if (!this.isOpen) return reject(new LinkFailure("connection", "the WebSocket has been closed"));
      if (this.#pending.size === 0) this.#connection.hold(true);
      this.#pending.set(id, { type, resolve, reject });
      this.#connection.send(
        `{"type":"request","request_id":${id},"request":{"type":"${type}"${members === "" ? "" : `,${members}`}}}`,
      );
    });
    answer.catch(() => {});
    return answer;
  }

  #receive(text: string, bytes: number): void {
    this.isSuspect = false;
    const message = fieldsOf(parseJson(text));
    switch (message.type) {
      case "hello_ok":
        this.#greeting?.resolve();
        return;
      case "hello_error": {
        const { message: words, code } = readError(message.error);
        const failure = new LinkFailure("refused", `the server refused: ${this.#secret.redact(words)}`, {
          status: 401,
          code: code === null ? null : this.#secret.redact(code),
        });
        this.#greeting?.reject(failure);
        this.close(failure);
        return;
      }
      case "response_ok":
      case "response_error":
        this.#answer(message, bytes);
        return;
      default:
        throw broken("a message has a type that is not known");
    }
  }

  #answer(message: Readonly<Record<string, unknown>>, bytes: number): void {
    const id = message.request_id;
    const pending = typeof id === "number" ? this.#pending.get(id) : undefined;
    if (pending === undefined) throw broken("an answer belongs to no request");
    const response = fieldsOf(message.response);
    if (message.type === "response_error") {
      pending.resolve({ response: null, error: readError(message.error), bytes });
    } else {
      if (response.type !== pending.type)
        throw broken(`a result does not answer a request of type ${pending.type}`);
      pending.resolve({ response, error: null, bytes });
    }
    this.#pending.delete(id as number);
    if (this.#pending.size === 0) this.#connection.hold(false);
  }

  #end(failure: LinkFailure): void {
    this.#greeting?.reject(failure);
    for (const { reject } of this.#pending.values()) reject(failure);
    this.#pending.clear();
  }

  close(failure: LinkFailure): void {
    this.#connection.close(failure);
  }
}

export class WsClient {
  readonly secret: Secret;
  readonly #settings: Settings;
  #session: Session | null = null;
  #version: Version | null = null;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.secret = new Secret(settings.token);
  }

  /** The connection, a new one when the last has ended. @throws {LinkFailure} when there is none to be had */
  async session(call: Call): Promise<Session> {
    if (this.#session?.isUsable) return this.#session;
    if (this.#session?.isSuspect) {
      this.#session.close(new LinkFailure("connection", "the WebSocket was silent for too long"));
    }
    this.#session = null;
    const token = await this.secret.get(call);
    const upgraded = await upgrade(this.#settings, [...VERSIONS.keys()], call);
    const session = new Session(upgraded, this.#settings.maxResponseBytes, this.secret);
    try {
      await session.greet(token, this.#settings.firstByteTimeout, call);
      this.#version ??= session.version;
      if (session.version !== this.#version) throw broken("it speaks another version than before");
    } catch (failure) {
      session.close(failure as LinkFailure);
      throw failure;
    }
    this.#session = session;
    return session;
  }

  close(): void {
    this.#session?.close(new LinkFailure("connection", "the connection has been closed"));
    this.#session = null;
  }
}
