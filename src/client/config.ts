/**
 * The configuration of a client, checked at the door: what to open, and how to read. A URL is read here and never shown,
 * since a token may stand in it. It must not know connections. Tests: test/client/config.test.ts.
 */
import { LibsqlError } from "./errors.ts";
import type { Config, IntMode } from "./types.ts";
import { parseUrl } from "./url.ts";

/** How many connections a database can have. */
export type Kind = "file" | "single" | "server";

/** What the doors are asked to open. */
export interface Target {
  /** A file; what has one connection (in memory, or a replica); or a server. */
  readonly kind: Kind;
  readonly protocol: "file" | "http" | "ws";
  readonly name: string;
  /** Options of `connect` that say where the database is, save those that were not given. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly isReplica: boolean;
}

/** The configuration with nothing left open. */
export interface Settings {
  readonly target: Target;
  readonly intMode: IntMode;
  /** Connections at most; Infinity for no limit. */
  readonly concurrency: number;
  /** Milliseconds. */
  readonly timeout: number;
}

const CONCURRENCY = 20;
const TIMEOUT = 5000;
const MOST = 0x7fff_ffff;
const MODES: readonly unknown[] = ["number", "bigint", "string"] satisfies IntMode[];

/**
 * @throws {TypeError} for a configuration that is none
 * @throws {LibsqlError} for a URL that is wrong, and for what the database that it names cannot do
 */
export function checkConfig(config: Config): Settings {
  if (typeof config !== "object" || config === null) {
    throw new TypeError(
      `the configuration must be an object with a url, not ${config === null ? "null" : typeof config}`,
    );
  }
  const { intMode = "number" } = config;
  if (!MODES.includes(intMode)) throw new TypeError('intMode must be "number", "bigint" or "string"');
  const concurrency = wholeNumber("concurrency", config.concurrency, CONCURRENCY);
  return {
    target: targetOf(config),
    intMode,
    concurrency: concurrency === 0 ? Number.POSITIVE_INFINITY : concurrency,
    timeout: wholeNumber("timeout", config.timeout, TIMEOUT),
  };
}

function wholeNumber(name: string, value: unknown, byDefault: number): number {
  if (value === undefined || value === null) return byDefault;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MOST) return value;
  throw new TypeError(`${name} must be a whole number from 0 to ${MOST}`);
}

function targetOf(config: Config): Target {
  if ("offline" in config && config.offline)
    throw notSupported("offline writes to a replica are not supported");
  if ("remoteEncryptionKey" in config && config.remoteEncryptionKey !== undefined)
    throw notSupported("remoteEncryptionKey is not supported");
  if (config.fetch !== undefined)
    throw notSupported("a fetch function is not used here: the driver speaks HTTP itself");
  const url = parseUrl(config.url, config.tls);
  const { encryptionKey, syncUrl, syncInterval } = config;
  // An empty one stands for none: it is what an unset variable of the environment often becomes.
  const authToken = (url.authToken ?? config.authToken) || undefined;
  if (url.protocol !== "file") {
    if (encryptionKey !== undefined) {
      throw new LibsqlError("a server's database has no encryptionKey here", "ENCRYPTION_KEY_NOT_SUPPORTED");
    }
    return {
      kind: "server",
      protocol: url.protocol,
      name: url.name,
      options: given({ authToken }),
      isReplica: false,
    };
  }
  const isReplica = syncUrl !== undefined && syncUrl !== "";
  if (isReplica && url.isInMemory) {
    throw new LibsqlError("a replica must be a file, not a database in memory", "URL_INVALID");
  }
  const kind = url.isInMemory || isReplica ? "single" : "file";
  const options = given(isReplica ? { authToken, encryptionKey, syncUrl, syncInterval } : { encryptionKey });
  return { kind, protocol: "file", name: url.name, options, isReplica };
}

/** Without what was not given. */
function given(options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function notSupported(message: string): LibsqlError {
  return new LibsqlError(message, "NOT_SUPPORTED");
}
