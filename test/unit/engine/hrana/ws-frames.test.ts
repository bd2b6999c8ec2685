/**
 * Tests src/engine/hrana/ws-frames.ts: frames as RFC 6455 has them, wherever the bytes are cut, and what is none.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CLOSE, encodeFrame, FrameReader, PING, TEXT } from "../../../../src/engine/hrana/ws-frames.ts";
import { LinkFailure } from "../../../../src/engine/http/link-failure.ts";

/** A frame as a server writes it. */
function frame(opcode: number, payload: Buffer, isFinal = true): Buffer {
  const head = Buffer.alloc(10);
  head[0] = (isFinal ? 0x80 : 0) | opcode;
  if (payload.length < 126) {
    head[1] = payload.length;
    return Buffer.concat([head.subarray(0, 2), payload]);
  }
  if (payload.length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(payload.length, 2);
    return Buffer.concat([head.subarray(0, 4), payload]);
  }
  head[1] = 127;
  head.writeBigUInt64BE(BigInt(payload.length), 2);
  return Buffer.concat([head, payload]);
}

/** Takes the mask off a client's frame. */
function unmask(bytes: Buffer): { readonly opcode: number; readonly payload: Buffer } {
  const short = (bytes[1] ?? 0) & 0x7f;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  const mask = bytes.subarray(2 + extra, 6 + extra);
  const payload = bytes.subarray(6 + extra).map((byte, i) => byte ^ (mask[i & 3] ?? 0));
  return { opcode: (bytes[0] ?? 0) & 0x0f, payload: Buffer.from(payload) };
}

describe("encodeFrame", () => {
  it.each([0, 1, 125, 126, 65_535, 65_536, 100_000])("masks %i bytes", (size) => {
    const payload = Buffer.alloc(size, "xy");
    const bytes = encodeFrame(TEXT, payload);
    expect((bytes[1] ?? 0) & 0x80).toBe(0x80);
    expect(unmask(bytes)).toEqual({ opcode: TEXT, payload });
  });
});

describe("FrameReader", () => {
  it("gives the same messages wherever the bytes and the messages are cut", () => {
    const message = fc.record({
      text: fc.string({ maxLength: 200 }),
      cuts: fc.nat({ max: 3 }),
      pings: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(message),
        fc.infiniteStream(fc.integer({ min: 1, max: 50 })),
        (messages, sizes) => {
          const frames: Buffer[] = [];
          for (const { text, cuts, pings } of messages) {
            const payload = Buffer.from(text);
            const step = Math.ceil(payload.length / (cuts + 1));
            for (let i = 0; i <= cuts; i++) {
              frames.push(frame(i === 0 ? TEXT : 0, payload.subarray(i * step, (i + 1) * step), i === cuts));
              if (pings) frames.push(frame(PING, Buffer.from("p")));
            }
          }
          const bytes = Buffer.concat(frames);
          const reader = new FrameReader(1 << 20);
          const read: string[] = [];
          for (let at = 0; at < bytes.length; ) {
            const { value: size } = sizes.next();
            for (const { opcode, payload } of reader.push(bytes.subarray(at, at + size))) {
              if (opcode === TEXT) read.push(payload.toString());
            }
            at += size;
          }
          expect(read).toEqual(messages.map(({ text }) => Buffer.from(text).toString()));
        },
      ),
    );
  });

  it.each<[string, Buffer[]]>([
    ["a masked frame", [encodeFrame(TEXT, Buffer.from("x"))]],
    ["an extension", [Buffer.from([0xc1, 0])]],
    ["a binary message", [frame(2, Buffer.from("x"))]],
    ["a continuation of nothing", [frame(0, Buffer.from("x"))]],
    ["a text inside a text", [frame(TEXT, Buffer.from("x"), false), frame(TEXT, Buffer.from("x"))]],
    ["a control frame in pieces", [frame(PING, Buffer.from("x"), false)]],
    ["a long control frame", [frame(CLOSE, Buffer.alloc(126))]],
    ["a message past the cap", [frame(TEXT, Buffer.alloc(1001))]],
    [
      "a message past the cap in pieces",
      [frame(TEXT, Buffer.alloc(600), false), frame(0, Buffer.alloc(600))],
    ],
    ["a length of 2^63", [Buffer.from([0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0])]],
  ])("refuses %s", (_, frames) => {
    const reader = new FrameReader(1000);
    expect(() => {
      for (const bytes of frames) for (const message of reader.push(bytes)) void message;
    }).toThrow(LinkFailure);
  });
});
