/**
 * The configuration and the URLs: what is read, what is refused and by which code, and that no token is shown.
 */
import { inspect } from "node:util";
import { expect, it } from "vitest";
import { checkConfig } from "../../src/client/config.ts";
import { createClient, createClientSync, LibsqlError } from "../../src/client.ts";
import { codeOf, raised } from "./forms.ts";

const CANARY = "canary-5f1d";

it.each([
  ["file:a.db", "file", "file:a.db"],
  ["file:dir/a%20b.db", "file", "file:dir/a%20b.db"],
  ["file:/a.db", "file", "file:///a.db"],
  ["file:///a.db", "file", "file:///a.db"],
  ["file://localhost/a.db", "file", "file:///a.db"],
  ["file:a.db?mode=ro", "file", "file:a.db?mode=ro"],
  ["file:a.db?tls=1&authToken=x", "file", "file:a.db"],
  ["file:libsql%3A%2F%2Fx", "file", "file:libsql%3A%2F%2Fx".replace("%2F%2F", "//")],
  ["file:////a.db", "file", "file:////a.db"],
  [":memory:", "single", ":memory:"],
  ["file::memory:", "single", ":memory:"],
  ["file::memory:?cache=private", "single", ":memory:"],
  ["file:a.db?mode=memory", "single", ":memory:"],
  ["file:", "single", ""],
  ["libsql://host", "server", "libsql://host"],
  ["LibSQL://host/path?authToken=x", "server", "libsql://host/path"],
  ["libsql://host:1?tls=0", "server", "libsql://host:1?tls=0"],
  ["libsql://host?tls=1", "server", "libsql://host"],
  ["http://[::1]:8080", "server", "http://[::1]:8080"],
])("%s is a %s", (url, kind, name) => {
  expect(checkConfig({ url }).target).toMatchObject({ kind, name });
});

it.each([
  ["libsql://h:1?tls=0", {}, "http"],
  ["libsql://h", {}, "http"],
  ["http://h", {}, "http"],
  ["wss://h?authToken=a%2Bb+c", { authToken: "a+b c" }, "ws"],
])("%s hands on its options", (url, options, protocol) => {
  expect(checkConfig({ url }).target).toMatchObject({ protocol, options });
});

it("a token of the URL comes before one beside it, and a replica gets it too", () => {
  const { target } = checkConfig({ url: "libsql://h?authToken=a", authToken: "b" });
  expect(target.options).toEqual({ authToken: "a" });
  const replica = checkConfig({
    url: "file:r.db",
    syncUrl: "libsql://h",
    authToken: "b",
    syncInterval: 60,
  }).target;
  expect(replica).toMatchObject({ kind: "single", isReplica: true });
  expect(replica.options).toEqual({ syncUrl: "libsql://h", authToken: "b", syncInterval: 60 });
});

it("what is left out has a default", () => {
  expect(checkConfig({ url: ":memory:" })).toMatchObject({
    intMode: "number",
    concurrency: 20,
    timeout: 5000,
  });
  expect(checkConfig({ url: ":memory:", concurrency: 0, authToken: "" })).toMatchObject({
    concurrency: Number.POSITIVE_INFINITY,
    target: { options: {} },
  });
});

it.each([
  ["", "URL_INVALID"],
  ["a.db", "URL_INVALID"],
  ["/tmp/a.db", "URL_INVALID"],
  [undefined, "URL_INVALID"],
  [5, "URL_INVALID"],
  ["foo:a.db", "URL_SCHEME_NOT_SUPPORTED"],
  ["file://a.db", "URL_INVALID"],
  ["file://host/a.db", "URL_INVALID"],
  ["file://localhost:80/a.db", "URL_INVALID"],
  ["file://u:p@localhost/a.db", "URL_INVALID"],
  ["file:a.db#x", "URL_INVALID"],
  ["file:a%zz.db", "URL_INVALID"],
  ["file:a.db?x=1", "URL_PARAM_NOT_SUPPORTED"],
  ["file:a.db?tls=2", "URL_INVALID"],
  ["file:a.db?__proto__=1", "URL_PARAM_NOT_SUPPORTED"],
  ["file::memory:?cache=foo", "URL_INVALID"],
  ["file::memory:?cache=shared", "URL_PARAM_NOT_SUPPORTED"],
  [":memory:?cache=private", "URL_INVALID"],
  ["libsql://h?tls=0", "URL_INVALID"],
  ["libsql://h?foo=1", "URL_PARAM_NOT_SUPPORTED"],
  ["http://h?tls=1", "URL_INVALID"],
  ["https://h?tls=0", "URL_INVALID"],
  ["http:localhost", "URL_INVALID"],
  ["http://", "URL_INVALID"],
])("%s is refused: %s", async (url, code) => {
  for (const create of [createClient, createClientSync]) {
    expect(await codeOf(() => create({ url: url as string }))).toBe(code);
  }
});

it.each([
  [{ url: ":memory:", syncUrl: "http://h" }, "URL_INVALID"],
  [{ url: "http://h", encryptionKey: CANARY }, "ENCRYPTION_KEY_NOT_SUPPORTED"],
  [{ url: "file:a.db", syncUrl: "http://h", offline: true }, "NOT_SUPPORTED"],
  [{ url: "libsql://h", remoteEncryptionKey: CANARY }, "NOT_SUPPORTED"],
  [{ url: "libsql://h", tls: false }, "URL_INVALID"],
  [{ url: "libsql://h", fetch: () => {} }, "NOT_SUPPORTED"],
])("%o is refused: %s", async (config, code) => {
  expect(await codeOf(() => createClient(config as never))).toBe(code);
});

it.each([
  [undefined],
  [null],
  ["file:a.db"],
  [{ url: ":memory:", intMode: "float" }],
  [{ url: ":memory:", concurrency: -1 }],
  [{ url: ":memory:", timeout: Number.NaN }],
])("%o is no configuration", async (config) => {
  await raised(TypeError, () => createClient(config as never));
});

it("the message of a file: URL with a host says how to write it", async () => {
  const { message } = await raised(LibsqlError, () => createClient({ url: "file://data/a.db" }));
  expect(message).toContain("file:relative.db");
  expect(message).toContain("file:///absolute.db");
});

it.each([
  `libsql://h?authToken=${CANARY}&x=1`,
  `libsql://${CANARY}@h?tls=0`,
  `foo://h?authToken=${CANARY}`,
  `http://h?tls=9&authToken=${CANARY}`,
  `${CANARY}`,
  `libsql://h/%zz?authToken=${CANARY}`,
])("a URL that is refused is not shown: %s", async (url) => {
  const error = await raised(LibsqlError, () => createClient({ url }));
  expect(inspect(error, { depth: 9 })).not.toContain(CANARY);
});

it("a token is in nothing that a client shows", async () => {
  const seen: string[] = [];
  const show = (value: unknown) => {
    seen.push(inspect(value, { depth: 9, showHidden: true }), JSON.stringify(value) ?? "", String(value));
  };
  for (const config of [
    { url: "http://127.0.0.1:1", authToken: CANARY },
    { url: `libsql://127.0.0.1:1?tls=0&authToken=${CANARY}` },
  ]) {
    for (const create of [createClient, createClientSync]) {
      const client = create(config);
      show(client);
      for (const work of [
        () => client.execute("SELECT 1"),
        () => client.transaction(),
        () => client.sync(),
      ]) {
        const error = await raised(Error, work);
        show(error);
        show(error.stack);
        show(error.cause);
      }
      client.close();
    }
  }
  expect(seen.join("\n")).not.toContain(CANARY);
});
