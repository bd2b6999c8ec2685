/**
 * Frames of the WebSocket protocol, as a client writes and reads them: text, control frames, nothing compressed.
 * It must not know sockets. Tests: test/unit/engine/hrana/ws-frames.test.ts.
 * @see https://www.rfc-editor.org/rfc/rfc6455#section-5
 */
import { randomBytes } from "node:crypto";
import { broken, LinkFailure } from "../http/link-failure.ts";

export const TEXT = 1;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

const CONTINUATION = 0;
const FINAL = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;

/** Writes a frame, masked as a client's has to be. */
export function encodeFrame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const extra = length < LENGTH_16 ? 0 : length < 0x1_0000 ? 2 : 8;
  const frame = Buffer.allocUnsafe(6 + extra + length);
  frame[0] = FINAL | opcode;
  frame[1] = MASKED | (extra === 0 ? length : extra === 2 ? LENGTH_16 : LENGTH_64);
  if (extra === 2) frame.writeUInt16BE(length, 2);
  if (extra === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  const mask = randomBytes(4);
  mask.copy(frame, 2 + extra);
  const start = 6 + extra;
  for (let i = 0; i < length; i++) frame[start + i] = (payload[i] as number) ^ (mask[i & 3] as number);
  return frame;
}

/** A message whose pieces have all come, or a control frame. */
export interface Message {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Puts messages together from bytes, wherever those are cut. */
export class FrameReader {
  readonly #most: number;
  #pieces: Buffer[] = [];
  #size = 0;
  /** Pieces of a text that is not complete. */
  #text: Buffer[] | null = null;
  #textSize = 0;

  /** @param most the longest message in bytes */
  constructor(most: number) {
    this.#most = most;
  }

  /** The messages that are complete now. @throws {LinkFailure} for what no server may send */
  *push(bytes: Buffer): Generator<Message, void, undefined> {
    this.#pieces.push(bytes);
    this.#size += bytes.length;
    for (;;) {
      const frame = this.#frame();
      if (frame === null) return;
      const message = this.#message(frame.opcode, frame.isFinal, frame.payload);
      if (message !== null) yield message;
    }
  }

  /** The next whole frame; null when some of it is still to come. */
  #frame(): { readonly opcode: number; readonly isFinal: boolean; readonly payload: Buffer } | null {
    const head = this.#peek(2);
    if (head === null) return null;
    const [first = 0, second = 0] = head;
    if ((first & RESERVED) !== 0) throw broken("a frame has an extension that was not agreed on");
    if ((second & MASKED) !== 0) throw broken("a frame is masked");
    const short = second & 0x7f;
    const extra = short === LENGTH_16 ? 2 : short === LENGTH_64 ? 8 : 0;
    const whole = this.#peek(2 + extra);
    if (whole === null) return null;
    const length =
      extra === 0 ? short : extra === 2 ? whole.readUInt16BE(2) : Number(whole.readBigUInt64BE(2));
    if (length + this.#textSize > this.#most) {
      throw new LinkFailure("too-large", `an answer has more than ${this.#most} bytes (maxResponseBytes)`);
    }
    if (this.#size < 2 + extra + length) return null;
    const all = this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
    const end = 2 + extra + length;
    this.#pieces = end < all.length ? [all.subarray(end)] : [];
    this.#size = all.length - end;
    return { opcode: first & 0x0f, isFinal: (first & FINAL) !== 0, payload: all.subarray(2 + extra, end) };
  }

  #peek(count: number): Buffer | null {
    if (this.#size < count) return null;
    if ((this.#pieces[0] as Buffer).length < count) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0] as Buffer;
  }

  #message(opcode: number, isFinal: boolean, payload: Buffer): Message | null {
    if (opcode >= CLOSE) {
      if (!isFinal || payload.length >= LENGTH_16) throw broken("a control frame is in pieces or too long");
      return { opcode, payload };
    }
    if (opcode !== (this.#text === null ? TEXT : CONTINUATION)) throw broken("a message is no text");
    this.#text ??= [];
    this.#text.push(payload);
    this.#textSize += payload.length;
    if (!isFinal) return null;
    const whole = this.#text.length === 1 ? payload : Buffer.concat(this.#text);
    this.#text = null;
    this.#textSize = 0;
    return { opcode: TEXT, payload: whole };
  }
}
