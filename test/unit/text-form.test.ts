/**
 * Tests src/text-form.ts: what is told of a text in whatever form V8 keeps it.
 */
import { describe, expect, it } from "vitest";
import { hasReplacement, isWellFormed } from "../../src/text-form.ts";

const LONG = "x".repeat(50);

describe("a text", () => {
  it.each<[string, string]>([
    ["alone", "\uFFFD"],
    ["in the middle of a literal", `a\uFFFDb`],
    ["behind a rope", LONG.concat("\uFFFD")],
    ["in a slice", `${LONG}\uFFFD${LONG}`.slice(20, 80)],
    ["beside other alphabets", "Ж\uFFFD"],
  ])("has the replacement character %s", (_, text) => expect(hasReplacement(text)).toBe(true));

  it.each<[string, string]>([
    ["", ""],
    ["its bytes as characters", "\xEF\xBF\xBD \xFF\xFD"],
    ["its neighbours", "\uFFFC\uFFFE"],
    ["a slice that leaves it out", `\uFFFD${LONG}`.slice(1)],
    ["other alphabets", `Ж${LONG}😀`],
  ])("has none with %s", (_, text) => expect(hasReplacement(text)).toBe(false));

  it.each<[string, string]>([
    ["a high one", "a\uD800"],
    ["a low one", "\uDC00b"],
    ["two in the wrong order", `${LONG}\uDC00\uD800`],
    ["half of a pair in a slice", `${LONG}😀${LONG}`.slice(0, 51)],
    ["one behind a rope", LONG.concat("\uD800")],
  ])("is not well formed with a lone surrogate: %s", (_, text) => expect(isWellFormed(text)).toBe(false));

  it.each<[string]>([[""], ["plain"], ["\0"], ["\xFF"], ["Ж"], ["😀"], [`${LONG}😀`.slice(50)], ["\uFFFD"]])(
    "is well formed without: %j",
    (text) => expect(isWellFormed(text)).toBe(true),
  );
});
