/**
 * Tests src/sql/cache.ts: what is kept by text, and which text is given up first.
 */
import { describe, expect, it } from "vitest";
import { TextCache } from "../../../src/sql/cache.ts";

function filled(capacity: number, ...texts: readonly string[]): TextCache<string> {
  const cache = new TextCache<string>(capacity);
  for (const text of texts) cache.set(text, text.toUpperCase());
  return cache;
}

/** Which of these texts are kept. Asking marks them as used, so ask last. */
const kept = (cache: TextCache<string>, texts: string) =>
  [...texts].filter((text) => cache.get(text) !== undefined).join("");

describe("TextCache", () => {
  it("gives back what was kept under the same text", () => {
    const cache = filled(4, "a", "b");
    expect([cache.get("a"), cache.get("b"), cache.get("A"), cache.get("")]).toEqual([
      "A",
      "B",
      undefined,
      undefined,
    ]);
  });

  it("never keeps more than its capacity", () => {
    const cache = filled(3, ..."abcdefgh");
    expect(cache.size).toBe(3);
    expect(kept(cache, "abcdefgh")).toBe("fgh");
  });

  it("gives up what was not used before what was", () => {
    const cache = filled(3, "a", "b", "c");
    cache.get("a");
    cache.set("d", "D");
    expect(kept(cache, "abcd")).toBe("acd");
  });

  it("gives a used text a second chance, and not a third", () => {
    const cache = filled(2, "a", "b");
    cache.get("a");
    cache.set("c", "C");
    cache.set("d", "D");
    expect(kept(cache, "abcd")).toBe("cd");
  });

  it("gives up one when all were used", () => {
    const cache = filled(3, "a", "b", "c");
    for (const text of "abc") cache.get(text);
    cache.set("d", "D");
    expect(cache.size).toBe(3);
    expect(kept(cache, "abcd")).toBe("bcd");
  });

  it("replaces the value under a text that is kept, and gives up nothing for it", () => {
    const cache = filled(2, "a", "b");
    cache.set("a", "other");
    expect([cache.get("a"), cache.get("b"), cache.size]).toEqual(["other", "B", 2]);
  });

  it("keeps nothing with a capacity of 0", () => {
    const cache = filled(0, "a");
    expect([cache.get("a"), cache.size]).toEqual([undefined, 0]);
  });

  it("keeps one with a capacity of 1", () => {
    const cache = filled(1, "a");
    cache.get("a");
    cache.set("b", "B");
    expect([cache.get("a"), cache.get("b"), cache.size]).toEqual([undefined, "B", 1]);
  });

  it("can be cleared and filled again", () => {
    const cache = filled(2, "a", "b");
    cache.clear();
    expect([cache.size, cache.get("a")]).toEqual([0, undefined]);
    cache.set("a", "again");
    expect(cache.get("a")).toBe("again");
  });

  it("tells names of Object.prototype from what is kept", () => {
    const cache = filled(4, "a");
    for (const name of ["__proto__", "constructor", "toString"]) expect(cache.get(name)).toBeUndefined();
    cache.set("__proto__", "own");
    expect(cache.get("__proto__")).toBe("own");
  });

  it("keeps a hot text through any number of cold ones that come between its uses", () => {
    const cache = filled(8, "hot");
    for (let i = 0; i < 1000; i++) {
      expect(cache.get("hot")).toBe("HOT");
      cache.set(`cold ${i}`, "x");
    }
  });
});
