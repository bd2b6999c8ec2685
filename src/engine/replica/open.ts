/**
 * Opens an embedded replica: first the way to its primary, whose word on URL, token and limits is ours, then the file, and brings
 * it up to date. Runs in a worker. Tests: test/conformance/replica.test.ts, test/faults/replica.test.ts.
 */
import { resolve } from "node:path";
import { settingsOf } from "../http/options.ts";
import type { Engine } from "../port.ts";
import { loadPeer } from "./driver.ts";
import { ReplicaEngine } from "./engine.ts";
import { syncFailure } from "./failure.ts";
import { letGo } from "./release.ts";

interface OfReplicator {
  readonly syncUrl: string;
  readonly authToken: string;
  readonly encryptionKey: string;
  readonly syncPeriod: number;
}

/** What a replica is opened with, as plain data. */
export interface ReplicaOptions {
  readonly path: string;
  /** Seconds; 0 is never. */
  readonly syncInterval: number;
  /** Empty for none. */
  readonly encryptionKey: string;
  readonly cachedStatements: number;
  /** As for a server, with a token that is no function any more. */
  readonly primary: { readonly url: string; readonly authToken?: string | null };
}

/**
 * @param openPrimary opens the server and waits for it
 * @throws {OperationalError} when the primary cannot be reached, or the file not be opened or brought up to date
 * @throws {NotSupportedError} where libsql is not installed
 */
export async function openReplica(
  options: ReplicaOptions,
  openPrimary: (options: object) => Engine,
): Promise<ReplicaEngine> {
  const { cachedStatements, encryptionKey, syncInterval } = options;
  const { address, token } = settingsOf(options.primary);
  const authToken = (await token()) ?? "";
  // Loaded before anything is sent: it may not be there.
  loadPeer();
  const primary = openPrimary(options.primary);
  const path = resolve(options.path);
  const secrets = [authToken, encryptionKey];
  const hasBackground = syncInterval > 0;
  const syncUrl = address.text.replace(/^ws/, "http");
  try {
    const files = openFile(path, { syncUrl, authToken, encryptionKey, syncPeriod: syncInterval }, secrets);
    return new ReplicaEngine({ ...files, primary, path, cachedStatements, hasBackground, secrets });
  } catch (error) {
    primary.close();
    await letGo(hasBackground);
    throw error;
  }
}

/** The file, up to date: a new one would have no tables, and an old one what everybody has forgotten. */
function openFile(path: string, options: OfReplicator, secrets: readonly string[]) {
  const Peer = loadPeer();
  try {
    const replicator = new Peer(path, options);
    replicator.sync();
    const file = new Peer(path, { encryptionKey: options.encryptionKey });
    file.exec("PRAGMA query_only = ON");
    file.exec("PRAGMA busy_timeout = 5000");
    return { replicator, file };
  } catch (error) {
    throw syncFailure(error, path, secrets);
  }
}
