/**
 * Copying a live database with SQLite's backup, in steps, between which other work runs.
 * It must not check arguments: core does. Tests: test/conformance/backup.test.ts.
 */
import { realpathSync } from "node:fs";
import { ProgrammingError } from "../../errors/tree.ts";
import type { BackupProgress, BackupRequest } from "../port.ts";
import type { NativeDatabase } from "./driver.ts";
import { translate } from "./failure.ts";

const OK = 0;
const BUSY = 5;
const DONE = 101;
const ALL_PAGES = 0x7fff_ffff;

/** A slice of a pause, in milliseconds: better-sqlite3 asks for the next step at every turn of the event loop. */
const NAP = 5;

/**
 * @param progress called after every step; what it throws stops the copy.
 * @throws {OperationalError} when the target cannot be written
 * @throws {ProgrammingError} when the target is the source, by whatever name
 */
export async function copyDatabase(
  db: NativeDatabase,
  { target, name, pages, sleep }: BackupRequest,
  progress: BackupProgress | null,
): Promise<void> {
  if (isFileOf(db, name, target)) throw new ProgrammingError("target cannot be the database that is copied");
  let remaining = -1;
  let wakeAt = 0;
  let stop: { readonly reason: unknown } | null = null;

  const tell = (status: number, left: number, total: number) => {
    try {
      progress?.(status, left, total);
    } catch (reason) {
      stop = { reason };
      throw reason;
    }
  };
  /** Called after each step; answers how many pages the next one copies. */
  const next = ({ totalPages, remainingPages }: { totalPages: number; remainingPages: number }): number => {
    if (performance.now() < wakeAt) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, NAP);
      return 0;
    }
    // The first step copies nothing, to learn the size; the one after a pause did not either.
    const copied = remaining !== -1 && wakeAt === 0;
    const isStuck = copied && remainingPages === remaining;
    remaining = remainingPages;
    wakeAt = isStuck ? performance.now() + sleep : 0;
    if (copied) tell(isStuck ? BUSY : OK, remainingPages, totalPages);
    if (isStuck) return 0;
    return pages < 0 ? ALL_PAGES : pages;
  };
  try {
    const { totalPages } = await db.backup(target, { attached: name, progress: next });
    tell(DONE, 0, totalPages);
  } catch (error) {
    throw stop === null ? translate(error, "run") : (stop as { readonly reason: unknown }).reason;
  }
}

/** Whether a path leads to the file of a database: SQLite would wait for itself for ever. */
function isFileOf(db: NativeDatabase, name: string, path: string): boolean {
  const file = db.prepare("SELECT file FROM pragma_database_list WHERE name = ? COLLATE NOCASE").raw();
  const source = file.get(name)?.[0];
  if (typeof source !== "string" || source === "") return false;
  try {
    return realpathSync(path) === realpathSync(source);
  } catch {
    return false;
  }
}
