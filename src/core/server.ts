/**
 * A database on a server: which names mean one, and the options that are about the way there. What the options may be, the
 * engine says; here they are only told from those for files. It must not open anything. Tests: test/unit/core/server.test.ts.
 */
import { InterfaceError, NotSupportedError } from "../errors/tree.ts";
import type { Settings } from "./options.ts";

/** Certificates and names of an encrypted connection, as `node:tls` takes them. */
export interface TlsOptions {
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  readonly passphrase?: string;
  readonly pfx?: string | Uint8Array;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
}

/** The options of `connect` that are about a server. */
export interface ServerOptions {
  /**
   * Sent as a bearer token, and shown nowhere: the token, or a function that gets one for each connection, which may promise
   * it on the promised face.
   */
  readonly authToken?: string | (() => string | Promise<string>) | null;
  /** For `https:` and `wss:`. */
  readonly tls?: TlsOptions;
  /** How long a connection may take to stand, in milliseconds: 1 to 2147483647. Default 10000. */
  readonly connectTimeout?: number;
  /** How long the server may think before its answer begins, in milliseconds: 1 to 2147483647. Default 60000. */
  readonly firstByteTimeout?: number;
  /** How long the server may pause in the middle of an answer, in milliseconds: 1 to 2147483647. Default 30000. */
  readonly idleTimeout?: number;
  /** How long one call may take in all, in milliseconds: 1 to 2147483647. Default 300000. */
  readonly totalTimeout?: number;
  /** How many bytes of an answer are held in memory at once, 1024 and up. Default 64 MiB. A paged result may be longer. */
  readonly maxResponseBytes?: number;
  /** How often a request that a busy server has put off, or a read, is sent again: 0 to 100. Default 4. */
  readonly maxRetries?: number;
}

/** The names of {@link ServerOptions}. */
export const SERVER_OPTIONS = [
  "authToken",
  "tls",
  "connectTimeout",
  "firstByteTimeout",
  "idleTimeout",
  "totalTimeout",
  "maxResponseBytes",
  "maxRetries",
] as const satisfies readonly (keyof ServerOptions)[];

/** A server's database. */
export interface Server {
  /** What is spoken there: Hrana, or quicSQL's own JSON API. */
  readonly dialect: "hrana" | "quicsql";
  /** The URL as it was given, a token in it included. */
  readonly url: string;
  /** The same to be shown. */
  readonly name: string;
}

const SCHEME = /^(?:libsql|https?|wss?|(quicsqls?)):/i;

/** The server that a name means, or null. */
export function serverOf(database: string | URL): Server | null {
  const url = database instanceof URL ? database.href : database;
  // What is no name at all, whoever reads names of files says.
  const scheme = typeof url === "string" ? SCHEME.exec(url) : null;
  if (scheme === null) return null;
  const [address = ""] = url.split(/[?#]/, 1);
  const dialect = scheme[1] === undefined ? "hrana" : "quicsql";
  return { url, name: address.replace(/\/\/[^/]*@/, "//"), dialect };
}

/**
 * The settings of a connection to a server, or to none. Where every call is a transaction of its own, autocommit is all there is.
 * @throws {NotSupportedError} for a transaction mode that needs more than one call, and for an option that would do nothing
 */
export function settingsFor(
  settings: Settings,
  server: Server | null,
  options: object | undefined,
): Settings {
  // What a replica writes goes to its primary.
  if (server === null) return settings.replica.syncUrl ? { ...settings, isRemote: true } : settings;
  const { autocommit, timeout } = (options ?? {}) as { readonly [name: string]: unknown };
  if (timeout !== undefined) {
    throw new NotSupportedError(
      "timeout is for files: how long a writer waits for its turn is the server's to say, and totalTimeout limits a call",
    );
  }
  if (server.dialect === "hrana") return { ...settings, isRemote: true };
  if (autocommit !== undefined && autocommit !== true) {
    throw new NotSupportedError(
      "quicSQL's JSON API has autocommit only, where executemany() and executescript() are a transaction each: leave the option " +
        "away, or for transactions of more than one call use http:// or https:// in the place of quicsql:// or quicsqls://",
    );
  }
  return { ...settings, autocommit: true, isStateless: true };
}

/** What the engine of a server is opened with. @throws {NotSupportedError} for what only a file can be opened with */
export function serverOptions(settings: Settings, { url }: Server): ServerOptions & { readonly url: string } {
  for (const name of ["readonly", "fileMustExist"] as const) {
    if (settings[name]) throw new NotSupportedError(`${name} is for files: a server has no such option`);
  }
  for (const [name, value] of Object.entries(settings.replica)) {
    if (value)
      throw new InterfaceError(`${name} is for a file, an embedded replica, and this is the URL of a server`);
  }
  return { ...settings.server, url };
}

/** @throws {InterfaceError} for options that would do nothing */
export function refuseServerOptions({ server }: Settings): void {
  const [name] = Object.keys(server);
  if (name !== undefined)
    throw new InterfaceError(`${name} is an option for the URL of a server, and this is no such URL`);
}
