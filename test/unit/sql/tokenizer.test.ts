import { describe, expect, it } from "vitest";
import { tokenAt, tokens } from "../../../src/sql/tokenizer.ts";

/** Writes tokens as `kind:text`, without spaces. */
function read(sql: string): string[] {
  return [...tokens(sql)]
    .filter((token) => token.kind !== "space")
    .map((token) => `${token.kind}:${sql.slice(token.start, token.end)}`);
}

describe("words and names", () => {
  it.each([
    ["abc", ["word:abc"]],
    ["_a$1", ["word:_a$1"]],
    ["é😀x", ["word:é😀x"]],
    ["a\u00a0b", ["word:a\u00a0b"]],
    ["xyz X x", ["word:xyz", "word:X", "word:x"]],
    ['"a""b"c', ['quoted:"a""b"', "word:c"]],
    ["`a``b`", ["quoted:`a``b`"]],
    ["[a]]", ["quoted:[a]", "illegal:]"]],
    ['[a"]', ['quoted:[a"]']],
    ['""', ['quoted:""']],
    ["a\ud800b", ["word:a\ud800b"]],
  ])("%j is read as SQLite reads it", (sql, expected) => {
    expect(read(sql)).toEqual(expected);
  });

  it("a byte order mark is a space where a token begins and a letter inside a word", () => {
    expect(tokenAt("\uFEFFselect", 0)).toEqual({ kind: "space", start: 0, end: 1 });
    expect(read("\uFEFFselect 1\uFEFF")).toEqual(["word:select", "illegal:1\uFEFF"]);
    expect(read("a\uFEFFb")).toEqual(["word:a\uFEFFb"]);
  });
});

describe("strings and blobs", () => {
  it.each([
    ["'a''b'", ["string:'a''b'"]],
    ["''", ["string:''"]],
    ["'a;--b'", ["string:'a;--b'"]],
    ["'a", ["illegal:'a"]],
    ['"a', ['illegal:"a']],
    ["`a", ["illegal:`a"]],
    ["[a", ["illegal:[a"]],
    ["'a''", ["illegal:'a''"]],
    ["x'ab'", ["blob:x'ab'"]],
    ["X''", ["blob:X''"]],
    ["x'a'", ["illegal:x'a'"]],
    ["x'ag' 1", ["illegal:x'ag'", "number:1"]],
    ["x'ab", ["illegal:x'ab"]],
    ["x 'ab'", ["word:x", "string:'ab'"]],
  ])("%j is read as SQLite reads it", (sql, expected) => {
    expect(read(sql)).toEqual(expected);
  });
});

describe("numbers", () => {
  it.each([
    "1",
    "1.",
    ".5",
    "1.5",
    "1e5",
    "1E+5",
    "1.e-5",
    "0x1F",
    "0XaF",
    "1_000",
    "1_0.0_1e1_0",
    "0xA_b",
    "007",
  ])("%s is one number", (sql) => {
    expect(read(sql)).toEqual([`number:${sql}`]);
  });

  it.each([
    "1abc",
    "1e",
    "1e+",
    "0x",
    "0xg",
    "1é",
    "1$",
    "1__0",
    "1_",
    "1_.5",
    "1._5",
    "1_e5",
    "0x1_",
    "0x1__2",
  ])("%s begins with an illegal token", (sql) => {
    expect(tokenAt(sql, 0).kind).toBe("illegal");
  });

  it("a sign or a second point is not part of a number", () => {
    expect(read("-1.2.3")).toEqual(["operator:-", "number:1.2", "number:.3"]);
    expect(read("t.1")).toEqual(["word:t", "number:.1"]);
    expect(read("t.a")).toEqual(["word:t", "operator:.", "word:a"]);
  });
});

describe("parameters", () => {
  it.each([
    ["?", ["parameter:?"]],
    ["??", ["parameter:?", "parameter:?"]],
    ["?12a", ["parameter:?12", "word:a"]],
    [":a @b $c #d", ["parameter::a", "parameter:@b", "parameter:$c", "parameter:#d"]],
    [":a$b1é", ["parameter::a$b1é"]],
    [":1", ["parameter::1"]],
    [": a", ["illegal::", "word:a"]],
    ["$a::b(c)", ["parameter:$a", "illegal::", "parameter::b", "operator:(", "word:c", "operator:)"]],
    ["a:b", ["word:a", "parameter::b"]],
    ["a$b", ["word:a$b"]],
  ])("%j is read as SQLite reads it", (sql, expected) => {
    expect(read(sql)).toEqual(expected);
  });
});

describe("comments and spaces", () => {
  it.each([
    ["-- a\nb", ["comment:-- a", "word:b"]],
    ["--", ["comment:--"]],
    ["-- a\rb", ["comment:-- a\rb"]],
    ["/* a */b", ["comment:/* a */", "word:b"]],
    ["/**/b", ["comment:/**/", "word:b"]],
    ["/*/b*/c", ["comment:/*/b*/", "word:c"]],
    ["/* a", ["comment:/* a"]],
    ["/*", ["operator:/", "operator:*"]],
    ["/* /* */ */", ["comment:/* /* */", "operator:*", "operator:/"]],
    ["- -", ["operator:-", "operator:-"]],
  ])("%j is read as SQLite reads it", (sql, expected) => {
    expect(read(sql)).toEqual(expected);
  });

  it("a vertical tab continues spaces but cannot begin them", () => {
    expect(tokenAt(" \v ", 0)).toEqual({ kind: "space", start: 0, end: 3 });
    expect(tokenAt("\v ", 0)).toEqual({ kind: "illegal", start: 0, end: 1 });
  });
});

describe("operators", () => {
  it.each([
    "->>",
    "->",
    "||",
    "|",
    "<>",
    "<=",
    "<<",
    "<",
    ">=",
    ">>",
    ">",
    "==",
    "=",
    "!=",
    ..."+-*/%&~,.()",
  ])("%s is one operator", (sql) => {
    expect(read(sql)).toEqual([`operator:${sql}`]);
  });

  it.each([..."!^\\{}]\v\0\u0001\u007f"])("%j is illegal", (sql) => {
    expect(read(sql)).toEqual([`illegal:${sql}`]);
  });

  it("the longest operator is taken", () => {
    expect(read("a->>-b")).toEqual(["word:a", "operator:->>", "operator:-", "word:b"]);
    expect(read("|||")).toEqual(["operator:||", "operator:|"]);
    expect(read("<>=")).toEqual(["operator:<>", "operator:="]);
  });
});

describe("where reading begins", () => {
  it("tokens begin at the given offset", () => {
    expect([...tokens("select 1", 7)]).toEqual([{ kind: "number", start: 7, end: 8 }]);
  });

  it("past the end there is an empty space and no token", () => {
    expect(tokenAt("a", 1)).toEqual({ kind: "space", start: 1, end: 1 });
    expect([...tokens("")]).toEqual([]);
  });
});
