/**
 * Tests src/engine/http/url.ts: which URLs name a server, and what is read out of them.
 */
import { describe, expect, it } from "vitest";
import { parseServerUrl } from "../../../../src/engine/http/url.ts";
import { InterfaceError } from "../../../../src/errors/tree.ts";

describe("parseServerUrl", () => {
  it.each([
    ["libsql://db.example", "http", true, "db.example", 443, "", "https://db.example"],
    ["libsql://db.example:8443", "http", true, "db.example", 8443, "", "https://db.example:8443"],
    ["libsql://db.example:443", "http", true, "db.example", 443, "", "https://db.example"],
    ["libsql://db.example:443?tls=0", "http", false, "db.example", 443, "", "http://db.example:443"],
    ["libsql://db.example?tls=0", "http", false, "db.example", 80, "", "http://db.example"],
    ["LIBSQL://DB.Example/", "http", true, "db.example", 443, "", "https://db.example"],
    ["http://127.0.0.1:8080", "http", false, "127.0.0.1", 8080, "", "http://127.0.0.1:8080"],
    ["http://127.0.0.1:7775/app", "http", false, "127.0.0.1", 7775, "/app", "http://127.0.0.1:7775/app"],
    ["https://h/a/b//", "http", true, "h", 443, "/a/b", "https://h/a/b"],
    ["http://[::1]:8080/x", "http", false, "::1", 8080, "/x", "http://[::1]:8080/x"],
    ["ws://h", "ws", false, "h", 80, "", "ws://h"],
    ["wss://h:1/p", "ws", true, "h", 1, "/p", "wss://h:1/p"],
    ["https://h?tls=1", "http", true, "h", 443, "", "https://h"],
  ])("reads %s", (url, transport, isSecure, hostname, port, path, text) => {
    const expected = { transport, isSecure, hostname, port, path, text, authToken: null };
    expect(parseServerUrl(url)).toEqual(expected);
    expect(parseServerUrl(new URL(url))).toEqual(expected);
  });

  it("takes the token out of the URL", () => {
    const { authToken, text, ...rest } = parseServerUrl("libsql://h/db?authToken=canary%2Bx");
    expect(authToken).toBe("canary+x");
    expect(JSON.stringify({ text, rest })).not.toContain("canary");
  });

  it.each([
    "",
    "h:8080",
    "file:a.db",
    "http://",
    "http://canary:canary@h",
    "http://canary@h",
    "http://h#canary",
    "http://h?tls=1",
    "https://h?tls=0",
    "libsql://h?tls=canary",
    "libsql://h?canaryName=1",
    "libsql:///canary",
    "http://h:99999/canary",
    "mysql://h",
  ])("refuses %s with an InterfaceError that does not repeat a value of it", (url) => {
    const parse = () => parseServerUrl(url);
    expect(parse).toThrow(InterfaceError);
    expect(parse).not.toThrow(/canary(?!Name)/);
  });
});
