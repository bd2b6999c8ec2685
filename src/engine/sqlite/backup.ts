/**
 * Copying a live database with SQLite's backup, in steps, between which other work runs.
 * It must not check arguments: core does. Tests: test/conformance/backup.test.ts.
 */
import { realpathSync, statSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { OperationalError, ProgrammingError } from "../../errors/tree.ts";
import { quoteIdentifier } from "../../sql/quote.ts";
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
  const source = fileOf(db, name);
  if (isSame(source, target)) throw new ProgrammingError("target cannot be the database that is copied");
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
    let { totalPages } = await db.backup(target, { attached: name, progress: next });
    // better-sqlite3 takes a source or target that is locked from the start for a copy without pages.
    while (totalPages === 0 && hasPages(db, name, source)) {
      if (db.inTransaction) throw ownTransaction();
      tell(BUSY, 0, 0);
      await setTimeout(sleep);
      ({ totalPages } = await db.backup(target, { attached: name, progress: next }));
    }
    tell(DONE, 0, totalPages);
  } catch (error) {
    throw stop === null ? translate(error, "run") : (stop as { readonly reason: unknown }).reason;
  }
}

/**
 * The file of a database; `""` for one that has none.
 * @throws {OperationalError} for a name that is not known, of which better-sqlite3 makes other things
 */
export function fileOf(db: NativeDatabase, name: string): string {
  // Not through pragma_database_list, which reads the schema: the source may be locked, and the copy waits for it.
  const files = db.prepare("PRAGMA database_list").raw().all();
  const row = files.find(([, known]) => String(known).toLowerCase() === name.toLowerCase());
  // It is listed once it is used.
  if (row !== undefined || name.toLowerCase() === "temp") return String(row?.[2] ?? "");
  throw new OperationalError(`unknown database ${name}`, {
    code: "SQLITE_ERROR",
    sqliteErrorcode: 1,
    sqliteErrorname: "SQLITE_ERROR",
  });
}

function hasPages(db: NativeDatabase, name: string, file: string): boolean {
  if (file !== "") return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;
  return (
    Number(
      db
        .prepare(`PRAGMA ${quoteIdentifier(name)}.page_count`)
        .raw()
        .get()?.[0],
    ) > 0
  );
}

/** What has been written and not committed cannot be copied, and waiting for oneself has no end. */
function ownTransaction(): OperationalError {
  return new OperationalError(
    "database is locked by the transaction of this connection: commit or roll back first",
    {
      code: "SQLITE_BUSY",
      sqliteErrorcode: BUSY,
      sqliteErrorname: "SQLITE_BUSY",
    },
  );
}

/** Whether a path leads to this file: SQLite would wait for itself for ever. */
function isSame(file: string, path: string): boolean {
  if (file === "") return false;
  try {
    return realpathSync(path) === realpathSync(file);
  } catch {
    return false;
  }
}
