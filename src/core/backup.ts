/**
 * `backup`: its arguments checked. The copying is the engine's.
 * Tests: test/conformance/backup.test.ts.
 */
import type { BackupProgress } from "../engine/port.ts";
import { InterfaceError, NotSupportedError, OperationalError, ProgrammingError } from "../errors/tree.ts";
import { parseLocation } from "./location.ts";
import { checkCallOptions, wholeNumber } from "./options.ts";
import { call, type Operation } from "./run.ts";
import { serverOf } from "./server.ts";
import { Session } from "./session.ts";

/** How `backup` goes about it. */
export interface BackupOptions {
  /** Pages in a step: 1 and up, or -1 (the default) for all at once. Other work runs between two steps. */
  readonly pages?: number;
  /** Called after every step with SQLite's status (0 OK, 5 BUSY, 101 DONE), pages to go and pages in all. */
  readonly progress?: BackupProgress | null;
  /** What to copy: `"main"` (the default), `"temp"` or the name of an attached database. */
  readonly name?: string;
  /** How long to wait before the next try when a step finds a database locked, in milliseconds. Default 250. */
  readonly sleep?: number;
}

const MOST = 0x7fff_ffff;

/** @param target the path of the copy, or the session of the connection to it */
export function* backup(
  session: Session,
  target: string | Session,
  options: BackupOptions | undefined,
): Operation<void> {
  session.enter();
  const { pages = -1, progress = null, name = "main", sleep = 250 } = checkCallOptions(options);
  if (pages !== -1) wholeNumber("pages", pages, MOST, 1);
  wholeNumber("sleep", sleep, MOST);
  if (typeof name !== "string" || name === "")
    throw new InterfaceError("name must be a string, and not empty");
  if (progress !== null && typeof progress !== "function")
    throw new InterfaceError("progress must be a function or null");
  const place = target instanceof Session ? pathOf(target) : target;
  if (serverOf(place) !== null)
    throw new NotSupportedError(
      "backup() cannot copy to a server: expected a path or a connection to a file",
    );
  const path = target instanceof Session ? place : parseLocation(place).path;
  if (path === "" || path === ":memory:") {
    throw new ProgrammingError(
      "backup() needs a file to copy to: for a copy in memory use serialize() and deserialize()",
    );
  }
  if (path === session.path && name === "main")
    throw new ProgrammingError("target cannot be the database that is copied");
  const release = session.claimFile?.(path);
  try {
    yield* call("backup", { target: path, name, pages, sleep }, progress);
  } finally {
    release?.();
  }
}

function pathOf(target: Session): string {
  target.check();
  if (target.inTransaction) throw new OperationalError("target is in transaction: commit or roll back first");
  return target.path;
}
