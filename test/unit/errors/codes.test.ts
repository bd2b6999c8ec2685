import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { codeOf, nameOf } from "../../../src/errors/codes.ts";
import * as codes from "../../../src/errors/result-codes.ts";

const HEADER = new URL("../../../node_modules/better-sqlite3/deps/sqlite3/sqlite3.h", import.meta.url);

/** The two lists in sqlite3.h: primary codes, then extended ones that name their primary. */
function readHeader(): Record<string, number> {
  const text = readFileSync(HEADER, "utf8");
  const primary = text.slice(text.indexOf("#define SQLITE_OK "), text.indexOf("/* end-of-error-codes */"));
  const found: Record<string, number> = {};
  for (const [, name = "", code] of primary.matchAll(/^#define (SQLITE_[A-Z]+) +(\d+)/gm))
    found[name] = Number(code);
  for (const [, name = "", base = "", shift] of text.matchAll(
    /^#define (SQLITE_\w+) +\((SQLITE_[A-Z]+) *\| *\((\d+)<<8\)\)/gm,
  )) {
    const code = found[base];
    if (code !== undefined) found[name] = code | (Number(shift) << 8);
  }
  return found;
}

describe("the result codes", () => {
  it.skipIf(!existsSync(HEADER))("are those of sqlite3.h, every one and no other", () => {
    const header = readHeader();
    expect(Object.keys(header).length).toBeGreaterThan(100);
    expect({ ...codes }).toEqual(header);
  });

  it("are found by name and named by code", () => {
    for (const [name, code] of Object.entries(codes)) {
      expect(codeOf(name)).toBe(code);
      expect(nameOf(code)).toBe(name);
    }
  });

  it("go by the primary name when the extended code is not known", () => {
    expect(nameOf(5 | (99 << 8))).toBe("SQLITE_BUSY");
    expect(nameOf(77)).toBeUndefined();
    expect(nameOf(-1)).toBeUndefined();
    expect(nameOf(Number.NaN)).toBe("SQLITE_OK");
  });

  it("are read out of the name better-sqlite3 makes up", () => {
    expect(codeOf("UNKNOWN_SQLITE_ERROR_773")).toBe(773);
    expect(nameOf(773)).toBe("SQLITE_BUSY_TIMEOUT");
  });

  it("are not found for anything else", () => {
    for (const name of [
      "",
      "SQLITE_",
      "SQLITE_NOPE",
      "sqlite_busy",
      "__proto__",
      "constructor",
      "toString",
    ]) {
      expect(codeOf(name)).toBeUndefined();
    }
  });
});
