import { describe, expect, it } from "vitest";
import { closeFrame, FrameReader, frame, TEXT } from "../../servers/fake/frames.ts";
import { edited, type Rule, Rules } from "../../servers/fake/rules.ts";

const http = (path: string, body = "") => ({ on: "http", path, body }) as const;

describe("Rules", () => {
  it("give the word to the first that fits, by path, body and occasion", () => {
    const rules = new Rules([
      { when: { on: "message" }, answer: { body: "message" } },
      { when: { path: "cursor$" }, answer: { body: "cursor" } },
      { when: { body: "SELECT" }, answer: { body: "select" } },
      { answer: { body: "other" } },
    ]);
    expect(rules.find(http("/v3/cursor", "SELECT 1"))?.body).toBe("cursor");
    expect(rules.find(http("/v3/pipeline", "{\nSELECT 1"))?.body).toBe("select");
    expect(rules.find(http("/", "x"))?.body).toBe("other");
    expect(rules.find({ ...http("/"), on: "message" })?.body).toBe("message");
    expect(rules.find({ ...http("/"), on: "reply" })).toBeNull();
  });

  it("count: the nth that fits, and no more than so many times", () => {
    const list: Rule[] = [
      { when: { body: "a", nth: 1 }, answer: { body: "second" } },
      { when: { times: 2 }, answer: { body: "early" } },
    ];
    const rules = new Rules(list);
    const told = Array.from({ length: 5 }, () => rules.find(http("/", "a"))?.body ?? null);
    expect(told).toEqual(["early", "second", "early", null, null]);
  });

  it("fill in what the first group found", () => {
    const rules = new Rules([
      { when: { body: '"request_id":(\\d+)' }, answer: { messages: ['{"request_id":$1}'], body: "$1$1" } },
    ]);
    expect(rules.find(http("/", '{"request_id":17}'))).toMatchObject({
      messages: ['{"request_id":17}'],
      body: "1717",
    });
  });
});

describe("edited", () => {
  it("replaces every place, and keeps bytes that are no text", () => {
    const bytes = Buffer.from([0xff, 0x61, 0x00, 0x61, 0xfe]);
    expect(edited(bytes, { replace: [{ find: "a", with: "bb" }] })).toEqual(
      Buffer.from([0xff, 0x62, 0x62, 0x00, 0x62, 0x62, 0xfe]),
    );
  });

  it("takes bytes out and puts others in", () => {
    const insert = Buffer.from("XY").toString("base64");
    const at = (at: number, remove: number) =>
      edited(Buffer.from("abc"), { splice: { at, remove, insert } }).toString();
    expect(at(1, 1)).toBe("aXYc");
    expect(at(3, 9)).toBe("abcXY");
    expect(at(0, 99)).toBe("XY");
    expect(at(4, 1)).toBe("abc");
  });
});

describe("frames", () => {
  /** What a client sends: the same, masked. */
  function masked(bytes: Buffer): Buffer {
    const short = bytes.readUInt8(1);
    const start = short === 127 ? 10 : short === 126 ? 4 : 2;
    const mask = Buffer.from([1, 2, 3, 4]);
    const payload = bytes.subarray(start).map((byte, i) => byte ^ (mask[i % 4] ?? 0));
    const head = Buffer.from(bytes.subarray(0, start));
    head[1] = short | 0x80;
    return Buffer.concat([head, mask, payload]);
  }

  it.each([0, 1, 125, 126, 65_535, 65_536, 200_000])("of %i bytes come back from any pieces", (length) => {
    const payload = Buffer.alloc(length, "abcdefg");
    const bytes = Buffer.concat([masked(frame(TEXT, payload)), masked(closeFrame(1000))]);
    for (const size of [1, 7, 4096, bytes.length].filter((size) => bytes.length / size < 3000)) {
      const reader = new FrameReader();
      const read = [];
      for (let at = 0; at < bytes.length; at += size)
        read.push(...reader.read(bytes.subarray(at, at + size)));
      expect(read.length).toBe(2);
      expect(read[0]?.payload.equals(payload)).toBe(true);
      expect(read[1]?.payload.readUInt16BE()).toBe(1000);
    }
  });
});
