/**
 * Tests src/core/replica.ts: which options make a replica, and what is refused.
 */
import { describe, expect, it } from "vitest";
import { parseLocation } from "../../../src/core/location.ts";
import { checkOptions, openOptions } from "../../../src/core/options.ts";
import { isReplica, replicaSpec } from "../../../src/core/replica.ts";
import { serverOf, serverOptions } from "../../../src/core/server.ts";
import { InterfaceError, NotSupportedError } from "../../../src/errors/tree.ts";

const spec = (options: object, path = "a.db") => replicaSpec(checkOptions(options), parseLocation(path));

describe("a replica", () => {
  it.each(["libsql://h", "http://h:1", "https://h", "ws://h", "wss://h", new URL("http://h/")])(
    "has a primary at %s",
    (syncUrl) => {
      const settings = checkOptions({
        syncUrl,
        authToken: "t",
        syncInterval: 1.5,
        encryptionKey: "k",
        maxRetries: 0,
      });
      expect(isReplica(settings)).toBe(true);
      expect(replicaSpec(settings, parseLocation("file:a%20b.db"))).toEqual({
        path: "a b.db",
        cachedStatements: 128,
        syncInterval: 1.5,
        encryptionKey: "k",
        primary: { url: String(syncUrl), authToken: "t", maxRetries: 0 },
      });
    },
  );

  it("needs no more than a syncUrl", () => {
    expect(spec({ syncUrl: "http://h", syncInterval: null, encryptionKey: undefined })).toMatchObject({
      syncInterval: 0,
      encryptionKey: "",
      primary: { url: "http://h" },
    });
    for (const syncUrl of [undefined, null]) expect(isReplica(checkOptions({ syncUrl }))).toBe(false);
  });

  it.each([
    [{ syncUrl: "" }, "syncUrl"],
    [{ syncUrl: 5 }, "syncUrl"],
    [{ syncUrl: {} }, "syncUrl"],
    [{ syncUrl: "http://h", syncInterval: -1 }, "syncInterval"],
    [{ syncUrl: "http://h", syncInterval: Number.NaN }, "syncInterval"],
    [{ syncUrl: "http://h", syncInterval: Number.POSITIVE_INFINITY }, "syncInterval"],
    [{ syncUrl: "http://h", syncInterval: "5" }, "syncInterval"],
    [{ syncUrl: "http://h", encryptionKey: "" }, "encryptionKey"],
    [{ syncUrl: "http://h", encryptionKey: "a\0b" }, "encryptionKey"],
    [{ syncUrl: "http://h", encryptionKey: "\uD800" }, "encryptionKey"],
    [{ syncUrl: "http://h", encryptionKey: Buffer.from("k") }, "encryptionKey"],
  ])("is refused with %o, by name", (options, name) => {
    const check = () => checkOptions(options);
    expect(check).toThrow(InterfaceError);
    expect(check).toThrow(name);
  });

  it.each(["quicsql://h/app", "file:b.db", "b.db", "ftp://h"])("has no primary at %s", (syncUrl) => {
    expect(() => spec({ syncUrl })).toThrow(InterfaceError);
  });

  it.each([":memory:", "", "file::memory:", "file:x?mode=memory"])("is a file, not %o", (path) => {
    expect(() => spec({ syncUrl: "http://h" }, path)).toThrow(InterfaceError);
  });

  it.each([
    [{ readonly: true }, "a.db"],
    [{ fileMustExist: true }, "a.db"],
    [{}, "file:a.db?mode=ro"],
    [{}, "file:a.db?mode=rw"],
    [{ tls: { ca: "x" } }, "a.db"],
  ])("is not opened with %o as %s", (options, path) => {
    expect(() => spec({ ...options, syncUrl: "http://h" }, path)).toThrow(NotSupportedError);
  });
});

describe("what is no replica", () => {
  const file = (options: object) => openOptions(checkOptions(options), parseLocation("a.db"));

  it("takes no options of one", () => {
    expect(() => file({ syncInterval: 5 })).toThrow(InterfaceError);
    expect(() => file({ encryptionKey: "k" })).toThrow(NotSupportedError);
    expect(() => file({ authToken: "t" })).toThrow(InterfaceError);
    expect(file({ syncInterval: 0, syncUrl: null, encryptionKey: null })).toMatchObject({ path: "a.db" });
  });

  it.each([{ syncUrl: "http://h" }, { syncInterval: 5 }, { encryptionKey: "k" }])(
    "a server takes no %o",
    (options) => {
      const server = serverOf("http://h");
      expect(() => server && serverOptions(checkOptions(options), server)).toThrow(InterfaceError);
    },
  );
});
