/**
 * The small operations of a connection that are one engine call each, with their arguments checked.
 * Tests: test/conformance/connection.test.ts.
 */
import type { SyncReply } from "../engine/port.ts";
import { InterfaceError, OperationalError, ProgrammingError } from "../errors/tree.ts";
import { checkCallOptions, flag } from "./options.ts";
import { call, type Operation } from "./run.ts";
import type { Session } from "./session.ts";

export { templateText } from "../sql/template.ts";

/** Closes the connection; what is uncommitted is rolled back. A second call does nothing. */
export function* close(session: Session): Operation<void> {
  if (session.isClosed) return;
  session.enter();
  yield* call("close");
  session.isClosed = true;
}

export function* totalChanges(session: Session): Operation<number> {
  session.enter();
  return yield* call("totalChanges");
}

/** Brings a replica up to date with its primary. */
export function* sync(session: Session): Operation<SyncReply> {
  session.enter();
  return yield* call("sync");
}

/** What `serialize` accepts. */
export interface SerializeOptions {
  /** `"main"` (the default), `"temp"` or the name of an attached database. */
  readonly name?: string;
}

export function* serialize(session: Session, options: SerializeOptions | undefined): Operation<Uint8Array> {
  session.enter();
  const { name = "main" } = checkCallOptions(options);
  return yield* call("serialize", checkName("name", name));
}

/** Puts an in-memory database in the place of the connection's. */
export function* deserialize(session: Session, bytes: unknown): Operation<void> {
  session.enter();
  const view = asBytes(bytes);
  if (session.scopes > 0 || session.inTransaction) {
    throw new OperationalError("deserialize() would lose the open transaction: commit or roll back first");
  }
  yield* call("deserialize", view);
  if (session.autocommit === false) yield* call("control", [{ sql: "BEGIN", when: "closed" }]);
}

function asBytes(bytes: unknown): Uint8Array {
  if (ArrayBuffer.isView(bytes)) return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes);
  throw new InterfaceError("deserialize() takes a Buffer, another view of bytes, or an ArrayBuffer");
}

export function enableLoadExtension(session: Session, enabled: unknown): void {
  session.enter();
  session.mayLoadExtensions = flag("enabled", enabled);
}

/** What `loadExtension` accepts. */
export interface ExtensionOptions {
  /** The function to call in the library; null (the default) is SQLite's guess by the name of the file. */
  readonly entryPoint?: string | null;
}

export function* loadExtension(
  session: Session,
  path: unknown,
  options: ExtensionOptions | undefined,
): Operation<void> {
  session.enter();
  const { entryPoint = null } = checkCallOptions(options);
  if (!session.mayLoadExtensions)
    throw new OperationalError("not authorized: call enableLoadExtension(true) first");
  yield* call(
    "loadExtension",
    checkName("path", path),
    entryPoint === null ? null : checkName("entryPoint", entryPoint),
  );
}

export function* setTraceCallback(session: Session, callback: unknown): Operation<void> {
  session.enter();
  if (callback === null) return yield* call("trace", null);
  if (typeof callback !== "function")
    throw new InterfaceError("the trace callback must be a function or null");
  yield* call("trace", (sql) => {
    // A statement is under way: it may no more use the connection than a user function may.
    session.callbacks++;
    try {
      callback(sql);
    } catch {
      // It watches; it has no say in what happens.
    } finally {
      session.callbacks--;
    }
  });
}

function checkName(what: string, value: unknown): string {
  if (typeof value !== "string" || value === "")
    throw new InterfaceError(`${what} must be a string, and not empty`);
  if (value.includes("\0")) throw new ProgrammingError(`${what} contains a null character`);
  return value;
}
