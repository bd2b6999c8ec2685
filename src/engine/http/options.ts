/**
 * How a server is reached: what a caller may set, checked and with its defaults.
 * Tests: test/unit/engine/http/options.test.ts.
 */
import { InterfaceError } from "../../errors/tree.ts";
import { parseServerUrl, type ServerAddress } from "./url.ts";

/** Certificates and names for `https:` and `wss:`, as `node:tls` takes them. */
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

/** A token, or what gets one; asked before every connection, so that it may be renewed. */
export type AuthToken = string | (() => string | Promise<string>);

export interface HranaOptions {
  /** `libsql:`, `http:`, `https:`, `ws:` or `wss:`; the path is kept as a prefix. */
  readonly url: string | URL;
  /** Sent as a bearer token. It appears in no message. */
  readonly authToken?: AuthToken | null | undefined;
  /** For `https:` and `wss:` only. */
  readonly tls?: TlsOptions | undefined;
  /** How long a connection may take to stand, in milliseconds: 1 to 2147483647. Default 10000. */
  readonly connectTimeout?: number | undefined;
  /** How long the server may think before its answer begins, in milliseconds. Default 60000. */
  readonly firstByteTimeout?: number | undefined;
  /** How long the server may pause in the middle of an answer, in milliseconds. Default 30000. */
  readonly idleTimeout?: number | undefined;
  /** How long one call may take in all, in milliseconds. Default 300000. */
  readonly totalTimeout?: number | undefined;
  /** How many bytes of an answer are held in memory at once, 1024 and up. Default 64 MiB. A paged result may be longer. */
  readonly maxResponseBytes?: number | undefined;
  /** How often a request that a busy server has put off (429, 503) or a read is sent again: 0 to 100. Default 4. */
  readonly maxRetries?: number | undefined;
}

/** The same with nothing left open. */
export interface Settings {
  readonly address: ServerAddress;
  readonly token: () => string | null | Promise<string | null>;
  readonly tls: TlsOptions;
  readonly connectTimeout: number;
  readonly firstByteTimeout: number;
  readonly idleTimeout: number;
  readonly totalTimeout: number;
  readonly maxResponseBytes: number;
  readonly maxRetries: number;
}

const MOST_MILLISECONDS = 0x7fff_ffff;
const MIB = 1 << 20;

/** @throws {InterfaceError} that names the option which is wrong */
export function settingsOf(options: HranaOptions): Settings {
  const address = parseServerUrl(options.url);
  const milliseconds = (name: keyof HranaOptions, standard: number) =>
    whole(name, options[name], standard, 1, MOST_MILLISECONDS);
  return {
    address,
    token: tokenOf(options.authToken ?? address.authToken),
    tls: tlsOf(options.tls, address.isSecure),
    connectTimeout: milliseconds("connectTimeout", 10_000),
    firstByteTimeout: milliseconds("firstByteTimeout", 60_000),
    idleTimeout: milliseconds("idleTimeout", 30_000),
    totalTimeout: milliseconds("totalTimeout", 300_000),
    maxResponseBytes: whole("maxResponseBytes", options.maxResponseBytes, 64 * MIB, 1024, 4096 * MIB),
    maxRetries: whole("maxRetries", options.maxRetries, 4, 0, 100),
  };
}

function whole(name: string, value: unknown, standard: number, least: number, most: number): number {
  if (value === undefined) return standard;
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InterfaceError(`${name} must be a whole number from ${least} to ${most}`);
}

function tlsOf(tls: unknown, isSecure: boolean): TlsOptions {
  if (tls === undefined) return {};
  if (typeof tls !== "object" || tls === null)
    throw new InterfaceError("tls must be an object of TLS options");
  if (!isSecure) throw new InterfaceError("tls is for https: and wss: URLs, and this one is not encrypted");
  return tls as TlsOptions;
}

/** What can stand in a header, which also keeps a token from smuggling one in. */
const TOKEN = /^[\x21-\x7e]+$/;

function tokenOf(token: unknown): Settings["token"] {
  if (token === null) return () => null;
  if (typeof token === "string") {
    const checked = checkToken(token);
    return () => checked;
  }
  if (typeof token !== "function") {
    throw new InterfaceError("authToken must be a string, or a function that returns one");
  }
  return async () => checkToken(await (token as () => unknown)());
}

function checkToken(token: unknown): string {
  if (typeof token === "string" && TOKEN.test(token)) return token;
  throw new InterfaceError("authToken must be a string of visible ASCII characters without spaces");
}
