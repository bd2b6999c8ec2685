/**
 * The URL of a server: where it listens, whether by HTTP or WebSocket, what prefix its paths have.
 * A token in it is taken out, so that the URL can be shown. Tests: test/unit/engine/http/url.test.ts.
 */
import { InterfaceError } from "../../errors/tree.ts";

export interface ServerAddress {
  readonly transport: "http" | "ws";
  /** Whether the connection is encrypted. */
  readonly isSecure: boolean;
  /** A name or an address, without the brackets of IPv6. */
  readonly hostname: string;
  readonly port: number;
  /** What comes before `/v3/…`, without a slash at its end: `""` or `"/app"`. */
  readonly path: string;
  /** The token that the URL brought, or null. */
  readonly authToken: string | null;
  /** The URL without its token, for messages. */
  readonly text: string;
}

/** Transport and encryption by scheme. `libsql:` is the field's name for "a libSQL server, encrypted". */
const SCHEMES: ReadonlyMap<string, Pick<ServerAddress, "transport" | "isSecure">> = new Map([
  ["libsql:", { transport: "http", isSecure: true }],
  ["https:", { transport: "http", isSecure: true }],
  ["http:", { transport: "http", isSecure: false }],
  ["wss:", { transport: "ws", isSecure: true }],
  ["ws:", { transport: "ws", isSecure: false }],
]);

/**
 * Reads the URL of a server. `?tls=0` on `libsql:` asks for no encryption, `?authToken=…` is the token.
 * @throws {InterfaceError} for what is no such URL; the URL is not told, since it may hold a secret
 */
export function parseServerUrl(url: string | URL): ServerAddress {
  const given = parse(String(url));
  const scheme = SCHEMES.get(given.protocol);
  if (scheme === undefined) {
    throw new InterfaceError(
      "the URL of a server begins with libsql:, http:, https:, ws: or wss:, and this one does not",
    );
  }
  if (given.username !== "" || given.password !== "") {
    throw new InterfaceError("the URL of a server has no user and password: pass the token as authToken");
  }
  if (given.host === "") throw new InterfaceError("the URL of a server needs a host");
  if (given.hash !== "") throw new InterfaceError("the URL of a server has no part behind #");
  const { tls, authToken } = readQuery(given);
  if (tls !== null && given.protocol !== "libsql:" && tls !== scheme.isSecure) {
    throw new InterfaceError(`tls=${tls ? 1 : 0} contradicts the ${given.protocol} of the URL`);
  }
  const isSecure = tls ?? scheme.isSecure;
  // Once more, as one of the schemes whose hosts and ports the URL standard knows.
  const { host, hostname, port, pathname } = parse(
    `${isSecure ? "https" : "http"}://${given.host}${given.pathname}`,
  );
  const path = pathname.replace(/\/+$/, "");
  const shown = `${scheme.transport === "ws" ? "ws" : "http"}${isSecure ? "s" : ""}`;
  return {
    transport: scheme.transport,
    isSecure,
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? (isSecure ? 443 : 80) : Number(port),
    path,
    authToken,
    text: `${shown}://${host}${path}`,
  };
}

function parse(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new InterfaceError("expected the URL of a server, got a text that is no URL");
  }
}

function readQuery(url: URL): { readonly tls: boolean | null; readonly authToken: string | null } {
  let tls: boolean | null = null;
  let authToken: string | null = null;
  for (const [name, value] of url.searchParams) {
    if (name === "tls" && (value === "0" || value === "1")) tls = value === "1";
    else if (name === "authToken" && value !== "") authToken = value;
    else if (name === "tls") throw new InterfaceError("tls in the URL must be 0 or 1");
    else throw new InterfaceError(`the URL of a server knows no parameter '${name}'`);
  }
  return { tls, authToken };
}

/** Whether a host is this machine, by its name alone. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127(\.\d+){3}$/.test(hostname);
}
