/**
 * Opening a connection: the one place of this face that knows which engines there are. A local database has its engine in a
 * worker thread; a server needs none. Tests: test/conformance/connect.test.ts.
 */
import { setTimeout } from "node:timers/promises";
import { parseLocation } from "../core/location.ts";
import { checkOptions, openOptions, type Settings } from "../core/options.ts";
import { isReplica, type ReplicaSpec, replicaSpec } from "../core/replica.ts";
import { runAsync } from "../core/run.ts";
import { type Server, serverOf, serverOptions, settingsFor } from "../core/server.ts";
import { Session } from "../core/session.ts";
import { open } from "../core/transaction.ts";
import { traceConnectAsync } from "../diagnostics.ts";
import { claimForCopy, FileClaim, type FileEngine } from "../engine/files.ts";
import type { AsyncEngine } from "../engine/port.ts";
import { offload } from "../engine/thread/offload.ts";
import { InterfaceError, NotSupportedError, OperationalError } from "../errors/tree.ts";
import type { SqlValue } from "../values/types.ts";
import { AsyncConnection } from "./connection.ts";
import { guardFunction } from "./lane.ts";
import { type AsyncConnectOptions, checkResourceLimits, type ResourceLimits } from "./options.ts";
import { Shared, withCallersStack } from "./shared.ts";

/** How long to wait for an engine that is being closed to let go of its file, and how often to look, milliseconds. */
const PATIENCE = 1000;
const POLL = 10;

/**
 * Opens a database: a local one in a worker thread of its own, or one on a libSQL server.
 * @param database a path, `":memory:"`, `""` for a private temporary file, a `file:` URI, or the URL of a server
 * (`libsql:`, `http:`, `https:`, `ws:`, `wss:`; `quicsql:` and `quicsqls:` for quicSQL's JSON API), as text or as a URL
 * @throws {OperationalError} when the file cannot be opened, or the server not be reached
 * @throws {InterfaceError} for a wrong name or option
 * @throws {NotSupportedError} on a Node older than 22.14, or for a transaction mode that the server lacks
 * @example
 * import { connect } from "sqlite-dbapi/aio";
 * await using conn = await connect(":memory:");
 * await conn.execute("SELECT 1 + 1").fetchone(); // [2]
 */
export async function connect<T = SqlValue[]>(
  database: string | URL,
  options?: AsyncConnectOptions<T>,
): Promise<AsyncConnection<T>> {
  const { resourceLimits, ...others } = options ?? {};
  const checked = checkOptions(typeof options === "object" && options !== null ? others : options);
  const limits = checkResourceLimits(resourceLimits);
  const server = serverOf(database);
  const settings = settingsFor(checked, server, options);
  const openEngine = opener(database, settings, server, limits);
  const name = server?.name ?? String(database);
  const work = async () => {
    const { engine, release } = await openEngine();
    const session = new Session(settings, name, engine);
    session.abandoned = new FinalizationRegistry((reader) => {
      engine.discard(reader).catch(() => {});
    });
    session.claimFile = claimForCopy;
    try {
      await runAsync(open(session), engine);
    } catch (error) {
      await engine.close();
      release();
      throw error;
    }
    const shared = new Shared(session, engine);
    session.aroundCallbacks = (run) => guardFunction(shared, engine.name, run);
    const onClose = () => {
      unclosed.unregister(session);
      release();
    };
    const connection = new AsyncConnection<T>(shared, null, onClose, options?.rowFactory ?? null);
    unclosed.register(connection, { engine, name, release }, session);
    return connection;
  };
  try {
    return await traceConnectAsync(name, work);
  } catch (error) {
    throw withCallersStack(error);
  }
}

/** An engine, and what says that it no longer has its file. */
interface Opened {
  readonly engine: AsyncEngine;
  readonly release: () => void;
}

/** What opens the engine; a name or an option that is wrong is told before. */
function opener(
  database: string | URL,
  settings: Settings,
  server: Server | null,
  limits: ResourceLimits | undefined,
): () => Promise<Opened> {
  if (server !== null) return serverOpener(serverOptions(settings, server), server, limits);
  const location = parseLocation(database);
  if (isReplica(settings)) {
    if (limits !== undefined)
      throw new NotSupportedError(
        "resourceLimits is not for embedded replicas: libsql allocates in native code",
      );
    const spec = replicaSpec(settings, location);
    return () => onFile(spec.path, "libsql", () => openReplica(spec));
  }
  const options = { ...openOptions(settings, location), stepwise: limits !== undefined };
  return () => onFile(options.path, "better-sqlite3", () => offload("sqlite", options, limits));
}

function serverOpener(
  options: ReturnType<typeof serverOptions>,
  { dialect }: Server,
  limits: ResourceLimits | undefined,
): () => Promise<Opened> {
  if (limits !== undefined)
    throw new InterfaceError("resourceLimits is for local databases: a server's has no worker thread here");
  const release = () => {};
  // Code that is not loaded for anybody else.
  if (dialect === "quicsql")
    return async () => ({
      engine: await (await import("../engine/quicsql/open.ts")).openQuicsql(options),
      release,
    });
  return async () => ({
    engine: await (await import("../engine/hrana/open.ts")).openHrana(options),
    release,
  });
}

/** Opens a file that no other engine of this process may have. */
async function onFile(path: string, name: FileEngine, open: () => Promise<AsyncEngine>): Promise<Opened> {
  let engine: AsyncEngine | null = null;
  // One whose worker has died has let go of its file, and nobody has to have closed it.
  const claim = await claimed(path, name, () => engine === null || engine.life !== 0);
  try {
    engine = await open();
    claim.settle();
    return { engine, release: () => claim.release() };
  } catch (error) {
    await engine?.close();
    claim.release();
    throw error;
  }
}

/** Claims a file; another engine that is being closed is given the time for it. @throws {OperationalError} where it stays */
async function claimed(path: string, name: FileEngine, isAlive: () => boolean): Promise<FileClaim> {
  for (const start = performance.now(); ; await setTimeout(POLL)) {
    try {
      return FileClaim.take(path, name, isAlive);
    } catch (error) {
      if (performance.now() - start > PATIENCE) throw error;
    }
  }
}

async function openReplica(spec: ReplicaSpec): Promise<AsyncEngine> {
  const { loadPeer } = await import("../engine/replica/driver.ts");
  // Here, where the environment is that of the process, which tells libsql to keep quiet.
  loadPeer();
  const { authToken } = spec.primary;
  const token = typeof authToken === "function" ? await askForToken(authToken) : authToken;
  return offload("replica", { ...spec, primary: { ...spec.primary, authToken: token } });
}

async function askForToken(authToken: () => string | Promise<string>): Promise<string> {
  try {
    return await authToken();
  } catch (cause) {
    throw new OperationalError("authToken() failed, so nothing was sent", { cause, outcome: "not-executed" });
  }
}

/** Connections that were dropped without being closed: told once each, then closed. */
const unclosed = new FinalizationRegistry<Opened & { readonly name: string }>(({ engine, name, release }) => {
  // There is nothing left to close.
  if (engine.life === 0) return release();
  process.emitWarning(
    `a connection to ${JSON.stringify(name)} was dropped without close()`,
    "ResourceWarning",
  );
  engine.close().then(release, release);
});
