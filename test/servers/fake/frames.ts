/**
 * WebSocket frames, both ways, as the server's end writes and reads them. Our own, since a fault needs the bytes in hand.
 * Must not know sockets. @see RFC 6455, section 5. Tests: test/unit/servers/fake-hrana.test.ts.
 */
import { createHash } from "node:crypto";

export const TEXT = 1;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** What a server answers to the client's key. */
export function acceptKey(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** A whole, unmasked frame. */
export function frame(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  if (length < 126) head[1] = length;
  else if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return Buffer.concat([head, payload]);
}

export function closeFrame(code: number): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return frame(CLOSE, payload);
}

/** Puts what a client sends together: frames in pieces, messages in frames. */
export class FrameReader {
  #bytes = Buffer.alloc(0);
  #parts: Buffer[] = [];

  /** @returns the messages that are complete now */
  read(chunk: Buffer): Frame[] {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    const messages: Frame[] = [];
    for (;;) {
      const taken = this.#take();
      if (taken === null) return messages;
      const { opcode, payload, isLast } = taken;
      if (opcode >= CLOSE) messages.push({ opcode, payload });
      else {
        this.#parts.push(payload);
        if (!isLast) continue;
        messages.push({ opcode: TEXT, payload: Buffer.concat(this.#parts) });
        this.#parts = [];
      }
    }
  }

  #take(): (Frame & { readonly isLast: boolean }) | null {
    const bytes = this.#bytes;
    if (bytes.length < 2) return null;
    const short = bytes.readUInt8(1) & 0x7f;
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    const start = 2 + extra + 4;
    if (bytes.length < start) return null;
    const length =
      extra === 0 ? short : extra === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    if (bytes.length < start + length) return null;
    const mask = bytes.subarray(start - 4, start);
    const payload = Buffer.from(bytes.subarray(start, start + length));
    for (let i = 0; i < length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
    this.#bytes = bytes.subarray(start + length);
    const first = bytes.readUInt8(0);
    return { opcode: first & 0x0f, payload, isLast: (first & 0x80) !== 0 };
  }
}
