/**
 * Opening a connection: the one place of this face that knows which engines there are.
 * Tests: test/conformance/connect.test.ts, test/package (a Node that is too old).
 */
import { parseLocation } from "../core/location.ts";
import { type ConnectOptions, checkOptions, openOptions, type Settings } from "../core/options.ts";
import { run } from "../core/run.ts";
import { type Server, serverOf, serverOptions, settingsFor } from "../core/server.ts";
import { Session } from "../core/session.ts";
import { open } from "../core/transaction.ts";
import { traceConnect } from "../diagnostics.ts";
import type { Engine } from "../engine/port.ts";
import { SqliteEngine } from "../engine/sqlite/engine.ts";
import { readSqliteVersion } from "../engine/sqlite/version.ts";
import { block } from "../engine/thread/block.ts";
import type { SqlValue } from "../values/types.ts";
import { Connection } from "./connection.ts";

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
    const engine = openEngine();
    const session = new Session(settings, name, engine);
    session.abandoned = new FinalizationRegistry((reader) => discard(engine, reader));
    try {
      run(open(session), engine);
    } catch (error) {
      engine.close();
      throw error;
    }
    const connection = new Connection<T>(session, engine, () => unclosed.unregister(session));
    unclosed.register(connection, { engine, name }, session);
    return connection;
  });
}

/** What opens the engine; a name or an option that is wrong is told before. */
function opener(database: string | URL, settings: Settings, server: Server | null): () => Engine {
  if (server === null) {
    const options = openOptions(settings, parseLocation(database));
    return () => new SqliteEngine(options);
  }
  const options = serverOptions(settings, server);
  return () => block(options);
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
const unclosed = new FinalizationRegistry<{ readonly engine: Engine; readonly name: string }>(
  ({ engine, name }) => {
    process.emitWarning(
      `a connection to ${JSON.stringify(name)} was dropped without close()`,
      "ResourceWarning",
    );
    engine.close();
  },
);

/** The version of SQLite, such as `"3.54.1"`; empty on a Node that is too old to load it. */
export const sqliteVersion: string = readSqliteVersion();

/** The same as numbers: major, minor, patch. */
export const sqliteVersionInfo: readonly number[] = Object.freeze(
  sqliteVersion === "" ? [] : sqliteVersion.split(".").map(Number),
);
