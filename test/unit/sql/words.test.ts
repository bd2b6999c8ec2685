import { expect, it } from "vitest";
import { tokenAt } from "../../../src/sql/tokenizer.ts";
import { isKeywordText, isSymbol, isWord } from "../../../src/sql/words.ts";

it("a keyword is found in any case", () => {
  for (const text of ["limit", "LIMIT", "LiMiT"]) expect(isWord(text, tokenAt(text, 0), "limit")).toBe(true);
});

it("a longer, a shorter and a quoted word is another word", () => {
  for (const text of ["limits", "limi", '"limit"', "'limit'", "[limit]"]) {
    expect(isWord(text, tokenAt(text, 0), "limit")).toBe(false);
  }
});

it("letters outside ASCII are no keyword letters", () => {
  expect(isKeywordText("rollbac\u212a", 0, 8, "rollback")).toBe(false);
  expect(isKeywordText("l\u0131mit", 0, 5, "limit")).toBe(false);
  expect(isKeywordText("limit", 0, 5, "limit")).toBe(true);
});

it("a symbol is an operator of one character", () => {
  expect(isSymbol("<", tokenAt("<", 0), "<")).toBe(true);
  expect(isSymbol("<=", tokenAt("<=", 0), "<")).toBe(false);
  expect(isSymbol("(", tokenAt("(", 0), ")")).toBe(false);
});
