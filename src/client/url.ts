/**
 * The URLs of the libSQL client: `file:` with a relative path is one of them, so the global URL cannot read them all.
 * Messages show no part of a URL that may be secret. Tests: test/client/config.test.ts.
 * @see https://github.com/tursodatabase/libsql-client-ts#supported-urls
 */
import { LibsqlError } from "./errors.ts";

/** What a URL says. */
export interface DatabaseUrl {
  readonly protocol: "file" | "http" | "ws";
  /** As the doors take it, without a token. */
  readonly name: string;
  /** In memory, or a private temporary file: no second connection leads to it. */
  readonly isInMemory: boolean;
  readonly authToken: string | undefined;
}

interface Parts {
  readonly scheme: string;
  readonly authority: string | undefined;
  /** As it is written. */
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
}

const SHAPE =
  /^(?<scheme>[a-z][a-z0-9+.-]*):(?:\/\/(?<authority>[^/?#]*))?(?<path>[^?#]*)(?:\?(?<query>[^#]*))?(?<fragment>#.*)?$/isu;
const AUTHORITY = /^(?<user>.*@)?(?<host>\[[^[\]]*\]|[^:[\]@]*)(?<port>:[0-9]*)?$/su;
const SERVERS: ReadonlySet<string> = new Set(["libsql", "http", "https", "ws", "wss"]);

/** @throws {LibsqlError} for what is no URL of a database */
export function parseUrl(url: unknown, tls: boolean | undefined): DatabaseUrl {
  if (url === ":memory:") return inMemory(":memory:");
  const parts = split(url instanceof URL ? url.href : url);
  if (parts.scheme === "file") return parseFile(parts);
  if (SERVERS.has(parts.scheme)) return parseServer(parts, tls);
  throw new LibsqlError(
    `expected a libsql:, https:, http:, wss:, ws: or file: URL, got ${parts.scheme}:`,
    "URL_SCHEME_NOT_SUPPORTED",
  );
}

function inMemory(name: string): DatabaseUrl {
  return { protocol: "file", name, isInMemory: true, authToken: undefined };
}

function split(url: unknown): Parts {
  const groups = typeof url === "string" ? SHAPE.exec(url)?.groups : undefined;
  if (groups === undefined) {
    throw invalid('expected a URL such as "libsql://…", "file:local.db" or ":memory:"');
  }
  if (groups.fragment !== undefined) throw invalid("a URL with a fragment (#…) names no database");
  const { scheme = "", authority, path = "", query = "" } = groups;
  return { scheme: scheme.toLowerCase(), authority, path, query: parseQuery(query) };
}

function parseQuery(text: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const part of text.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const [key, value] = equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
    pairs.set(decode(key.replaceAll("+", " ")), decode(value.replaceAll("+", " ")));
  }
  return pairs;
}

/** What a query may say, and what it says. Anything else is refused by name. */
function readQuery(
  query: ReadonlyMap<string, string>,
  known: Readonly<Record<string, readonly string[] | null>>,
) {
  for (const [key, value] of query) {
    if (!Object.hasOwn(known, key)) {
      throw new LibsqlError(
        `the URL's parameter ${JSON.stringify(key)} is not known`,
        "URL_PARAM_NOT_SUPPORTED",
      );
    }
    const values = known[key];
    if (values && !values.includes(value)) {
      throw invalid(`the URL's parameter ${JSON.stringify(key)} must be one of ${values.join(", ")}`);
    }
  }
}

function parseFile({ authority, path, query }: Parts): DatabaseUrl {
  checkNoHost(authority);
  const decoded = decode(path);
  if (decoded === ":memory:" && authority === undefined) {
    readQuery(query, { cache: ["private", "shared"] });
    if (query.get("cache") !== "shared") return inMemory(":memory:");
    throw new LibsqlError(
      "SQLite's shared cache is not supported: use cache=private",
      "URL_PARAM_NOT_SUPPORTED",
    );
  }
  readQuery(query, { authToken: null, tls: ["0", "1"], mode: ["ro", "rw", "rwc", "memory"] });
  const mode = query.get("mode");
  if (mode === "memory") return inMemory(":memory:");
  if (decoded === "") return inMemory("");
  // Written anew, so that what was decoded once is decoded once, and `//` begins no host.
  const text = decoded.split("/").map(encodeURIComponent).join("/");
  const name = `file:${text.startsWith("/") ? "//" : ""}${text}${mode === undefined ? "" : `?mode=${mode}`}`;
  return { protocol: "file", name, isInMemory: false, authToken: query.get("authToken") };
}

function checkNoHost(authority: string | undefined): void {
  if (authority === undefined || authority === "" || authority.toLowerCase() === "localhost") return;
  throw invalid(
    "a file: URL names no host: write file:relative.db for a relative path, file:/absolute.db or file:///absolute.db " +
      "for an absolute one",
  );
}

function parseServer(
  { scheme, authority, path, query }: Parts,
  configured: boolean | undefined,
): DatabaseUrl {
  readQuery(query, { authToken: null, tls: ["0", "1"] });
  const asked = query.get("tls");
  const tls = asked === undefined ? configured : asked === "1";
  const { host, port } = AUTHORITY.exec(authority ?? "")?.groups ?? {};
  if (host === undefined || host === "")
    throw invalid(`a ${scheme}: URL must name a host: ${scheme}://host/…`);
  if (scheme === "libsql" && tls === false && (port === undefined || port === ":")) {
    throw invalid('a "libsql:" URL without TLS must name a port');
  }
  if ((scheme === "http" || scheme === "ws") && tls === true)
    throw invalid(`a "${scheme}:" URL cannot use TLS`);
  if ((scheme === "https" || scheme === "wss") && tls === false) {
    throw invalid(`a "${scheme}:" URL cannot do without TLS`);
  }
  decode(path);
  return {
    protocol: scheme === "ws" || scheme === "wss" ? "ws" : "http",
    name: `${scheme}://${authority}${path}${scheme === "libsql" && tls === false ? "?tls=0" : ""}`,
    isInMemory: false,
    authToken: query.get("authToken"),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid("the URL is not percent-encoded UTF-8");
  }
}

function invalid(message: string): LibsqlError {
  return new LibsqlError(message, "URL_INVALID");
}
