/**
 * Tests src/core/location.ts: paths, file: URIs and server URLs, each read as one thing or refused.
 */
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { type Location, parseLocation } from "../../../src/core/location.ts";
import { InterfaceError, NotSupportedError, ProgrammingError } from "../../../src/errors/tree.ts";

const at = (path: string, more: Partial<Location> = {}): Location => ({
  path,
  readonly: false,
  fileMustExist: false,
  ...more,
});
const RO = { readonly: true, fileMustExist: true };

describe("a path", () => {
  it.each([
    "a.db",
    "/a/b.db",
    "./a.db",
    "../a.db",
    "",
    ":memory:",
    ":MEMORY:",
    "é 😀.db",
    "a%20b.db",
    "a?mode=ro",
    "a#b",
    "C:\\a.db",
    "c:/a.db",
    "a:b",
    "files:a.db/x",
    "x+y.db",
    " a.db ",
    "notfile:a",
    "fil",
    "//server/share/a.db",
  ])("is taken as it is: %s", (path) => {
    expect(parseLocation(path)).toEqual(at(path));
  });
});

describe("a file: URI", () => {
  it.each<readonly [string, Location]>([
    ["file:a.db", at("a.db")],
    ["FILE:a.db", at("a.db")],
    ["file:/a/b.db", at("/a/b.db")],
    ["file:///a/b.db", at("/a/b.db")],
    ["file://localhost/a/b.db", at("/a/b.db")],
    ["file://LOCALHOST/a.db", at("/a.db")],
    ["file:", at("")],
    ["file://", at("")],
    ["file::memory:", at(":memory:")],
    ["file:%3Amemory%3A", at(":memory:")],
    ["file:///C:/a.db", at("C:/a.db")],
    ["file:///c%3A/a.db", at("c:/a.db")],
    ["file:a%20b%C3%A9.db", at("a bé.db")],
    ["file:a%2520b.db", at("a%20b.db")],
    ["file:a%3Fb%23c.db", at("a?b#c.db")],
    ["file:a.db#mode=ro", at("a.db")],
    ["file:a.db?#mode=ro", at("a.db")],
    ["file:a.db?", at("a.db")],
    ["file:a.db?&&", at("a.db")],
    ["file:a+b.db", at("a+b.db")],
    ["file:a.db?mode=ro", at("a.db", RO)],
    ["file:a.db?mode=rw", at("a.db", { fileMustExist: true })],
    ["file:a.db?mode=rwc", at("a.db")],
    ["file:a.db?mode=memory", at(":memory:")],
    ["file:a.db?mode=ro&mode=rwc", at("a.db")],
    ["file:a.db?mode=rwc&mode=ro", at("a.db", RO)],
    ["file:a.db?m%6Fde=%72o", at("a.db", RO)],
    ["file:a.db?immutable=0&cache=private", at("a.db")],
    ["file:a.db?immutable=off&mode=ro", at("a.db", RO)],
  ])("%s", (uri, location) => {
    expect(parseLocation(uri)).toEqual(location);
  });

  it("can be a URL object, of any name that a file can have", () => {
    for (const path of ["/tmp/a b.db", "/tmp/é😀.db", "/tmp/100%.db", "/tmp/a?b#c&d=e.db", "/tmp/a+b;c.db"]) {
      expect(parseLocation(pathToFileURL(path))).toEqual(at(path));
    }
  });

  it.each([
    "file://server/a.db",
    "file://server",
    "file:a.db?mode=RO",
    "file:a.db?mode=",
    "file:a.db?mode",
    "file:a.db?mode=create",
    "file:a.db?nolock=1",
    "file:a.db?vfs=unix",
    "file:a.db?Mode=ro",
    "file:a.db?psow=0",
    "file:a%.db",
    "file:a%zz.db",
    "file:a%ff.db",
    "file:a.db?mode=%ff",
  ])("is refused: %s", (uri) => {
    expect(() => parseLocation(uri)).toThrow(InterfaceError);
  });

  it.each([
    "file:a.db?immutable=1",
    "file:a.db?immutable",
    "file:a.db?immutable=yes",
    "file:a.db?cache=shared",
  ])("asks for what the engine cannot do: %s", (uri) =>
    expect(() => parseLocation(uri)).toThrow(NotSupportedError),
  );

  it.each(["file:a%00.db", "file:a.db?mode=ro%00", "file:a.db?x%00=1", "a\0.db", "file:a\0.db", "\0"])(
    "has no NUL in it, however it is written: %j",
    (name) => expect(() => parseLocation(name)).toThrow(ProgrammingError),
  );

  it("names what it does not know, and no more of the URI", () => {
    expect(() => parseLocation("file:a.db?secret=1&mode=ro")).toThrow(
      "unknown parameter 'secret' in a file: URI",
    );
    expect(() => parseLocation("file:a.db?mode=x")).toThrow(
      "unknown mode 'x' in a file: URI: expected ro, rw, rwc, memory",
    );
  });
});

describe("another name", () => {
  it.each(["libsql://a.turso.io", "LIBSQL://a", "http://a", "https://a/b?c=d", "ws://a", "wss://a:8080"])(
    "is a server's: %s",
    (url) => {
      expect(() => parseLocation(url)).toThrow(NotSupportedError);
      expect(() => parseLocation(new URL(url))).toThrow(NotSupportedError);
    },
  );

  it.each(["ftp://a/b.db", "postgres://a", "sqlite:///a.db"])("is of no scheme that we know: %s", (url) => {
    expect(() => parseLocation(url)).toThrow(/unknown database URL scheme/);
  });

  it.each([undefined, null, 5, true, {}, ["a.db"], Symbol("a"), () => "a.db", Buffer.from("a.db")])(
    "is no name: %s",
    (name) => {
      expect(() => parseLocation(name as string)).toThrow(/database must be a path, a URL or ":memory:"/);
    },
  );

  it("is no well-formed text", () => {
    expect(() => parseLocation("a\ud800.db")).toThrow(InterfaceError);
  });
});
