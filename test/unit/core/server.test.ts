/**
 * Tests src/core/server.ts: which names mean a server, and what is spoken there.
 */
import { describe, expect, it } from "vitest";
import { checkOptions } from "../../../src/core/options.ts";
import { serverOf, settingsFor } from "../../../src/core/server.ts";
import { NotSupportedError } from "../../../src/errors/tree.ts";

describe("serverOf", () => {
  it.each([
    ["libsql://a.example", "hrana"],
    ["HTTP://a.example/app", "hrana"],
    ["wss://a.example", "hrana"],
    ["quicsql://a.example:7775/app", "quicsql"],
    ["QUICSQLS://a.example/app", "quicsql"],
  ] as const)("%s speaks %s", (url, dialect) => {
    expect(serverOf(url)).toMatchObject({ url, dialect });
    expect(serverOf(new URL(url))?.dialect).toBe(dialect);
  });

  it.each([":memory:", "", "a.db", "file:a.db", "quicsql", "./quicsql:a", "ftp://a"])(
    "%j is none",
    (name) => {
      expect(serverOf(name)).toBeNull();
    },
  );

  it("shows no token", () => {
    expect(serverOf("quicsql://u:secret@a.example/app?authToken=secret")?.name).toBe(
      "quicsql://a.example/app",
    );
  });
});

describe("settingsFor", () => {
  const server = serverOf("quicsql://a.example/app");

  it("leaves files as they are", () => {
    const settings = checkOptions({ autocommit: false });
    expect(settingsFor(settings, null, { autocommit: false })).toBe(settings);
  });

  it("makes autocommit of what was not asked for, where there is nothing else", () => {
    for (const options of [undefined, {}, { autocommit: undefined }, { autocommit: true }]) {
      expect(settingsFor(checkOptions(options), server, options)).toMatchObject({
        autocommit: true,
        isStateless: true,
      });
    }
    for (const autocommit of [false, -1]) {
      expect(() => settingsFor(checkOptions({ autocommit }), server, { autocommit })).toThrow(
        NotSupportedError,
      );
    }
  });
});
