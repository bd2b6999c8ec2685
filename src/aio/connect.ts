/**
 * Opening a connection: the one place of this face that knows which engines there are. A local database has its engine in a
 * worker thread; a server needs none. Tests: test/conformance/connect.test.ts.
 */
import { parseLocation } from "../core/location.ts";
import { checkOptions, openOptions, type Settings } from "../core/options.ts";
import { runAsync } from "../core/run.ts";
import { type Server, serverOf, serverOptions, settingsFor } from "../core/server.ts";
import { Session } from "../core/session.ts";
import { open } from "../core/transaction.ts";
import { traceConnectAsync } from "../diagnostics.ts";
import type { AsyncEngine } from "../engine/port.ts";
import { offload } from "../engine/thread/offload.ts";
import { InterfaceError } from "../errors/tree.ts";
import type { SqlValue } from "../values/types.ts";
import { AsyncConnection } from "./connection.ts";
import { guardFunction } from "./lane.ts";
import { type AsyncConnectOptions, checkResourceLimits, type ResourceLimits } from "./options.ts";
import { Shared, withCallersStack } from "./shared.ts";

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
    const engine = await openEngine();
    const session = new Session(settings, name, engine);
    session.abandoned = new FinalizationRegistry((reader) => {
      engine.discard(reader).catch(() => {});
    });
    try {
      await runAsync(open(session), engine);
    } catch (error) {
      await engine.close();
      throw error;
    }
    const shared = new Shared(session, engine);
    session.aroundCallbacks = (run) => guardFunction(shared, engine.name, run);
    const onClose = () => unclosed.unregister(session);
    const connection = new AsyncConnection<T>(shared, null, onClose, options?.rowFactory ?? null);
    unclosed.register(connection, { engine, name }, session);
    return connection;
  };
  try {
    return await traceConnectAsync(name, work);
  } catch (error) {
    throw withCallersStack(error);
  }
}

/** What opens the engine; a name or an option that is wrong is told before. */
function opener(
  database: string | URL,
  settings: Settings,
  server: Server | null,
  limits: ResourceLimits | undefined,
): () => Promise<AsyncEngine> {
  if (server === null) {
    const options = openOptions(settings, parseLocation(database));
    return () => offload("sqlite", { ...options, stepwise: limits !== undefined }, limits);
  }
  if (limits !== undefined)
    throw new InterfaceError("resourceLimits is for local databases: a server's has no worker thread here");
  const options = serverOptions(settings, server);
  // Code that is not loaded for anybody else.
  if (server.dialect === "quicsql")
    return async () => (await import("../engine/quicsql/open.ts")).openQuicsql(options);
  return async () => (await import("../engine/hrana/open.ts")).openHrana(options);
}

/** Connections that were dropped without being closed: told once each, then closed. */
const unclosed = new FinalizationRegistry<{ readonly engine: AsyncEngine; readonly name: string }>(
  ({ engine, name }) => {
    // There is nothing left to close.
    if (engine.life === 0) return;
    process.emitWarning(
      `a connection to ${JSON.stringify(name)} was dropped without close()`,
      "ResourceWarning",
    );
    engine.close().catch(() => {});
  },
);
