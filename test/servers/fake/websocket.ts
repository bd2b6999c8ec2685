/**
 * The fake server's WebSocket: messages are seen, answered by rules, or passed on to the real server and back.
 * Must not know HTTP beyond the handshake. Tests: test/unit/servers/fake-hrana.test.ts.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { acceptKey, CLOSE, closeFrame, FrameReader, frame, PING, PONG, TEXT } from "./frames.ts";
import { type Answer, edited, type Occasion } from "./rules.ts";

/** Who has the rules and the memory. */
export interface Judge {
  /** Finds the rule for what was said; null where there is none. */
  find(occasion: Occasion): Answer | null;
  /** Remembers what the client said, and what it is told of what the real server said. */
  note(method: "MESSAGE" | "REPLY", body: string): void;
}

export class FakeSocket {
  readonly #socket: Socket;
  readonly #path: string;
  readonly #judge: Judge;
  readonly #real: WebSocket | null;
  /** What is said before the real server's socket is open. */
  readonly #early: string[] = [];
  #isSilent = false;

  /** Agrees to speak WebSocket. */
  constructor(
    request: IncomingMessage,
    socket: Socket,
    protocol: string,
    upstream: string | null,
    judge: Judge,
  ) {
    this.#socket = socket;
    this.#path = request.url ?? "/";
    this.#judge = judge;
    const lines = [
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Accept: ${acceptKey(request.headers["sec-websocket-key"] ?? "")}`,
      ...(protocol === "" ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    this.#real = upstream === null ? null : this.#connect(upstream, protocol);
    const reader = new FrameReader();
    socket.on("data", (chunk: Buffer) => {
      for (const { opcode, payload } of reader.read(chunk)) this.#receive(opcode, payload);
    });
    socket.on("error", () => {});
    socket.on("close", () => this.#real?.close());
  }

  #connect(upstream: string, protocol: string): WebSocket {
    const real = new WebSocket(
      new URL(this.#path, upstream.replace(/^http/, "ws")),
      protocol === "" ? [] : protocol,
    );
    real.onopen = () => {
      for (const text of this.#early.splice(0)) real.send(text);
    };
    real.onmessage = ({ data }) => {
      const text = String(data);
      const answer = this.#judge.find({ on: "reply", path: this.#path, body: text });
      void this.#carryOut(answer ?? {}, text);
    };
    real.onclose = () => this.#socket.end();
    real.onerror = () => this.#socket.end();
    return real;
  }

  #receive(opcode: number, payload: Buffer): void {
    if (opcode === PING) this.#write(frame(PONG, payload));
    if (opcode === CLOSE) this.#socket.end(frame(CLOSE, payload));
    if (opcode !== TEXT) return;
    const text = payload.toString();
    this.#judge.note("MESSAGE", text);
    const answer = this.#judge.find({ on: "message", path: this.#path, body: text });
    if (answer === null || answer.upstream === true) this.#pass(edited(payload, answer ?? {}).toString());
    if (answer !== null) void this.#carryOut(answer, null);
  }

  #pass(text: string): void {
    if (this.#real === null) return;
    if (this.#real.readyState === WebSocket.OPEN) this.#real.send(text);
    else this.#early.push(text);
  }

  /** Says what an answer says; `text` is what the real server said, which goes on unless something else is told. */
  async #carryOut(answer: Answer, text: string | null): Promise<void> {
    const { delay, messages, frames, close, stop } = answer;
    if (delay !== undefined) await sleep(delay);
    const said = messages ?? (text === null || frames !== undefined ? [] : [text]);
    if (stop !== undefined) {
      const bytes = Buffer.concat(said.map((words) => frame(TEXT, edited(Buffer.from(words), answer))));
      this.#write(bytes.subarray(0, stop.at === "request" ? 0 : stop.at));
      if (stop.how === "reset") this.#socket.resetAndDestroy();
      if (stop.how === "end") this.#socket.end();
      this.#isSilent = true;
      return;
    }
    for (const words of said) {
      const bytes = edited(Buffer.from(words), answer);
      if (text !== null) this.#judge.note("REPLY", bytes.toString());
      this.#write(frame(TEXT, bytes));
    }
    if (frames !== undefined) this.#write(Buffer.from(frames, "base64"));
    if (close !== undefined) this.#socket.end(closeFrame(close));
  }

  #write(bytes: Buffer): void {
    if (!this.#isSilent && this.#socket.writable && bytes.length > 0) this.#socket.write(bytes);
  }
}
