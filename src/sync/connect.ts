/**
 * Opening a connection: the one place of this face that knows which engines there are.
 * Tests: test/conformance/connect.test.ts, test/package (a Node that is too old).
 */
import { parseLocation } from "../core/location.ts";
import { type ConnectOptions, checkOptions, openOptions, type Settings } from "../core/options.ts";
import { isReplica, type ReplicaSpec, replicaSpec } from "../core/replica.ts";
import { run } from "../core/run.ts";
import { type Server, serverOf, serverOptions, settingsFor } from "../core/server.ts";
import { Session } from "../core/session.ts";
import { open } from "../core/transaction.ts";
import { traceConnect } from "../diagnostics.ts";
import { claimForCopy, FileClaim, type FileEngine } from "../engine/files.ts";
import type { Engine } from "../engine/port.ts";
import { loadPeer } from "../engine/replica/driver.ts";
import { SqliteEngine } from "../engine/sqlite/engine.ts";
import { readSqliteVersion } from "../engine/sqlite/version.ts";
import { askForToken, type BlockedEngine, block, blockReplica } from "../engine/thread/block.ts";
import type { SqlValue } from "../values/types.ts";
import { Connection } from "./connection.ts";

/** How long a replica may take for one call when nobody says so, milliseconds: as a server may. */
const TOTAL_TIMEOUT = 300_000;
/** What the threads may take besides, before it is believed that libsql does not come back. */
const SLACK = 20_000;

/**
 * Opens a database: a local one in this thread, or one on a libSQL server, for whose answers this thread waits.
 * @param database a path, `":memory:"`, `""` for a private temporary file, a `file:` URI, whose parameters are
 * `mode=ro|rw|rwc|memory`, or the URL of a server (`libsql:`, `http:`, `https:`, `ws:`, `wss:`; `quicsql:` and `quicsqls:` for
 * quicSQL's JSON API), as text or as a URL
 * @throws {OperationalError} when the file cannot be opened, or the server not be reached
 * @throws {InterfaceError} for a wrong name or option
 * @throws {ProgrammingError} for a name with a NUL
 * @throws {NotSupportedError} on a Node older than 22.14, for an `authToken` that is promised, or for a transaction mode that the
 * server lacks
 * @example
 * import { connect } from "sqlite-dbapi";
 * const conn = connect(":memory:");
 * conn.execute("SELECT 1 + 1").fetchone(); // [2]
 * @see https://docs.python.org/3/library/sqlite3.html#sqlite3.connect
 */
export function connect<T = SqlValue[]>(database: string | URL, options?: ConnectOptions<T>): Connection<T> {
  const server = serverOf(database);
  const settings = settingsFor(checkOptions(options), server, options);
  const openEngine = opener(database, settings, server);
  const name = server?.name ?? String(database);
  return traceConnect(name, () => {
    const { engine, release } = openEngine();
    const session = new Session(settings, name, engine);
    session.abandoned = new FinalizationRegistry((reader) => discard(engine, reader));
    session.claimFile = claimForCopy;
    try {
      run(open(session), engine);
    } catch (error) {
      engine.close();
      release();
      throw error;
    }
    const onClose = () => {
      unclosed.unregister(session);
      release();
    };
    const connection = new Connection<T>(session, engine, onClose);
    unclosed.register(connection, { engine, name, release }, session);
    return connection;
  });
}

/** An engine, and what says that it no longer has its file. */
interface Opened {
  readonly engine: Engine;
  readonly release: () => void;
}

/** What opens the engine; a name or an option that is wrong is told before. */
function opener(database: string | URL, settings: Settings, server: Server | null): () => Opened {
  if (server !== null) {
    const options = serverOptions(settings, server);
    return () => ({ engine: block(options), release: () => {} });
  }
  const location = parseLocation(database);
  if (isReplica(settings)) {
    const spec = replicaSpec(settings, location);
    return () => onFile(spec.path, "libsql", () => openReplica(spec));
  }
  const options = openOptions(settings, location);
  return () => onFile(options.path, "better-sqlite3", () => new SqliteEngine(options));
}

/** Opens a file that no other engine of this process may have. */
function onFile(path: string, name: FileEngine, open: () => SqliteEngine | BlockedEngine): Opened {
  const claim = FileClaim.take(path, name);
  let engine: SqliteEngine | BlockedEngine | null = null;
  try {
    const opened = open();
    engine = opened;
    claim.settle();
    const release = () => {
      // A worker that was given up may come back, and then it still has the file.
      if (!("isLost" in opened && opened.isLost)) claim.release();
    };
    return { engine, release };
  } catch (error) {
    engine?.close();
    claim.release();
    throw error;
  }
}

function openReplica(spec: ReplicaSpec): BlockedEngine {
  // Here, where the environment is that of the process, which tells libsql to keep quiet.
  loadPeer();
  const { authToken, totalTimeout = TOTAL_TIMEOUT } = spec.primary;
  const token = typeof authToken === "function" ? askForToken(authToken) : authToken;
  return blockReplica({ ...spec, primary: { ...spec.primary, authToken: token } }, totalTimeout + SLACK);
}

/** A cursor was dropped with rows unread: nobody can ask for them any more. */
function discard(engine: Engine, reader: number): void {
  try {
    engine.discard(reader);
  } catch {
    // The connection is running a statement: its end, or the next write, will do.
  }
}

/** Connections that were dropped without being closed: told once each, then closed. */
const unclosed = new FinalizationRegistry<Opened & { readonly name: string }>(({ engine, name, release }) => {
  process.emitWarning(
    `a connection to ${JSON.stringify(name)} was dropped without close()`,
    "ResourceWarning",
  );
  engine.close();
  release();
});

/** The version of SQLite, such as `"3.54.1"`; empty on a Node that is too old to load it. */
export const sqliteVersion: string = readSqliteVersion();

/** The same as numbers: major, minor, patch. */
export const sqliteVersionInfo: readonly number[] = Object.freeze(
  sqliteVersion === "" ? [] : sqliteVersion.split(".").map(Number),
);
