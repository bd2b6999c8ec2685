/**
 * Opening a connection whose engine runs in a worker thread: the one place of this face that knows which engines there are.
 * Tests: test/conformance/connect.test.ts.
 */
import { parseLocation } from "../core/location.ts";
import { type ConnectOptions, checkOptions, openOptions } from "../core/options.ts";
import { runAsync } from "../core/run.ts";
import { Session } from "../core/session.ts";
import { open } from "../core/transaction.ts";
import { traceConnectAsync } from "../diagnostics.ts";
import { type OffloadedEngine, offload } from "../engine/thread/offload.ts";
import type { SqlValue } from "../values/types.ts";
import { AsyncConnection } from "./connection.ts";
import { guardFunction } from "./lane.ts";
import { Shared, withCallersStack } from "./shared.ts";

/**
 * Opens a database in a worker thread of its own.
 * @param database a path, `":memory:"`, `""` for a private temporary file, or a `file:` URI, as text or as a URL
 * @throws {OperationalError} when the file cannot be opened
 * @throws {InterfaceError} for a wrong name or option
 * @throws {NotSupportedError} on a Node older than 22.14, or for a server's URL
 * @example
 * import { connect } from "sqlite-dbapi/aio";
 * await using conn = await connect(":memory:");
 * await conn.execute("SELECT 1 + 1").fetchone(); // [2]
 */
export async function connect<T = SqlValue[]>(
  database: string | URL,
  options?: ConnectOptions<T>,
): Promise<AsyncConnection<T>> {
  const settings = checkOptions(options);
  const location = parseLocation(database);
  const name = String(database);
  const work = async () => {
    const engine = await offload("sqlite", openOptions(settings, location));
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

/** Connections that were dropped without being closed: told once each, then closed. */
const unclosed = new FinalizationRegistry<{ readonly engine: OffloadedEngine; readonly name: string }>(
  ({ engine, name }) => {
    process.emitWarning(
      `a connection to ${JSON.stringify(name)} was dropped without close()`,
      "ResourceWarning",
    );
    engine.close().catch(() => {});
  },
);
