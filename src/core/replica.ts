/**
 * An embedded replica: the options that make a file one, and what its engine is opened with. Whether its primary is to be
 * reached as they say, the engine finds out. It must not open anything. Tests: test/unit/core/replica.test.ts.
 */
import { InterfaceError, NotSupportedError } from "../errors/tree.ts";
import type { Location } from "./location.ts";
import type { Settings } from "./options.ts";
import { type ServerOptions, serverOf } from "./server.ts";

/** The options of `connect` that make a file the replica of a server's database. */
export interface ReplicaOptions {
  /** The URL of the primary: `libsql:`, `http:`, `https:`, `ws:` or `wss:`. Needs the optional peer `libsql`. */
  readonly syncUrl?: string | URL | null;
  /** Seconds between two synchronisations in the background, fractions too; 0, the default, is none. */
  readonly syncInterval?: number | null;
  /** Encrypts the file, and is shown nowhere. The same key is needed whenever it is opened. */
  readonly encryptionKey?: string | null;
}

/** The names of {@link ReplicaOptions}. */
export const REPLICA_OPTIONS = [
  "syncUrl",
  "syncInterval",
  "encryptionKey",
] as const satisfies readonly (keyof ReplicaOptions)[];

/** Seconds in 68 years. */
const LONGEST = 0x7fff_ffff;

/** @throws {InterfaceError} that names the option which is wrong */
export function checkReplicaOptions({ syncUrl, syncInterval, encryptionKey }: Record<string, unknown>): void {
  if (isGiven(syncUrl) && !(syncUrl instanceof URL) && (typeof syncUrl !== "string" || syncUrl === ""))
    throw new InterfaceError("syncUrl must be the URL of a server, as text or as a URL");
  if (isGiven(syncInterval) && !isInterval(syncInterval))
    throw new InterfaceError(`syncInterval must be a number of seconds from 0 to ${LONGEST}`);
  if (isGiven(encryptionKey) && (typeof encryptionKey !== "string" || !isKey(encryptionKey)))
    throw new InterfaceError("encryptionKey must be a string, not empty, without null characters");
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isInterval(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value <= LONGEST;
}

function isKey(key: string): boolean {
  return key !== "" && key.isWellFormed() && !key.includes("\0");
}

/** Whether the options make the database a replica. */
export function isReplica({ replica }: Settings): boolean {
  return isGiven(replica.syncUrl);
}

/** @throws {InterfaceError} for options of a replica where there is none */
export function refuseReplicaOptions({ replica }: Settings): void {
  const { syncInterval, encryptionKey } = replica;
  if (syncInterval)
    throw new InterfaceError("syncInterval is for embedded replicas, and there is no syncUrl");
  if (isGiven(encryptionKey))
    throw new NotSupportedError(
      "encryptionKey is for embedded replicas (syncUrl): nothing else is encrypted here",
    );
}

/** What a replica is opened with. */
export interface ReplicaSpec {
  readonly path: string;
  readonly cachedStatements: number;
  readonly syncInterval: number;
  readonly encryptionKey: string;
  /** The way to the primary. */
  readonly primary: ServerOptions & { readonly url: string };
}

/**
 * @throws {InterfaceError} for a database in memory, and a syncUrl that is none of a server
 * @throws {NotSupportedError} for what a replica does not have
 */
export function replicaSpec(settings: Settings, { path, readonly, fileMustExist }: Location): ReplicaSpec {
  const { syncUrl, syncInterval, encryptionKey } = settings.replica;
  if (path === ":memory:" || path === "")
    throw new InterfaceError(
      "an embedded replica must be a file: a database in memory cannot have a syncUrl",
    );
  const primary = serverOf(String(syncUrl));
  if (primary?.dialect !== "hrana") {
    throw new InterfaceError("syncUrl must be a URL that begins with libsql:, http:, https:, ws: or wss:");
  }
  if (settings.readonly || readonly || settings.fileMustExist || fileMustExist) {
    throw new NotSupportedError(
      "an embedded replica is made and written as needed: it has no readonly, mode or fileMustExist",
    );
  }
  if (settings.server.tls !== undefined)
    throw new NotSupportedError("libsql, which brings replicas up to date, takes no tls options");
  return {
    path,
    cachedStatements: settings.cachedStatements,
    syncInterval: syncInterval ?? 0,
    encryptionKey: encryptionKey ?? "",
    primary: { ...settings.server, url: primary.url },
  };
}
