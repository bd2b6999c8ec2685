import { describe, expect, it } from "vitest";
import { TextsReceived, TextsSent } from "../../../../src/engine/thread/texts.ts";

describe("texts", () => {
  it("cross once, then a number stands for them", () => {
    const [sent, received] = [new TextsSent(), new TextsReceived()];
    const cross = (text: string) => {
      const ref = sent.refer(text);
      expect(received.restore(ref)).toBe(text);
      return typeof ref;
    };
    expect([cross("one"), cross("two"), cross("one"), cross("two"), cross("")]).toEqual([
      ...["string", "string", "number", "number", "string"],
    ]);
  });

  it("are right for more of them than are kept, in any order", () => {
    const [sent, received] = [new TextsSent(), new TextsReceived()];
    for (let i = 0; i < 5000; i++) {
      const text = `text ${(i * i) % 1200}`;
      expect(received.restore(sent.refer(text))).toBe(text);
    }
  });

  it("that are very long are not kept, and do not put the others out of place", () => {
    const [sent, received] = [new TextsSent(), new TextsReceived()];
    const long = "x".repeat(20_000);
    for (const text of [long, "a", long, "b", "a", "b", long]) {
      expect(received.restore(sent.refer(text))).toBe(text);
    }
    expect(sent.refer(long)).toBe(long);
  });

  it("start again together after a message that did not go out", () => {
    const [sent, received] = [new TextsSent(), new TextsReceived()];
    received.restore(sent.refer("heard"));
    sent.refer("lost");
    sent.forget();
    received.forget();
    for (const text of ["lost", "heard", "lost", "other"]) {
      expect(received.restore(sent.refer(text))).toBe(text);
    }
  });
});
