/**
 * Tests src/engine/http/messages.ts: SQLite's own words, codes and places out of what servers say.
 */
import { describe, expect, it } from "vitest";
import { codeName, readMessage, syntaxOf } from "../../../../src/engine/http/messages.ts";

describe("readMessage", () => {
  it.each([
    ["SQLite error: no such table: t", "no such table: t", -1],
    ['SQL input error: near "x": syntax error (at offset 7)', 'near "x": syntax error', 7],
    ["no way", "no way", -1],
    ["SQLite error: SQLite error: twice", "SQLite error: twice", -1],
  ])("reads %s", (message, bare, offset) => {
    expect(readMessage(message)).toEqual({ message: bare, offset });
  });
});

describe("codeName", () => {
  const plain = { message: "", code: "SQLITE_CONSTRAINT", extendedCode: null };

  it.each([
    ["UNIQUE constraint failed: t.a", "SQLITE_CONSTRAINT_UNIQUE"],
    ["NOT NULL constraint failed: t.a", "SQLITE_CONSTRAINT_NOTNULL"],
    ["CHECK constraint failed: a > 0", "SQLITE_CONSTRAINT_CHECK"],
    ["FOREIGN KEY constraint failed", "SQLITE_CONSTRAINT_FOREIGNKEY"],
    ["cannot store TEXT value in INT column s.a", "SQLITE_CONSTRAINT_DATATYPE"],
    ["constraint failed", "SQLITE_CONSTRAINT"],
    ["the author of the trigger says no", "SQLITE_CONSTRAINT_TRIGGER"],
  ])("reads the kind of constraint out of %s", (message, name) => {
    expect(codeName(plain, message)).toBe(name);
  });

  it("believes the extended code where a server sends it", () => {
    expect(codeName({ ...plain, extendedCode: 1555 }, "UNIQUE constraint failed: t.a")).toBe(
      "SQLITE_CONSTRAINT_PRIMARYKEY",
    );
    expect(codeName({ ...plain, code: "SQLITE_CONSTRAINT_UNIQUE" }, "x")).toBe("SQLITE_CONSTRAINT_UNIQUE");
  });

  it("tells SQLite's codes from the server's own", () => {
    expect(codeName({ ...plain, code: "SQLITE_UNKNOWN" }, "x")).toBe("SQLITE_ERROR");
    expect(codeName({ ...plain, code: "SQLITE_BUSY" }, "x")).toBe("SQLITE_BUSY");
    expect(codeName({ ...plain, code: "BLOCKED" }, "x")).toBeNull();
  });
});

describe("syntaxOf", () => {
  it("counts bytes as the server does", () => {
    const told = { message: 'near "x": syntax error', offset: 17 };
    expect(syntaxOf(told, "SELECT 'éé' FRO x y x")).toBeUndefined();
    expect(syntaxOf({ ...told, offset: 18 }, "SELECT 'éé' FRO x y x")).toEqual({
      near: "x",
      offset: 16,
      line: 1,
      column: 17,
    });
  });

  it("finds the token without a count only where it is the only one", () => {
    const told = { message: 'near "x": syntax error', offset: -1 };
    expect(syntaxOf(told, "SELECT\n x y")).toEqual({ near: "x", offset: 8, line: 2, column: 2 });
    expect(syntaxOf(told, "SELECT x x")).toBeUndefined();
  });

  it("finds the end of the text, and the first token that is none", () => {
    expect(syntaxOf({ message: "incomplete input", offset: -1 }, "SELECT (")).toMatchObject({
      near: "",
      offset: 8,
    });
    expect(syntaxOf({ message: 'unrecognized token: "\'abc"', offset: -1 }, "SELECT 'abc")).toMatchObject({
      near: "'abc",
      offset: 7,
    });
    expect(syntaxOf({ message: "no such table: t", offset: 3 }, "SELECT 1")).toBeUndefined();
  });
});
